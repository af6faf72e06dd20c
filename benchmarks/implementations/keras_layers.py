"""The classifier in stock Keras, whatever its backend."""

from typing import Any

import numpy as np

from implementations import DROPOUT, LEARNING_RATE
from inputs import Inputs


def classifier(
    architecture: str, units: int, length: int, vectors: np.ndarray, dropout: float
) -> Any:
    """A frozen embedding over ids, which was faster than handing over gathered vectors.

    `vectors` float32 [words + 1, dimensions], row 0 that of padding.
    """
    from keras import Input, Sequential, layers

    cells = {"rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}
    recurrent = cells[architecture.removeprefix("bi")](units, return_sequences=True)
    return Sequential(
        [
            Input((length,), dtype="int32"),
            layers.Embedding(*vectors.shape, weights=[vectors], trainable=False),
            layers.Bidirectional(recurrent) if architecture.startswith("bi") else recurrent,
            layers.Dropout(dropout),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


class KerasSolver:
    """`train_on_batch` and `predict_on_batch`."""

    def __init__(self, architecture: str, units: int, inputs: Inputs) -> None:
        """`jit_compile` stays "auto", Keras' default."""
        import keras

        length = inputs.ids.shape[2]
        self.model = classifier(architecture, units, length, inputs.vectors, DROPOUT)
        optimizer = keras.optimizers.RMSprop(LEARNING_RATE)
        self.model.compile(optimizer=optimizer, loss="binary_crossentropy")
        self.ids, self.labels = inputs.ids, inputs.labels[:, :, None]

    def step(self, batch: int) -> float:
        """Keras' own training step."""
        return float(self.model.train_on_batch(self.ids[batch], self.labels[batch]))

    def forward(self, batch: int) -> np.ndarray:
        """Keras' own prediction, without the loop around it."""
        return self.model.predict_on_batch(self.ids[batch])
