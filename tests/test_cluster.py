"""What goes to other machines, what comes back, and what of it is kept from whom."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import networkx as nx
import psutil
import pytest
from conftest import Workplace

from sentiment.cluster import head, news, places, preparation, shares, slurm, work
from sentiment.cluster.head import Head, Lost
from sentiment.cluster.news import News, Tail
from sentiment.cluster.seedwise import Parts
from sentiment.cluster.work import Outcome, Part, Task
from sentiment.errors import UserError
from sentiment.running import apart, progress, secrets
from sentiment.running.dvc_graph import Files, Stages
from sentiment.settings import cells
from sentiment.settings.params import load

CELL = "train@lecture-lstm-50"
OTHER = "train@lecture-rnn-50"


@pytest.fixture
def graph() -> nx.DiGraph:
    """An edge from each stage to each that must end before."""
    edges = [("prepare", "download"), ("vectors", "prepare"), ("compare", "evaluate@a")]
    edges += [(f"train@{cell}", "vectors") for cell in "ab"]
    return nx.DiGraph([*edges, *((f"evaluate@{cell}", f"train@{cell}") for cell in "ab")])


def test_what_reads_nothing_of_others_or_what_git_keeps_stays_on_the_head(
    graph: nx.DiGraph,
) -> None:
    reads = {stage: [f"made/by/{before}" for before in graph[stage]] for stage in graph}
    files = Files(reads, {}, {"made/by/evaluate@a"})
    assert set(graph) - shares.movable(graph, files) == {"download", "compare"}


def test_a_folder_that_has_what_git_keeps_is_as_good_as_that_file(graph: nx.DiGraph) -> None:
    files = Files({name: ["reports"] for name in graph}, {}, {"reports/results/a.json"})
    assert shares.movable(graph, files) == set()


def test_short_stages_share_a_task_only_where_more_are_ready_than_machines() -> None:
    expected = {"a": 100.0, "b": 20.0, "c": 20.0, "d": 30.0, "e": 50.0}
    assert shares.share(["a", "b"], expected, 5) == [["a"], ["b"]]
    assert shares.share(list("abcde"), expected, 2) == [["a"], ["b", "c"]]
    assert shares.share(list("ab"), expected, 0) == []


def test_an_array_has_what_can_run_now_each_with_what_waits_for_it_alone(
    graph: nx.DiGraph,
) -> None:
    movable = set(graph) - {"download", "compare"}
    stale = graph.subgraph(set(graph) - {"download", "prepare", "vectors"})
    ab = [["train@a", "evaluate@a"], ["train@b", "evaluate@b"]]
    assert slurm.chains(nx.DiGraph(stale), movable) == ab
    assert slurm.chains(graph, movable) == []
    prepared = nx.DiGraph(graph.subgraph(set(graph) - {"download"}))
    assert slurm.chains(prepared, movable)[0][:2] == ["prepare", "vectors"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no access to s3://bucket with key hunter22", "no access to s3://bucket with key ***"),
        ("ssh://me:pass@host/path is gone", "ssh://***@host/path is gone"),
        ("the shared folder is full", "the shared folder is full"),
    ],
)
def test_no_secret_of_a_remote_is_shown(text: str, shown: str) -> None:
    remote = {"name": "shared", "url": "s3://bucket", "secret_access_key": "hunter22"}
    assert secrets.hide(text, remote) == shown


def test_no_secret_of_the_environment_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "opensesame")
    assert secrets.hide("wrong: opensesame", {}) == "wrong: ***"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A commit with a file that stages read, and what stages write."""
    root = tmp_path / "repository"
    (root / "src").mkdir(parents=True)
    for name in ("dvc.yaml", "dvc.lock", "src/code.py", "README.md", "report.md"):
        (root / name).write_text("as committed\n")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "Begin")
    return root


def git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    command = ["git", "-C", str(root), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


FILES = Files({"stage": ["src", "report.md"]}, {"report": ["report.md"]}, {"report.md"})


@pytest.mark.parametrize("name", ["src/code.py", "src/new.py", "dvc.yaml"])
def test_what_stages_read_must_be_committed(repository: Path, name: str) -> None:
    (repository / name).write_text("changed\n")
    with pytest.raises(UserError, match=f"^{name}: not as committed, and other machines run"):
        preparation.refuse_changes(repository, FILES)


def test_what_stages_write_and_what_none_reads_may_differ(repository: Path) -> None:
    for name in ("dvc.lock", "report.md", "README.md", "new.md"):
        (repository / name).write_text("changed\n")
    preparation.refuse_changes(repository, FILES)


@pytest.mark.parametrize(
    ("remote", "said"),
    [
        ({}, "no DVC remote is set"),
        ({"name": "a", "url": "https://me:hunter22@host/x"}, "https://***@host/x: DVC keeps no"),
    ],
)
def test_a_remote_that_carries_no_results_is_refused(
    monkeypatch: pytest.MonkeyPatch, remote: dict[str, str], said: str
) -> None:
    monkeypatch.setattr(preparation.remotes, "checked", lambda _: remote)
    with pytest.raises(UserError) as refused:
        preparation.remote(Path())
    assert str(refused.value).startswith(said)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(places.VARIABLE, str(tmp_path / "scratch"))
    return tmp_path / "scratch" / os.uname().nodename


def test_two_workers_of_a_machine_have_folders_of_their_own(scratch: Path) -> None:
    with places.taken("abc") as one, places.taken("abc") as other:
        assert one != other
    with places.taken("abc") as again:
        assert again == one
    assert scratch in one.parents


def test_what_a_dead_worker_left_running_ends_and_other_commits_are_forgotten(
    scratch: Path,
) -> None:
    with places.taken("old") as place:
        (place / "clone").mkdir()
    with places.taken("abc") as place:
        (place / "clone").mkdir()
        command = [sys.executable, "-c", "import time; time.sleep(600)"]
        left = subprocess.Popen(command, cwd=place / "clone")
    with places.taken("abc"):
        assert not psutil.pid_exists(left.pid)
        left.wait()
    assert [path.name for path in scratch.iterdir()] == ["abc"]


def test_a_worker_with_other_versions_is_refused_before_anything_is_cloned() -> None:
    versions = {"numpy": "1.0"}
    task = Task([CELL], [], "abc", "", {}, versions)
    with pytest.raises(UserError, match=r"has numpy \S+, not 1\.0: results would differ"):
        work.do("nowhere", task, lambda _: None)


def test_what_trainings_say_arrives_line_by_line_and_once(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    file = there / progress.FOLDER / "lecture-lstm-50.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text("old\n")
    tail = Tail(there)
    arrived = here / progress.FOLDER / file.name
    for written, seen in (("old\none\ntw", "one\n"), ("old\none\ntwo\n", "one\ntwo\n")):
        file.write_text(written)
        news.write(here, tail.new())
        assert arrived.read_text() == seen
    file.write_text("new\n")
    news.write(here, tail.new())
    assert arrived.read_text() == "new\n"


def test_who_follows_a_cell_reads_a_training_that_began_anew_and_said_more_at_once(
    tmp_path: Path,
) -> None:
    first, more = '{"event": "seed", "seed": 0}\n', '{"event": "step", "seed": 1, "epoch": 12}\n'
    name = "lecture-lstm-50.jsonl"
    news.write(tmp_path, [News(name, first, True)])
    follower = progress.Follower("lecture", "lstm-50", tmp_path)
    follower.skip()
    news.write(tmp_path, [News(name, more, True)])
    assert [event["seed"] for event in follower.new()] == [1]
    news.write(tmp_path, [News(name, first, False)])
    assert [event["seed"] for event in follower.new()] == [0]


def test_news_are_written_nowhere_else(tmp_path: Path) -> None:
    news.write(tmp_path / "project", [News("../../../elsewhere.jsonl", "a\n", True)])
    assert [path.name for path in tmp_path.rglob("*.jsonl")] == ["elsewhere.jsonl"]
    assert (tmp_path / "project" / progress.FOLDER / "elsewhere.jsonl").is_file()


@pytest.mark.usefixtures("workplace")
def test_a_long_training_is_dealt_out_where_machines_are_idle(tmp_path: Path) -> None:
    settings = load()
    kept = tmp_path / apart.SEEDS / "lecture-lstm-50" / "digest" / f"seed-{settings.seeds[0]}"
    kept.mkdir(parents=True)
    parts = Parts(tmp_path, settings)
    expected = {CELL: 600.0, OTHER: 60.0}
    assert parts.deal([[CELL], [OTHER]], expected, idle=0) == [([CELL], None), ([OTHER], None)]
    dealt = parts.deal([[CELL], [OTHER]], expected, idle=3)
    seeds = [part.seed for _, part in dealt if part]
    assert seeds == list(settings.seeds[1:])
    assert dealt[-1] == ([OTHER], None)
    files = {f"lecture-lstm-50/digest/seed-{seeds[0]}/record.json": b"{}"}
    lasts = [parts.end(CELL, part, files) for _, part in dealt if part]
    assert lasts == [False] * (len(seeds) - 1) + [True]
    assert (tmp_path / apart.SEEDS / next(iter(files))).read_bytes() == b"{}"


class Machines:
    """An engine whose tasks end at once, as `outcomes` has it by their first stage."""

    def __init__(self, outcomes: dict[str, Any], machines: int = 2) -> None:
        self.outcomes, self.machines = outcomes, machines
        self.tasks: list[Task] = []
        self.stopped: list[int] = []

    def begin(self, repository: bytes) -> None:
        assert repository

    def slots(self) -> int:
        return self.machines

    def submit(self, task: Task) -> int:
        self.tasks.append(task)
        return len(self.tasks)

    def result(self, handle: int) -> Outcome | None:
        task = self.tasks[handle - 1]
        outcome = self.outcomes.get(task.stages[0], Outcome(task.stages, [], "well\n"))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def news(self) -> list[News]:
        return []

    def stop(self, handles: Iterable[int]) -> None:
        self.stopped = list(handles)


def send(
    root: Path, monkeypatch: pytest.MonkeyPatch, engine: Machines, stages: list[str], dvc: str = ""
) -> tuple[dict[str, bool], list[str], list[str]]:
    """What became of `stages`, what DVC was asked, and what was said; `dvc` runs in its place."""
    monkeypatch.setattr(head.preparation, "refuse_changes", lambda *_: None)
    remote = {"name": "shared", "url": "s3://bucket", "password": "hunter22"}
    monkeypatch.setattr(head.preparation, "remote", lambda _: remote)
    told = "import sys; open('asked', 'a').write(' '.join(sys.argv[1:]) + '\\n');"
    monkeypatch.setattr(head, "DVC", [sys.executable, "-c", told + dvc])
    monkeypatch.setattr(head, "TAKING_UP", [*head.DVC, "take up"])
    monkeypatch.setattr(head.dvc_graph, "changed", lambda _, names: set(names))
    graph = nx.DiGraph([(stage, "vectors") for stage in stages])
    files = Files({name: ["data"] for name in graph}, {}, set())
    said: list[str] = []
    sender = Head(root, load(), engine, said.append)
    sender.begin(Stages(graph, set(graph), [], graph, files))
    ended: dict[str, bool] = {}
    left = list(stages)
    for _ in range(400):
        taken = sender.take(left, dict.fromkeys(stages, 1.0))
        left = [stage for stage in left if stage not in taken]
        ended |= dict(sender.ended())
        if len(ended) == len(stages):
            break
        subprocess.run(["sleep", "0.05"], check=True)
    sender.stop()
    asked = (root / "asked").read_text().splitlines() if (root / "asked").exists() else []
    return ended, asked, said


@pytest.fixture
def root(repository: Path, workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings = (workplace.folder / "params.yaml").read_text()
    (repository / "params.yaml").write_text(settings)
    monkeypatch.chdir(repository)
    return repository


def test_inputs_are_pushed_once_and_results_are_taken_up(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Machines({})
    ended, asked, _ = send(root, monkeypatch, engine, [CELL, OTHER])
    assert ended == {CELL: True, OTHER: True}
    push, *rest = asked
    assert push == "push --quiet vectors"
    taken_up = " ".join(line.removeprefix("take up ") for line in rest).split()
    assert sorted(taken_up) == sorted([CELL, OTHER])
    assert {task.inputs[0] for task in engine.tasks} == {"vectors"}
    assert {task.commit for task in engine.tasks} == {git(root, "rev-parse", "HEAD").strip()}


def test_a_stage_that_fails_there_fails_here_with_its_own_words(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Machines({CELL: Outcome([], [CELL], "error: no room\n")})
    ended, _, _ = send(root, monkeypatch, engine, [CELL, OTHER])
    assert ended == {CELL: False, OTHER: True}
    assert (root / f".sentiment/logs/{CELL}.log").read_text() == "error: no room\n"


def test_what_a_lost_worker_had_runs_here(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, asked, said = send(root, monkeypatch, Machines({CELL: Lost("NodeDied")}), [CELL])
    assert ended == {CELL: True}
    assert asked[-1].endswith(CELL)
    assert said == [f"{CELL}: its worker is lost (NodeDied), so it runs here"]


def test_a_remote_that_takes_nothing_is_told_without_its_password(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = "sys.exit('ERROR: hunter hunter22 is not let in')"
    with pytest.raises(UserError, match=r"^dvc push: hunter \*\*\* is not let in$"):
        send(root, monkeypatch, Machines({}), [CELL], failing)


def test_parts_are_not_pushed_but_kept_for_the_stage_that_then_runs_here(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment.cluster.seedwise.LONG", 0.5)
    name = "lecture-lstm-50/digest/seed-{}/record.json"

    class Seeds(Machines):
        def result(self, handle: int) -> Outcome | None:
            part = self.tasks[handle - 1].part
            assert part
            return Outcome([CELL], [], "", kept={name.format(part.seed): b"{}"})

    engine = Seeds({}, machines=8)
    ended, asked, _ = send(root, monkeypatch, engine, [CELL])
    assert ended == {CELL: True}
    (cell,) = [cell for cell in cells.of(load()) if cell.stage("train") == CELL]
    assert [task.part for task in engine.tasks] == [Part(cell, seed) for seed in load().seeds]
    assert all((root / apart.SEEDS / name.format(seed)).is_file() for seed in load().seeds)
    assert asked[1:] == [f"take up {CELL}"]
