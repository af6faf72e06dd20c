"""Which stages go to other machines, and which of them together."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import networkx as nx

from sentiment.running.dvc_graph import Files

# Stages that are expected to take fewer seconds share a task until that takes as many.
SHORT = 60.0


def movable(graph: nx.DiGraph, files: Files) -> set[str]:
    """Stages that read what others made, and of that only what DVC's cache keeps.

    `graph` has an edge from each stage to those before it. What another reads lies on the head:
    the archive, a file of vectors, results that Git keeps.
    """
    return {
        stage
        for stage in graph
        if graph.out_degree(stage)
        and not any(meet(read, kept) for read in files.reads[stage] for kept in files.in_git)
    }


def share(ready: Sequence[str], expected: Mapping[str, float], tasks: int) -> list[list[str]]:
    """Stages for at most `tasks` tasks, the first that are ready first.

    Where more are ready than that, short ones share a task: to start one takes seconds.
    """
    shares: list[list[str]] = []
    for stage in ready:
        if len(shares) < tasks:
            shares.append([stage])
        elif fits := [s for s in shares if sum(map(expected.__getitem__, [*s, stage])) <= SHORT]:
            min(fits, key=len).append(stage)
    return shares


def inputs(graph: nx.DiGraph, stages: Sequence[str]) -> set[str]:
    """Stages whose outputs `stages` read, beside their own."""
    return set().union(*(graph.successors(stage) for stage in stages)) - set(stages)


def meet(one: str, other: str) -> bool:
    """Whether one of two paths is the other or lies in it."""
    a, b = Path(one), Path(other)
    return a == b or a in b.parents or b in a.parents
