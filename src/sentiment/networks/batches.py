"""Batches of token ids, assembled ahead of the step that uses them."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batch(NamedTuple):
    """What one training step needs; `size` reviews count, the rest fills up the shape."""

    words: np.ndarray  # int32 [words], the distinct ids in ascending order
    positions: np.ndarray  # int32 [length, batch], where in `words` each token is
    bits: np.ndarray  # uint16 [steps, batch, width], uniform, for dropout
    labels: np.ndarray  # float32 [batch], numbers of classes
    size: np.int32


class Batches:
    """Epochs of shuffled batches; equal seeds give equal batches and equal dropout."""

    def __init__(
        self, ids: np.ndarray, labels: np.ndarray, vocabulary: int, dropped: tuple[int, int]
    ) -> None:
        """`ids` int32 [reviews, length] below `vocabulary`; `dropped`: steps and width."""
        self.ids, self.labels, self.dropped = ids, labels, dropped
        self._slots = np.zeros(vocabulary, np.int32)
        self._seen = np.zeros(vocabulary, np.bool_)

    def epoch(self, batch_size: int, random: np.random.Generator) -> Iterator[Batch]:
        """Every review once, in an order drawn from `random`."""
        order = random.permutation(len(self.ids))
        starts = range(0, len(order), batch_size)
        chosen = (order[start : start + batch_size] for start in starts)
        return ahead(lambda reviews: self.assemble(reviews, batch_size, random), chosen)

    def assemble(self, reviews: np.ndarray, batch_size: int, random: np.random.Generator) -> Batch:
        """The batch of these rows; fewer than `batch_size` are filled up with empty reviews."""
        ids = np.zeros((self.ids.shape[1], batch_size), np.int32)
        ids[:, : len(reviews)] = self.ids[reviews].T
        labels = np.zeros(batch_size, np.float32)
        labels[: len(reviews)] = self.labels[reviews]
        words, positions = self.distinct(ids)
        steps, width = self.dropped
        bits = _uniform_bits((steps, batch_size, width), random)
        return Batch(words, positions, bits, labels, np.int32(len(reviews)))

    def distinct(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Distinct ids in ascending order, and where each token is."""
        self._seen[ids] = True
        words = np.flatnonzero(self._seen).astype(np.int32)
        self._seen[words] = False
        self._slots[words] = np.arange(len(words), dtype=np.int32)
        return words, self._slots[ids]


def _uniform_bits(shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Uint16 numbers, four to each draw: less than half the time of a draw each."""
    size = int(np.prod(shape))
    drawn = random.integers(0, 2**64, -(-size // 4), np.uint64)
    return drawn.view(np.uint16)[:size].reshape(shape)


def ahead(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`map`, with the next result computed by a thread while the last one is used."""
    with ThreadPoolExecutor(1) as thread:
        waiting = None
        for item in items:
            following = thread.submit(function, item)
            if waiting is not None:
                yield waiting.result()
            waiting = following
        if waiting is not None:
            yield waiting.result()
