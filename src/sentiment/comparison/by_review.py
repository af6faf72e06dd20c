"""What models and baselines say of the test reviews, review by review."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sentiment.errors import UserError
from sentiment.storage.files import atomic_path

# Digits of a probability or a score; what is said of ensembles is said of these.
DIGITS = 3


class Answers(NamedTuple):
    """What each model says of the test reviews of one protocol, in the order of their ids."""

    labels: pd.Series  # int8 by id, numbers of classes
    # Float64 [reviews, models], higher for the second of two classes; of more [reviews, (model,
    # class)], higher for that class.
    scores: pd.DataFrame
    predicted: pd.DataFrame  # int8 [reviews, models]

    def save(self, path: Path) -> None:
        """Write parquet that takes little room: id, label, and a column for each model.

        Of more than two classes it is one for each model and class, `<model> <class>`. Scores are
        integers, in thousandths. `<model> predicted` stands beside those of a baseline that calls
        another class than the scores alone would.
        """
        thousandths = (self.scores * 10**DIGITS).round().astype(np.int32)
        thousandths.columns = [_flat(name) for name in thousandths]
        differing = [
            name
            for name in self.predicted
            if not np.array_equal(self.predicted[name], called(self.scores[name].to_numpy()))
        ]
        others = self.predicted[differing].add_suffix(" predicted").assign(label=self.labels)
        with atomic_path(path) as temporary:
            pq.write_table(
                pa.Table.from_pandas(thousandths.join(others).reset_index(), preserve_index=False),
                temporary,
                compression="zstd",
                use_dictionary=False,
                column_encoding=dict.fromkeys(thousandths, "BYTE_STREAM_SPLIT"),
            )


def answers(cells: Mapping[str, pd.DataFrame]) -> Answers:
    """The answers of models, by the mean of their seeds' probabilities, and of baselines.

    `cells` holds by name what `evaluate` and `baseline` wrote; those without test reviews are left
    out. Raises UserError for a cell whose test reviews are not those of the first.
    """
    tests = {name: cell[cell.part == "test"].set_index("id") for name, cell in cells.items()}
    tests = {name: test for name, test in tests.items() if not test.empty}
    first = next(iter(tests))
    for name, test in tests.items():
        if not test.index.equals(tests[first].index):
            raise UserError(
                f"{name}: its test reviews are not those of {first}: "
                "run `sentiment run` to bring both up to date"
            )
    scores = {name: _scores(test) for name, test in tests.items()}
    # Series become columns by model, frames by model and class.
    frame = pd.concat(scores, axis=1).astype(np.float64).round(DIGITS)
    predicted = {
        name: test.predicted if "predicted" in test else called(frame[name].to_numpy())
        for name, test in tests.items()
    }
    index = tests[first].index
    return Answers(tests[first].label, frame, pd.DataFrame(predicted, index=index).astype(np.int8))


def _scores(test: pd.DataFrame) -> pd.Series | pd.DataFrame:
    """What a model gives for each review, or for each review and class, by its number."""
    if "score" in test:
        return test.score
    seeds = test.filter(regex=r"^seed_\d+$")
    if not seeds.empty:
        return seeds.mean(axis=1)
    by_class = test.filter(regex=r"^(seed_\d+|score)_\d+$")
    classes = [int(str(name).rpartition("_")[2]) for name in by_class]
    return by_class.T.groupby(classes).mean().T


def called(chances: np.ndarray) -> np.ndarray:
    """The class called by probabilities [reviews] or [reviews, classes], int8 [reviews].

    The second of two classes is called above one half alone.
    """
    found = chances > 0.5 if chances.ndim == 1 else chances.argmax(1)
    return found.astype(np.int8)


def _flat(name: object) -> str:
    return " ".join(map(str, name)) if isinstance(name, tuple) else str(name)
