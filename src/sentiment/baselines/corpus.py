"""What the baselines read: texts as counted n-grams, and a protocol's own words and vectors."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import FunctionTransformer

from sentiment.storage.tokens import Tokens

# Reviews whose words are counted at a time: a table may have more words than fit into memory.
TOGETHER = 1000


class Corpus(NamedTuple):
    """All reviews that are fitted or asked about, and the protocol's own words."""

    texts: pd.Series  # by id
    tokens: Tokens
    vectors: np.ndarray  # float32 [vocabulary, dimensions]
    classes: int = 2

    def counts(self, vectorizer: CountVectorizer) -> FunctionTransformer:
        """Reviews to what `vectorizer` counts in their texts, each text being read only once.

        A column stands for an n-gram of any text: `Seen` is to follow.
        """
        counted = vectorizer.fit_transform(self.texts)
        rows = pd.Series(range(len(self.texts)), index=self.texts.index)
        return FunctionTransformer(lambda reviews: counted[rows[reviews.id].to_numpy()])

    def means(self, reviews: pd.DataFrame) -> np.ndarray:
        """Mean vector of each review's kept tokens, float64 [reviews, dimensions]; 0 without."""
        tokens = self.tokens
        rows = pd.Series(range(len(tokens.names)), index=tokens.names)[reviews.id].to_numpy()
        means = np.empty((len(rows), self.vectors.shape[1]))
        for start in range(0, len(rows), TOGETHER):
            some = rows[start : start + TOGETHER]
            lengths = np.diff(tokens.offsets)[some]
            ids = [tokens.ids[begin:end] for begin, end in _bounds(tokens.offsets, some)]
            offsets = np.concatenate([[0], np.cumsum(lengths)])
            shape = len(some), len(self.vectors)
            counts = csr_array((np.ones(offsets[-1]), np.concatenate(ids) - 1, offsets), shape)
            means[start : start + TOGETHER] = counts @ self.vectors
            means[start : start + TOGETHER] /= np.maximum(lengths, 1)[:, None]
        return means


def _bounds(offsets: np.ndarray, rows: np.ndarray) -> Iterator[tuple[int, int]]:
    """Where the tokens of each of `rows` begin and end."""
    return zip(offsets[rows], offsets[rows + 1], strict=True)


class Seen(TransformerMixin, BaseEstimator):
    """Keeps the columns that are not empty in the rows it was fitted on, in their order.

    After `Corpus.counts` it leaves what a vectorizer gives that was fitted on those rows alone.
    """

    def fit(self, features: Any, _: object = None) -> Self:
        """Find the columns of sparse `features` [reviews, n-grams]."""
        self.columns_ = np.flatnonzero(features.getnnz(0))
        return self

    def transform(self, features: Any) -> Any:
        """`features` with the columns that `fit` found."""
        return features[:, self.columns_]
