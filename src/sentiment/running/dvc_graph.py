"""What DVC knows of the stages: with `dvc_results`, all that uses more of DVC than its commands.

DVC promises nothing of what lies behind its commands, so a new minor version is tried before it is
allowed (pyproject.toml).
"""

import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
from dvc.lock import LockError
from dvc.repo import Repo, lock_repo
from dvc.repo.reproduce import plan_repro
from dvc.utils.serialize import dump_yaml, load_yaml

from sentiment.errors import UserError


class Files(NamedTuple):
    """What the stages read and write, as paths relative to the project."""

    reads: dict[str, list[str]]  # by stage, with what a person or Git puts there
    writes: dict[str, list[str]]  # by stage
    in_git: set[str]  # what stages write and DVC's cache does not keep


class Stages(NamedTuple):
    """Stages to run, with an edge to each that must end before, and DVC's order of them all.

    `changed` are those that must run whatever becomes of the others; `graph` has all stages.
    """

    stale: nx.DiGraph
    changed: set[str]
    order: list[str]
    graph: nx.DiGraph
    files: Files


def survey(root: Path, targets: Iterable[str], alone: Iterable[str] = ()) -> Stages:
    """Find the stages under `targets` (all if none) that changed, or that wait for one that did.

    Of what stands under the stages `alone` only what is stale under `targets` counts.
    Raises UserError for a target that is no stage, and while another command runs a stage.
    """
    silence()
    try:
        # Under one lock DVC reads dvc.lock once for the graph and the status: it takes a second.
        with Repo(str(root)) as repo, lock_repo(repo):
            names = {stage: stage.addressing for stage in repo.index.stages}
            order = [names[stage] for stage in plan_repro(repo.index.graph)]
            graph = nx.relabel_nodes(repo.index.graph, names)
            changed = set(repo.status()) & set(graph)
            files = _files(names)
    except LockError as error:
        busy = str(error).partition(",")[0].splitlines()[0]
        raise UserError(f"{busy}: another command runs stages here: wait until it ends") from None
    wanted = _matching(graph, targets) if targets else set(graph)
    wanted |= set().union(*(nx.descendants(graph, name) for name in wanted))
    single = _matching(graph, alone)
    stale = wanted & _with_what_waits(graph, changed)
    stale |= single & _with_what_waits(graph, stale | (single & changed))
    return Stages(nx.DiGraph(graph.subgraph(stale)), changed & stale, order, graph, files)


def changed(root: Path, stages: Iterable[str]) -> set[str]:
    """Those of `stages` that must run, since what they read or made is not as it was.

    Other stages may be under way.
    """
    silence()
    with Repo(str(root), _wait_for_lock=True) as repo, lock_repo(repo):
        return {name for stage in stages for name in repo.status(targets=[stage])}


def reads(root: Path) -> tuple[nx.DiGraph, dict[str, list[str]]]:
    """All stages, with an edge to each that must end before, and the paths that each reads."""
    silence()
    with Repo(str(root)) as repo:
        stages = {stage: stage.addressing for stage in plan_repro(repo.index.graph)}
        graph = nx.DiGraph()
        graph.add_nodes_from(stages.values())
        graph.add_edges_from((stages[a], stages[b]) for a, b in repo.index.graph.edges)
        files = _files(stages)
    return graph, files.reads


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


def _files(names: dict[Any, str]) -> Files:
    def paths(them: Iterable[Any]) -> list[str]:
        return [one.def_path for one in them if one.protocol == "local"]

    reads = {name: paths(stage.deps) for stage, name in names.items()}
    writes = {name: paths(stage.outs) for stage, name in names.items()}
    kept = (out for stage in names for out in stage.outs if not out.use_cache)
    return Files(reads, writes, set(paths(kept)))


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


def silence() -> None:
    """Let DVC draw no bars in this process: on a terminal they are one for each file it hashes."""
    for name in ("dvc", "dvc_data"):
        # Below this level each has bars.
        logging.getLogger(name).setLevel(logging.CRITICAL)
