"""The implementations that are compared: one file each, imported only in its own process.

Each gets the same arrays, trains the same classifier (frozen vectors, recurrent layer returning
all steps, dropout, flatten, one sigmoid unit; binary cross-entropy, RMSprop with Keras' constants)
and uses the form that proved fastest for it on one thread.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import ClassVar, Protocol

import numpy as np

from inputs import Inputs

DROPOUT, LEARNING_RATE = 0.2, 1e-3

MODULES = {
    "ours": "ours",
    "ours-native": "ours_native",
    "keras": "keras_tensorflow",
    "keras-jax": "keras_jax",
    "torch": "pytorch",
}


class Implementation(Protocol):
    """One classifier under test."""

    requires: ClassVar[tuple[str, ...]]  # modules that must be installed
    environment: ClassVar[dict[str, str]]  # of its process, beside the allocator's

    def __init__(self, architecture: str, units: int, inputs: Inputs) -> None:
        """Build the classifier; `inputs.vectors` may be dropped afterwards."""

    def step(self, batch: int) -> float:
        """From the ids of this batch to updated weights; its loss before."""

    def forward(self, batch: int) -> np.ndarray:
        """Probabilities of this batch without dropout, [batch] in any shape."""


def load(name: str) -> type[Implementation]:
    """The class of an implementation; its libraries are imported when it is built."""
    return import_module(f"implementations.{MODULES[name]}").Solver


def lacking(name: str) -> list[str]:
    """Modules that `name` needs and that are not installed."""
    return [module for module in load(name).requires if find_spec(module) is None]
