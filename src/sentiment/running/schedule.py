"""Which stages are stale, what each waits for, and which may start next."""

import re
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import networkx as nx
from dvc.repo import Repo, lock_repo
from dvc.repo.reproduce import plan_repro
from dvc.utils.serialize import dump_yaml, load_yaml

from sentiment.errors import UserError
from sentiment.running import times
from sentiment.running.quiet import silence_dvc

# Seconds expected of a stage that never ran.
UNKNOWN = 15.0
# Seconds that DVC and a stage's imports take beside what it measures itself.
STARTING = 5.0


@dataclass(frozen=True)
class Ended:
    """A stage that ran."""

    stage: str
    seconds: float
    succeeded: bool


class Plan:
    """The stale stages that are still to run, those under way, and those that ended."""

    def __init__(self, graph: nx.DiGraph, changed: Iterable[str] | None = None) -> None:
        """`graph` has an edge from each stage to each one that must end before it.

        Those that have `changed` must run, all of them if None. The others wait for one that does,
        and need not run if that leaves what they read as it is.
        """
        self.graph = graph
        self.changed = set(graph if changed is None else changed)
        self.total = len(graph)
        self.running: dict[str, float] = {}  # stage -> when it started, monotonic seconds
        self.ended: list[Ended] = []
        self.expected = {stage: _last_seconds(stage) for stage in graph}
        self._way = {stage: self._way_to_the_end(stage) for stage in graph}

    def ready(self) -> list[str]:
        """Stages that may start, the one with the longest way behind it first."""
        return [stage for stage in self.free(self.graph) if stage not in self.running]

    def free(self, graph: nx.DiGraph) -> list[str]:
        """Stages of `graph` that wait for nothing in it, ordered as `ready` orders them."""
        stages = [stage for stage in graph if not graph.out_degree(stage)]
        return sorted(stages, key=lambda stage: (-self._way[stage], stage))

    def unsure(self) -> list[str]:
        """Stages that may start, and of which it is not known whether they must."""
        return [stage for stage in self.ready() if stage not in self.changed]

    def settle(self, stages: Iterable[str], changed: Collection[str]) -> None:
        """Of these `stages`, take those out of the plan that have not `changed`."""
        for stage in stages:
            if stage in changed:
                self.changed.add(stage)
            else:
                self.graph.remove_node(stage)
                self.total -= 1

    def start(self, stage: str) -> None:
        """Note that `stage` is under way."""
        self.running[stage] = time.monotonic()

    def end(self, stage: str, succeeded: bool) -> None:
        """Take `stage` out of the plan; after a failure also all that waits for it."""
        seconds = time.monotonic() - self.running.pop(stage)
        self.ended.append(Ended(stage, seconds, succeeded))
        lost = set() if succeeded else nx.ancestors(self.graph, stage)
        self.graph.remove_nodes_from(lost | {stage})

    def failed(self) -> list[str]:
        """Stages that ran and failed."""
        return [ended.stage for ended in self.ended if not ended.succeeded]

    def _way_to_the_end(self, stage: str) -> float:
        after = map(self._way_to_the_end, self.graph.predecessors(stage))
        return self.expected[stage] + max(after, default=0.0)


class Stages(NamedTuple):
    """Stages to run, with an edge to each that must end before, and DVC's order of them all.

    `changed` are those that must run whatever becomes of the others.
    """

    stale: nx.DiGraph
    changed: set[str]
    order: list[str]


def survey(root: Path, targets: Iterable[str], alone: Iterable[str] = ()) -> Stages:
    """Find the stages under `targets` (all if none) that changed, or that wait for one that did.

    Of what stands under the stages `alone` only what is stale under `targets` counts.
    Raises UserError for a target that is no stage.
    """
    silence_dvc()
    # Under one lock DVC reads dvc.lock once for the graph and the status: that takes a second.
    with Repo(str(root)) as repo, lock_repo(repo):
        names = {stage: stage.addressing for stage in repo.index.stages}
        order = [names[stage] for stage in plan_repro(repo.index.graph)]
        graph = nx.relabel_nodes(repo.index.graph, names)
        changed = set(repo.status()) & set(graph)
    wanted = _matching(graph, targets) if targets else set(graph)
    wanted |= set().union(*(nx.descendants(graph, name) for name in wanted))
    single = _matching(graph, alone)
    stale = wanted & _with_what_waits(graph, changed)
    stale |= single & _with_what_waits(graph, stale | (single & changed))
    return Stages(nx.DiGraph(graph.subgraph(stale)), changed & stale, order)


def changed(root: Path, stages: Iterable[str]) -> set[str]:
    """Those of `stages` that must run, since what they read or made is not as it was.

    Other stages may be under way.
    """
    silence_dvc()
    with Repo(str(root), _wait_for_lock=True) as repo, lock_repo(repo):
        return {name for stage in stages for name in repo.status(targets=[stage])}


def reads(root: Path) -> tuple[nx.DiGraph, dict[str, list[str]]]:
    """All stages, with an edge to each that must end before, and the paths that each reads."""
    silence_dvc()
    with Repo(str(root)) as repo:
        stages = {stage: stage.addressing for stage in plan_repro(repo.index.graph)}
        graph = nx.DiGraph()
        graph.add_nodes_from(stages.values())
        graph.add_edges_from((stages[a], stages[b]) for a, b in repo.index.graph.edges)
        deps = {
            name: [dep.def_path for dep in stage.deps if dep.protocol == "local"]
            for stage, name in stages.items()
        }
    return graph, deps


def _matching(graph: nx.DiGraph, targets: Iterable[str]) -> set[str]:
    """Stages of these names, and all items of a stage whose name is given without one."""
    found: set[str] = set()
    for target in targets:
        matching = {name for name in graph if name == target or name.startswith(f"{target}@")}
        if not matching:
            raise UserError(f"{target}: no such stage: `dvc stage list` shows them all")
        found |= matching
    return found


def _with_what_waits(graph: nx.DiGraph, stages: set[str]) -> set[str]:
    return stages.union(*(nx.ancestors(graph, name) for name in stages))


def order_lock(root: Path, order: list[str]) -> None:
    """Put the entries of dvc.lock in `order`, that in which a plain `dvc repro` writes them.

    DVC appends an entry when its stage ends, so that otherwise the file would tell of two equal
    runs which stage was faster.
    """
    path = root / "dvc.lock"
    # Read as text, since as YAML that takes a second: DVC indents a stage's name by two spaces.
    present = re.findall(r"^  (\S.*):$", path.read_text(encoding="utf-8"), re.MULTILINE)
    if present == [name for name in order if name in present]:
        return
    with Repo(str(root)) as repo, repo.lock:
        lock = load_yaml(path)
        entries = lock["stages"]
        lock["stages"] = {name: entries[name] for name in order if name in entries}
        dump_yaml(path, lock)


def _last_seconds(stage: str) -> float:
    """Seconds expected of the stage from what it took last time, wherever that was."""
    own = times.last(Path(), stage)
    return UNKNOWN if own is None else STARTING + own
