"""What much simpler models score: scikit-learn, fitted on the training part, one seed, one thread.

A baseline is a function that gives an unfitted classifier of rows of the table of reviews (id,
part, label, movie, text), and a word in BASELINES. It is fitted on the rows it is handed and on
nothing else: vocabularies, weights and ratios never see a validation or a test review.

The text baselines read the text itself, cut the same way in every protocol: `tfidf` as
scikit-learn does unasked, `svm` and `nbsvm` as was published (`nbsvm.ngrams`). Only their
reviews differ between protocols. `mean-vectors` reads the protocol's own tokens and vectors.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sentiment.baselines.nbsvm import NaiveBayesSVM, binary_ngrams, linear_svm
from sentiment.errors import UserError
from sentiment.measures import scores
from sentiment.tokens import Tokens


class Corpus(NamedTuple):
    """All reviews that are fitted or asked about, and the protocol's own words."""

    texts: pd.Series  # by id
    tokens: Tokens
    vectors: np.ndarray  # float32 [vocabulary, dimensions]

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
    return make_pipeline(corpus.counts(binary_ngrams()), Seen(), NaiveBayesSVM())


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


def fit(model: Pipeline, reviews: pd.DataFrame) -> Pipeline:
    """`model` fitted anew, on all of `reviews` and on no other."""
    return model.fit(reviews, _labels(reviews))


def predict(model: Pipeline, reviews: pd.DataFrame) -> pd.DataFrame:
    """Columns id, part, label, predicted (int8) and score (float64), one row for each review.

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
    """The metrics of a network, without loss and Brier score where there are no probabilities.

    AUC needs only an order, which a signed distance gives as well.
    """
    labels, score = predicted.label.to_numpy(), predicted.score.to_numpy()
    if hasattr(model, "predict_proba"):
        return scores.metrics(labels, score)
    return {
        "acc": float(accuracy_score(labels, predicted.predicted)),
        "auc": float(roc_auc_score(labels, score)),
        "f1": float(f1_score(labels, predicted.predicted)),
        "positive": float(predicted.predicted.mean()),
    }


def record(model: Pipeline, predicted: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Number of features, then what the record of a network holds, as far as there is any.

    `predicted` holds what `predict` gave for "train", "validation" and, if it was asked, "test".
    """
    found = {"features": model[-1].n_features_in_}
    for prefix, part in (("fitted_", "train"), ("val_", "validation"), ("test_", "test")):
        if part in predicted:
            values = metrics(model, predicted[part])
            found |= {prefix + name: value for name, value in values.items()}
    return found


def _labels(reviews: pd.DataFrame) -> np.ndarray:
    return reviews.label.to_numpy(np.int8)
