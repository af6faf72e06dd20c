"""What a person who opens the experiment in MLflow's UI is shown first."""

import json
from typing import Any

PROTOCOLS = ("lecture", "bymovie")
CURRENT = "tags.current = 'true'"
MODELS = f"{CURRENT} and params.kind = 'model'"
NOTE = f"""\
To compare models, *Group by* `model`, which averages their seeds: for one protocol at a time, since
the page loads 100 runs and averages no others. Mirrored from what Git and DVC hold: nothing is lost
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


def _chart(kind: str, name: str, **more: Any) -> dict[str, Any]:
    shown = {"uuid": name, "type": kind, "displayName": name, "metricSectionId": "models"}
    return {**shown, "runsCountToCompare": 100, "deleted": False, "isGenerated": False, **more}


def _view(protocol: str) -> dict[str, Any]:
    """Table and charts of the grid's models, their seeds averaged, in MLflow's own words."""
    params, metrics = ("units", "parameters"), ("train/acc", "val/acc", "test/acc", "fit/seconds")
    keys = [{"mode": "param", "groupByData": "model"}]
    axes = {
        "xaxis": {"key": "units", "type": "PARAM"},
        "yaxis": {"key": "val/acc", "type": "METRIC"},
    }
    return {
        # No run of the ablation: the page loads 100 runs, and averages no others.
        "searchFilter": f"{CURRENT} and tags.`dvc.stage` LIKE 'train@{protocol}-%'",
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
        # Else what MLflow adds of its own comes first.
        "isAccordionReordered": True,
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
    # MLflow reads the state of a view from such a tag, when its address ends in the view's name.
    **{f"mlflow.sharedViewState.{name}": json.dumps(_view(name)) for name in PROTOCOLS},
}
