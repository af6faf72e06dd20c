"""MLflow shows what Git and DVC hold, however often, by whomever and after whatever accident."""

import hashlib
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from sentiment import tracking
from sentiment.errors import UserError
from sentiment.tracking.mirror import EPOCH
from sentiment.tracking.records import Cell
from sentiment.tracking.store import Store
from sentiment.tracking.tree import Tree

# MLflow uses it, SQLAlchemy frowns on it.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")
COMMAND = [sys.executable, "-m", "sentiment"]
PARAMS = {
    "dataset": "imdb",
    "protocols": {"lecture": {"seed": 1, "validation": 0.2, "length": 400}},
    "vectors": {"source": "reviews", "dimensions": 300, "epochs": 5, "path": None},
    "models": {
        "birnn-5": {"architecture": "birnn", "units": 5},
        "lstm-50": {"architecture": "lstm", "units": 50},
    },
    "train": {"epochs": 2, "batch_size": 32, "dropout": 0.2, "learning_rate": 0.001, "threads": 1},
    "grid": {"protocols": ["lecture"], "models": ["birnn-5", "lstm-50"]},
    "seeds": [0, 3],
}


MACHINE = {
    "host": {"processor": "Some CPU", "cores": 2, "memory_gb": 24, "system": "Linux x86_64"},
    "versions": {"python": "3.11.7", "tensorflow": "2.21.0", "scikit-learn": "1.9.1"},
}


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("store")
    Store(root)
    return root / "mlflow.db"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without a store, both cells versioned."""
    for name in ("MLFLOW_TRACKING_URI", "DVC_STAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(tracking.__file__).parents[2]))
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "someone")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "someone@example.org")
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "--quiet")
    (tmp_path / ".gitignore").write_text("/mlflow.db*\n/.sentiment/\n/models/\n")
    configure(tmp_path, PARAMS)
    write_json(tmp_path / "reports/data.json", {"digest": "d" * 64})
    write_cell(tmp_path, "birnn-5", {0: "a" * 64, 3: "b" * 64})
    write_cell(tmp_path, "lstm-50", {0: "c" * 64})
    version(tmp_path)
    return tmp_path


ABLATION = PARAMS | {
    "models": PARAMS["models"] | {"lstm-50-26k": {"architecture": "lstm", "units": 50}},
    "ablation": {"vectors": "googlenews-26k", "models": ["lstm-50-26k"]},
}


@pytest.fixture
def ablation(project: Path) -> Path:
    """The project with a third cell, which got other vectors."""
    configure(project, ABLATION)
    write_cell(project, "lstm-50-26k", {0: "f" * 64}, vectors="googlenews-26k")
    version(project, ABLATION)
    return project


@pytest.fixture
def project(bare: Path, empty_store: Path) -> Path:
    shutil.copy(empty_store, bare / "mlflow.db")
    return bare


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
    return root / "reports/results/lecture" / f"{model}.json"


def history(seed: int) -> list[dict]:
    return [
        {"epoch": 1, "acc": 0.7 + seed / 100, "loss": 0.6, "val_acc": 0.75, "val_loss": 0.55},
        {"epoch": 2, "acc": 0.8 + seed / 100, "loss": 0.5, "val_acc": 1 / 3, "val_loss": 0.45},
    ]


def train_stage(model: str) -> str:
    return f"train{'-ablation' if model.endswith('-26k') else ''}@lecture-{model}"


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
        start, end = f"2026-01-02T03:0{seed}:00+00:00", f"2026-01-02T03:0{seed}:09.500+00:00"
        times = {"started": start, "ended": end, "epoch_seconds": [4.0, 5.25]}
        infos.append({"seed": seed, "weights": digest, **times})
    described = {"protocol": "lecture", "model": model, "parameters": 123, "vectors": vectors}
    write_json(results(root, model), {**described, "seeds": seeds})
    stage = train_stage(model)
    runinfo = {"stage": stage, "seconds": 20.0, "peak_mb": 700, **MACHINE, "seeds": infos}
    write_json(root / f"reports/runinfo/{stage}.json", runinfo)


def version(root: Path, params: dict | None = None) -> None:
    """Write dvc.lock as DVC would and commit everything."""
    params = params or PARAMS
    stages: dict = {}
    for path in sorted(root.glob("reports/results/lecture/*.json")):
        digest = hashlib.md5(path.read_bytes()).hexdigest()
        out = {"path": path.relative_to(root).as_posix(), "hash": "md5", "md5": digest}
        train = train_stage(path.stem)
        stages[train.replace("train", "evaluate")] = {"outs": [out]}
        model = f"models.{path.stem}"
        made_by = {model: params["models"][path.stem], "train": params["train"], "seeds": [0]}
        stages[train] = {"params": {"params.yaml": made_by}}
    with (root / "dvc.lock").open("w") as file:
        YAML(typ="safe", pure=True).dump({"schema": "2.0", "stages": stages}, file)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "results")


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
        state = run.info.status, run.info.end_time
        key = run.info.run_name, run.data.tags.get("dvc.key")
        assert key not in found
        found[key] = (run.data.params, run.data.metrics, points, run.data.tags, datasets, state)
    return found


def current(root: Path) -> set[str]:
    return {run.info.run_name for run in runs(root) if run.data.tags["current"] == "true"}


def digest(root: Path) -> str:
    return hashlib.sha256((root / "mlflow.db").read_bytes()).hexdigest()


def test_second_sync_writes_nothing(project: Path) -> None:
    first = tracking.sync(project)
    before = digest(project)
    second = tracking.sync(project)
    assert (first.created, first.completed, first.unchanged, first.skipped) == (3, 0, 0, [])
    assert (second.created, second.completed, second.unchanged, second.skipped) == (0, 0, 3, [])
    assert digest(project) == before


def test_numbers_equal_the_results_of_every_cell(project: Path) -> None:
    tracking.sync(project)
    shown = {(name, key): row for (name, key), row in table(project).items()}
    commit = git(project, "rev-parse", "HEAD")
    for model in ("birnn-5", "lstm-50"):
        cell = Cell(Tree(project), "lecture", model)
        for entry in json.loads(results(project, model).read_text())["seeds"]:
            row = shown.pop((cell.name(entry["seed"]), cell.key(entry["seed"], entry["weights"])))
            params, metrics, points, tags, datasets, state = row
            for name, metric in EPOCH.items():
                assert points[metric] == [(e["epoch"], e[name]) for e in entry["history"]]
                assert metrics[metric] == entry[name]
            for name in ("acc", "loss", "auc", "f1", "brier"):
                assert metrics[f"test/{name}"] == entry[f"test_{name}"]
            assert (metrics["fit/seconds"], metrics["fit/peak_mb"]) == (9.25, 700)
            assert params["architecture"], params["units"] == model.split("-")
            assert (params["parameters"], params["seed"]) == ("123", str(entry["seed"]))
            assert (params["learning_rate"], params["vectors"]) == ("0.001", "reviews")
            assert (tags["git.commit"], tags["current"]) == (commit, "true")
            assert datasets == [("imdb", "d" * 36)]
            assert state[0] == "FINISHED"
    assert not shown


def test_what_a_training_took_and_what_it_ran_on_stand_beside_its_results(project: Path) -> None:
    path = project / "reports/runinfo/train@lecture-lstm-50.json"
    info = json.loads(path.read_text())
    info["seeds"][0]["weights"] = "d" * 64
    path.write_text(json.dumps(info))
    tracking.sync(project)
    told, silent = (
        [run.data for run in runs(project) if run.data.params["model"] == model]
        for model in ("birnn-5", "lstm-50")
    )
    for data in told:
        fit = {name: value for name, value in data.metrics.items() if name.startswith("fit/")}
        assert fit == {"fit/seconds": 9.25, "fit/seconds_per_epoch": 4.625, "fit/peak_mb": 700}
        machine = {
            "processor": "Some CPU",
            "cores": "2",
            "version.python": "3.11.7",
            "version.tensorflow": "2.21.0",
            "version.scikit-learn": "1.9.1",
        }
        assert machine.items() <= data.tags.items()
    # Runinfo of other weights tells of another training.
    for data in silent:
        assert not {name for name in data.metrics if name.startswith("fit/")}
        assert not {"processor", "cores", "version.python"} & set(data.tags)


def test_names_sort_as_units_and_seeds_do(project: Path) -> None:
    tracking.sync(project)
    names = sorted(run.info.run_name for run in runs(project))
    assert names[0] == "lecture birnn-005 seed 00"
    assert names[1] == "lecture birnn-005 seed 03"


def test_deleted_store_comes_back_the_same(project: Path, empty_store: Path) -> None:
    tracking.sync(project)
    before = table(project)
    shutil.copy(empty_store, project / "mlflow.db")
    tracking.sync(project)
    assert table(project) == before


def test_key_depends_on_what_made_the_run_and_what_came_out_only() -> None:
    def key(change: dict | None = None, seed: int = 0, weights: str = "a", **more: object) -> str:
        tree = object.__new__(Tree)
        tree.root, tree.rev, tree.settings = Path("nowhere"), None, {**PARAMS, **(change or {})}
        return Cell(tree, "lecture", "birnn-5", **more).key(seed, weights)

    other_train = PARAMS["train"] | {"epochs": 3}
    other_model = PARAMS["models"] | {"birnn-5": {"architecture": "birnn", "units": 6}}
    other_protocol = {"lecture": PARAMS["protocols"]["lecture"] | {"length": 300}}
    different = [
        key(),
        key(seed=1),
        key(weights="b"),
        key({"train": other_train}),
        key({"models": other_model}),
        key({"vectors": PARAMS["vectors"] | {"epochs": 6}}),
        key({"protocols": other_protocol}),
        key({"dataset": "snippets"}),
    ]
    assert len(set(different)) == len(different)
    same = [
        key({"seeds": [0, 1, 2]}),
        key({"grid": {"protocols": ["lecture"], "models": ["birnn-5"]}}),
        key({"models": {"birnn-5": PARAMS["models"]["birnn-5"]}}),
        key({"train": dict(reversed(PARAMS["train"].items())) | {"epochs": 2.0}}),
        key(params={"parameters": "7"}, commit="c"),
    ]
    assert set(same) == {key()}


def test_sync_killed_at_any_call_is_completed(
    project: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import MlflowClient

    configure(project, PARAMS | {"grid": {"protocols": ["lecture"], "models": ["birnn-5"]}})
    tracking.sync(project)
    whole = table(project)
    writes = ["create_experiment", "set_experiment_tag", "create_run", "log_batch", "log_inputs"]
    calls = 0
    while calls < 100:
        shutil.copy(empty_store, project / "mlflow.db")
        left = calls

        def dying(name: str):
            real = getattr(MlflowClient, name)

            def call(*args: object, **kwargs: object) -> object:
                nonlocal left
                left -= 1
                if left < 0:
                    raise RuntimeError("killed")
                return real(*args, **kwargs)

            return call

        with monkeypatch.context() as patch:
            for name in [*writes, "set_terminated"]:
                patch.setattr(MlflowClient, name, dying(name))
            try:
                tracking.sync(project)
            except UserError:
                calls += 1
            else:
                break
        tracking.sync(project)
        assert table(project) == whole
    assert calls > 10


def test_half_of_a_metric_is_filled_up(project: Path) -> None:
    tracking.sync(project)
    whole = table(project)
    client = Store(project).client
    victim = runs(project)[0]
    experiment, tags = victim.info.experiment_id, victim.data.tags
    client.delete_run(victim.info.run_id)
    name = victim.info.run_name
    cut = client.create_run(experiment, 5, {"dvc.key": tags["dvc.key"]}, name).info.run_id
    client.log_metric(cut, "val/acc", 1 / 3, step=2)
    assert tracking.sync(project).completed == 1
    assert table(project) == whole


def test_three_syncs_at_once_on_a_missing_store_leave_one_run_a_key(bare: Path) -> None:
    command = [sys.executable, "-c", "from sentiment import tracking; tracking.sync()"]
    started = [subprocess.Popen(command, cwd=bare) for _ in range(3)]
    assert [process.wait() for process in started] == [0, 0, 0]
    assert len(table(bare)) == len(runs(bare)) == 3


def test_dropped_model_and_replaced_result_stay_but_are_not_current(project: Path) -> None:
    tracking.sync(project)
    write_cell(project, "birnn-5", {0: "e" * 64, 3: "b" * 64})
    configure(project, PARAMS | {"grid": {"protocols": ["lecture"], "models": ["birnn-5"]}})
    version(project)
    summary = tracking.sync(project)
    assert (summary.created, summary.completed, summary.unchanged) == (1, 1, 0)
    assert current(project) == {"lecture birnn-005 seed 00", "lecture birnn-005 seed 03"}
    assert len(runs(project)) == 4


def test_results_that_dvc_does_not_version_are_named_and_skipped(project: Path) -> None:
    write_cell(project, "birnn-5", {0: "e" * 64})
    results(project, "lstm-50").unlink()
    summary = tracking.sync(project)
    assert summary.skipped == [
        "reports/results/lecture/birnn-5.json: not what dvc.lock records: "
        "run `dvc repro evaluate@lecture-birnn-5`",
        "reports/results/lecture/lstm-50.json: no results yet",
    ]
    assert runs(project) == []


def test_results_made_with_other_params_are_skipped(project: Path) -> None:
    configure(project, PARAMS | {"train": PARAMS["train"] | {"epochs": 3}, "seeds": [0, 1, 2]})
    assert ["'train'" in line for line in tracking.sync(project).skipped] == [True, True]


def test_a_cell_of_the_ablation_is_shown_with_its_own_vectors(ablation: Path) -> None:
    summary = tracking.sync(ablation)
    assert (summary.created, summary.skipped) == (4, [])
    (run,) = [run for run in runs(ablation) if run.data.params["model"] == "lstm-50-26k"]
    assert run.data.params["vectors"] == "googlenews-26k"
    assert run.data.tags["dvc.stage"] == "train-ablation@lecture-lstm-50-26k"
    assert run.data.metrics["fit/seconds"] == 9.25
    others = {run.data.params["vectors"] for run in runs(ablation)} - {"googlenews-26k"}
    assert others == {"reviews"}


def test_results_made_with_other_vectors_are_skipped(ablation: Path) -> None:
    vectors = PARAMS["vectors"] | {"source": "googlenews-26k"}
    turned = {"vectors": "reviews", "models": ["lstm-50-26k"]}
    configure(ablation, ABLATION | {"vectors": vectors, "ablation": turned})
    assert tracking.sync(ablation).skipped == [
        "reports/results/lecture/birnn-5.json: not made with the vectors 'googlenews-26k': "
        "run `dvc repro evaluate@lecture-birnn-5`",
        "reports/results/lecture/lstm-50.json: not made with the vectors 'googlenews-26k': "
        "run `dvc repro evaluate@lecture-lstm-50`",
        "reports/results/lecture/lstm-50-26k.json: not made with the vectors 'reviews': "
        "run `dvc repro evaluate-ablation@lecture-lstm-50-26k`",
    ]


def test_commit_is_filled_in_once_the_result_is_committed(project: Path) -> None:
    git(project, "rm", "--quiet", "--cached", "-r", "reports")
    git(project, "commit", "--quiet", "--message", "results are gone")
    tracking.sync(project)
    assert not any("git.commit" in run.data.tags for run in runs(project))
    version(project)
    assert tracking.sync(project).completed == 3
    commits = {run.data.tags["git.commit"] for run in runs(project)}
    assert commits == {git(project, "rev-parse", "HEAD")}
    git(project, "commit", "--quiet", "--allow-empty", "--message", "something else")
    assert tracking.sync(project).unchanged == 3


def test_revision_is_mirrored_beside_the_workspace(project: Path) -> None:
    git(project, "tag", "first")
    write_cell(project, "birnn-5", {0: "e" * 64})
    version(project)
    summary = tracking.sync(project, ["first"])
    assert (summary.created, summary.unchanged) == (4, 0)
    assert len(runs(project)) == 4
    assert current(project) == {"lecture birnn-005 seed 00", "lecture lstm-050 seed 00"}
    before = digest(project)
    tracking.sync(project, ["first"])
    assert digest(project) == before
    with pytest.raises(UserError, match="second: git knows no such revision"):
        tracking.sync(project, ["second"])


def test_corrected_test_metric_is_corrected_in_the_run(project: Path) -> None:
    tracking.sync(project)
    ids = {run.info.run_id for run in runs(project)}
    write_cell(project, "lstm-50", {0: "c" * 64}, test_acc=0.25)
    version(project)
    assert tracking.sync(project).completed == 1
    shown = {run.info.run_name: run.data.metrics["test/acc"] for run in runs(project)}
    assert shown["lecture lstm-050 seed 00"] == 0.25
    assert {run.info.run_id for run in runs(project)} == ids
    assert tracking.sync(project).unchanged == 3


TRAINING = """
import hashlib, json, sys
from pathlib import Path
from sentiment.progress import Events
history = json.loads(sys.argv[1])
model, stage = sys.argv[2:4]
fail = len(sys.argv) > 5
events = Events("lecture", model)
for epoch in history:
    events.write("epoch", seed=0, epochs=2, seconds=0.1, **epoch)
print("trained")
if fail:
    sys.exit(3)
folder = Path("models/lecture", model)
folder.mkdir(parents=True, exist_ok=True)
(folder / "seed-0.weights.h5").write_bytes(b"weights")
digest = hashlib.sha256(b"weights").hexdigest()
rows = [",".join(["0", *(repr(value) for value in epoch.values())]) for epoch in history]
(folder / "history.csv").write_text("\\n".join(["seed,epoch,acc,loss,val_acc,val_loss", *rows]))
info = {"seed": 0, "weights": digest, "started": "2026-01-02T03:04:05+00:00",
        "ended": "2026-01-02T03:04:15+00:00", "epoch_seconds": [4.0, 5.25]}
runinfo = {"peak_mb": 700, **json.loads(sys.argv[4]), "seeds": [info]}
Path(f"reports/runinfo/{stage}.json").write_text(json.dumps(runinfo))
events.write("seed", seed=0, weights=digest)
"""


def training(*more: str, model: str = "lstm-50") -> list[str]:
    what = [json.dumps(history(0)), model, train_stage(model), json.dumps(MACHINE)]
    return [sys.executable, "-c", TRAINING, *what, *more]


def test_training_is_a_live_run_that_a_rebuilt_store_shows_alike(
    project: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_STAGE", "dvc.yaml:train@lecture-lstm-50")
    assert tracking.track(training()) == 0
    (run,) = runs(project)
    assert run.info.status == "FINISHED"
    assert run.data.metrics["val/acc"] == 1 / 3
    assert run.data.metrics["fit/seconds"] == 9.25
    # The same training again ends in the same run.
    assert tracking.track(training()) == 0
    assert [again.info.run_id for again in runs(project)] == [run.info.run_id]
    # Evaluated, the run is what a store made from nothing has.
    weights = hashlib.sha256(b"weights").hexdigest()
    write_cell(project, "lstm-50", {0: weights})
    monkeypatch.setenv("DVC_STAGE", "evaluate@lecture-lstm-50")
    assert tracking.track([sys.executable, "-c", "pass"]) == 0
    version(project)
    tracking.sync(project)
    lived = {name: row[:-1] for name, row in table(project).items()}
    assert any("lstm" in name for name, _ in lived)
    shutil.copy(empty_store, project / "mlflow.db")
    tracking.sync(project)
    assert {name: row[:-1] for name, row in table(project).items()} == lived


def test_training_of_the_ablation_is_a_live_run_too(
    ablation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_STAGE", train_stage("lstm-50-26k"))
    assert tracking.track(training(model="lstm-50-26k")) == 0
    (run,) = runs(ablation)
    assert (run.info.status, run.data.metrics["val/acc"]) == ("FINISHED", 1 / 3)
    assert run.data.params["vectors"] == "googlenews-26k"
    monkeypatch.setenv("DVC_STAGE", train_stage("lstm-50-26k").replace("train", "evaluate"))
    assert tracking.track([sys.executable, "-c", "pass"]) == 0
    assert "test/acc" in {name for run in runs(ablation) for name in run.data.metrics}


def test_failed_training_keeps_its_code_and_its_run_is_not_current(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_STAGE", "train@lecture-lstm-50")
    assert tracking.track(training("fail")) == 3
    (run,) = runs(project)
    assert (run.info.status, run.data.tags["current"]) == ("FAILED", "false")
    assert {"dvc.key", "live"}.isdisjoint(run.data.tags)


def test_live_run_of_a_dead_process_is_closed_by_the_next_sync(project: Path) -> None:
    store = Store(project)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    name = os.uname().nodename
    for process in (gone.pid, os.getpid()):
        tags = {"current": "true", "live": f"{name}:{process}"}
        store.create(store.experiment("imdb"), f"live {process}", tags)
    tracking.sync(project)
    states = {run.info.run_name: run.info.status for run in runs(project)}
    assert states[f"live {gone.pid}"] == "KILLED"
    assert states[f"live {os.getpid()}"] == "RUNNING"


class Broken(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(500)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_args: object) -> None:
        pass


def test_server_that_answers_500_is_one_warning(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("DVC_STAGE", "train@lecture-lstm-50")
        assert tracking.track(training()) == 0
        server.shutdown()
    out, err = capfd.readouterr()
    assert out == "trained\n"
    assert err.startswith("warning: not tracked in MLflow: ")
    assert err.count("\n") == 1
    # Later, with a store that works, a sync fills the gap.
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    write_cell(bare, "lstm-50", {0: hashlib.sha256(b"weights").hexdigest()})
    version(bare)
    assert tracking.sync(bare).created == 3


@pytest.mark.parametrize(("more", "code"), [((), 0), (("fail",), 3)])
def test_unreachable_server_changes_neither_output_nor_code(
    bare: Path, more: tuple[str, ...], code: int
) -> None:
    # Port 9 is discard: nothing listens there.
    where = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "DVC_STAGE": "train@lecture-lstm-50"}
    done = subprocess.run(
        [*COMMAND, "track", "--", *training(*more)],
        cwd=bare,
        env=os.environ | where,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (code, "trained\n")
    assert done.stderr.startswith("warning: not tracked in MLflow: ")
    assert done.stderr.count("\n") == 1


def test_store_that_cannot_be_used_is_one_line_that_says_what_to_do(project: Path) -> None:
    (project / "mlflow.db").write_bytes(b"no database at all, but long enough to be looked at" * 9)
    with pytest.raises(UserError, match=r"mlflow.db: .*: mend its permissions, or delete it"):
        tracking.sync(project)


def test_signal_reaches_the_command_once_and_is_waited_for(bare: Path) -> None:
    child = (
        "import signal, sys, time\n"
        "def leave(*_): print('told', flush=True); time.sleep(0.3); sys.exit(7)\n"
        "signal.signal(signal.SIGINT, leave)\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [*COMMAND, "track", "--", sys.executable, "-c", child]
    with subprocess.Popen(
        command, cwd=bare, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read() == "told\n"
        assert process.wait() == 7


def test_command_outside_of_dvc_just_runs(bare: Path) -> None:
    assert tracking.track([sys.executable, "-c", "import sys; sys.exit(4)"]) == 4
    assert tracking.track(["no-such-command"]) == 127
    assert not (bare / "mlflow.db").exists()
