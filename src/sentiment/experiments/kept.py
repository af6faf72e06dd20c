"""What an experiment asks of the trainings that are kept, whoever keeps them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import keras


class Kept(Protocol):
    """Trainings of one model on one set of inputs, by seed."""

    def __contains__(self, seed: int) -> bool:
        """Whether `seed` is trained."""

    def save(self, seed: int, classifier: keras.Model, record: Mapping[str, Any]) -> object:
        """Keep the weights of `classifier`."""

    def weights(self, seed: int) -> Path:
        """The file with the weights of a trained seed."""

    def history(self, seed: int) -> list[dict[str, float]]:
        """For each epoch of a trained seed: epoch, acc, loss, val_acc, val_loss."""

    def facts(self, seed: int) -> dict[str, Any]:
        """What is known of a trained seed beside that."""
