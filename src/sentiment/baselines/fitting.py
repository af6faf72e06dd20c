"""What much simpler models score: scikit-learn, fitted on the training part, one seed, one thread.

A baseline is a function that gives an unfitted classifier of rows of the table of reviews (id,
part, label, group, text), and a word in BASELINES. It is fitted on the rows it is handed and on
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
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from sentiment.baselines.nbsvm import NaiveBayesSVM, binary_ngrams, linear_svm
from sentiment.errors import UserError
from sentiment.measures import classes, scores
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


def fit(model: Pipeline, reviews: pd.DataFrame) -> Pipeline:
    """`model` fitted anew, on all of `reviews` and on no other."""
    return model.fit(reviews, _labels(reviews))


def predict(model: Pipeline, reviews: pd.DataFrame) -> pd.DataFrame:
    """Columns id, part, label, predicted (int8) and score (float64), one row for each review.

    `score` is the probability of the second of two classes where the baseline has one, and
    otherwise a signed distance from the decision; `predicted` is 1 above one half, or above 0. Of
    more classes there is a score_<class> for each, and the highest is predicted.
    """
    has_chances = hasattr(model, "predict_proba")
    given = model.predict_proba(reviews) if has_chances else model.decision_function(reviews)
    if len(model.classes_) == 2:
        score = given[:, 1] if has_chances else given
        called, scored = score > (0.5 if has_chances else 0.0), {"score": score}
    else:
        called = model.classes_[given.argmax(1)]
        scored = {f"score_{n}": column for n, column in zip(model.classes_, given.T, strict=True)}
    return pd.DataFrame(
        {
            "id": reviews.id.to_numpy(),
            "part": reviews.part.to_numpy(),
            "label": _labels(reviews),
            "predicted": called.astype(np.int8),
            **scored,
        }
    )


def metrics(model: Pipeline, predicted: pd.DataFrame) -> dict[str, float]:
    """The metrics of a network, without loss and Brier score where there are no probabilities.

    AUC needs only an order, which a signed distance gives as well.
    """
    labels, has_chances = predicted.label.to_numpy(), hasattr(model, "predict_proba")
    if "score" not in predicted:
        return _of_more(labels, predicted, has_chances)
    score = predicted.score.to_numpy()
    if has_chances:
        return scores.metrics(labels, score)
    return {
        "acc": float(accuracy_score(labels, predicted.predicted)),
        "auc": float(roc_auc_score(labels, score)),
        "f1": float(f1_score(labels, predicted.predicted)),
        "positive": float(predicted.predicted.mean()),
    }


def _of_more(labels: np.ndarray, predicted: pd.DataFrame, has_chances: bool) -> dict[str, float]:
    """The same for more than two classes."""
    given = predicted.filter(regex=r"^score_\d+$").to_numpy()
    if has_chances:
        return scores.metrics(labels, given)
    return {
        "acc": float(accuracy_score(labels, predicted.predicted)),
        "auc": classes.one_against_rest(labels, given),
        "f1": float(f1_score(labels, predicted.predicted, average="macro", zero_division=0)),
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
