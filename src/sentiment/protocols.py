"""How reviews are split and turned into tokens: one function each, one entry a protocol."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from nltk.tokenize import RegexpTokenizer, TreebankWordTokenizer
from sklearn.model_selection import GroupShuffleSplit, StratifiedGroupKFold

from sentiment.errors import UserError
from sentiment.params import Protocol

# The parts of a protocol; a review in none of them has a missing part.
TRAIN, VALIDATION, TEST, UNLABELLED = "train", "validation", "test", "unlabelled"


@dataclass(frozen=True)
class Rules:
    """`split`: reviews in order of id -> part of each; `tokenize`: text -> tokens."""

    split: Callable[[pd.DataFrame, Protocol], pd.Series]
    tokenize: Callable[[str], list[str]]


def split(name: str, reviews: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """Part of each review, as strings on the index of `reviews`.

    Raises UserError where there are too few reviews or a part lacks one of the labels.
    """
    try:
        parts = PROTOCOLS[name].split(reviews, protocol)
    except ValueError as error:
        raise UserError(
            f"protocols.{name}.validation: {protocol.validation} leaves no split ({error}): "
            "choose another share in params.yaml or bring more reviews"
        ) from None
    for part in (TRAIN, VALIDATION, TEST):
        if reviews.label[parts == part].nunique() < 2:
            raise UserError(
                f"protocols.{name}: the {part} part lacks a label: "
                "choose another share for validation in params.yaml or bring more reviews"
            )
    return parts


def vector_corpus(reviews: pd.DataFrame, parts: pd.Series) -> pd.Series:
    """Texts that word vectors may be trained on: training and unlabelled reviews.

    A text that also stands in validation or test is left out, wherever else it stands.
    """
    held_out = set(reviews.text[parts.isin([VALIDATION, TEST])])
    return reviews.text[parts.isin([TRAIN, UNLABELLED]) & ~reviews.text.isin(held_out)]


def _official(reviews: pd.DataFrame) -> pd.Series:
    return reviews.split.map({"train": TRAIN, "test": TEST, "unsup": UNLABELLED})


def _shuffle_once(reviews: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """As taught: all labelled training reviews, shuffled by a seed, the last share validates."""
    parts = _official(reviews)
    train = parts.index[parts == TRAIN].to_numpy()
    order = np.random.default_rng(protocol.seed).permutation(train)
    parts[order[len(order) - round(protocol.validation * len(order)) :]] = VALIDATION
    return parts


def _by_movie(reviews: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """Whole movies validate, and no text stands twice.

    Of equal texts the first by id is kept, and none outside test that also stands in test: the
    official test reviews stay as they are.
    """
    parts = _official(reviews)
    in_test = set(reviews.text[parts == TEST])
    outside = parts != TEST
    parts[outside & (reviews.text.duplicated() | reviews.text.isin(in_test))] = None
    train = reviews[parts == TRAIN]
    folds = StratifiedGroupKFold(
        n_splits=round(1 / protocol.validation), shuffle=True, random_state=protocol.seed
    )
    _, chosen = next(folds.split(train, train.label.astype(int), groups=train.movie))
    parts[train.index[chosen]] = VALIDATION
    return parts


def _cut_out(reviews: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """For data without a split of its own: 20 % test, then the validation share, then the rest.

    Equal texts stay together; a review without a label is in no part.
    """
    parts = pd.Series(TRAIN, index=reviews.index).where(reviews.label.notna(), None)
    for part, share in ((TEST, 0.2), (VALIDATION, protocol.validation / 0.8)):
        rest = reviews[parts == TRAIN]
        cut = GroupShuffleSplit(n_splits=1, test_size=share, random_state=protocol.seed)
        _, chosen = next(cut.split(rest, groups=rest.text))
        parts[rest.index[chosen]] = part
    return parts


def _words(text: str) -> list[str]:
    """Lower-case words and single punctuation marks of the text without its markup."""
    return _WORDS.tokenize(re.sub(r"<[^<>]*>", " ", text).lower())


_WORDS = RegexpTokenizer(r"\w+(?:['’]\w+)*|[^\w\s]")

PROTOCOLS = {
    "lecture": Rules(_shuffle_once, TreebankWordTokenizer().tokenize),
    "bymovie": Rules(_by_movie, _words),
    "snippets": Rules(_cut_out, _words),
}
