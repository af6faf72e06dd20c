"""MLflow shows what Git and DVC hold, however often, by whomever and after whatever accident."""

import contextlib
import hashlib
import http.server
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from mirrored import (
    COMPLETE,
    MEMORY,
    PARAMS,
    configure,
    current,
    digest,
    git,
    processes,
    results,
    runinfo,
    runs,
    sync_in,
    table,
    training,
    version,
    write_baseline,
    write_cell,
    write_comparison,
    write_json,
)

from sentiment import tracking
from sentiment.errors import UserError
from sentiment.networks import runtime
from sentiment.tracking.mirror import EPOCH
from sentiment.tracking.records import Recorder
from sentiment.tracking.store import Store
from sentiment.tracking.tree import Tree

# MLflow uses it, SQLAlchemy frowns on it.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")
COMMAND = [sys.executable, "-m", "sentiment"]
# Of the project as it begins.
RUNS = ("birnn-005 seed 00", "birnn-005 seed 03", "lstm-050 seed 00")


def test_second_sync_writes_nothing(project: Path) -> None:
    first = tracking.sync(project)
    before = digest(project)
    second = tracking.sync(project)
    assert (first.created, first.completed, first.unchanged, first.skipped) == (3, 0, 0, [])
    assert (second.created, second.completed, second.unchanged, second.skipped) == (0, 0, 3, [])
    assert digest(project) == before


def test_a_store_that_is_as_the_last_sync_left_it_is_not_opened(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tracking.sync_or_warn(project)
    monkeypatch.setattr(Store, "__init__", None)
    tracking.sync_or_warn(project)
    assert capsys.readouterr().err.splitlines() == [
        "MLflow runs: 3 created, 0 completed, 0 unchanged",
        "MLflow runs: 0 created, 0 completed, 3 unchanged",
    ]


def write_in_the_store(project: Path) -> None:
    with contextlib.closing(sqlite3.connect(project / "mlflow.db")) as store:
        store.execute("UPDATE runs SET name = 'other'")
        store.commit()


def measure_again(project: Path) -> None:
    write_cell(project, "lstm-50", {0: "c" * 64}, test_acc=0.25)
    version(project)


@pytest.mark.parametrize(
    "change",
    [
        lambda project: (project / "mlflow.db").unlink(),
        write_in_the_store,
        measure_again,
    ],
    ids=["the store deleted", "somebody else's writing", "another result"],
)
def test_after_any_change_a_run_ends_with_a_whole_sync(
    project: Path, change: Callable[[Path], None]
) -> None:
    tracking.sync_or_warn(project)
    change(project)
    opened = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "__init__", lambda _, root: opened.append(root))
        with contextlib.suppress(Exception):
            tracking.sync_or_warn(project)
    assert opened == [project]


def test_numbers_equal_the_results_of_every_cell(project: Path) -> None:
    tracking.sync(project)
    shown = {(name, key): row for (name, key), row in table(project).items()}
    commit = git(project, "rev-parse", "HEAD")
    for model in ("birnn-5", "lstm-50"):
        tree = Tree(project)
        recorder = Recorder(tree, tree.cells[f"lecture-{model}"])
        for entry in json.loads(results(project, model).read_text())["seeds"]:
            seed, weights = entry["seed"], entry["weights"]
            row = shown.pop((recorder.name(seed), recorder.key(seed, weights)))
            params, metrics, points, tags, datasets, _, state = row
            for name, metric in EPOCH.items():
                assert points[metric] == [(e["epoch"], e[name]) for e in entry["history"]]
                assert metrics[metric] == entry[name]
            for name in ("acc", "loss", "auc", "f1", "brier"):
                assert metrics[f"test/{name}"] == entry[f"test_{name}"]
            assert (metrics["fit/seconds"], metrics["fit/peak_mb"]) == (9.25, 700)
            assert [params["architecture"], params["units"]] == model.split("-")
            assert (params["kind"], params["seed"]) == ("model", str(seed))
            assert (params["parameters"], params["engine"]) == ("123", "numba")
            assert params["target"] == "portable"
            assert (params["learning_rate"], params["vectors"]) == ("0.001", "reviews")
            assert (tags["git.commit"], tags["current"]) == (commit, "true")
            assert datasets == [("imdb", "d" * 36)]
            assert state[0] == "FINISHED"
    assert not shown


def test_what_a_training_took_and_what_it_ran_on_stand_beside_its_results(project: Path) -> None:
    path = runinfo(project, "train@lecture-lstm-50")
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
        # Those of the seed, which the stage may have taken up from elsewhere.
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


def test_a_baseline_is_a_run_whose_metrics_have_the_names_of_a_model_s(complete: Path) -> None:
    tracking.sync(complete)
    found = {run.info.run_name: run for run in runs(complete)}
    run = found["lecture baseline svm"]
    asked = {"kind": "baseline", "protocol": "lecture", "baseline": "svm", "dataset": "imdb"}
    split = {"protocol.seed": "1", "protocol.validation": "0.2", "protocol.length": "400"}
    assert run.data.params == asked | split | {"features": "1234"}
    assert (run.data.metrics["val/acc"], run.data.metrics["train/acc"]) == (0.875, 1.0)
    assert (run.data.metrics["fit/seconds"], run.data.metrics["fit/peak_mb"]) == (7.5, 300)
    assert run.data.metrics["full_test/acc"] == 0.7
    model = found["lecture lstm-050 seed 00"].data.metrics
    assert run.data.metrics.keys() - {"full_test/acc"} <= model.keys()
    assert {f"test/{name}" for name in ("acc", "auc", "f1", "brier")} <= run.data.metrics.keys()
    assert run.data.tags["dvc.stage"] == "baseline@lecture-svm"
    assert run.data.tags["git.commit"] == git(complete, "rev-parse", "HEAD")
    assert [i.dataset.digest for i in run.inputs.dataset_inputs] == ["d" * 36]


@pytest.mark.parametrize(
    ("started", "is_said"),
    [("2020-01-02T03:00:00+00:00", False), ("2999-01-01T00:00:00+00:00", True)],
)
def test_a_baseline_that_was_fitted_after_its_record_was_committed_says_so(
    complete: Path, started: str, is_said: bool
) -> None:
    write_baseline(complete, started=started)
    tracking.sync(complete)
    (run,) = [run for run in runs(complete) if run.data.params["kind"] == "baseline"]
    head = git(complete, "rev-parse", "HEAD")
    assert run.data.tags.get("reproduces") == (head if is_said else None)


def test_each_state_of_the_tables_is_a_run_that_holds_them(complete: Path) -> None:
    first = git(complete, "rev-parse", "HEAD")
    write_comparison(complete, "| model | other |\n")
    version(complete, COMPLETE)
    second = git(complete, "rev-parse", "HEAD")
    tracking.sync(complete, [first])
    shown = {
        run.data.tags["git.commit"]: run
        for run in runs(complete)
        if run.data.params["kind"] == "comparison"
    }
    assert shown.keys() == {first, second}
    for commit, text in ((first, "| model | acc |\n"), (second, "| model | other |\n")):
        folder = Path(shown[commit].info.artifact_uri.removeprefix("file://"))
        assert (folder / "comparison.md").read_text() == text
        assert (folder / "comparison.png").read_bytes()[:4] == b"\x89PNG"
        assert shown[commit].data.tags["current"] == str(commit == second).lower()


def test_a_lost_or_shortened_table_is_written_again(complete: Path) -> None:
    tracking.sync(complete)
    before = table(complete)
    (picture,) = complete.glob("mlartifacts/*/artifacts/comparison.png")
    picture.write_bytes(b"cut")
    picture.with_suffix(".md").unlink()
    assert tracking.sync(complete).completed == 1
    assert table(complete) == before
    assert tracking.sync(complete).completed == 0


def test_tables_and_baselines_that_dvc_does_not_version_are_skipped(complete: Path) -> None:
    write_comparison(complete, "by hand\n")
    write_baseline(complete, val_acc=0.5)
    assert tracking.sync(complete).skipped == [
        "reports/results/lecture/baselines/svm.json: not what dvc.lock records: "
        "run `dvc repro baseline@lecture-svm`",
        "reports/comparison: not what dvc.lock records: run `dvc repro compare`",
    ]
    version(complete, COMPLETE)
    protocols = {"lecture": PARAMS["protocols"]["lecture"] | {"validation": 0.25}}
    configure(complete, COMPLETE | {"protocols": protocols, "seeds": [0, 3, 4]})
    baseline, comparison = tracking.sync(complete).skipped
    assert "another 'protocols.lecture.validation'" in baseline
    assert "another 'seeds'" in comparison


def test_every_filter_of_the_description_finds_runs(complete: Path) -> None:
    tracking.sync(complete)
    store = Store(complete)
    experiment = store.experiment("imdb")
    tags = store.client.get_experiment(experiment).tags
    assert tags["mlflow.experimentKind"] == "custom_model_development"
    note = tags["mlflow.note.content"].replace("bymovie", "lecture")
    filters = re.findall(r"^- `+(.+?)`+(?:$|:)", note, flags=re.MULTILINE)
    assert len(filters) == note.count("\n- ")
    for asked in filters:
        assert store.client.search_runs([experiment], asked), asked
    view = json.loads(tags["mlflow.sharedViewState.lecture"])
    found = store.client.search_runs([experiment], view["searchFilter"])
    assert len(found) == 3


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
        return Recorder(tree, tree.cells["lecture-birnn-5"], **more).key(seed, weights)

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
    complete: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import MlflowClient

    project, grid = complete, COMPLETE["grid"] | {"models": ["lstm-50"]}
    configure(project, COMPLETE | {"grid": grid})
    version(project, COMPLETE | {"grid": grid})
    tracking.sync(project)
    whole = table(project)
    writes = ["create_experiment", "set_experiment_tag", "create_run", "log_batch", "log_inputs"]
    writes += ["log_artifact"]
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
    start, name = victim.info.start_time, victim.info.run_name
    cut = client.create_run(experiment, start, {"dvc.key": tags["dvc.key"]}, name).info.run_id
    client.log_metric(cut, "val/acc", 1 / 3, step=2)
    assert tracking.sync(project).completed == 1
    assert table(project) == whole


def test_three_syncs_at_once_on_a_missing_store_leave_one_run_a_key(bare: Path) -> None:
    command = [sys.executable, "-c", "from sentiment import tracking; tracking.sync()"]
    started = [subprocess.Popen(command, cwd=bare) for _ in range(3)]
    assert [process.wait() for process in started] == [0, 0, 0]
    assert len(table(bare)) == len(runs(bare)) == 3


def test_sync_killed_while_it_makes_the_store_leaves_none_behind(complete: Path) -> None:
    chance = random.Random(0)
    for number in range(3):
        root = shutil.copytree(complete, complete.with_name(f"copy-{number}"))
        sync = processes().Process(target=sync_in, args=(root,))
        sync.start()
        # Making the tables takes about a second.
        time.sleep(chance.uniform(0.1, 1))
        sync.kill()
        sync.join()
        tracking.sync(root)
        assert len(table(root)) == len(runs(root)) == 5


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
        "reports/results/lecture/lstm-50.json: not there any more: "
        "run `dvc repro evaluate@lecture-lstm-50`",
    ]
    assert runs(project) == []


def test_results_made_with_other_params_are_skipped(project: Path) -> None:
    configure(project, PARAMS | {"train": PARAMS["train"] | {"epochs": 3}, "seeds": [0, 1, 2]})
    assert ["'train'" in line for line in tracking.sync(project).skipped] == [True, True]


@pytest.mark.xfail(strict=True, reason="what describes a model is not among what is compared")
def test_results_of_another_model_than_params_describe_are_skipped(project: Path) -> None:
    other = {"birnn-5": {"architecture": "birnn", "units": 6}}
    configure(project, PARAMS | {"models": PARAMS["models"] | other})
    (line,) = tracking.sync(project).skipped
    assert line.startswith("reports/results/lecture/birnn-5.json: ")


def test_a_cell_of_the_questions_of_memory_is_shown_with_its_read_out(project: Path) -> None:
    configure(project, MEMORY)
    write_cell(project, "lstm-50-last", {0: "e" * 64})
    version(project, MEMORY)
    summary = tracking.sync(project)
    assert (summary.created, summary.skipped) == (4, [])
    (run,) = [run for run in runs(project) if run.data.params["model"] == "lstm-50-last"]
    assert run.data.params["read_out"] == "last"
    assert run.data.tags["dvc.stage"] == "train-memory@lecture-lstm-50-last"


def test_results_made_with_other_vectors_are_skipped(project: Path) -> None:
    configure(project, PARAMS | {"vectors": PARAMS["vectors"] | {"source": "googlenews-26k"}})
    assert tracking.sync(project).skipped == [
        "reports/results/lecture/birnn-5.json: not made with the vectors 'googlenews-26k': "
        "run `dvc repro evaluate@lecture-birnn-5`",
        "reports/results/lecture/lstm-50.json: not made with the vectors 'googlenews-26k': "
        "run `dvc repro evaluate@lecture-lstm-50`",
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
    tracking.sync(project, ["first"])
    assert len({run.data.tags["dvc.key"] for run in runs(project)}) == 4
    assert current(project) == {"lecture birnn-005 seed 00", "lecture lstm-050 seed 00"}
    before = digest(project)
    tracking.sync(project, ["first"])
    assert digest(project) == before
    with pytest.raises(UserError, match="second: git knows no such revision"):
        tracking.sync(project, ["second"])


@pytest.mark.xfail(strict=True, reason="a revision without times gets runs beside the timed ones")
def test_a_training_that_a_revision_has_as_well_is_one_run(project: Path) -> None:
    git(project, "tag", "first")
    assert tracking.sync(project, ["first"]).created == 3
    assert len(runs(project)) == 3


def test_a_revision_that_versions_its_times_has_them_in_its_runs(project: Path) -> None:
    """As revisions did before times left the tracked files."""
    stage = "train@lecture-lstm-50"
    write_json(
        project / f"reports/runinfo/{stage}.json", json.loads(runinfo(project, stage).read_text())
    )
    version(project)
    git(project, "tag", "first")
    shutil.rmtree(project / ".sentiment/runinfo")
    (project / f"reports/runinfo/{stage}.json").unlink()
    write_cell(project, "lstm-50", {0: "e" * 64})
    version(project)
    tracking.sync(project, ["first"])
    (run,) = [
        run
        for run in runs(project)
        if run.data.params["model"] == "lstm-50" and run.data.tags["current"] == "false"
    ]
    assert (run.data.metrics["fit/seconds"], run.data.tags["processor"]) == (9.25, "Some CPU")


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


def test_training_is_a_live_run_that_a_rebuilt_store_shows_alike(
    project: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_STAGE", "dvc.yaml:train@lecture-lstm-50")
    assert tracking.track(training()) == 0
    (run,) = runs(project)
    assert run.info.status == "FINISHED"
    assert run.data.metrics["val/acc"] == 1 / 3
    assert run.data.metrics["fit/seconds"] == 9.25
    assert run.info.start_time <= run.info.end_time
    # Evaluated, the run is what a store made from nothing has.
    weights = hashlib.sha256(b"weights").hexdigest()
    times = runinfo(project, "train@lecture-lstm-50")
    told = times.read_text()
    write_cell(project, "lstm-50", {0: weights})
    times.write_text(told)
    monkeypatch.setenv("DVC_STAGE", "evaluate@lecture-lstm-50")
    assert tracking.track([sys.executable, "-c", "pass"]) == 0
    version(project)
    tracking.sync(project)
    lived = {name: row[:-1] for name, row in table(project).items()}
    assert any("lstm" in name for name, _ in lived)
    shutil.copy(empty_store, project / "mlflow.db")
    tracking.sync(project)
    assert {name: row[:-1] for name, row in table(project).items()} == lived


def test_the_runner_mirrors_evaluations_and_no_stage_waits_for_that(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENTIMENT_RUNNER", "1")
    monkeypatch.setenv("DVC_STAGE", "evaluate@lecture-lstm-50")
    assert tracking.track([sys.executable, "-c", "pass"]) == 0
    assert runs(project) == []
    companion = tracking.Companion(project)
    companion.start()
    # There is nothing new before the first result.
    companion.tell(0)
    companion.tell(1)
    deadline = time.monotonic() + 60
    while len(runs(project)) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    companion.close()
    assert not companion.is_alive()
    assert current(project) == {f"lecture {name}" for name in RUNS}


def test_what_the_runner_cannot_mirror_while_stages_run_is_left_to_the_sync_at_the_end(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (project / "mlflow.db").write_bytes(b"no database at all, but long enough to be looked at" * 9)
    companion = tracking.Companion(project)
    companion.start()
    companion.tell(1)
    companion.join(60)
    companion.close()
    assert not companion.is_alive()
    assert capfd.readouterr() == ("", "")
    tracking.sync_or_warn(project)
    assert capfd.readouterr().err.startswith("warning: MLflow is not in sync: ")


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
    with pytest.raises(UserError, match=r"not a database: mend its permissions, or delete it"):
        tracking.sync(project)


def test_store_of_another_mlflow_is_one_line_that_says_what_to_do(project: Path) -> None:
    with contextlib.closing(sqlite3.connect(project / "mlflow.db")) as database, database:
        database.execute("update alembic_version set version_num = '0123456789ab'")
    with pytest.raises(UserError) as error:
        tracking.sync(project)
    assert str(error.value) == (
        "mlflow.db: written by another version of MLflow: delete it: `sentiment sync` rebuilds it"
    )


@pytest.mark.parametrize(
    ("path", "mode", "message"),
    [
        ("mlflow.db", 0o444, "error: mlflow.db: may only be read: mend its permissions"),
        (".sentiment", 0o555, "mlflow.lock: Permission denied: mend its permissions"),
    ],
)
def test_read_only_store_is_one_line_that_says_what_to_do(
    project: Path, path: str, mode: int, message: str
) -> None:
    (project / ".sentiment").mkdir(exist_ok=True)
    (project / path).chmod(mode)
    # Root may write whatever the mode says, unless it gives that up.
    powerless = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*powerless, *COMMAND, "sync"], cwd=project, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert message in done.stderr


def test_server_that_is_not_there_is_one_line_that_tells_no_password(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://someone:secret@127.0.0.1:9")
    with pytest.raises(
        UserError, match=r"^MLFLOW_TRACKING_URI: no answer .*: start that server"
    ) as error:
        tracking.sync(project)
    monkeypatch.setenv("DVC_STAGE", "train@lecture-lstm-50")
    assert tracking.track(training()) == 0
    for told in (str(error.value), capfd.readouterr().err):
        assert "127.0.0.1:9/" in told
        assert "secret" not in told


def test_tags_of_a_folder_without_git_are_one_line_that_says_what_to_do(project: Path) -> None:
    shutil.rmtree(project / ".git")
    done = subprocess.run(
        [*COMMAND, "sync", "--all-tags"], cwd=project, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (
        1,
        "error: --all-tags: git knows no tags here: run it in a clone, with git installed\n",
    )


def test_signal_reaches_the_command_once_and_is_waited_for(bare: Path) -> None:
    child = (
        "import os, signal, sys, time\n"
        # Not by print, which the signal may find printing.
        "def leave(*_): os.write(1, b'told\\n'); time.sleep(0.3); sys.exit(7)\n"
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


def test_signal_that_comes_while_the_command_starts_reaches_it_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = subprocess.Popen

    def slow(*arguments: Any, **more: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return start(*arguments, **more)

    monkeypatch.setattr(subprocess, "Popen", slow)
    assert tracking.track(["sleep", "60"]) == 128 + signal.SIGINT


def test_command_outside_of_dvc_just_runs(bare: Path) -> None:
    assert tracking.track([sys.executable, "-c", "import sys; sys.exit(4)"]) == 4
    assert tracking.track(["no-such-command"]) == 127
    assert not (bare / "mlflow.db").exists()


@pytest.mark.parametrize("target", ["portable", "native"])
def test_a_command_finds_the_environment_of_the_target_in_params(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    target: runtime.Target,
) -> None:
    portable = runtime.environment("portable")
    for name in ("DVC_STAGE", *portable):
        monkeypatch.delenv(name, raising=False)
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    text = text.replace("target: portable", f"target: {target}")
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    child = "import json, os; print(json.dumps(dict(os.environ)))"
    assert tracking.track([sys.executable, "-c", child]) == 0
    found, wanted = json.loads(capfd.readouterr().out), runtime.environment(target)
    assert {name: found[name] for name in portable if name in found} == wanted


def test_a_tag_older_than_the_pipeline_is_left_out_and_named(project: Path) -> None:
    git(project, "tag", "v1")
    git(project, "checkout", "--quiet", "--orphan", "before")
    git(project, "rm", "--quiet", "-r", "--cached", ".")
    git(project, "add", ".gitignore")
    git(project, "commit", "--quiet", "--message", "nothing yet")
    git(project, "tag", "v0")
    command = [*COMMAND, "sync", "--all-tags"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert done.stderr == "v0: left out: it has no params.yaml\n"
    assert {run.info.run_name for run in runs(project)} == {f"lecture {name}" for name in RUNS}
