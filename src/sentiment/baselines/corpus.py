"""What the baselines read: texts as counted n-grams, and a protocol's own words and vectors."""

from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import FunctionTransformer

from sentiment.storage.tokens import Tokens


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
        shape = (len(tokens.names), len(self.vectors))
        counts = csr_array((np.ones(len(tokens.ids)), tokens.ids - 1, tokens.offsets), shape)
        lengths = np.maximum(np.diff(tokens.offsets), 1)
        return np.asarray(counts[rows] @ self.vectors) / lengths[rows, None]


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
