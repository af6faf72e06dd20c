"""What Git and DVC hold about each training becomes one record; no MLflow here."""

import csv
import io
import json
import re
from functools import cached_property
from typing import Any

from sentiment.errors import UserError
from sentiment.settings.cells import Cell
from sentiment.storage.files import sha256
from sentiment.tracking.record import Record, Training, canonical, fingerprint, milliseconds
from sentiment.tracking.tree import Tree


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


# Names of metrics that come with the evaluation; validation's accuracy and loss are an epoch's.
EVALUATED = re.compile("(?:test_|val_(?!acc$|loss$)|threshold$)").match


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
        self.made_by = _made_by(tree, cell)
        self.dataset = tree.dataset
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

        `entry` has seed, weights (hex sha256), history, and what EVALUATED knows when it was
        evaluated; `time`
        stands in where no runinfo belongs to these weights.
        """
        seed, weights, history = entry["seed"], entry["weights"], entry["history"]
        metrics = {k.replace("_", "/", 1): v for k, v in entry.items() if EVALUATED(k)}
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


def _made_by(tree: Tree, cell: Cell) -> dict[str, Any]:
    """The parts of params.yaml that a training depends on."""
    settings = tree.settings
    parts = {
        "dataset": tree.dataset,
        "protocol": settings["protocols"][cell.protocol],
        "vectors": settings["vectors"] | {"source": cell.vectors},
        "model": settings["models"][cell.model],
        "train": settings["train"],
    }
    return canonical(parts)


def _flat(made_by: dict[str, Any]) -> dict[str, str]:
    """MLflow's flat params: units, epochs, ... by their own name, others under their section's."""
    protocol = {f"protocol.{key}": value for key, value in made_by["protocol"].items()}
    vectors = {f"vectors.{key}": value for key, value in made_by["vectors"].items()}
    vectors["vectors"] = vectors.pop("vectors.source")
    dataset = {"dataset": made_by["dataset"]}
    flat = dataset | made_by["model"] | made_by["train"] | vectors | protocol
    return {key: str(value) for key, value in flat.items() if value is not None}
