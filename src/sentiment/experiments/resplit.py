"""The study's own inputs with another seed of the split, or another of the vectors."""

from pathlib import Path

import numpy as np

from sentiment.data import encoding, protocols, reviews, tokenizers, vectors
from sentiment.settings.investigations import Draw
from sentiment.settings.params import Params
from sentiment.storage.tokens import Tokens


def make(params: Params, draw: Draw, table: Path) -> tuple[Tokens, np.ndarray]:
    """Tokens and vectors (float32 [words, dimensions]) of the reviews in TABLE, drawn anew."""
    name = params.resplit.protocol
    rules = params.protocols[name].model_copy(update={"seed": draw.split})
    recipe = params.vectors.model_copy(update={"seed": draw.vectors})
    frame = reviews.load(table)
    rows = protocols.vector_corpus(frame, protocols.split(name, frame, rules))
    tokenize = tokenizers.known(rules.tokens, rules.unknown)
    found = vectors.train_to_norm(recipe, reviews.Texts(table, rows), tokenize).vectors
    labelled = encoding.labelled(name, rules, frame)
    texts = reviews.Texts(table, labelled.index)
    tokens, _ = encoding.tokens(rules, labelled, texts, found.key_to_index)
    return tokens, found.vectors
