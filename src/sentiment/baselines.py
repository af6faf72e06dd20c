"""What much simpler models score: scikit-learn, fitted on the training part, one seed, one thread.

A baseline is a function that gives an unfitted classifier of rows of the table of reviews (id,
part, label, movie, text), and a word in BASELINES. It is fitted on the rows it is handed and on
nothing else: vocabularies, weights and ratios never see a validation or a test review.

The text baselines read the text itself, cut the same way in every protocol: `tfidf` as
scikit-learn does unasked, `svm` and `nbsvm` as was published (`nbsvm.ngrams`). Only their
reviews differ between protocols. `mean-vectors` reads the protocol's own tokens and vectors.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sentiment import evaluation
from sentiment.encoding import Tokens
from sentiment.errors import UserError
from sentiment.nbsvm import NaiveBayesSVM, binary_ngrams, linear_svm


class Words(NamedTuple):
    """The protocol's own words, which `mean-vectors` reads."""

    tokens: Tokens
    vectors: np.ndarray  # float32 [vocabulary, dimensions]

    def means(self, reviews: pd.DataFrame) -> np.ndarray:
        """Mean vector of each review's kept tokens, float64 [reviews, dimensions]; 0 without."""
        tokens = self.tokens
        rows = pd.Series(range(len(tokens.names)), index=tokens.names)[reviews.id].to_numpy()
        shape = (len(tokens.names), len(self.vectors))
        counts = csr_array((np.ones(len(tokens.ids)), tokens.ids - 1, tokens.offsets), shape)
        lengths = np.maximum(np.diff(tokens.offsets), 1)
        return np.asarray(counts[rows] @ self.vectors) / lengths[rows, None]


class MovieMajority(ClassifierMixin, BaseEstimator):
    """Answers the majority label of a review's movie in the rows it was fitted on.

    Movies that are tied, unknown or missing get the overall majority, and that, if it is tied
    too, is negative.
    """

    def fit(self, reviews: pd.DataFrame, labels: np.ndarray) -> Self:
        """Count the labels (0 or 1, int [reviews]) of each movie."""
        self.classes_ = np.unique(labels)
        self.overall_ = float(labels.mean()) - 0.5
        margins = pd.Series(labels, index=reviews.index).groupby(reviews.movie).mean() - 0.5
        self.margins_ = margins[margins != 0]
        self.n_features_in_ = reviews.movie.nunique()
        return self

    def decision_function(self, reviews: pd.DataFrame) -> np.ndarray:
        """Share of positive reviews of the movie less one half, float64 [reviews]."""
        known = reviews.movie.map(self.margins_).astype(np.float64)
        return known.fillna(self.overall_).to_numpy()


def _read(column: str) -> FunctionTransformer:
    return FunctionTransformer(pd.DataFrame.get, kw_args={"key": column})


def _read_nothing() -> FunctionTransformer:
    return FunctionTransformer(pd.DataFrame.filter, kw_args={"items": []})


def _majority(_: Words) -> Pipeline:
    return make_pipeline(_read_nothing(), DummyClassifier(strategy="prior"))


def _movie_majority(_: Words) -> Pipeline:
    return make_pipeline(MovieMajority())


def _mean_vectors(words: Words) -> Pipeline:
    return make_pipeline(FunctionTransformer(words.means), LogisticRegression(max_iter=1000))


def _tfidf(_: Words) -> Pipeline:
    ngrams = TfidfVectorizer(ngram_range=(1, 2))
    return make_pipeline(_read("text"), ngrams, LogisticRegression(max_iter=1000))


def _svm(_: Words) -> Pipeline:
    # C as in the authors' src/master.m.
    return make_pipeline(_read("text"), binary_ngrams(), linear_svm(0.1))


def _nbsvm(_: Words) -> Pipeline:
    return make_pipeline(_read("text"), binary_ngrams(), NaiveBayesSVM())


BASELINES: dict[str, Callable[[Words], Pipeline]] = {
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


def fit(baseline: str, reviews: pd.DataFrame, words: Words) -> Pipeline:
    """The baseline, fitted on all of `reviews` and on no other.

    Raises UserError for an unknown baseline.
    """
    if baseline not in BASELINES:
        raise UserError(f"baseline '{baseline}': not known: choose one of {', '.join(BASELINES)}")
    return BASELINES[baseline](words).fit(reviews, _labels(reviews))


def predict(model: Pipeline, reviews: pd.DataFrame) -> pd.DataFrame:
    """Columns id, part, label, predicted (int8) and score (float64), a row a review.

    `score` is the probability of the positive class where the baseline has one, and otherwise
    a signed distance from the decision; `predicted` is 1 above one half, or above 0.
    """
    if hasattr(model, "predict_proba"):
        score, threshold = model.predict_proba(reviews)[:, 1], 0.5
    else:
        score, threshold = model.decision_function(reviews), 0.0
    return pd.DataFrame(
        {
            "id": reviews.id.to_numpy(),
            "part": reviews.part.to_numpy(),
            "label": _labels(reviews),
            "predicted": (score > threshold).astype(np.int8),
            "score": score,
        }
    )


def metrics(model: Pipeline, predicted: pd.DataFrame) -> dict[str, float]:
    """As `evaluation.metrics`, without loss and Brier score where there are no probabilities.

    AUC needs only an order, which a signed distance gives as well.
    """
    labels, score = predicted.label.to_numpy(), predicted.score.to_numpy()
    if hasattr(model, "predict_proba"):
        return evaluation.metrics(labels, score)
    return {
        "acc": float(accuracy_score(labels, predicted.predicted)),
        "auc": float(roc_auc_score(labels, score)),
        "f1": float(f1_score(labels, predicted.predicted)),
    }


def record(model: Pipeline, predicted: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Number of features, then what the record of a network holds, as far as there is any.

    `predicted` holds what `predict` gave for "train", "validation" and, if it was asked, "test".
    """
    by_part = {part: metrics(model, frame) for part, frame in predicted.items()}
    shown = [("", "train", {"acc"}), ("val_", "validation", {"acc", "loss"})]
    shown += [("test_", "test", set(by_part["test"]))] if "test" in by_part else []
    return {
        "features": model[-1].n_features_in_,
        **{
            prefix + metric: value
            for prefix, part, wanted in shown
            for metric, value in by_part[part].items()
            if metric in wanted
        },
    }


def _labels(reviews: pd.DataFrame) -> np.ndarray:
    return reviews.label.to_numpy(np.int8)
