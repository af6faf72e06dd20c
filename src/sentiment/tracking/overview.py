"""What a person who opens the experiment in MLflow's UI is shown first."""

import json
from typing import Any

CURRENT = "tags.current = 'true'"
MODELS = f"{CURRENT} and params.kind = 'model'"
NOTE = f"""\
To compare models, *Group by* `protocol` and `model`, which averages their seeds, and look at
`val/acc`, in the table or in the chart view. Mirrored from what Git and DVC hold: nothing is lost
when this store is deleted, `sentiment sync` rebuilds it.

**Filters** to paste into the search box:
- `{CURRENT}`: what the working tree holds; without it, earlier results too
- `{MODELS} and params.protocol = 'bymovie'`: one run for each model and seed
- `{CURRENT} and params.kind = 'baseline'`: what much simpler models score on the same reviews
- `params.kind = 'comparison'`: one run for each state of the results, with its tables, differences,
  gaps and figures under *Artifacts*
- `{MODELS} and params.architecture = 'lstm' and params.units = '50'`
- ``tags.cores = '2' and metrics.`fit/seconds_per_epoch` < 20``

**Curves and numbers**: `train/*` are Keras' running means while training, `val/*` is measured after
the epoch, `test/*` once for each trained model: it chooses nothing. Of a baseline `train/acc` is
measured after the fit, and `full_test/acc` is that of a second fit, on all reviews outside test.
`fit/*` are seconds and peak memory of the training, or of a baseline's whole stage. The tags
`processor`, `cores` and `version.*` say what a training ran on.
"""
# Key of the view that `make ui` prints; MLflow reads its state from a tag of the experiment.
VIEW = "models"


def _chart(kind: str, name: str, **more: Any) -> dict[str, Any]:
    shown = {"uuid": name, "type": kind, "displayName": name, "metricSectionId": "models"}
    return {**shown, "runsCountToCompare": 100, "deleted": False, "isGenerated": False, **more}


def _view() -> dict[str, Any]:
    """Table and charts of the models with their seeds averaged, in MLflow's own words."""
    params, metrics = ("units", "parameters"), ("train/acc", "val/acc", "test/acc", "fit/seconds")
    keys = [{"mode": "param", "groupByData": name} for name in ("protocol", "model")]
    axes = {
        "xaxis": {"key": "units", "type": "PARAM"},
        "yaxis": {"key": "val/acc", "type": "METRIC"},
    }
    return {
        "searchFilter": MODELS,
        "orderByKey": "metrics.`val/acc`",
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": [
            *(f"params.`{name}`" for name in params),
            *(f"metrics.`{name}`" for name in metrics),
        ],
        "groupBy": {"aggregateFunction": "average", "groupByKeys": keys},
        "runsHiddenMode": "SHOWALL",
        "compareRunSections": [{"uuid": "models", "name": "models", "display": True}],
        "compareRunCharts": [
            _chart("BAR", "val/acc", metricKey="val/acc"),
            _chart("BAR", "test/acc", metricKey="test/acc"),
            _chart("LINE", "val/acc by epoch", metricKey="val/acc", selectedMetricKeys=["val/acc"]),
            _chart("SCATTER", "val/acc by units", **axes),
        ],
    }


TAGS = {
    "mlflow.note.content": NOTE,
    # Without it the UI offers what is for prompts and traces.
    "mlflow.experimentKind": "custom_model_development",
    f"mlflow.sharedViewState.{VIEW}": json.dumps(_view()),
}
