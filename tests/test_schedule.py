"""What is stale runs, in an order that wastes no worker, and a failure stops only what needs it."""

import sys
from pathlib import Path

import networkx as nx
import pytest
from dvc.repo import Repo
from dvc.utils.serialize import dump_yaml, load_yaml

from sentiment import pipeline, schedule
from sentiment.errors import UserError
from sentiment.schedule import Plan

COSTS = {"prepare": 5.0, "train@short": 10.0, "train@long": 60.0, "compare": 1.0}


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Two trainings between preparation and comparison; edges go to what must end before."""
    monkeypatch.setattr(schedule, "_last_seconds", COSTS.get)
    graph = nx.DiGraph()
    for cell in ("train@short", "train@long"):
        graph.add_edge(cell, "prepare")
        graph.add_edge("compare", cell)
    return Plan(graph)


def run_one(plan: Plan, stage: str, succeeded: bool = True) -> None:
    plan.start(stage)
    plan.end(stage, succeeded)


def test_a_stage_waits_for_all_it_depends_on(plan: Plan) -> None:
    assert plan.ready() == ["prepare"]
    run_one(plan, "prepare")
    run_one(plan, "train@long")
    assert plan.ready() == ["train@short"]


def test_the_longest_way_goes_first(plan: Plan) -> None:
    run_one(plan, "prepare")
    assert plan.ready() == ["train@long", "train@short"]


def test_a_running_stage_is_not_offered_again(plan: Plan) -> None:
    plan.start("prepare")
    assert plan.ready() == []


def test_a_failure_takes_away_what_waits_for_it_and_nothing_else(plan: Plan) -> None:
    run_one(plan, "prepare")
    run_one(plan, "train@long", succeeded=False)
    assert plan.ready() == ["train@short"]
    run_one(plan, "train@short")
    assert not plan.graph
    assert [ended.stage for ended in plan.ended if not ended.succeeded] == ["train@long"]


def test_time_left_is_shared_by_the_workers(plan: Plan) -> None:
    assert plan.seconds_left(1) == pytest.approx(76)
    assert plan.seconds_left(2) == pytest.approx(38)


def test_threads_times_workers_fit_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline.os, "sched_getaffinity", lambda _: set(range(6)))
    assert pipeline.fitting(None, threads=1) == 6
    assert pipeline.fitting(4, threads=2) == 3
    assert pipeline.fitting(2, threads=1) == 2
    assert pipeline.fitting(None, threads=8) == 1


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two stages whose entries in dvc.lock stand in the order in which they ended."""
    with Repo.init(str(tmp_path), no_scm=True):
        pass
    dump_yaml(tmp_path / "dvc.lock", {"stages": {"a": {"cmd": "true"}, "b": {"cmd": "true"}}})
    return tmp_path


def test_the_lock_is_put_in_the_order_of_dvc_and_left_alone_when_it_is(project: Path) -> None:
    lock = project / "dvc.lock"
    schedule.order_lock(project, ["c", "b", "a"])
    assert list(load_yaml(lock)["stages"]) == ["b", "a"]
    written = lock.stat().st_mtime_ns
    schedule.order_lock(project, ["c", "b", "a"])
    assert lock.stat().st_mtime_ns == written


@pytest.mark.parametrize(("left", "calls"), [("", 1), ("open('dvc.lock', 'a').write('#')", 2)])
def test_what_is_done_beside_the_proof_is_done_again_when_something_was_left(
    project: Path, monkeypatch: pytest.MonkeyPatch, left: str, calls: int
) -> None:
    monkeypatch.setattr(pipeline, "DVC", [sys.executable, "-c", left])
    called: list[None] = []
    pipeline.prove(project, (), lambda: called.append(None))
    assert len(called) == calls


def test_a_proof_that_fails_is_an_error(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "DVC", [sys.executable, "-c", "raise SystemExit('no room')"])
    with pytest.raises(UserError, match="dvc repro: no room"):
        pipeline.prove(project, (), lambda: None)


def test_a_failure_is_told_by_the_stages_own_words() -> None:
    output = "Running stage 'download':\nerror: data: no source\nPut a copy there\nERROR: failed\n"
    assert pipeline._last_error(output) == "data: no source\nPut a copy there"
    assert pipeline._last_error("KeyError: 'a'\nERROR: failed to reproduce\n") == "KeyError: 'a'"
    assert pipeline._last_error("ERROR: failed to reproduce\n") == "ERROR: failed to reproduce"
