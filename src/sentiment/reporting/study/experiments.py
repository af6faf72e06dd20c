"""Reads what was trained beside the table: other inputs and splits, folds of movies, widths."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from sentiment.comparison import further, moved, movies, widths
from sentiment.comparison.widths import Widths
from sentiment.reporting.comparison import published
from sentiment.settings.params import Params

# Whose spread by split and by vectors stands for an architecture's that was not drawn again.
STANDS_FOR = {"rnn": "birnn"}


class Experiments(NamedTuple):
    """Tables, empty where a stage has not run."""

    inputs: pd.DataFrame
    trained_norm: float
    moved: pd.DataFrame
    further: pd.DataFrame
    drawn: list[str]
    leak: pd.DataFrame
    reviews: int
    widths: Widths
    params: Params


def load(params: Params, reports: Path, runs: pd.DataFrame) -> Experiments:
    """What the stages of experiments wrote to `reports`, beside the grid's `runs`."""
    asked, margin = params.inputs, params.questions.margin
    own = runs[runs.protocol == asked.protocol]
    paths = [reports / f"inputs/{variant}.json" for variant in asked.variants]
    inputs = moved.runs(own, paths, asked.models, params.vectors.norm)
    answers = movies.read(reports / "leak") if params.leak.kinds else {}
    named = [*params.leak.models, *params.leak.baselines]
    of_width = runs[runs.protocol == params.width.protocol]
    widened = [reports / f"width/{name}.json" for name in params.width.trainings]
    return Experiments(
        inputs,
        moved.trained_norm(reports / "inputs"),
        pd.DataFrame() if inputs.empty else moved.differences(inputs, margin),
        _further(params, reports / "resplit", runs),
        list(params.resplit.models),
        movies.measure(answers, named, margin) if answers else pd.DataFrame(),
        len(answers["random"]) if answers else 0,
        widths.read(widened, of_width, params.train.epochs),
        params,
    )


def _further(params: Params, folder: Path, runs: pd.DataFrame) -> pd.DataFrame:
    """The lesson's rows: model, lesson, mean, and both intervals; empty if nothing was drawn."""
    own = runs[runs.protocol == params.resplit.protocol]
    drawn = own[own.model.isin(params.resplit.models if params.resplit.draws else ())]
    by_architecture = dict(zip(drawn.architecture, drawn.model, strict=True))
    rows = []
    for model, some in own.groupby("model", sort=False):
        _, lesson = published.of_lesson(str(model))
        architecture = str(some.architecture.iloc[0])
        measured = by_architecture.get(STANDS_FOR.get(architecture, architecture))
        if lesson is None or measured is None:
            continue
        causes = further.causes(own, folder, measured, "val_acc")
        if causes:
            values = some.val_acc.tolist()
            low, high = further.interval(values, causes)
            rows.append(
                (model, lesson, some.val_acc.mean(), *further.interval(values, ()), low, high)
            )
    columns = ["model", "lesson", "mean", "seed_low", "seed_high", "low", "high"]
    return pd.DataFrame(rows, columns=columns)
