"""The same reviews in folds that ignore movies, and in folds that keep each movie together."""

from typing import Literal

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from sentiment.errors import UserError

Kind = Literal["random", "grouped"]


def folds(reviews: pd.DataFrame, count: int, seed: int) -> pd.DataFrame:
    """The fold of each review, int by the index of `reviews`, a column for each Kind.

    `reviews` has label and group, its movie. Labels are balanced in both; a movie is in one grouped
    fold. Raises UserError if there are too few reviews or movies for so many folds.
    """
    labels = reviews.label.to_numpy(int)
    cuts = {"random": StratifiedKFold, "grouped": StratifiedGroupKFold}
    found = {}
    for kind, cut in cuts.items():
        of_review = np.zeros(len(reviews), np.int8)
        try:
            folder = cut(count, shuffle=True, random_state=seed)
            groups = reviews.group if kind == "grouped" else None
            for number, (_, held_out) in enumerate(folder.split(reviews, labels, groups)):
                of_review[held_out] = number
        except ValueError as error:
            raise UserError(f"leak.folds: {count} leave no {kind} split ({error})") from None
        found[kind] = of_review
    return pd.DataFrame(found, index=reviews.index)


def fitted(found: pd.DataFrame, kind: Kind, fold: int, seed: int) -> np.ndarray:
    """Rows to fit on where `fold` of `kind` is held out, in order; int64.

    As many for every fold of both kinds, the others left out at random: more to learn from would
    pass for a leak.
    """
    sizes = [len(found) - found[name].value_counts().max() for name in found]
    rows = np.flatnonzero(found[kind] != fold)
    chosen = np.random.default_rng([seed, fold]).permutation(rows)[: min(sizes)]
    return np.sort(chosen)
