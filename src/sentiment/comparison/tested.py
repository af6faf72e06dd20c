"""All differences that the study tests, in one table."""

from collections.abc import Mapping

import pandas as pd

from sentiment.comparison import ensembles, statistics

Cells = Mapping[str, pd.DataFrame]


def differences(
    runs: pd.DataFrame, reviews: Mapping[str, Cells], counterparts: Mapping[str, str | None]
) -> pd.DataFrame:
    """Rows as in `statistics.differences` and `ensembles.differences`, rounded to six digits.

    Models of the grid over seeds and, with the baselines, over test reviews; then the models of the
    ablation, which `counterparts` names, each less its counterpart in the grid.
    """
    found = [statistics.differences(runs[~runs.model.isin(counterparts)])]
    for protocol, cells in reviews.items():
        in_grid = {name: cell for name, cell in cells.items() if name not in counterparts}
        found.append(ensembles.differences(protocol, in_grid))
    pairs = [(model, other) for model, other in counterparts.items() if other]
    found.append(statistics.differences(runs, pairs=pairs))
    # As in `tables`: what is made from the files is what is made here.
    return pd.concat(found, ignore_index=True).round(6)
