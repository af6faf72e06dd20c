"""Dropout and a unit that reads a layer's states, forward and back.

Without the copies that dropout and flattening would be, one direction of the layer at a time.

Shapes: time T, steps that the unit sees S (T, or 1 for the last alone), batch B, units U, width of
all directions D; arrays are float32 and C contiguous. `words` [B] counts those of each review, and
what runs backwards has them at the end of its time, behind the padding. `bits` are uint16
[S, B, D], and states whose bits lie below `threshold` are dropped.
"""

from typing import Literal

import numpy as np

from sentiment.scans.compiling import kept

# What a unit of the read-out sees: the states of all steps, the last one, or their mean.
ReadOut = Literal["flatten", "last", "mean"]


def seen(kind: ReadOut, outputs: np.ndarray, words: np.ndarray, backwards: bool) -> np.ndarray:
    """The states that the unit sees, [S, B, U], of a layer's `outputs` [T, B, U]."""
    if kind != "last":
        return outputs
    return outputs[_last(len(outputs), words, backwards), np.arange(len(words))][None]


def spread(
    kind: ReadOut, d_seen: np.ndarray, d_outputs: np.ndarray, words: np.ndarray, backwards: bool
) -> None:
    """Fill in the gradients of the outputs, from those of the states seen; `seen` backwards."""
    if kind == "last":
        d_outputs[:] = 0
        at = _last(len(d_outputs), words, backwards)
        d_outputs[at, np.arange(len(words))] = d_seen[0]


def shares(kind: ReadOut, steps: int, words: np.ndarray, backwards: bool) -> np.ndarray:
    """What each state seen counts, [S, B]: one, its part in the mean, or nothing for padding."""
    if kind == "flatten":
        return np.ones((steps, len(words)), np.float32)
    if kind == "last":
        return (words > 0).astype(np.float32)[None]
    time = np.arange(steps)[:, None]
    inside = time >= steps - words if backwards else time < words
    return (inside / np.maximum(words, 1)).astype(np.float32)


def rows(kind: ReadOut, weights: np.ndarray, steps: int, width: int) -> np.ndarray:
    """The unit's kernel as a row for each step seen, [S, D]."""
    own = weights.reshape(-1, width)
    return np.repeat(own, steps, 0) if kind == "mean" else own


def _last(steps: int, words: np.ndarray, backwards: bool) -> np.ndarray:
    """Where each review's last output stands in the order of time."""
    return np.minimum(steps - words, steps - 1) if backwards else np.maximum(words - 1, 0)


@kept
def logits(states, weights, bits, offset, threshold, share, found):
    """Add to `found` [B] what `states` [S, B, U], times `share` [S, B], contribute to the log odds.

    `weights` [S, D] is the unit's kernel; the direction's part begins at `offset`.
    """
    steps, batch, units = states.shape
    for time in range(steps):
        row = weights[time, offset : offset + units]
        for b in range(batch):
            drawn, scale = bits[time, b, offset : offset + units], share[time, b]
            total = np.float32(0)
            for u in range(units):
                kept = scale if drawn[u] >= threshold else np.float32(0)
                total += states[time, b, u] * row[u] * kept
            found[b] += total


@kept
def gradients(states, weights, bits, offset, threshold, share, d_logits, d_states, d_weights):
    """Fill in the gradients of `states` and of the direction's part of `weights`."""
    steps, batch, units = states.shape
    for time in range(steps):
        row = weights[time, offset : offset + units]
        d_row = d_weights[time, offset : offset + units]
        for b in range(batch):
            drawn, scale = bits[time, b, offset : offset + units], share[time, b]
            for u in range(units):
                kept = (scale if drawn[u] >= threshold else np.float32(0)) * d_logits[b]
                d_states[time, b, u] = row[u] * kept
                d_row[u] += states[time, b, u] * kept
