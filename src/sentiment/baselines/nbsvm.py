"""Linear SVMs on words and word pairs, as published by Wang and Manning (2012).

Where the paper is silent, the authors' code decides (github.com/sidaw/nbsvm).
"""

import re
from itertools import pairwise
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.svm import LinearSVC


def ngrams(text: str) -> list[str]:
    """Lower-case words and word pairs of a review.

    Words stand between white space, markup and punctuation included; pairs keep only a to z and
    the hyphen, and the review's two ends count as words in them (the authors' load_longmr.m, and
    the name of the data set in their master.m: "striponlybi").
    """
    words = text.lower().split()
    letters = re.sub(r"[^a-z\n-]", "", "\n".join(["start", *words, "end"])).split("\n")
    return words + [f"{left}-{right}" for left, right in pairwise(letters)]


def binary_ngrams() -> CountVectorizer:
    """Which of `ngrams` a text holds: 0 or 1, float64 [texts, n-grams of the fitted texts]."""
    return CountVectorizer(analyzer=ngrams, binary=True, dtype=np.float64)


def linear_svm(c: float) -> LinearSVC:
    """Squared hinge loss by coordinate descent and no intercept, as in the authors' code."""
    return LinearSVC(C=c, fit_intercept=False, dual=True, random_state=0)


class NaiveBayesSVM(ClassifierMixin, BaseEstimator):
    """NB-SVM on binary features (Wang and Manning 2012, section 2).

    A linear SVM over log-count ratios r, its weights w pulled towards their mean magnitude m:
    (1 - beta) m + beta w.
    """

    def __init__(self, c: float = 1.0, alpha: float = 1.0, beta: float = 0.25) -> None:
        """`c` of the SVM, `alpha` added to each count, `beta` the share of the SVM's weights."""
        self.c, self.alpha, self.beta = c, alpha, beta

    def fit(self, features: Any, labels: np.ndarray) -> Self:
        """Fit on sparse binary `features` [reviews, n-grams] and `labels`, 0 or 1."""
        self.classes_ = np.unique(labels)
        self.n_features_in_ = features.shape[1]
        positive, negative = (self.alpha + features.T @ (labels == label) for label in (1, 0))
        self.ratio_ = np.log(positive / positive.sum()) - np.log(negative / negative.sum())
        svm = linear_svm(self.c).fit(features.multiply(self.ratio_).tocsr(), labels)
        weights = svm.coef_[0]
        self.coef_ = (1 - self.beta) * np.abs(weights).mean() + self.beta * weights
        return self

    def decision_function(self, features: Any) -> np.ndarray:
        """Above 0 for positive reviews, float64 [reviews]."""
        return np.asarray(features @ (self.ratio_ * self.coef_))
