"""What is stale runs, in an order that wastes no worker, and a failure stops only what needs it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import networkx as nx
import pytest
from dvc.dvcfile import Lockfile
from dvc.repo import Repo
from dvc.utils.serialize import dump_yaml, load_yaml

from sentiment.errors import UserError
from sentiment.running import capacity, dvc_graph, dvc_results, pipeline, schedule, times
from sentiment.running.local import DVC
from sentiment.running.schedule import Plan
from sentiment.storage.files import write_json

COSTS = {"prepare": 5.0, "train@short": 10.0, "train@long": 60.0, "compare": 1.0, "report": 1.0}


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


def test_beside_what_is_urgent_short_stages_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = {**COSTS, "first": 30.0, "tokens": 40.0}
    monkeypatch.setattr(schedule, "_last_seconds", costs.get)
    edges = [("first", "tokens"), ("compare", "train@short"), ("compare", "train@long")]
    plan = Plan(nx.DiGraph(edges), urgent=["first"])
    assert plan.ready() == ["tokens", "train@short", "train@long"]
    run_one(plan, "tokens")
    assert plan.ready()[0] == "first"
    run_one(plan, "first")
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
    assert plan.failed() == ["train@long"]


def test_expected_is_what_a_stage_took_and_what_it_takes_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_json(times.RUNINFO / "known.json", {"seconds": 30.5})
    # What a stage took here counts more than what it took in the study.
    write_json(times.RECORD, {"stages": {"known": {"seconds": 9.0}, "read": {"seconds": 70.0}}})
    expected = Plan(nx.DiGraph({"known": {}, "read": {}, "new": {}})).expected
    took = {"known": 30.5, "read": 70.0}
    assert expected == {
        **{stage: seconds + schedule.STARTING for stage, seconds in took.items()},
        "new": schedule.UNKNOWN,
    }


def machine(patch: pytest.MonkeyPatch, cores: int, megabytes: int, limit: str = "max") -> None:
    """Be on a machine of so many cores, with so much memory free, in a container or not."""
    patch.setattr(capacity.os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    free = SimpleNamespace(available=megabytes * 2**20)
    patch.setattr(capacity.psutil, "virtual_memory", lambda: free)
    for name, text in (("LIMIT", limit), ("USED", str(2**20))):
        Path(name).write_text(text)
        patch.setattr(capacity, name, Path(name))


def test_threads_times_workers_fit_the_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    machine(monkeypatch, cores=6, megabytes=10**6)
    assert capacity.workers(tmp_path, None, threads=1) == 6
    assert capacity.workers(tmp_path, 4, threads=2) == 3
    assert capacity.workers(tmp_path, 2, threads=1) == 2
    assert capacity.workers(tmp_path, None, threads=8) == 1


def test_workers_times_the_largest_stage_fit_the_memory_that_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    machine(monkeypatch, cores=6, megabytes=2 * capacity.UNKNOWN)
    assert capacity.workers(tmp_path, None, threads=1) == 2
    stages = {"prepare": {"peak_mb": 2000}, "compare": {"peak_mb": 600}}
    write_json(times.RECORD, {"stages": stages})
    machine(monkeypatch, cores=6, megabytes=6100)
    assert capacity.workers(tmp_path, None, threads=1) == 3
    assert capacity.workers(tmp_path, 2, threads=1) == 2
    # A container may have less than its machine: of 4,100 MB one is used.
    machine(monkeypatch, cores=6, megabytes=6100, limit=str(4100 * 2**20))
    assert capacity.workers(tmp_path, None, threads=1) == 2
    machine(monkeypatch, cores=6, megabytes=100)
    assert capacity.workers(tmp_path, None, threads=1) == 1


def test_what_waits_for_a_stage_that_changed_nothing_need_not_run(plan: Plan) -> None:
    plan = Plan(plan.graph, changed=["prepare", "compare"])
    # Nothing is asked of it before all that it reads is there.
    assert plan.unsure() == []
    run_one(plan, "prepare")
    assert plan.unsure() == ["train@long", "train@short"]
    plan.settle(plan.unsure(), {"train@short"})
    assert plan.unsure() == []
    assert plan.ready() == ["train@short"]
    assert plan.total == 3
    run_one(plan, "train@short")
    # It changed itself, whatever became of the others.
    assert (plan.unsure(), plan.ready()) == ([], ["compare"])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two stages whose entries in dvc.lock stand in the order in which they ended."""
    with Repo.init(str(tmp_path), no_scm=True):
        pass
    dump_yaml(tmp_path / "dvc.lock", {"stages": {"a": {"cmd": "true"}, "b": {"cmd": "true"}}})
    return tmp_path


def test_the_lock_is_put_in_the_order_of_dvc_and_left_alone_when_it_is(project: Path) -> None:
    lock = project / "dvc.lock"
    dvc_graph.order_lock(project, ["c", "b", "a"])
    assert list(load_yaml(lock)["stages"]) == ["b", "a"]
    written = lock.stat().st_mtime_ns
    dvc_graph.order_lock(project, ["c", "b", "a"])
    assert lock.stat().st_mtime_ns == written


# Of what DVC asks of a library.
@pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")
def test_many_stages_are_taken_up_with_the_lock_of_a_repro_that_is_written_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stage(command: str, deps: list[str], out: str) -> dict[str, Any]:
        return {"cmd": command, "deps": deps, "outs": [out]}

    stages = {
        "a": stage("echo a >> ran; cp given a.txt", ["given"], "a.txt"),
        "b": stage("echo b >> ran; cp a.txt b.txt", ["a.txt"], "b.txt"),
        "c": stage("false", ["given"], "c.txt"),
    }
    locks = []
    for name in ("by-repro", "taken-up"):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        with Repo.init(no_scm=True):
            pass
        settings = "[core]\nno_scm = true\nanalytics = false\nremote = shared\n"
        settings += f"['remote \"shared\"']\nurl = {tmp_path}/store\n"
        (folder / ".dvc/config").write_text(settings)
        (folder / "given").write_text("given")
        dump_yaml(folder / "dvc.yaml", {"stages": stages})
        if name == "by-repro":
            subprocess.run([*DVC, "repro", "--quiet", "b"], check=True)
            subprocess.run([*DVC, "push", "--quiet", "--run-cache", "a", "b"], check=True)
            assert Path("ran").read_text() == "a\nb\n"
        else:
            written = []
            monkeypatch.setattr(
                Lockfile, "dump_stages", spied(Lockfile.dump_stages, written.append)
            )
            assert dvc_results.take_up(folder, ["a", "c", "b"]) == 1
            assert not Path("ran").exists()
            assert [[one.addressing for one in some] for _, some in written] == [["a", "b"]]
        locks.append((folder / "dvc.lock").read_bytes())
    assert locks[0] == locks[1]


def spied(function: Callable[..., None], tell: Callable[[Any], None]) -> Callable[..., None]:
    def call(*given: Any, **named: Any) -> None:
        tell(given)
        function(*given, **named)

    return call


# Of what DVC asks of a library.
@pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")
def test_while_another_command_runs_a_stage_it_is_said_in_one_line(project: Path) -> None:
    (project / "dvc.lock").unlink()
    dump_yaml(project / "dvc.yaml", {"stages": {"a": {"cmd": "true", "outs": ["made"]}}})
    held = {"pid": os.getppid(), "cmd": "dvc repro"}
    place = str(project / "made")
    (project / ".dvc/tmp").mkdir(exist_ok=True)
    (project / ".dvc/tmp/rwlock").write_text(json.dumps({"write": {place: held}}))
    with pytest.raises(UserError) as refused:
        dvc_graph.survey(project, ())
    assert str(refused.value).endswith("another command runs stages here: wait until it ends")
    assert "\n" not in str(refused.value)


def test_of_what_stands_under_a_single_item_nothing_else_is_stale(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edges = [("compare", "train"), ("report", "compare"), ("report", "remember")]
    graph = nx.DiGraph([*edges, ("remember", "probe"), ("probe", "train")])

    class Pipeline:
        index = SimpleNamespace(graph=graph, stages=[])

        def __init__(self, changed: set[str]) -> None:
            self.status = lambda: changed

        def __enter__(self) -> "Pipeline":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    def stale(changed: set[str]) -> set[str]:
        monkeypatch.setattr(dvc_graph, "Repo", lambda _: Pipeline(changed))
        return set(dvc_graph.survey(Path(), ["compare"], ["report"]).stale)

    monkeypatch.setattr(dvc_graph, "lock_repo", nullcontext)
    monkeypatch.setattr(dvc_graph, "plan_repro", lambda _: [])
    assert stale({"probe"}) == set()
    assert stale({"report"}) == {"report"}
    assert stale({"probe", "compare"}) == {"compare", "report"}
    assert stale({"train"}) == {"train", "compare", "report"}


@pytest.fixture
def asked(project: Path, monkeypatch: pytest.MonkeyPatch, plan: Plan) -> Callable[..., list[str]]:
    """What DVC is asked for, a line a call, when all of `plan` is stale and one stage fails."""

    def run(
        failing: str, alone: tuple[str, ...] = (), unchanged: tuple[str, ...] = ()
    ) -> list[str]:
        told = "import sys; open('asked', 'a').write(' '.join(sys.argv[1:]) + '\\n');"
        stage = f"sys.exit({failing!r} in sys.argv and 'no room')"
        monkeypatch.setattr(pipeline, "DVC", [sys.executable, "-c", told + stage])
        files = dvc_graph.Files({}, {}, set())
        changed = set(plan.graph) - set(unchanged)
        stages = dvc_graph.Stages(plan.graph, changed, ["a", "b"], plan.graph, files)
        monkeypatch.setattr(pipeline, "survey", lambda *_: stages)
        monkeypatch.setattr(pipeline, "changed", lambda _, asked: set(asked) - set(unchanged))
        with pytest.raises(UserError, match="no room") if failing else nullcontext():
            pipeline.run(project, ("compare",), 1, lambda _: None, alone)
        return (project / "asked").read_text().splitlines()

    return run


def test_the_last_stage_runs_in_a_plain_repro_of_all_targets(
    asked: Callable[..., list[str]],
) -> None:
    *alone, last = asked("")
    assert alone == [f"repro -s {name}" for name in ("prepare", "train@long", "train@short")]
    assert last == "repro compare"


def test_a_single_item_runs_last_and_without_what_is_under_it(
    asked: Callable[..., list[str]], plan: Plan
) -> None:
    plan.graph.add_edge("report", "compare")
    *_, proof, last = asked("", alone=("report",))
    assert proof == "repro compare"
    assert last == "repro -s report"


def test_a_stage_that_is_stale_alone_runs_alone(
    asked: Callable[..., list[str]], plan: Plan
) -> None:
    plan.graph.remove_nodes_from(["prepare", "train@long", "train@short"])
    assert asked("") == ["repro -s compare"]


def test_a_stage_that_reads_what_it_read_before_does_not_run(
    asked: Callable[..., list[str]],
) -> None:
    unchanged = ("train@long", "train@short")
    assert asked("", unchanged=unchanged) == ["repro -s prepare", "repro compare"]


def test_nothing_that_failed_runs_once_more(asked: Callable[..., list[str]]) -> None:
    names = ("prepare", "train@long", "train@short")
    assert asked("train@long") == [f"repro -s {name}" for name in names]


def test_a_failure_is_told_by_the_stages_own_words() -> None:
    output = "Running stage 'download':\nerror: data: no source\nPut a copy there\nERROR: failed\n"
    assert pipeline._last_error(output) == "data: no source\nPut a copy there"
    assert pipeline._last_error("KeyError: 'a'\nERROR: failed to reproduce\n") == "KeyError: 'a'"
    assert pipeline._last_error("ERROR: failed to reproduce\n") == "ERROR: failed to reproduce"
