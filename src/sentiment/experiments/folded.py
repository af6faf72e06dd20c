"""What is folded: labelled reviews, with tokens and vectors that no label and no fold decides."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from sentiment.data import encoding, protocols, reviews, tokenizers, vectors
from sentiment.settings.params import Params
from sentiment.storage.tokens import Reviews, Tokens


class Folded(NamedTuple):
    """Reviews that are trained on or validate in the protocol, in order of id."""

    reviews: pd.DataFrame  # id, label, group, text
    tokens: Tokens
    vectors: np.ndarray  # float32 [words, dimensions]

    def padded(self) -> Reviews:
        """All of them, as token ids."""
        # One part, so that they stay in their order.
        parts = np.full(len(self.tokens.names), protocols.TRAIN)
        return replace(self.tokens, parts=parts).select(protocols.TRAIN)


def make(params: Params, table: Path) -> Folded:
    """Read the reviews of TABLE and train vectors on its unlabelled reviews alone."""
    name = params.leak.protocol
    rules = params.protocols[name]
    frame = reviews.load(table)
    labelled = encoding.labelled(name, rules, frame)
    labelled = labelled[labelled.part != protocols.TEST]
    is_free = (frame.split == "unsup") & ~frame.digest.isin(set(labelled.digest))
    corpus = reviews.Texts(table, frame.index[is_free])
    tokenize = tokenizers.known(rules.tokens, rules.unknown)
    found = vectors.train_to_norm(params.vectors, corpus, tokenize).vectors
    labelled = labelled.assign(text=list(reviews.Texts(table, labelled.index)))
    tokens, _ = encoding.tokens(rules, labelled, labelled.text, found.key_to_index)
    return Folded(labelled.reset_index(drop=True), tokens, found.vectors)
