"""Whether a probability is as often right as it says, for every model of a study."""

from collections.abc import Mapping

import pandas as pd

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
            seeds = test.filter(regex=r"^seed_\d+$")
            if not seeds.empty:
                labels = test.label.repeat(seeds.shape[1]).to_numpy()
                table = scores.reliability(labels, seeds.to_numpy().ravel())
                found.append(table.assign(protocol=protocol, model=model))
    return pd.concat(found, ignore_index=True)[COLUMNS].round(6)
