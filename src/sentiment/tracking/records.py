"""What Git and DVC hold about each training becomes one record; no MLflow here."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from sentiment.errors import UserError
from sentiment.files import sha256
from sentiment.settings.cells import Cell
from sentiment.tracking.tree import Tree


@dataclass(frozen=True)
class Record:
    """One run as it is versioned; times are milliseconds since 1970, as MLflow counts them.

    With `timed` they are those of the work itself, without it those of the file with its results.
    """

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
    timed: bool
    commit: str | None
    artifacts: dict[str, bytes] = field(default_factory=dict)


class Training(NamedTuple):
    """One training of a seed: when, in milliseconds since 1970, what it took, and on what."""

    started: int
    ended: int
    epochs_ended: list[int]
    metrics: dict[str, float]
    machine: dict[str, str]

    @classmethod
    def measured(
        cls, started: int, ended: int, epoch_seconds: Sequence[float], machine: dict[str, Any]
    ) -> "Training":
        """Build it from times; `machine` is as `host.describe` gives it, with peak_mb if known."""
        passed = [float(seconds) for seconds in accumulate(epoch_seconds)]
        metrics = {"fit/seconds": passed[-1], "fit/seconds_per_epoch": passed[-1] / len(passed)}
        if "peak_mb" in machine:
            metrics["fit/peak_mb"] = float(machine["peak_mb"])
        ends = [started + round(1000 * seconds) for seconds in passed]
        return cls(started, ended, ends, metrics, _machine(machine))


def evaluated(tree: Tree, cell: Cell) -> list[Record]:
    """Records of a cell, one for each seed, from its results file.

    Raises UserError when there is no such file, KeyError or ValueError when it is not one of ours.
    """
    content = tree.read(cell.record)
    if content is None:
        raise UserError(f"{cell.record}: not found: run `dvc repro {cell.stage('evaluate')}`")
    results = json.loads(content)
    commit, time = tree.commit(cell.record) or (None, tree.modified(cell.record))
    # An older revision does not say which engine trained.
    shown = {name: str(results[name]) for name in ("parameters", "engine") if name in results}
    recorder = Recorder(tree, cell, shown, commit)
    return [recorder.record(seed, time) for seed in results["seeds"]]


def trained(tree: Tree, cell: Cell) -> list[Record]:
    """Records of a cell, one for each seed, from its trained files, before any test metric."""
    history = (tree.root / cell.networks / "history.csv").read_text(encoding="utf-8")
    seeds: dict[int, list[dict[str, float]]] = {}
    for row in csv.DictReader(io.StringIO(history)):
        seed = int(row.pop("seed"))
        seeds.setdefault(seed, []).append({name: float(value) for name, value in row.items()})
    recorder = Recorder(tree, cell)
    found = []
    for seed, epochs in seeds.items():
        path = f"{cell.networks}/seed-{seed}.weights.h5"
        entry = {"seed": seed, "weights": sha256(tree.root / path), "history": epochs}
        found.append(recorder.record(entry, tree.modified(path)))
    return found


class Recorder:
    """Makes the records of a cell's seeds, at one state of the project."""

    def __init__(
        self,
        tree: Tree,
        cell: Cell,
        params: dict[str, str] | None = None,
        commit: str | None = None,
    ) -> None:
        """`params` are shown beside those of params.yaml; `commit` brought the cell's results."""
        self.tree, self.path, self.stage = tree, cell.record, cell.stage("train")
        self.made_by = _made_by(tree.settings, cell)
        self.dataset = tree.settings["dataset"]
        shown = {"kind": "model", "protocol": cell.protocol, "model": cell.model}
        shown |= _flat(self.made_by)
        if tree.rev is None and (described := tree.load(f"data/models/{cell.model}.json")):
            # Not always the engine that params.yaml asks for.
            shown["engine"] = described["engine"]
        self.params = shown | (params or {})
        self.commit = commit
        self.digest = tree.digest
        self.runinfo = tree.runinfo(self.stage)

    def name(self, seed: int) -> str:
        """Name of a run; numbers are padded, so that names sort as the numbers do."""
        model = re.sub("[0-9]+", lambda number: number[0].zfill(3), self.params["model"])
        return f"{self.params['protocol']} {model} seed {seed:02d}"

    def key(self, seed: int, weights: str) -> str:
        """Hex sha256 over what was asked for and what came out (sha256 of the weights file).

        Equal results have equal keys; other seeds, other models and test metrics have no part.
        """
        return fingerprint({"stage": self.stage, "seed": seed, "weights": weights, **self.made_by})

    def record(self, entry: dict[str, Any], time: int, training: Training | None = None) -> Record:
        """Record of one seed, of its `training`, or else of that which runinfo tells of.

        `entry` has seed, weights (hex sha256), history, and test_* when it was evaluated; `time`
        stands in where no runinfo belongs to these weights.
        """
        seed, weights, history = entry["seed"], entry["weights"], entry["history"]
        metrics = {k.replace("_", "/", 1): v for k, v in entry.items() if k.startswith("test_")}
        known = training or _training(self.runinfo, seed, weights)
        took = known or Training(time, time, [time] * len(history), {}, {})
        return Record(
            self.key(seed, weights),
            self.name(seed),
            self.stage,
            self.dataset,
            self.digest,
            self.params | {"seed": str(seed)},
            history,
            took.epochs_ended,
            metrics | took.metrics,
            took.machine | (self._reproduces(seed, weights, known) if known else {}),
            took.started,
            took.ended,
            known is not None,
            self.commit,
        )

    def _reproduces(self, seed: int, weights: str, training: Training) -> dict[str, str]:
        """A tag that names the commit whose results another training gave as well, if one did."""
        if self.tree.rev is not None or self._committed.get(seed) != weights:
            return {}
        commit, time = self.tree.newest_commit(self.path)
        # What was committed later was made by this training.
        return {"reproduces": commit} if training.started > time else {}

    @cached_property
    def _committed(self) -> dict[int, str]:
        """Weights by seed as they are committed."""
        seeds = self.tree.load_committed(self.path).get("seeds", ())
        return {entry["seed"]: entry["weights"] for entry in seeds}


def _training(runinfo: dict[str, Any], seed: int, weights: str) -> Training | None:
    """What `runinfo` tells of these weights; with another hash it tells of another training."""
    for info in (*runinfo.get("seeds", ()), *runinfo.get("earlier", ())):
        if (info["seed"], info["weights"]) == (seed, weights):
            times = milliseconds(info["started"]), milliseconds(info["ended"])
            # A kept or earlier seed may have been trained elsewhere than the stage ran last.
            return Training.measured(*times, info["epoch_seconds"], {**runinfo, **info})
    return None


def _made_by(settings: dict[str, Any], cell: Cell) -> dict[str, Any]:
    """The parts of params.yaml that a training depends on."""
    parts = {
        "dataset": settings["dataset"],
        "protocol": settings["protocols"][cell.protocol],
        "vectors": settings["vectors"] | {"source": cell.vectors},
        "model": settings["models"][cell.model],
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
