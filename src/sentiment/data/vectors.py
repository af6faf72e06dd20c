"""Word vectors: trained on a protocol's reviews, and how they are kept."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from gensim.models import KeyedVectors, Word2Vec
from gensim.models.callbacks import CallbackAny2Vec
from tqdm import tqdm

from sentiment.data.tokenizers import Tokenize
from sentiment.errors import UserError
from sentiment.settings.sections import Vectors
from sentiment.storage.files import write_array, write_text


class Normed(NamedTuple):
    """Vectors trained here and brought to a mean norm, by one factor for all."""

    vectors: KeyedVectors
    trained: float  # mean norm before, as in `mean_norm`
    factor: float


def train_to_norm(params: Vectors, texts: Iterable[str], tokenize: Tokenize) -> Normed:
    """What `train` gives, brought to the norm that `params` names, or as it is for None."""
    found = train(params, texts, tokenize)
    norm = mean_norm(found)
    factor = 1.0 if params.norm is None else params.norm / norm
    found.vectors *= np.float32(factor)
    return Normed(found, norm, factor)


def train(params: Vectors, texts: Iterable[str], tokenize: Tokenize) -> KeyedVectors:
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


def mean_norm(vectors: KeyedVectors) -> float:
    """Euclidean norm of a vector, mean over the words it was trained on as often as they occur."""
    counts = [vectors.get_vecattr(word, "count") for word in vectors.index_to_key]
    return float(np.average(norms(vectors.vectors), weights=counts))


def norms(matrix: np.ndarray) -> np.ndarray:
    """Euclidean norms of the rows of `matrix` [words, dimensions], float64 [words]."""
    return np.linalg.norm(matrix.astype(np.float64), axis=1)


def save(vectors: KeyedVectors, matrix: Path, vocabulary: Path) -> None:
    """Write float32 [words, dimensions], and the words, one a line, in the same order."""
    write_array(matrix, vectors.vectors.astype(np.float32, copy=False))
    write_text(vocabulary, "".join(f"{word}\n" for word in vectors.index_to_key))


def load_vocabulary(path: Path) -> dict[str, int]:
    """Word -> row of the matrix."""
    words = path.read_text(encoding="utf-8").split("\n")[:-1]
    return {word: row for row, word in enumerate(words)}


class _Epochs(CallbackAny2Vec):
    def __init__(self, bar: tqdm) -> None:
        self.bar = bar

    def on_epoch_end(self, model: Word2Vec) -> None:  # noqa: ARG002 (gensim passes it)
        self.bar.update()
