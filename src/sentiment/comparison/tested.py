"""All differences that the study tests: every pair of models, and the questions asked before."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from sentiment.comparison import ensembles, statistics
from sentiment.comparison.by_review import Answers
from sentiment.comparison.statistics import Difference, judge, trend, welch
from sentiment.settings.investigations import Questions

PAIR = ["protocol", "model_a", "model_b", "metric"]
# What a row of a question is an answer by, whichever is drawn anew: seeds or reviews.
BY_SEED = {"auc": "test_auc", "acc": "test_acc", "tuned_acc": "test_tuned_acc"}
BY_REVIEW = {"auc": ensembles.AUC, "acc": ensembles.ACC}


def over_seeds(
    runs: pd.DataFrame,
    metrics: Sequence[str],
    margin: float,
    pairs: Sequence[tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """`pairs` of models, all if None, by what their seeds give.

    `runs` has one row for each run: protocol, model, seed and the metrics. The result has protocol,
    model_a, model_b, metric, what `judge` makes of a less b, and cohen_d. A protocol and metric is
    one family: what is said of models is said of one metric, and protocols are tables of their own.
    """
    rows = []
    for protocol, here in runs.groupby("protocol", sort=False):
        for metric in metrics:
            values = _by_model(here, metric)
            for a, b in combinations(values, 2) if pairs is None else pairs:
                found = welch(values[a], values[b], margin)
                size = statistics.cohen_d(values[a], values[b])
                rows.append((protocol, a, b, metric, *found, size))
    columns = [*PAIR, *Difference._fields, "cohen_d"]
    return judge(pd.DataFrame(rows, columns=columns), ["protocol", "metric"])


def differences(runs: pd.DataFrame, reviews: Mapping[str, Answers], margin: float) -> pd.DataFrame:
    """Every pair: models over seeds, and ensembles and baselines over test reviews.

    Rounded to six digits, as in `tables`: what is made from the files is what is made here.
    """
    metrics = ["acc", "val_acc", *(name for name in statistics.MEASURES if name in runs)]
    found = [over_seeds(runs, metrics, margin)]
    found += [ensembles.differences(name, said, margin) for name, said in reviews.items()]
    return pd.concat(found, ignore_index=True).round(6)


def contrasts(runs: pd.DataFrame, reviews: Mapping[str, Answers], asked: Questions) -> pd.DataFrame:
    """What `asked` names, before the run, as far as its models are there; rounded to six digits.

    Columns: question, protocol, model_a, model_b, measure (auc, acc or tuned_acc), metric, and
    what `judge` makes of a less b; a protocol and measure is one family. A model against a baseline
    is compared by its ensemble, over reviews, others over seeds. Of a trend `model_a` is the
    architecture, and the difference what twice as many units give.
    """
    rows: list[tuple[Any, ...]] = []
    for protocol, said in reviews.items():
        here = runs[runs.protocol == protocol]
        for question, pairs in asked.contrasts.items():
            for a, b in pairs:
                rows += [
                    (question, protocol, *row) for row in _pair(here, said, a, b, asked.margin)
                ]
        for question, architecture in asked.trends.items():
            some = here[here.architecture == architecture]
            for measure, metric in _by_seed(runs).items():
                slope = trend(np.log2(some.units), some[metric].tolist(), asked.margin)
                if not np.isnan(slope.difference):
                    rows.append((question, protocol, architecture, "", measure, metric, *slope))
    columns = [
        "question",
        "protocol",
        "model_a",
        "model_b",
        "measure",
        "metric",
        *Difference._fields,
    ]
    return judge(pd.DataFrame(rows, columns=columns), ["protocol", "measure"]).round(6)


def _pair(
    runs: pd.DataFrame, said: Answers, a: str, b: str, margin: float
) -> list[tuple[Any, ...]]:
    models, known = set(runs.model), set(said.predicted)
    if {a, b} <= models:
        values = {m: _by_model(runs, metric) for m, metric in _by_seed(runs).items()}
        return [
            (a, b, m, metric, *welch(values[m][a], values[m][b], margin))
            for m, metric in _by_seed(runs).items()
        ]
    return _by_review(said, a, b, margin) if {a, b} <= known else []


def _by_seed(runs: pd.DataFrame) -> dict[str, str]:
    """BY_SEED as far as runs have it: of more than two classes none has a threshold to tune."""
    return {measure: metric for measure, metric in BY_SEED.items() if metric in runs}


def over_reviews(said: Answers, pairs: Sequence[tuple[str, str]], margin: float) -> pd.DataFrame:
    """`pairs` of what `said` holds, as far as they are there, on its test reviews.

    Columns: model_a, model_b, measure (auc or acc), metric, and what `judge` makes of a less b; a
    measure is one family. Rounded to six digits.
    """
    known = [pair for pair in pairs if set(pair) <= set(said.predicted)]
    rows = [row for a, b in known for row in _by_review(said, a, b, margin)]
    columns = ["model_a", "model_b", "measure", "metric", *Difference._fields]
    return judge(pd.DataFrame(rows, columns=columns), ["measure"]).round(6)


def _by_review(said: Answers, a: str, b: str, margin: float) -> list[tuple[Any, ...]]:
    tests = {"auc": ensembles.auc, "acc": ensembles.accuracy}
    return [(a, b, m, BY_REVIEW[m], *test(said, a, b, margin)) for m, test in tests.items()]


def _by_model(runs: pd.DataFrame, metric: str) -> dict[str, list[float]]:
    groups = runs.groupby("model", sort=False)[metric]
    return {str(name): values.tolist() for name, values in groups}
