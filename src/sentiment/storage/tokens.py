"""Token ids of a protocol's reviews: flat on disk, padded in memory, never vectors."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sentiment.storage.files import atomic_path, write_array

PADDING = 0


class Reviews(NamedTuple):
    """One part of a protocol, ready to train on."""

    names: np.ndarray  # str [reviews]
    ids: np.ndarray  # int32 [reviews, length], zeros at the end
    labels: np.ndarray  # int8 [reviews], the number of each one's class


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

    def save(self, folder: Path) -> None:
        """Write an .npy file for each field; equal tokens give equal bytes.

        Not one .npz file: the headers of a zip archive change with Python's patch version.
        """
        with atomic_path(folder) as temporary:
            temporary.mkdir()
            for name, value in vars(self).items():
                write_array(temporary / f"{name}.npy", np.asarray(value))


def load(folder: Path) -> Tokens:
    """Read what `Tokens.save` wrote."""
    arrays = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    return Tokens(**{**arrays, "length": int(arrays["length"])})
