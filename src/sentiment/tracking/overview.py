"""What a person who opens the experiment in MLflow's UI is shown first."""

import json
from collections.abc import Sequence
from typing import Any

from sentiment.comparison.roles import MEASURED, TAUGHT

CURRENT = "tags.current = 'true'"
MODELS = f"{CURRENT} and params.kind = 'model'"
NOTE = f"""\
To compare models, *Group by* `model`, which averages their seeds: for one protocol at a time, since
the page loads 100 runs and averages no others. Mirrored from what Git and DVC hold: nothing is lost
when this store is deleted, `sentiment sync` rebuilds it.

**Filters** to paste into the search box:
- `{CURRENT}`: what the working tree holds; without it, earlier results too
- `{MODELS} and params.protocol = '{MEASURED}'`: one run for each model and seed
- `{CURRENT} and params.kind = 'baseline'`: what much simpler models score on the same reviews
- `params.kind = 'comparison'`: one run for each state of the results, with its tables, differences,
  gaps and figures under *Artifacts*
- `{MODELS} and params.architecture = 'lstm' and params.units = '50'`
- ``tags.cores = '2' and metrics.`fit/seconds_per_epoch` < 20``

**Curves and numbers**: `train/*` are Keras' running means while training, `val/*` is measured after
the epoch, `test/*` once for each trained model: it chooses nothing. `auc` does not depend on a
threshold; `acc` is that at one half, `tuned_acc` that at `threshold`, which is best on validation;
`ece` is the calibration error, `positive` the share of reviews called positive. Of a baseline
`fitted/*` is measured after the fit on the reviews that it was fitted on, and `full_test/acc` is
that of a second fit, on all reviews outside test.
`fit/*` are seconds and peak memory of the training, or of a baseline's whole stage. The tags
`processor`, `cores` and `version.*` say what a training ran on; `reproduces` names the commit whose
very weights it gave again.
"""


def _chart(kind: str, name: str, **more: Any) -> dict[str, Any]:
    shown = {"uuid": name, "type": kind, "displayName": name, "metricSectionId": "models"}
    return {**shown, "runsCountToCompare": 100, "deleted": False, "isGenerated": False, **more}


def _state(asked: str, order: str, params: Sequence[str], **more: Any) -> dict[str, Any]:
    """A table of the runs that a filter finds, in MLflow's own words."""
    metrics = ("train/acc", "val/acc", "test/acc", "test/auc", "fit/seconds")
    return {
        "searchFilter": asked,
        "orderByKey": order,
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": [
            *(f"params.`{name}`" for name in params),
            *(f"metrics.`{name}`" for name in metrics),
        ],
        "runsHiddenMode": "SHOWALL",
        **more,
    }


def _models(protocol: str) -> dict[str, Any]:
    """Table and charts of the grid's models, their seeds averaged."""
    keys = [{"mode": "param", "groupByData": "model"}]
    axes = {
        "xaxis": {"key": "units", "type": "PARAM"},
        "yaxis": {"key": "val/acc", "type": "METRIC"},
    }
    return _state(
        # No run of the questions of memory: the page loads 100 runs, and averages no others.
        f"{CURRENT} and tags.`dvc.stage` LIKE 'train@{protocol}-%'",
        "metrics.`val/acc`",
        ("units", "parameters"),
        groupBy={"aggregateFunction": "average", "groupByKeys": keys},
        # Else what MLflow adds of its own comes first.
        isAccordionReordered=True,
        compareRunSections=[{"uuid": "models", "name": "models", "display": True}],
        compareRunCharts=[
            _chart("BAR", "val/acc", metricKey="val/acc"),
            _chart("BAR", "test/acc", metricKey="test/acc"),
            _chart("LINE", "val/acc by epoch", metricKey="val/acc", selectedMetricKeys=["val/acc"]),
            _chart("SCATTER", "val/acc by units", **axes),
        ],
    )


EVERY = "every"
VIEWS = {
    EVERY: _state(CURRENT, "attributes.start_time", ("protocol", "units", "seed")),
    **{protocol: _models(protocol) for protocol in (TAUGHT, MEASURED)},
}
TAGS = {
    "mlflow.note.content": NOTE,
    # Without it the UI offers what is for prompts and traces.
    "mlflow.experimentKind": "custom_model_development",
    # MLflow reads the state of a view from such a tag, when its address ends in the view's name.
    **{f"mlflow.sharedViewState.{name}": json.dumps(view) for name, view in VIEWS.items()},
}


def address(server: str, experiment: str, view: str) -> str:
    """Where a view of VIEWS is shown; without the workflow MLflow's menu is that of traces."""
    asked = f"workflowType=machine_learning&viewStateShareKey={view}"
    return f"{server}/#/experiments/{experiment}/runs?{asked}"
