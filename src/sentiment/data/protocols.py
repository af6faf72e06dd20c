"""How reviews are split and turned into tokens: one function each, one entry a protocol."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import numpy as np
import pandas as pd
from nltk.tokenize import RegexpTokenizer, TreebankWordTokenizer
from sklearn.model_selection import GroupShuffleSplit, StratifiedGroupKFold

from sentiment.errors import UserError
from sentiment.settings.sections import Protocol

# The parts of a protocol; a review in none of them has a missing part.
TRAIN, VALIDATION, TEST, UNLABELLED = "train", "validation", "test", "unlabelled"


@dataclass(frozen=True)
class Rules:
    """`split`: reviews in order of id -> part of each; `tokenize`: text -> tokens."""

    split: Callable[[pd.DataFrame, Protocol], pd.Series]
    tokenize: Callable[[str], list[str]]


def rules(name: str) -> Rules:
    """The rules of the protocol `name`; UserError where there are none."""
    try:
        return PROTOCOLS[name]
    except KeyError:
        known = ", ".join(PROTOCOLS)
        raise UserError(
            f"protocols.{name}: nothing of that name in protocols.py, which has {known}: "
            "mend the name in params.yaml, or write its split and its tokens there"
        ) from None


def split(name: str, reviews: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """Part of each review, as strings on the index of `reviews`, which is in order of id.

    Raises UserError where the protocol is not known, where there are too few reviews for the
    share, or where a part lacks one of the labels.
    """
    try:
        parts = rules(name).split(reviews, protocol)
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


def known_tokens(name: str, unknown: str | None) -> Callable[[str], list[str]]:
    """The protocol's tokens without those that the regular expression `unknown` matches whole.

    As if they had been read by what trained vectors and has none for them: their neighbours close
    up. All tokens if `unknown` is None.
    """
    tokenize = rules(name).tokenize
    if unknown is None:
        return tokenize
    is_unknown = re.compile(unknown).fullmatch
    return lambda text: [token for token in tokenize(text) if not is_unknown(token)]


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
    """Whole movies validate, both labels alike, and no text stands twice.

    Of equal texts the first by id is kept, and outside test none that also stands in test: the
    official test reviews stay as they are.
    """
    parts = _official(reviews)
    # In order of id test comes first, so that a text of test is a repetition anywhere else.
    parts[(parts != TEST) & reviews.text.duplicated()] = None
    train = reviews[parts == TRAIN]
    share = _hundredths(protocol.validation)
    cut = StratifiedGroupKFold(share.denominator, shuffle=True, random_state=protocol.seed)
    folds = cut.split(train, train.label.astype(int), groups=train.movie)
    for _, chosen in islice(folds, share.numerator):
        parts[train.index[chosen]] = VALIDATION
    return parts


def _hundredths(share: float) -> Fraction:
    """`share` as so many folds of so few; ValueError for one that takes more than 100 folds."""
    folds = Fraction(str(share))
    if folds.denominator > 100:
        raise ValueError("whole movies are cut into at most 100 folds: give two decimals")
    return folds


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
