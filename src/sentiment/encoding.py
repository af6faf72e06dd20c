"""Reviews become token ids: flat on disk, padded in memory, never vectors."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from sentiment.files import atomic_path

PADDING = 0


class Reviews(NamedTuple):
    """One part of a protocol, ready to train on."""

    names: np.ndarray  # str [reviews]
    ids: np.ndarray  # int32 [reviews, length], zeros at the end
    labels: np.ndarray  # int8 [reviews], 1 positive, 0 negative


@dataclass(frozen=True)
class Tokens:
    """Token ids of all parts. Id 0 is padding, id k the row k - 1 of the vectors."""

    names: np.ndarray  # str [reviews]
    parts: np.ndarray  # str [reviews]
    labels: np.ndarray  # int8 [reviews]
    ids: np.ndarray  # int32 [tokens], the reviews one after another
    offsets: np.ndarray  # int64 [reviews + 1], where each review starts
    length: int  # of a padded review

    def select(self, part: str) -> Reviews:
        """Padded reviews of `part`, in their stored order."""
        rows = np.flatnonzero(self.parts == part)
        padded = np.full((len(rows), self.length), PADDING, np.int32)
        for target, row in zip(padded, rows, strict=True):
            tokens = self.ids[self.offsets[row] : self.offsets[row + 1]]
            target[: len(tokens)] = tokens
        return Reviews(self.names[rows], padded, self.labels[rows])

    def save(self, path: Path) -> None:
        """Write npz; equal tokens give equal bytes."""
        with atomic_path(path) as temporary:
            np.savez(temporary, **vars(self))


def load(path: Path) -> Tokens:
    """Read what `Tokens.save` wrote."""
    with np.load(path) as arrays:
        return Tokens(
            **{name: arrays[name] for name in arrays.files if name != "length"},
            length=int(arrays["length"]),
        )


def encode(
    texts: Sequence[str],
    tokenize: Callable[[str], list[str]],
    vocabulary: dict[str, int],
    length: int,
) -> tuple[list[list[int]], dict[str, Any]]:
    """Ids of each text, and what was lost on the way.

    A token without a vector is dropped and the rest close up; then the first `length` are kept
    (Lane, Howard and Hapke 2019, chapters 8 and 9).
    """
    encoded, dropped, total, cut = [], Counter[str](), 0, 0
    for text in tqdm(texts, desc="ids", unit=" reviews", disable=None):
        tokens = tokenize(text)
        known = [vocabulary[token] + 1 for token in tokens if token in vocabulary]
        dropped.update(token for token in tokens if token not in vocabulary)
        total += len(tokens)
        cut += len(known) > length
        encoded.append(known[:length])
    # Ties in order of the token, so that the list does not depend on the order of reviews.
    frequent = sorted(dropped.items(), key=lambda item: (-item[1], item[0]))[:20]
    return encoded, {
        "reviews": len(texts),
        "tokens": total,
        "dropped_share": round(dropped.total() / total, 6) if total else 0.0,
        "cut_share": round(cut / len(texts), 6) if len(texts) else 0.0,
        "most_dropped": dict(frequent),
    }


def pack(
    names: Sequence[str],
    parts: Sequence[str],
    labels: Sequence[int],
    encoded: list[list[int]],
    length: int,
) -> Tokens:
    """Lay the reviews' ids end to end."""
    lengths = [len(ids) for ids in encoded]
    return Tokens(
        names=np.array(names, dtype=np.str_),
        parts=np.array(parts, dtype=np.str_),
        labels=np.array(labels, dtype=np.int8),
        ids=np.array([token for ids in encoded for token in ids], dtype=np.int32),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        length=length,
    )
