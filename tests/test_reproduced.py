"""A training that gives again what is committed is a run of its own, with its own times."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from mirrored import git, results, runinfo, runs, training, version, write_cell

from sentiment import tracking
from sentiment.tracking.mirror import now
from sentiment.tracking.store import Store

# MLflow uses it, SQLAlchemy frowns on it.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")
WEIGHTS = hashlib.sha256(b"weights").hexdigest()
STAGE = "train@lecture-lstm-50"


@pytest.fixture
def committed(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Committed results of the very weights that `mirrored.training` gives, from another day."""
    write_cell(project, "lstm-50", {0: WEIGHTS})
    version(project)
    monkeypatch.setenv("DVC_STAGE", STAGE)
    return project


def of_cell(root: Path) -> list[Any]:
    """Runs of that cell, the one that started last at the end."""
    found = [run for run in runs(root) if run.data.params.get("model") == "lstm-50"]
    return sorted(found, key=lambda run: run.info.start_time)


def spoil(root: Path, run_id: str) -> None:
    """End a run a day before it started."""
    store = Store(root)
    start = store.client.get_run(run_id).info.start_time
    store.client.set_terminated(run_id, "FINISHED", start - 86_400_000)


def test_a_reproduced_run_ends_after_it_starts_and_names_the_commit_it_equals(
    committed: Path,
) -> None:
    before = now()
    assert tracking.track(training()) == 0
    (run,) = of_cell(committed)
    assert before <= run.info.start_time <= run.info.end_time <= now()
    assert run.data.tags["reproduces"] == git(committed, "rev-parse", "HEAD")


def test_while_the_stage_goes_on_the_machine_is_this_one(committed: Path) -> None:
    # It fails before it writes its runinfo, after it told of its seed.
    told = json.dumps({"event": "seed", "protocol": "lecture", "model": "lstm-50", "seed": 0})
    more = f'path.write_text(path.read_text() + """{told[:-1]}, "weights": "{WEIGHTS}"}}\n""")'
    command = training("fail")
    at = "if fail:\n"
    command[2] = command[2].replace(at, f"path = events.path\n{more}\n{at}")
    assert tracking.track(command) == 3
    (run,) = of_cell(committed)
    assert run.info.start_time <= run.info.end_time
    assert run.data.tags["processor"] != "Some CPU"
    assert "fit/peak_mb" not in run.data.metrics


def test_what_was_mirrored_before_stays_and_is_no_longer_current(committed: Path) -> None:
    tracking.sync(committed)
    (theirs,) = of_cell(committed)
    assert "reproduces" not in theirs.data.tags
    assert tracking.track(training()) == 0
    before, ours = of_cell(committed)
    assert before.info.run_id == theirs.info.run_id
    assert before.data.tags["dvc.key"] == ours.data.tags["dvc.key"]
    assert [run.data.tags["current"] for run in (before, ours)] == ["false", "true"]
    # Evaluated and synced it stays what it is, and so does the other.
    tracking.sync(committed)
    assert tracking.sync(committed).created == 0
    assert [run.info.run_id for run in of_cell(committed)] == [theirs.info.run_id, ours.info.run_id]


@pytest.mark.parametrize("before", [WEIGHTS, "f" * 64])
def test_once_what_it_gave_is_committed_a_run_reproduces_nothing(
    committed: Path, before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_cell(committed, "lstm-50", {0: before}, test_acc=0.25)
    version(committed)
    assert tracking.track(training()) == 0
    (run,) = of_cell(committed)
    assert ("reproduces" in run.data.tags) == (before == WEIGHTS)
    told = runinfo(committed, STAGE).read_text()
    write_cell(committed, "lstm-50", {0: WEIGHTS}, test_acc=0.5)
    runinfo(committed, STAGE).write_text(told)
    # Git counts whole seconds.
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{now() // 1000 + 5} +0000")
    version(committed)
    tracking.sync(committed)
    (run,) = of_cell(committed)
    assert run.data.metrics["test/acc"] == 0.5
    assert "reproduces" not in run.data.tags


def test_a_training_from_before_what_is_committed_reproduces_nothing(committed: Path) -> None:
    # Weights of HEAD, and times of a day before it.
    tracking.sync(committed)
    (run,) = of_cell(committed)
    assert run.data.metrics["fit/seconds"] == 9.25
    assert "reproduces" not in run.data.tags


def test_a_sync_mends_runs_that_end_before_they_start(committed: Path) -> None:
    assert tracking.track(training()) == 0
    (run,) = of_cell(committed)
    right = run.info.end_time
    spoil(committed, run.info.run_id)
    assert tracking.sync(committed).completed >= 1
    (run,) = of_cell(committed)
    assert run.info.end_time == right


def test_a_sync_mends_runs_of_which_no_file_knows_the_times(committed: Path) -> None:
    assert tracking.track(training()) == 0
    (run,) = of_cell(committed)
    spoil(committed, run.info.run_id)
    # What this machine measured is gone.
    runinfo(committed, STAGE).unlink()
    tracking.sync(committed)
    (run,) = of_cell(committed)
    client = Store(committed).client
    last = max(p.timestamp for p in client.get_metric_history(run.info.run_id, "train/acc"))
    assert run.info.end_time == last >= run.info.start_time


@pytest.mark.parametrize(("after", "stays"), [(1000, True), (5000, False), (10_500, False)])
def test_a_live_run_that_missed_much_gives_way_to_one_with_the_right_times(
    committed: Path, after: int, stays: bool
) -> None:
    """Of a training of 9.5 s, `after` milliseconds from its start."""
    store = Store(committed)
    tracking.sync(committed)
    (run,) = of_cell(committed)
    started, ended = run.info.start_time, run.info.end_time
    tags = {name: run.data.tags[name] for name in ("dvc.key", "dvc.stage")}
    store.client.delete_run(run.info.run_id)
    store.create(store.experiment("imdb"), "live", tags, started + after)
    tracking.sync(committed)
    (run,) = of_cell(committed)
    began = started + after if stays else started
    assert (run.info.start_time, run.info.end_time) == (began, ended)


def test_what_was_never_asked_for_is_not_skipped(committed: Path) -> None:
    lock = committed / "dvc.lock"
    text = lock.read_text()
    results(committed, "birnn-5").unlink()
    assert len(tracking.sync(committed).skipped) == 1
    lock.write_text(text.replace("evaluate@lecture-birnn-5", "evaluate@lecture-other"))
    assert tracking.sync(committed).skipped == []
