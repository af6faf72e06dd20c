"""The classifier in stock Keras, whatever its backend."""

import numpy as np
from inputs import Inputs

from implementations import DROPOUT, LEARNING_RATE


class KerasSolver:
    """A frozen embedding over ids, which was faster than handing over gathered vectors."""

    def __init__(self, architecture: str, units: int, inputs: Inputs) -> None:
        """`jit_compile` stays "auto", Keras' default."""
        import keras

        layers, (words, dimensions) = keras.layers, inputs.vectors.shape
        cells = {"rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}
        recurrent = cells[architecture.removeprefix("bi")](units, return_sequences=True)
        self.model = keras.Sequential(
            [
                keras.Input((inputs.ids.shape[2],), dtype="int32"),
                layers.Embedding(words, dimensions, weights=[inputs.vectors], trainable=False),
                layers.Bidirectional(recurrent) if architecture.startswith("bi") else recurrent,
                layers.Dropout(DROPOUT),
                layers.Flatten(),
                layers.Dense(1, activation="sigmoid"),
            ]
        )
        optimizer = keras.optimizers.RMSprop(LEARNING_RATE)
        self.model.compile(optimizer=optimizer, loss="binary_crossentropy")
        self.ids, self.labels = inputs.ids, inputs.labels[:, :, None]

    def step(self, batch: int) -> float:
        """Keras' own training step."""
        return float(self.model.train_on_batch(self.ids[batch], self.labels[batch]))

    def forward(self, batch: int) -> np.ndarray:
        """Keras' own prediction, without the loop around it."""
        return self.model.predict_on_batch(self.ids[batch])
