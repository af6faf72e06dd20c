"""Influence by lag: how much of a word is left in a layer's states so many words later.

Once as the norm of the Jacobian, for a small change of the word's vector, and once by exchanging
the word for another and looking at how far the states move.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from sentiment.errors import UserError
from sentiment.probes import jacobians
from sentiment.probes.traces import Direction, Step, walk
from sentiment.storage.tokens import Reviews

# A tanh is saturated where its slope, one less its square, is below.
FLAT = 0.1
# Reviews at a time: their derivatives fit the processor's cache.
CHUNK = 16


class Places(NamedTuple):
    """Reviews, in each a word with enough words to either side, and another in its stead."""

    ids: np.ndarray  # int32 [reviews, length]
    at: np.ndarray  # int64 [reviews]
    others: np.ndarray  # int32 [reviews]


def places(reviews: Reviews, count: int, lags: int, seed: int = 0) -> Places:
    """`count` reviews drawn from those long enough, or all if there are fewer.

    Words and those in their stead are drawn evenly from the words of the reviews, so that frequent
    ones come often. UserError if no review has `lags` words to either side of one.
    """
    random = np.random.default_rng(seed)
    words = (reviews.ids > 0).sum(1)
    enough = np.flatnonzero(words > 2 * lags)
    if not len(enough):
        raise UserError(
            f"memory.lags: no test review has {2 * lags + 1} known words: "
            f"the longest has {words.max(initial=0)}: give fewer lags in params.yaml"
        )
    rows = np.sort(random.permutation(enough)[:count])
    ids = reviews.ids[rows]
    at = random.integers(lags, words[rows] - lags)
    others = random.choice(ids[ids > 0], len(rows))
    # Like beside like, since a scan goes no further than the last of its places.
    order = np.argsort(at, kind="stable")
    return Places(ids[order], at[order], others[order])


def follow(
    direction: Direction, vectors: np.ndarray, found: Places, lags: int
) -> dict[str, np.ndarray]:
    """By name the norms at lags 0 to `lags`, each [lags + 1, reviews].

    `jacobian` is that of d state(t+k) / d x(t); `state` is how far the state moves when x(t) is
    exchanged, and `cell`, of an LSTM, how far its cell state does. `saturated` is no norm but the
    share of units whose tanh, through which a word comes in, is saturated. For what runs backwards
    a lag counts the words before. `vectors` [words + 1, dimensions], row 0 that of padding.
    """
    projected = direction.project(vectors.astype(direction.kernel.dtype))
    parts = [_follow(direction, projected, chunk, lags) for chunk in _chunks(found)]
    return {name: np.concatenate([part[name] for part in parts], 1) for name in parts[0]}


def relative(norms: np.ndarray) -> np.ndarray:
    """Mean over the reviews at each lag, as a share of that at lag 0; [lags + 1, reviews]."""
    means = norms.mean(1, dtype=np.float64)
    return means / means[0]


def _follow(
    direction: Direction, projected: np.ndarray, chunk: Places, lags: int
) -> dict[str, np.ndarray]:
    length = chunk.ids.shape[1]
    at = length - 1 - chunk.at if direction.backwards else chunk.at
    ids = chunk.ids[:, ::-1] if direction.backwards else chunk.ids
    inputs = projected[ids.T[: at.max() + lags + 1]]
    steps = _window(list(walk(direction, inputs)), at, lags)
    exchanged = _taken(inputs, at, lags).copy()
    exchanged[0] = projected[chunk.others]
    pairs = list(zip(steps, walk(direction, exchanged, start=steps[0]), strict=True))
    found = {
        "jacobian": jacobians.norms(direction, steps),
        "state": np.stack([np.linalg.norm(b.state - a.state, axis=1) for a, b in pairs]),
        "saturated": np.stack([(1 - step.taken_in**2 < FLAT).mean(1) for step in steps]),
    }
    if direction.cell == "lstm":
        found["cell"] = np.stack([np.linalg.norm(b.cell - a.cell, axis=1) for a, b in pairs])
    return found


def _window(steps: Sequence[Step], at: np.ndarray, lags: int) -> list[Step]:
    """The steps from `at` on, which is another in each review, to `lags` later."""
    columns = zip(*(step[:5] for step in steps), strict=True)
    arrays = [_taken(np.stack(column), at, lags) for column in columns]
    gates = {
        name: _taken(np.stack([step.gates[name] for step in steps]), at, lags)
        for name in steps[0].gates
    }
    found = []
    for lag in range(lags + 1):
        before, state, cell_before, cell, inner = (values[lag] for values in arrays)
        own = {name: values[lag] for name, values in gates.items()}
        found.append(Step(before, state, cell_before, cell, inner, own))
    return found


def _taken(values: np.ndarray, at: np.ndarray, lags: int) -> np.ndarray:
    """[lags + 1, B, width] of `values` [T, B, width]."""
    windows = sliding_window_view(values, lags + 1, axis=0)
    return np.moveaxis(windows[at, np.arange(len(at))], -1, 0)


def _chunks(found: Places) -> Iterator[Places]:
    for start in range(0, len(found.at), CHUNK):
        yield Places(*(values[start : start + CHUNK] for values in found))
