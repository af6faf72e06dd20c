"""What a person is told while stages run."""

import json
from pathlib import Path

import networkx as nx
import pytest
from conftest import Workplace
from typer.testing import CliRunner

from sentiment.cli import app
from sentiment.running import first, pipeline, progress
from sentiment.running.schedule import Plan
from sentiment.running.view import View


@pytest.mark.parametrize("group", ["train", "train-memory"])
def test_a_training_that_ends_is_told_with_the_accuracy_of_its_seeds(
    group: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    stage = f"{group}@lecture-lstm-50"
    plan = Plan(nx.DiGraph({stage: {}}))
    with View(jobs=1, seeds=[0, 1], epochs=2) as view:
        plan.start(stage)
        view.update(plan)
        events = progress.Events("lecture", "lstm-50")
        for seed, epoch, val_acc in ((0, 1, 0.9), (0, 2, 0.25), (1, 1, 0.9), (1, 2, 0.35)):
            events.write("epoch", seed=seed, epoch=epoch, acc=0.5, val_acc=val_acc)
        view.update(plan)
        plan.end(stage, succeeded=True)
        view.update(plan)
    started, ended = capsys.readouterr().err.splitlines()
    assert started == f"{stage} started"
    scored = "val acc 0.3000 [-0.3353, 0.9353], 2 seeds"
    assert ended.startswith(f"{stage} done in 0 s, {scored} (1 of 1")


def test_the_seed_of_the_first_look_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    stage = "train@lecture-lstm-50"
    plan = Plan(nx.DiGraph({stage: {}, "first@1": {}}))
    early = {"event": "epoch", "seed": 0, "epoch": 1, "acc": 0.5, "val_acc": 0.25}
    path = first.FOLDER / progress.FOLDER / "lecture-lstm-50.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(early) + "\n")
    with View(jobs=1, seeds=[0, 1], epochs=1) as view:
        plan.start("first@1")
        plan.end("first@1", succeeded=True)
        plan.start(stage)
        view.update(plan)
        events = progress.Events("lecture", "lstm-50")
        events.write("epoch", seed=1, epoch=1, acc=0.5, val_acc=0.35)
        view.update(plan)
        plan.end(stage, succeeded=True)
        view.update(plan)
    assert "val acc 0.3000 [-0.3353, 0.9353], 2 seeds" in capsys.readouterr().err


def test_what_an_earlier_training_said_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stage = "train@lecture-lstm-50"
    progress.Events("lecture", "lstm-50").write("epoch", seed=1, epoch=2, acc=0.5, val_acc=0.9)
    plan = Plan(nx.DiGraph({stage: {}}))
    view = View(jobs=1, seeds=[0, 1], epochs=2)
    plan.start(stage)
    view.update(plan)
    assert view.latest[stage] == {}
    # Tracking clears away what is not of the training that begins.
    (progress.FOLDER / "lecture-lstm-50.jsonl").unlink()
    view.update(plan)
    progress.Events("lecture", "lstm-50").write("epoch", seed=1, epoch=1, acc=0.5, val_acc=0.3)
    view.update(plan)
    assert view.latest[stage]["val_acc"] == 0.3


def test_seeds_that_were_kept_say_nothing_of_how_fast_others_train(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stage = "train@lecture-rnn-5"
    plan = Plan(nx.DiGraph({stage: {}}))
    plan.expected[stage] = 100.0
    view = View(jobs=1, seeds=[3, 4, 5, 6], epochs=2)
    plan.start(stage)
    view.update(plan)
    for seed in (5, 6):
        progress.Events("lecture", "rnn-5").write("seed", seed=seed)
        view.update(plan)
    assert plan.expected[stage] == 50.0


def test_an_interruption_says_how_to_go_on(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workplace.set()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "run", interrupted)
    done = CliRunner().invoke(app, ["run"])
    assert done.exit_code == 130
    assert "the same command goes on" in done.stderr


def test_time_left_follows_how_much_of_a_training_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    plan = Plan(nx.DiGraph({"train@lecture-rnn-5": {}, "prepare": {}}))
    view = View(jobs=2, seeds=[3, 4, 5, 6], epochs=2)
    plan.start("train@lecture-rnn-5")
    plan.start("prepare")
    view.update(plan)
    now += 10
    said = progress.Events("lecture", "rnn-5")
    said.write("step", seed=4, epoch=1, step=1, steps=100)
    view.update(plan)
    now += 50
    # Seed 3 was trained before: of the three others one and a quarter of a second are done.
    said.write("seed", seed=4)
    said.write("step", seed=5, epoch=1, step=50, steps=100)
    plan.end("prepare", succeeded=True)
    view.update(plan)
    assert capsys.readouterr().err.splitlines()[-1].endswith("about 1 min 10 s left)")
