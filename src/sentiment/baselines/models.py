"""The baselines by name, each an unfitted classifier from scikit-learn.

A baseline is a function that gives an unfitted classifier of rows of the table of reviews (id,
part, label, group, text), and a word in BASELINES.

The text baselines read the text itself, cut the same way in every protocol: `tfidf` as
scikit-learn does unasked, `svm` and `nbsvm` as was published (`nbsvm.ngrams`). Only their
reviews differ between protocols. `mean-vectors` reads the protocol's own tokens and vectors.
"""

from collections.abc import Callable
from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sentiment.baselines.corpus import Corpus, Seen
from sentiment.baselines.nbsvm import NaiveBayesSVM, binary_ngrams, linear_svm
from sentiment.errors import UserError


class MovieMajority(ClassifierMixin, BaseEstimator):
    """Answers the majority label of a review's group, its movie, in the rows it was fitted on.

    Groups that are tied, unknown or missing get the overall majority, and that, if it is tied
    too, is the first class.
    """

    def fit(self, reviews: pd.DataFrame, labels: np.ndarray) -> Self:
        """Count the labels (numbers of classes, int [reviews]) of each group."""
        self.classes_ = np.unique(labels)
        self.overall_ = np.array([(labels == number).mean() for number in self.classes_])
        own = pd.DataFrame(labels[:, None] == self.classes_, reviews.index, self.classes_)
        shares = own.groupby(reviews.group).mean()
        # Of two equally frequent labels neither is the group's.
        is_told = (shares.eq(shares.max(axis=1), axis=0)).sum(axis=1) == 1
        self.shares_ = shares[is_told]
        self.n_features_in_ = reviews.group.nunique()
        return self

    def decision_function(self, reviews: pd.DataFrame) -> np.ndarray:
        """Share of each label in the group, float64 [reviews, classes].

        Of two classes the share of the second less one half, float64 [reviews].
        """
        known = self.shares_.reindex(reviews.group).to_numpy()
        shares = np.where(np.isnan(known), self.overall_, known)
        return shares[:, 1] - 0.5 if len(self.classes_) == 2 else shares


def _read_nothing() -> FunctionTransformer:
    return FunctionTransformer(pd.DataFrame.filter, kw_args={"items": []})


def _majority(_: Corpus) -> Pipeline:
    return make_pipeline(_read_nothing(), DummyClassifier(strategy="prior"))


def _movie_majority(_: Corpus) -> Pipeline:
    return make_pipeline(MovieMajority())


def _mean_vectors(corpus: Corpus) -> Pipeline:
    # Scaled, so that the penalty does not depend on how long the vectors are.
    means, logistic = FunctionTransformer(corpus.means), LogisticRegression(max_iter=1000)
    return make_pipeline(means, StandardScaler(), logistic)


def _tfidf(corpus: Corpus) -> Pipeline:
    counts = corpus.counts(CountVectorizer(ngram_range=(1, 2)))
    return make_pipeline(counts, Seen(), TfidfTransformer(), LogisticRegression(max_iter=1000))


def _svm(corpus: Corpus) -> Pipeline:
    # C as in the authors' src/master.m.
    return make_pipeline(corpus.counts(binary_ngrams()), Seen(), linear_svm(0.1))


def _nbsvm(corpus: Corpus) -> Pipeline:
    # It tells two classes apart: of more each from the rest, as a linear SVM does by itself.
    model = NaiveBayesSVM() if corpus.classes == 2 else OneVsRestClassifier(NaiveBayesSVM())
    return make_pipeline(corpus.counts(binary_ngrams()), Seen(), model)


BASELINES: dict[str, Callable[[Corpus], Pipeline]] = {
    "majority": _majority,
    "movie-majority": _movie_majority,
    "mean-vectors": _mean_vectors,
    "tfidf": _tfidf,
    "svm": _svm,
    "nbsvm": _nbsvm,
}
# Test reviews share no movie with the others, so their movie says nothing.
WITHOUT_TEST = {"movie-majority"}
# Published for a fit on every labelled review outside test, which is therefore made as well.
PUBLISHED_ON_ALL = {"svm", "nbsvm"}


def unfitted(baseline: str, corpus: Corpus) -> Pipeline:
    """The baseline, which may be fitted and asked about reviews of `corpus`.

    Raises UserError for an unknown baseline.
    """
    if baseline not in BASELINES:
        raise UserError(f"baseline '{baseline}': not known: choose one of {', '.join(BASELINES)}")
    return BASELINES[baseline](corpus)
