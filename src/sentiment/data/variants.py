"""Other words and other vectors for the reviews of a protocol than those of the study."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from sentiment.data import encoding, protocols, reviews, tokenizers, vector_files, vectors
from sentiment.settings.params import Params
from sentiment.settings.sections import Variant
from sentiment.storage import tokens
from sentiment.storage.files import read_json
from sentiment.storage.tokens import Tokens


class Inputs(NamedTuple):
    """Reviews and the vectors of their words, as these are before they are brought to a norm."""

    tokens: Tokens
    vectors: np.ndarray  # float32 [words, dimensions]
    norm: float  # mean, as in `vectors.mean_norm`

    def at(self, norm: float | None) -> np.ndarray:
        """The vectors brought to this mean norm by one factor; as they are if it is None."""
        return self.vectors * np.float32(1 if norm is None else norm / self.norm)


def make(name: Variant, params: Params, table: Path, data: Path) -> Inputs:
    """The variant `name` of `inputs.variants`, for the reviews of TABLE.

    "reviews" is what lies in DATA, "all-tokens" is trained here on every token of the protocol, and
    "googlenews-26k" comes from a package, its vectors all of norm 1.
    """
    if name == "reviews":
        made = read_json(data / "norm.json")
        matrix = np.load(data / "vectors.npy") / np.float32(made["factor"])
        return Inputs(tokens.load(data / "tokens"), matrix, made["trained"])
    protocol = params.inputs.protocol
    rules = params.protocols[protocol]
    frame = reviews.load(table)
    if name == "all-tokens":
        rows = protocols.vector_corpus(frame, protocols.split(protocol, frame, rules))
        corpus = reviews.Texts(table, rows)
        found = vectors.train(params.vectors, corpus, tokenizers.find(rules.tokens))
        norm = vectors.mean_norm(found)
    else:
        found, norm = vector_files.load(name, params.vectors), 1.0
    labelled = encoding.labelled(protocol, rules, frame)
    texts = reviews.Texts(table, labelled.index)
    encoded, _ = encoding.tokens(rules, labelled, texts, found.key_to_index)
    return Inputs(encoded, found.vectors.astype(np.float32, copy=False), norm)
