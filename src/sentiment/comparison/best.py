"""The champion: of the models in the table the run that answers, chosen by validation alone."""

import pandas as pd

from sentiment.comparison.roles import MEASURED


def run(runs: pd.DataFrame) -> pd.Series:
    """Find the row with the best `val_acc` among the `runs` of the model with the best mean.

    The first in the table where two are equal.
    """
    model = runs.groupby("model", sort=False).val_acc.mean().idxmax()
    seeds = runs[runs.model == model]
    return seeds.loc[seeds.val_acc.idxmax()]


def of_study(runs: pd.DataFrame) -> pd.Series:
    """The best run of MEASURED, or of the first protocol where that was not run."""
    protocols = runs.protocol.unique()
    chosen = MEASURED if MEASURED in protocols else protocols[0]
    return run(runs[runs.protocol == chosen])
