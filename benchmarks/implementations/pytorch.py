"""PyTorch's own layers; time first was up to a tenth faster than batch first."""

from typing import ClassVar

import numpy as np

from implementations import DROPOUT, LEARNING_RATE
from inputs import Inputs


class Solver:
    """`torch.nn.RNN`, `LSTM` and `GRU` over a frozen `Embedding`; oneDNN where torch uses it."""

    requires = ("torch",)
    environment: ClassVar[dict[str, str]] = {}

    def __init__(self, architecture: str, units: int, inputs: Inputs) -> None:
        """RMSprop gets Keras' constants: rho 0.9, epsilon 1e-7."""
        import torch
        from torch import nn

        torch.set_num_threads(1)
        torch.set_num_interop_threads(1)
        cell = getattr(nn, architecture.removeprefix("bi").upper())
        both = architecture.startswith("bi")
        width = inputs.ids.shape[2] * units * (1 + both)
        self.torch = torch
        self.embedding = nn.Embedding.from_pretrained(torch.from_numpy(inputs.vectors))
        self.recurrent = cell(inputs.vectors.shape[1], units, bidirectional=both)
        self.read_out, self.dropout = nn.Linear(width, 1), nn.Dropout(DROPOUT)
        self.loss = nn.BCEWithLogitsLoss()
        weights = [*self.recurrent.parameters(), *self.read_out.parameters()]
        self.optimizer = torch.optim.RMSprop(weights, LEARNING_RATE, alpha=0.9, eps=1e-7)
        self.ids = torch.from_numpy(inputs.ids)
        self.labels = torch.from_numpy(inputs.labels)[:, :, None]

    def step(self, batch: int) -> float:
        """Forward, backward, update."""
        self.dropout.train()
        self.optimizer.zero_grad()
        loss = self.loss(self._logits(batch), self.labels[batch])
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def forward(self, batch: int) -> np.ndarray:
        """Inference mode, without dropout."""
        self.dropout.eval()
        with self.torch.inference_mode():
            return self.torch.sigmoid(self._logits(batch)).numpy()

    def _logits(self, batch: int):
        states, _ = self.recurrent(self.embedding(self.ids[batch].T))
        return self.read_out(self.dropout(states.transpose(0, 1)).flatten(1))
