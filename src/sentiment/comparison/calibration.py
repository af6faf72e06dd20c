"""Whether a probability is as often right as it says, for every model of a study."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sentiment.comparison.results import seeds_of
from sentiment.measures import scores

COLUMNS = ["protocol", "model", "bin", "reviews", "probability", "positive"]


def bins(reviews: Mapping[str, Mapping[str, pd.DataFrame]]) -> pd.DataFrame:
    """The bins of `scores.reliability` for the test reviews of every model, all seeds together.

    `reviews` holds by protocol and name what `evaluate` and `baseline` gave for each review; those
    without probabilities are left out.
    """
    found = []
    for protocol, cells in reviews.items():
        for model, cell in cells.items():
            test = cell[cell.part == "test"]
            given = [scores.probabilities_of(test, seed) for seed in seeds_of(test)]
            if given:
                # Review by review, the seeds of each one after another.
                labels = test.label.repeat(len(given)).to_numpy()
                of_all = np.stack(given, axis=1).reshape(len(labels), *given[0].shape[1:])
                table = scores.reliability(labels, of_all)
                found.append(table.assign(protocol=protocol, model=model))
    return pd.concat(found, ignore_index=True)[COLUMNS].round(6)
