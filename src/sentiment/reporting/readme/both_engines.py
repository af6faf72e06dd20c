"""The README's sentence on the two engines: how far they agree, and what each takes."""

from pathlib import Path
from typing import Any

from sentiment.storage.files import read_json

# Names of the differences in `reports/engines.json`, as the sentence has them.
SHOWN = {"loss": "loss", "val_acc": "validation accuracy", "probability": "probability of a review"}
# Below this difference in every probability two trainings count as alike, review by review.
CLOSE = 1e-3


def sentence(record: Path, times: dict[str, Any]) -> str:
    """From what the stage `engines` wrote, and from the times of the study."""
    if not record.is_file():
        return "The engines were not compared yet: `make study` does.\n"
    found = read_json(record)
    models, protocol = found["models"], found["protocol"]
    if not models:
        return "No architecture of the table trains on both engines.\n"
    first, second = models[0]["engines"]
    largest = [
        f"{max(model[key] for model in models):.2g} in {name}" for key, name in SHOWN.items()
    ]
    return (
        f"Trained once by each engine, from equal initial weights, batches and dropout, the "
        f"{len(models)} models of `{protocol}` differ by at most {', '.join(largest[:-1])} and "
        f"{largest[-1]} (seed {found['seed']}, stage `engines`)"
        f"{_seconds(models, protocol, times, first, second)}.{_close(models)}\n"
    )


def _close(models: list[dict[str, Any]]) -> str:
    """Which models agree review by review, where not all do; empty where none or all do."""
    close = [model for model in models if model["probability"] < CLOSE]
    if not close or len(close) == len(models):
        return ""
    names = ", ".join(f"`{model['model']}`" for model in close)
    largest = max(model["probability"] for model in close)
    return f" Of {names} no probability differs by more than {largest:.2g}; of the others some do."


def _seconds(
    models: list[dict[str, Any]], protocol: str, times: dict[str, Any], first: str, second: str
) -> str:
    """What the trainings took in all, side by side with other work; empty if that is not known."""
    try:
        trained = [times[f"train@{protocol}-{model['model']}"] for model in models]
        others = times["engines"]["epoch_seconds"]
        ours = sum(stage["first_seed_seconds"] for stage in trained)
        theirs = sum(sum(others[model["model"]]) for model in models)
    except KeyError:
        return ""
    return f"; `{first}` took {ours:,.0f} s for them, `{second}` {theirs:,.0f} s"
