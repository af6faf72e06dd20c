"""What a person is told while stages run."""

from pathlib import Path

import networkx as nx
import pytest

from sentiment import progress
from sentiment.schedule import Plan
from sentiment.view import View


@pytest.mark.parametrize("group", ["train", "train-ablation", "train-memory"])
def test_a_training_that_ends_is_told_with_its_accuracy(
    group: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    stage = f"{group}@lecture-lstm-50"
    plan = Plan(nx.DiGraph({stage: {}}))
    with View(jobs=1) as view:
        plan.start(stage)
        view.update(plan)
        progress.Events("lecture", "lstm-50").write("epoch", seed=0, epoch=1, acc=0.5, val_acc=0.25)
        view.update(plan)
        plan.end(stage, succeeded=True)
        view.update(plan)
    started, ended = capsys.readouterr().err.splitlines()
    assert started == f"{stage} started"
    assert ended.startswith(f"{stage} done in 0 s, val acc 0.2500 (1 of 1")
