"""Test reviews in another order: how much of what a network scores hangs on context.

Pieces of so many words keep their order inside while the pieces are shuffled, so that order is
lost beyond that distance and kept within it (after Khandelwal et al. 2018, section 5).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from sentiment.networks import engines, heads
from sentiment.networks.engines import Engine
from sentiment.storage.tokens import Reviews


def orders(
    ids: np.ndarray, distances: Sequence[int], seed: int = 0
) -> Iterator[tuple[str, int | None, np.ndarray]]:
    """Name, length of the pieces, and ids int32 [reviews, length] of each order.

    As they stand, reversed, and with the words of each review shuffled in pieces of each length.
    Padding stays at the end.
    """
    yield "as written", None, ids
    yield "reversed", None, _reordered(ids, lambda words: np.arange(words)[::-1])
    for distance in distances:
        random = np.random.default_rng([seed, distance])
        shuffle = partial(pieces, distance=distance, random=random)
        yield "shuffled", distance, _reordered(ids, shuffle)


def pieces(words: int, distance: int, random: np.random.Generator) -> np.ndarray:
    """An order of `words` words in which pieces of `distance` stay whole."""
    starts = random.permutation(np.arange(0, words, distance))
    return np.concatenate([np.arange(s, min(s + distance, words)) for s in starts])


def drawn(reviews: Reviews, count: int, seed: int = 0) -> Reviews:
    """`count` of the reviews, or all, in their order."""
    random = np.random.default_rng(seed)
    rows = np.sort(random.permutation(len(reviews.ids))[:count])
    return Reviews(*(values[rows] for values in reviews))


def accuracy(network: Engine, ids: np.ndarray, labels: np.ndarray) -> float:
    """Share of right answers at the network's weights."""
    return float((heads.called(engines.probabilities(network, ids)) == labels).mean())


def _reordered(ids: np.ndarray, order: Callable[[int], np.ndarray]) -> np.ndarray:
    found = np.zeros_like(ids)
    for row, target in zip(ids, found, strict=True):
        words = row[row > 0]
        target[: len(words)] = words[order(len(words))] if len(words) else words
    return found
