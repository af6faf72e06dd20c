"""Raw text becomes a label: one trained network behind its protocol's tokens and its vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment.data import encoding, tokenizers
from sentiment.data.tokenizers import Tokenizer
from sentiment.errors import UserError
from sentiment.networks import engines, heads, weights
from sentiment.networks.engines import Engine, EngineName
from sentiment.scans.pooling import ReadOut

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Kind:
    """What must be known of a network beside its files; plain values, for JSON."""

    protocol: str
    tokens: Tokenizer
    length: int
    classes: tuple[str, ...]  # their names, in the order of their numbers
    architecture: str
    units: int
    read_out: ReadOut
    engine: EngineName

    @property
    def outputs(self) -> int:
        """Units of the read-out."""
        return 1 if len(self.classes) == 2 else len(self.classes)


class Prediction(NamedTuple):
    """What is said of a text."""

    label: str  # name of a class
    probability: float  # of the second of two classes; of the label where there are more
    tokens: list[str]  # the network saw these: known to the vectors, cut at the protocol's length


class Predictor:
    """One network, ready for texts; several threads may use it at a time."""

    def __init__(self, kind: Kind, *, vocabulary: Path, vectors: Path, weights: Path) -> None:
        """Read what `vectors` and `train` wrote: words, float32 [words, dimensions], weights.

        Raises UserError for weights of another network.
        """
        # Not `vectors.load_vocabulary`: a served model would need gensim for it.
        self.words = vocabulary.read_text(encoding="utf-8").split("\n")[:-1]
        self.rows = {word: row for row, word in enumerate(self.words)}
        self.vectors = np.load(vectors)
        self.tokenize, self.length = tokenizers.find(kind.tokens), kind.length
        self.kind, self.file = kind, weights
        self.weights = self.network(self.vectors[:1]).weights

    @cached_property
    def classifier(self) -> keras.Model:
        """The network in stock Keras, without dropout."""
        from sentiment.networks import classifiers

        shape = {"length": self.length, "dimensions": self.vectors.shape[1]}
        classifier = classifiers.build(self.kind, **shape, dropout=0.0)
        weights.load(self.file, classifier)
        return classifier

    def network(self, vectors: np.ndarray) -> Engine:
        """The network over `vectors` [words, dimensions], word k of which has the id k + 1."""
        table = engines.padded(vectors)
        return engines.load(self.file, self.kind, self.kind.engine, table, length=self.length)

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One for each text. Raises UserError as `encode` does.

        The second of two classes is called above one half alone; of more the most probable is.
        """
        ids = self.encode(texts)
        # Only their own words are projected: for few texts the vocabulary would take longest.
        known = np.unique(ids[ids > 0])
        network = self.network(self.vectors[known - 1])
        positions = np.where(ids > 0, np.searchsorted(known, ids) + 1, 0).astype(np.int32)
        chances = engines.probabilities(network, positions)
        labels = heads.called(chances)
        shown = chances if chances.ndim == 1 else heads.of_label(chances, labels)
        return [
            Prediction(self.kind.classes[label], chance, self.tokens(row))
            for label, chance, row in zip(labels, shown.tolist(), ids, strict=True)
        ]

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Token ids as the protocol has them, int32 [texts, length], zeros at the end.

        Raises UserError for a text that is empty or has no word with a vector.
        """
        for number, text in enumerate(texts, start=1):
            # A served request may hold anything.
            if not isinstance(text, str) or not text.strip():
                raise UserError(f"text {number}: empty, or not a text: there is nothing to judge")
        encoded, _ = encoding.encode(texts, self.tokenize, self.rows, self.length)
        for number, known in enumerate(encoded.lengths, start=1):
            if not known:
                raise UserError(
                    f"text {number}: none of its words is known to the model, which learned "
                    f"{len(self.words):,} words: give other words"
                )
        blank = [""] * len(texts)
        return encoding.pack(blank, blank, [0] * len(texts), encoded, self.length).select("").ids

    def tokens(self, ids: np.ndarray) -> list[str]:
        """Words of one row of `encode`."""
        return [self.words[token - 1] for token in ids[ids > 0].tolist()]
