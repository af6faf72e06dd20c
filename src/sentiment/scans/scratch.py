"""Memory that is used again at every step.

Large arrays that are allocated anew go back to the kernel in between, and to fault their pages in
again takes as long as the arithmetic.
"""

import math

import numpy as np


class Scratch:
    """Arrays by name; the next one of a name takes the place of the one before."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._held: dict[str, np.ndarray] = {}

    def __call__(self, name: str, *shape: int) -> np.ndarray:
        """Float32 array of this shape, C contiguous, holding anything."""
        size = math.prod(shape)
        if name not in self._held or self._held[name].size < size:
            # A little more, since the number of words changes from batch to batch.
            self._held[name] = np.empty(size + size // 4, np.float32)
        return self._held[name][:size].reshape(shape)
