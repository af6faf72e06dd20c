"""How reviews are split into parts, by `protocols.<name>.split`."""

from collections.abc import Callable
from fractions import Fraction
from itertools import islice

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupShuffleSplit, StratifiedGroupKFold

from sentiment.errors import UserError
from sentiment.settings.sections import Protocol

# The parts of a protocol; a review in none of them has a missing part.
TRAIN, VALIDATION, TEST, UNLABELLED = "train", "validation", "test", "unlabelled"
# What the data say of a review, and the part that it is in if nothing else is cut off.
GIVEN = {"train": TRAIN, "all": TRAIN, "validation": VALIDATION, "test": TEST, "unsup": UNLABELLED}
# Reviews that are left to train on -> index of those that go into another part.
Cut = Callable[[pd.DataFrame, float, int], pd.Index]


def split(name: str, reviews: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """Part of each review, as strings on the index of `reviews` (`data.reviews.load`).

    Test and validation are those that the data name, and are otherwise cut off the labelled
    reviews, test first. Raises UserError where there are too few reviews for the shares, where a
    part lacks one of the labels, or where `test` does not fit the data.
    """
    parts = _given(reviews)
    if protocol.split == "grouped":
        parts[_repeated(reviews.digest, parts == TEST)] = None
    try:
        for part, share in _shares(name, parts, protocol).items():
            rest = reviews[parts == TRAIN]
            parts[CUTS[protocol.split](rest, share, protocol.seed)] = part
    except ValueError as error:
        raise UserError(
            f"protocols.{name}.validation: {protocol.validation} leaves no split ({error}): "
            "choose another share in params.yaml or bring more reviews"
        ) from None
    _check(name, reviews.label, parts)
    return parts


def vector_corpus(reviews: pd.DataFrame, parts: pd.Series) -> pd.Index:
    """Rows whose texts word vectors may be trained on: training and unlabelled reviews.

    A text that also stands in validation or test is left out, wherever else it stands.
    """
    held_out = set(reviews.digest[parts.isin([VALIDATION, TEST])])
    is_free = parts.isin([TRAIN, UNLABELLED]) & ~reviews.digest.isin(held_out)
    return reviews.index[is_free]


def _given(reviews: pd.DataFrame) -> pd.Series:
    """What the data say; a review to train on that has no label is in no part."""
    parts = reviews.split.map(GIVEN)
    return parts.where((parts != TRAIN) | reviews.label.notna(), None)


def _shares(name: str, parts: pd.Series, protocol: Protocol) -> dict[str, float]:
    """By part, in this order, the share to cut off what is then left to train on."""
    has_test = bool((parts == TEST).any())
    if has_test and protocol.test is not None:
        raise UserError(
            f"protocols.{name}.test: the data name their test reviews: write null in params.yaml"
        )
    if not has_test and protocol.test is None:
        raise UserError(
            f"protocols.{name}.test: the data name no test reviews: "
            "give the share that is kept for the test in params.yaml, 0.2 for instance"
        )
    shares = {TEST: protocol.test} if protocol.test is not None else {}
    if not (parts == VALIDATION).any():
        shares[VALIDATION] = protocol.validation
    return shares


def _check(name: str, labels: pd.Series, parts: pd.Series) -> None:
    known = set(labels.dropna())
    for part in (TRAIN, VALIDATION, TEST):
        if missing := sorted(known - set(labels[parts == part].dropna())):
            raise UserError(
                f"protocols.{name}: the {part} part lacks a label, number {missing[0]} of "
                "dataset.classes: choose other shares in params.yaml or bring more reviews"
            )


def _repeated(texts: pd.Series, is_test: pd.Series) -> pd.Series:
    """Whether a text, by its digest, stands in test as well, or outside of it a second time.

    The test reviews stay as they are; of equal texts outside of it the first by id is kept.
    """
    others = texts[~is_test]
    repeated = others.duplicated() | others.isin(set(texts[is_test]))
    return repeated.reindex(texts.index, fill_value=False)


def _shuffled(rest: pd.DataFrame, share: float, seed: int) -> pd.Index:
    """As taught: all reviews, shuffled by a seed, the last share of them."""
    order = np.random.default_rng(seed).permutation(rest.index.to_numpy())
    return pd.Index(order[len(order) - round(share * len(order)) :])


def _grouped(rest: pd.DataFrame, share: float, seed: int) -> pd.Index:
    """Whole groups, all labels alike; a review without a group is one by itself."""
    folds = _hundredths(share)
    cut = StratifiedGroupKFold(folds.denominator, shuffle=True, random_state=seed)
    groups = rest.group.fillna("review " + rest.id)
    chosen = islice(cut.split(rest, rest.label.astype(int), groups), folds.numerator)
    return rest.index[np.concatenate([held_out for _, held_out in chosen])]


def _random(rest: pd.DataFrame, share: float, seed: int) -> pd.Index:
    """A share of the texts; equal ones stay together."""
    cut = GroupShuffleSplit(n_splits=1, test_size=share, random_state=seed)
    _, chosen = next(cut.split(rest, groups=rest.digest))
    return rest.index[chosen]


def _hundredths(share: float) -> Fraction:
    """`share` as so many folds of so few; ValueError for one that takes more than 100 folds."""
    folds = Fraction(str(share))
    if folds.denominator > 100:
        raise ValueError("whole groups are cut into at most 100 folds: give two decimals")
    return folds


CUTS: dict[str, Cut] = {"shuffled": _shuffled, "grouped": _grouped, "random": _random}
