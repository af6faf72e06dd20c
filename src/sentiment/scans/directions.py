"""What each direction of a layer reads."""

from typing import NamedTuple

import numpy as np

from sentiment.scans.pooling import ReadOut


class Reading(NamedTuple):
    """What one direction reads; time T, batch B."""

    positions: np.ndarray  # int32 [T, B], of words
    words: np.ndarray  # int [B], how many of a review's positions are no padding
    backwards: bool


def each_direction(
    positions: np.ndarray, known: np.ndarray, directions: int, read_out: ReadOut
) -> list[Reading]:
    """The reading of each of `directions` (1 or 2), for positions int32 [T, B].

    `known`, bool [T, B], tells words from padding.
    """
    words = known.sum(0)
    forwards = Reading(positions, words, backwards=False)
    if directions == 1:
        return [forwards]
    if read_out == "flatten":
        return [forwards, Reading(positions, words, backwards=True)]
    # Where padding is masked, what runs backwards starts at the last word: padding comes first.
    times = (np.arange(len(positions))[:, None] + words) % len(positions)
    moved = np.take_along_axis(positions, times, 0)
    return [forwards, Reading(moved, words, backwards=True)]
