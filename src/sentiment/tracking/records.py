"""What Git and DVC hold about each training becomes one record; no MLflow here."""

import csv
import hashlib
import io
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any

from sentiment.errors import UserError
from sentiment.files import sha256
from sentiment.tracking.tree import Tree


@dataclass(frozen=True)
class Record:
    """One run as it is versioned; times are milliseconds since 1970, as MLflow counts them."""

    key: str
    name: str
    stage: str
    dataset: str
    digest: str | None
    params: dict[str, str]
    history: list[dict[str, float]]
    epochs_ended: list[int]
    metrics: dict[str, float]
    tags: dict[str, str]
    started: int
    ended: int
    commit: str | None
    artifacts: dict[str, bytes] = field(default_factory=dict)


def evaluated(tree: Tree, protocol: str, model: str) -> list[Record]:
    """Records of a cell, one a seed, from its results file.

    Raises UserError when there is no such file, KeyError or ValueError when it is not one of ours.
    """
    path = tree.results(protocol, model)
    content = tree.read(path)
    if content is None:
        raise UserError(
            f"{path}: not found: run `dvc repro {tree.stage('evaluate', protocol, model)}`"
        )
    results = json.loads(content)
    commit, time = tree.commit(path) or (None, tree.modified(path))
    cell = Cell(tree, protocol, model, {"parameters": str(results["parameters"])}, commit)
    return [cell.record(seed, time) for seed in results["seeds"]]


def trained(tree: Tree, protocol: str, model: str) -> list[Record]:
    """Records of a cell, one a seed, from its trained files; test metrics are not there yet."""
    folder = f"models/{protocol}/{model}"
    history = (tree.root / folder / "history.csv").read_text(encoding="utf-8")
    seeds: dict[int, list[dict[str, float]]] = {}
    for row in csv.DictReader(io.StringIO(history)):
        seed = int(row.pop("seed"))
        seeds.setdefault(seed, []).append({name: float(value) for name, value in row.items()})
    cell = Cell(tree, protocol, model)
    found = []
    for seed, epochs in seeds.items():
        path = f"{folder}/seed-{seed}.weights.h5"
        entry = {"seed": seed, "weights": sha256(tree.root / path), "history": epochs}
        found.append(cell.record(entry, tree.modified(path)))
    return found


class Cell:
    """Protocol and model at one state of the project; makes the records of its seeds."""

    def __init__(
        self,
        tree: Tree,
        protocol: str,
        model: str,
        params: dict[str, str] | None = None,
        commit: str | None = None,
    ) -> None:
        """`params` are shown beside those of params.yaml; `commit` brought the cell's results."""
        self.stage = tree.stage("train", protocol, model)
        self.made_by = _made_by(tree, protocol, model)
        self.dataset = tree.settings["dataset"]
        shown = {"kind": "model", "protocol": protocol, "model": model, **_flat(self.made_by)}
        self.params = shown | (params or {})
        self.commit = commit
        self.digest = tree.digest
        self.runinfo = tree.load(f"reports/runinfo/{self.stage}.json")

    def name(self, seed: int) -> str:
        """Name of a run; numbers are padded, so that names sort as the numbers do."""
        model = re.sub("[0-9]+", lambda number: number[0].zfill(3), self.params["model"])
        return f"{self.params['protocol']} {model} seed {seed:02d}"

    def key(self, seed: int, weights: str) -> str:
        """Hex sha256 over what was asked for and what came out (sha256 of the weights file).

        Equal results have equal keys; other seeds, other models and test metrics have no part.
        """
        return fingerprint({"stage": self.stage, "seed": seed, "weights": weights, **self.made_by})

    def record(self, entry: dict[str, Any], time: int) -> Record:
        """Record of one seed; `time` stands in where no runinfo belongs to these weights.

        `entry` has seed, weights (hex sha256), history, and test_* when it was evaluated.
        """
        seed, weights, history = entry["seed"], entry["weights"], entry["history"]
        metrics = {k.replace("_", "/", 1): v for k, v in entry.items() if k.startswith("test_")}
        started, ended, epochs_ended, tags = time, time, [time] * len(history), {}
        for info in self.runinfo.get("seeds", ()):
            # With another hash these are the times of another training.
            if (info["seed"], info["weights"]) == (seed, weights):
                started, ended = milliseconds(info["started"]), milliseconds(info["ended"])
                seconds = list(accumulate(info["epoch_seconds"]))
                epochs_ended = [started + round(1000 * passed) for passed in seconds]
                metrics["fit/seconds"] = float(seconds[-1])
                metrics["fit/seconds_per_epoch"] = float(seconds[-1]) / len(seconds)
                metrics["fit/peak_mb"] = float(self.runinfo["peak_mb"])
                tags = _machine(self.runinfo)
        return Record(
            self.key(seed, weights),
            self.name(seed),
            self.stage,
            self.dataset,
            self.digest,
            self.params | {"seed": str(seed)},
            history,
            epochs_ended,
            metrics,
            tags,
            started,
            ended,
            self.commit,
        )


def _made_by(tree: Tree, protocol: str, model: str) -> dict[str, Any]:
    """The parts of params.yaml that a training depends on."""
    settings = tree.settings
    parts = {
        "dataset": settings["dataset"],
        "protocol": settings["protocols"][protocol],
        "vectors": settings["vectors"] | {"source": tree.source(model)},
        "model": settings["models"][model],
        "train": settings["train"],
    }
    return canonical(parts)


def canonical(settings: dict[str, Any]) -> dict[str, Any]:
    """The same settings with 1.0 and 1 alike, as they are for DVC."""
    return json.loads(json.dumps(settings), parse_float=_number)


def fingerprint(content: dict[str, Any]) -> str:
    """Hex sha256 over the content, whatever the order of its keys."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def milliseconds(moment: str) -> int:
    """ISO 8601 to milliseconds since 1970."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value


def _flat(made_by: dict[str, Any]) -> dict[str, str]:
    """MLflow's flat params: units, epochs, ... by their own name, others under their section's."""
    protocol = {f"protocol.{key}": value for key, value in made_by["protocol"].items()}
    vectors = {f"vectors.{key}": value for key, value in made_by["vectors"].items()}
    vectors["vectors"] = vectors.pop("vectors.source")
    dataset = {"dataset": made_by["dataset"]}
    flat = dataset | made_by["model"] | made_by["train"] | vectors | protocol
    return {key: str(value) for key, value in flat.items() if value is not None}


def _machine(runinfo: dict[str, Any]) -> dict[str, str]:
    """Tags that say what a training ran on: processor, cores, and a version of each package."""
    shown = {name: runinfo["host"][name] for name in ("processor", "cores")}
    shown |= {f"version.{package}": version for package, version in runinfo["versions"].items()}
    return {name: str(value) for name, value in shown.items()}
