"""Small projects whose results are versioned, and what MLflow then knows of them."""

import hashlib
import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.tree import Tree
from ruamel.yaml import YAML

from sentiment import tracking
from sentiment.tracking.store import Store

PARAMS = {
    "dataset": "imdb",
    "protocols": {"lecture": {"seed": 1, "validation": 0.2, "length": 400}},
    "vectors": {"source": "reviews", "dimensions": 300, "epochs": 5, "path": "inputs/none"},
    "models": {
        "birnn-5": {"architecture": "birnn", "units": 5},
        "lstm-50": {"architecture": "lstm", "units": 50},
    },
    "train": {"epochs": 2, "batch_size": 32, "dropout": 0.2, "learning_rate": 0.001, "threads": 1}
    | {"engine": "numba", "target": "portable"},
    "grid": {"protocols": ["lecture"], "models": ["birnn-5", "lstm-50"]},
    "seeds": [0, 3],
}


MACHINE = {
    "host": {"processor": "Some CPU", "cores": 2, "memory_gb": 24, "system": "Linux x86_64"},
    "versions": {"python": "3.11.7", "tensorflow": "2.21.0", "scikit-learn": "1.9.1"},
}
# Where a stage ran that took up seeds trained on MACHINE.
OTHER_MACHINE = MACHINE | {"host": MACHINE["host"] | {"processor": "Another CPU", "cores": 4}}
SPLIT = ("seed", "validation")
COMPLETE = PARAMS | {"grid": PARAMS["grid"] | {"baselines": ["svm"]}}
MEMORY = PARAMS | {
    "models": PARAMS["models"]
    | {"lstm-50-last": {"architecture": "lstm", "units": 50, "read_out": "last"}},
    "memory": {"protocols": ["lecture"], "models": ["lstm-50-last"]},
}


def write_project(root: Path, patch: pytest.MonkeyPatch) -> None:
    """A project without a store, its two cells versioned, and the world around it."""
    for name in ("MLFLOW_TRACKING_URI", "DVC_STAGE", "SENTIMENT_RUNNER"):
        patch.delenv(name, raising=False)
    patch.setenv("PYTHONPATH", str(Path(tracking.__file__).parents[2]))
    for role in ("AUTHOR", "COMMITTER"):
        patch.setenv(f"GIT_{role}_NAME", "someone")
        patch.setenv(f"GIT_{role}_EMAIL", "someone@example.org")
    patch.chdir(root)
    git(root, "init", "--quiet")
    (root / ".gitignore").write_text("/mlflow.db*\n/mlartifacts/\n/.sentiment/\n/models/\n/log\n")
    configure(root, PARAMS)
    write_json(root / "reports/data.json", {"digest": "d" * 64})
    write_cell(root, "birnn-5", {0: "a" * 64, 3: "b" * 64})
    write_cell(root, "lstm-50", {0: "c" * 64})
    version(root)


def write_rest(root: Path) -> None:
    """Add a baseline and a comparison to such a project."""
    configure(root, COMPLETE)
    write_baseline(root)
    write_comparison(root)
    version(root, COMPLETE)


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def configure(root: Path, params: dict) -> None:
    with (root / "params.yaml").open("w") as file:
        YAML(typ="safe", pure=True).dump(params, file)


def write_json(path: Path, data: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))


def results(root: Path, model: str) -> Path:
    if model.endswith("-last"):
        return root / "reports/memory/lecture/cells" / f"{model}.json"
    return root / "reports/results/lecture" / f"{model}.json"


def history(seed: int) -> list[dict]:
    return [
        {"epoch": 1, "acc": 0.7 + seed / 100, "loss": 0.6, "val_acc": 0.75, "val_loss": 0.55},
        {"epoch": 2, "acc": 0.8 + seed / 100, "loss": 0.5, "val_acc": 1 / 3, "val_loss": 0.45},
    ]


def runinfo(root: Path, stage: str) -> Path:
    """Where a stage that ran here says what it took."""
    return root / ".sentiment/runinfo" / f"{stage}.json"


def train_stage(model: str) -> str:
    return f"train{'-memory' * model.endswith('-last')}@lecture-{model}"


def write_cell(
    root: Path,
    model: str,
    weights: dict[int, str],
    test_acc: float = 2 / 3,
    vectors: str = "reviews",
) -> None:
    """Results and runinfo of a cell; `weights` gives each seed its hash."""
    seeds, infos = [], []
    for seed, digest in weights.items():
        last = {name: value for name, value in history(seed)[-1].items() if name != "epoch"}
        test = {"test_acc": test_acc, "test_loss": 0.5, "test_f1": 0.7, "test_brier": 0.2}
        entry = {"seed": seed, **last, **test, "test_auc": 0.9, "weights": digest}
        seeds.append(entry | {"history": history(seed)})
        # Long before anything is committed here.
        start, end = f"2020-01-02T03:0{seed}:00+00:00", f"2020-01-02T03:0{seed}:09.500+00:00"
        times = {"started": start, "ended": end, "epoch_seconds": [4.0, 5.25]}
        infos.append({"seed": seed, "weights": digest, "code": "c" * 64, **MACHINE, **times})
    described = {"protocol": "lecture", "model": model, "engine": "numba", "target": "portable"}
    described |= {"parameters": 123, "vectors": vectors, "code": "c" * 64}
    write_json(results(root, model), {**described, "seeds": seeds})
    stage = train_stage(model)
    took = {"stage": stage, "seconds": 20.0, "peak_mb": 700, **OTHER_MACHINE, "seeds": infos}
    write_json(runinfo(root, stage), took)


def write_baseline(
    root: Path, val_acc: float = 0.875, started: str = "2020-01-02T03:00:00+00:00"
) -> None:
    """Results and runinfo of the baseline `svm`."""
    scores = {"acc": 1.0, "val_acc": val_acc, "val_loss": 0.25, "test_acc": 2 / 3}
    more = {"test_loss": 0.5, "test_auc": 0.9, "test_f1": 0.7, "test_brier": 0.2}
    record = {"protocol": "lecture", "baseline": "svm", "features": 1234, **scores, **more}
    write_json(root / "reports/results/lecture/baselines/svm.json", record | {"full_test_acc": 0.7})
    stage = "baseline@lecture-svm"
    times = {"stage": stage, "started": started, "seconds": 7.5, "peak_mb": 300}
    write_json(runinfo(root, stage), {**times, **MACHINE})


def write_comparison(root: Path, text: str = "| model | acc |\n") -> None:
    """What `compare` makes, or what stands for it."""
    (root / "reports/comparison.md").write_text(text)
    picture = root / "reports/comparison/comparison.png"
    picture.parent.mkdir(exist_ok=True)
    picture.write_bytes(b"\x89PNG\r\n" + bytes(range(256)))


def version(root: Path, params: dict | None = None) -> None:
    """Write dvc.lock as DVC would and commit everything."""
    params = params or PARAMS
    stages: dict = {}
    for path in sorted(root.glob("reports/results/lecture/baselines/*.json")):
        made_by = {f"protocols.lecture.{k}": PARAMS["protocols"]["lecture"][k] for k in SPLIT}
        made_by["train.target"] = params["train"]["target"]
        ran = {"outs": [out(root, path)], "params": {"params.yaml": made_by}}
        stages[f"baseline@lecture-{path.stem}"] = ran
    if tables := [*root.glob("reports/comparison.*"), *root.glob("reports/comparison")]:
        made_by = {"grid": params["grid"], "seeds": params["seeds"]}
        outs = [out_folder(root, path) if path.is_dir() else out(root, path) for path in tables]
        ran = {"outs": outs, "params": {"params.yaml": made_by}}
        stages["compare"] = ran
    cells = [*root.glob("reports/results/lecture/*.json"), *root.glob("reports/memory/*/cells/*")]
    for path in sorted(cells):
        train = train_stage(path.stem)
        stages[train.replace("train", "evaluate")] = {"outs": [out(root, path)]}
        stages[train] = {"params": {"params.yaml": {"train": params["train"], "seeds": [0]}}}
    with (root / "dvc.lock").open("w") as file:
        YAML(typ="safe", pure=True).dump({"schema": "2.0", "stages": stages}, file)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "results")


def out(root: Path, path: Path) -> dict[str, str]:
    """An out's entry in dvc.lock."""
    digest = hashlib.md5(path.read_bytes()).hexdigest()
    return {"path": path.relative_to(root).as_posix(), "hash": "md5", "md5": digest}


def out_folder(root: Path, folder: Path) -> dict[str, str]:
    """The same of a folder without folders in it."""
    tree = Tree()
    for path in sorted(folder.iterdir()):
        digest = hashlib.md5(path.read_bytes()).hexdigest()
        tree.add((path.name,), None, HashInfo("md5", digest))
    tree.digest()
    return {"path": folder.relative_to(root).as_posix(), "hash": "md5", "md5": tree.hash_info.value}


def runs(root: Path) -> list:
    client = Store(root).client
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return client.search_runs(experiments)


def table(root: Path) -> dict[str, tuple]:
    """All that MLflow knows of each run, by name and key."""
    client = Store(root).client
    found = {}
    for run in runs(root):
        run_id = run.info.run_id
        points = {
            metric: sorted((p.step, p.value) for p in client.get_metric_history(run_id, metric))
            for metric in run.data.metrics
        }
        datasets = [(i.dataset.name, i.dataset.digest) for i in run.inputs.dataset_inputs]
        files = {file.path: file.file_size for file in client.list_artifacts(run_id)}
        state = run.info.status, run.info.end_time
        key = run.info.run_name, run.data.tags.get("dvc.key")
        assert key not in found
        data = run.data.params, run.data.metrics, points, run.data.tags
        found[key] = (*data, datasets, files, state)
    return found


def current(root: Path) -> set[str]:
    return {run.info.run_name for run in runs(root) if run.data.tags["current"] == "true"}


def digest(root: Path) -> str:
    return hashlib.sha256((root / "mlflow.db").read_bytes()).hexdigest()


TRAINING = """
import hashlib, json, sys
from datetime import UTC, datetime
from pathlib import Path
from sentiment.running.progress import Events
def now():
    return datetime.now(UTC).isoformat(timespec="milliseconds")
started = now()
history = json.loads(sys.argv[1])
model, stage = sys.argv[2:4]
fail = len(sys.argv) > 5
events = Events("lecture", model)
for epoch, seconds in zip(history, [4.0, 5.25], strict=True):
    events.write("epoch", seed=0, epochs=2, seconds=seconds, **epoch)
print("trained")
if fail:
    sys.exit(3)
folder = Path("models/lecture", model)
folder.mkdir(parents=True, exist_ok=True)
(folder / "seed-0.weights.h5").write_bytes(b"weights")
digest = hashlib.sha256(b"weights").hexdigest()
rows = [",".join(["0", *(repr(value) for value in epoch.values())]) for epoch in history]
(folder / "history.csv").write_text("\\n".join(["seed,epoch,acc,loss,val_acc,val_loss", *rows]))
machine = json.loads(sys.argv[4])
info = {"seed": 0, "weights": digest, "code": "c" * 64, **machine, "started": started,
        "ended": now(), "epoch_seconds": [4.0, 5.25]}
runinfo = Path(f".sentiment/runinfo/{stage}.json")
runinfo.parent.mkdir(parents=True, exist_ok=True)
runinfo.write_text(json.dumps({"stage": stage, "peak_mb": 700, **machine, "seeds": [info]}))
events.write("seed", seed=0, weights=digest)
"""


def training(*more: str, model: str = "lstm-50") -> list[str]:
    what = [json.dumps(history(0)), model, train_stage(model), json.dumps(MACHINE)]
    return [sys.executable, "-c", TRAINING, *what, *more]


def processes() -> Any:
    """Where `multiprocessing` gets processes in a moment: they are forked, MLflow imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["mlflow", "mirrored"])
    return context


def sync_in(root: Path, uri: str = "") -> None:
    """Sync in a process of `processes`, to the server at `uri` if one is given."""
    os.environ["MLFLOW_TRACKING_URI"] = uri
    tracking.sync(root)
