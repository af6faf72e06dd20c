"""What an edit costs: which stages it makes stale, and how many seeds train again."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import networkx as nx
import pandas as pd

from sentiment.running import code, dvc_graph
from sentiment.settings import params
from sentiment.settings.investigations import EXPERIMENTS
from sentiment.settings.params import Params

PACKAGE = "src/sentiment"
# One file for each kind of edit that people make.
EDITS = {
    "the progress bar": f"{PACKAGE}/running/progress.py",
    "the parameter schema": f"{PACKAGE}/settings/sections.py",
    "the tracking in MLflow": f"{PACKAGE}/tracking/mirror.py",
    "the report's page": f"{PACKAGE}/reporting/study/chapters.py",
    "the page that runs networks": f"{PACKAGE}/reporting/explorer/page/explore.js",
    "the comparison's tables": f"{PACKAGE}/reporting/comparison/tables.py",
    "a statistical test": f"{PACKAGE}/comparison/statistics.py",
    "a baseline": f"{PACKAGE}/baselines/nbsvm.py",
    "a probe of memory": f"{PACKAGE}/probes/influence.py",
    "the architecture `birnn`": f"{PACKAGE}/architectures/birnn.py",
    "the LSTM's equations": f"{PACKAGE}/architectures/lstm.py",
    "a new architecture": f"{PACKAGE}/architectures/new.py",
    "a metric": f"{PACKAGE}/measures/scores.py",
    "the training loop": f"{PACKAGE}/networks/training.py",
    "a protocol's tokens": f"{PACKAGE}/data/tokenizers.py",
    "the reader of tables": f"{PACKAGE}/tables/lines.py",
}


class Cost(NamedTuple):
    """What one edit makes stale and trains again."""

    stale: list[str]  # stages that run because of the edit itself
    after: list[str]  # stages that run too if what those make changes
    seeds: int  # that train again, for all that is kept of earlier trainings


def cost(root: Path, file: str) -> Cost:
    """The cost of an edit of `file`, a path from the root; nothing need be stale."""
    graph, deps = dvc_graph.reads(root)
    stale = {stage for stage, read in deps.items() if any(_covers(dep, file) for dep in read)}
    settings = params.load(root / "params.yaml")
    # Descriptions that stay as they are make nothing stale after them.
    changed = _described(settings, file)
    descriptions = {f"data/models/{model}.json" for model in changed}
    descriptions |= {
        f"data/models/{name}"
        for name in EXPERIMENTS
        if changed & set(getattr(settings, name).models)
    }
    sure = stale - {"describe"}
    sure |= {stage for stage, read in deps.items() if descriptions & set(read)}
    after = set().union(*(nx.ancestors(graph, stage) for stage in sure)) - sure - stale
    anew = changed or set(settings.models)
    trained = sum(_trainings(settings, stage, anew) for stage in sure) if _decides(file) else 0
    order = list(graph)
    both = stale | sure
    return Cost(
        [stage for stage in order if stage in both],
        [stage for stage in order if stage in after],
        trained,
    )


def table(root: Path) -> str:
    """A row for each of EDITS, as Markdown."""
    rows = []
    for name, file in EDITS.items():
        found = cost(root, file)
        rows.append((name, f"`{file}`", _kinds(found.stale), _kinds(found.after), found.seeds))
    head = ["edit", "file", "makes stale", "then, if results change", "seeds that train"]
    return pd.DataFrame(rows, columns=head).to_markdown(index=False) + "\n"


def _trainings(settings: Params, stage: str, models: Collection[str]) -> int:
    """How many seeds `stage` trains, where those of `models` are trained again."""
    kind, _, name = stage.partition("@")
    if kind.startswith("train"):
        return len(settings.seeds)
    inputs, resplit, leak = settings.inputs, settings.resplit, settings.leak
    norms = {str(variant): len(norms) for variant, norms in inputs.variants.items()}
    memory, widened = settings.memory, settings.width.trainings.get(name)
    # Times that each seed of each model is trained.
    asked: dict[str, tuple[int, Sequence[str], int]] = {
        "inputs": (norms.get(name, 0), inputs.models, len(inputs.seeds)),
        "resplit": (1, resplit.models, len(resplit.seeds)),
        "leak": (leak.folds, leak.models, len(leak.seeds)),
        "width": (1, widened.models if widened else (), len(settings.width.seeds)),
        "rescale": (len(memory.norms), [name.partition("-")[2]], len(memory.planted.seeds)),
    }
    times, own, seeds = asked.get(kind, (0, (), 0))
    return times * seeds * sum(model in models for model in own)


def _covers(dep: str, file: str) -> bool:
    return file == dep or file.startswith(f"{dep}/")


def _decides(file: str) -> bool:
    """Whether a training that was kept is not found again after the edit."""
    kept = (*code.TRAINING, "architectures")
    return any(_covers(f"{PACKAGE}/{name}", file) for name in kept)


def _described(settings: Params, file: str) -> set[str]:
    """Models of params.yaml whose description changes with `file`."""
    room, _, name = file.rpartition("/")
    if room != f"{PACKAGE}/architectures":
        return set()
    return {
        model
        for model, described in settings.models.items()
        if Path(name).stem in code.architectures(described.architecture)
    }


def _kinds(stages: Sequence[str] | Iterable[str]) -> str:
    """Stages of one kind counted together: `17 train`."""
    counts = pd.Series([stage.partition("@")[0].partition("-")[0] for stage in stages])
    numbers = counts.value_counts(sort=False)
    shown = [f"{number} {kind}" if number > 1 else str(kind) for kind, number in numbers.items()]
    return ", ".join(shown) or "nothing"
