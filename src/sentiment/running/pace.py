"""How long the rest of a run takes: what its stages took last time, at the pace of this run."""

import heapq
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import networkx as nx

from sentiment.running.schedule import Plan

# Seconds that the expectation weighs against what was seen: one short stage that takes twice as
# long says little of an hour.
WEIGHT = 20.0
# Of a stage of which less was done its own pace says little yet.
BEGUN = 0.05
# What a stage is taken to take, as a multiple of its time so far, once that is over the expected.
OVERDUE = 1.2


class Done(NamedTuple):
    """How much of a stage's work is done, 0 to 1, and the seconds that this took."""

    share: float
    seconds: float


class Seen(NamedTuple):
    """One stage of this run: its kind, the seconds expected, and the seconds it takes."""

    kind: str
    expected: float
    seconds: float


def seconds_left(plan: Plan, jobs: int, done: Mapping[str, Done]) -> float:
    """Seconds until `jobs` workers have run the rest of the plan.

    `done` tells of stages under way, where that is known.
    """
    now = time.monotonic()
    elapsed = {stage: now - start for stage, start in plan.running.items()}
    known = {ended.stage: ended.seconds for ended in plan.ended if ended.succeeded}
    begun = {s: part for s, part in done.items() if s in elapsed and part.share >= BEGUN}
    known |= {s: elapsed[s] + part.seconds * (1 / part.share - 1) for s, part in begun.items()}
    slow = {s: took * OVERDUE for s, took in elapsed.items() if took > plan.expected[s]}
    seen = [Seen(_kind(s), plan.expected[s], took) for s, took in (slow | known).items()]
    left = {}
    for stage in plan.graph:
        guessed = plan.expected[stage] * _pace(seen, _kind(stage))
        total = known.get(stage, max(guessed, slow.get(stage, 0.0)))
        left[stage] = max(total - elapsed.get(stage, 0.0), 0.0)
    return _makespan(plan, left, jobs)


def _kind(stage: str) -> str:
    """The script that a stage runs: stages of one kind differ from expectation alike."""
    return stage.partition("@")[0].partition("-")[0]


def _pace(seen: Sequence[Seen], kind: str) -> float:
    """Seconds taken for each second expected: of all stages seen, and of this kind above all."""
    pace = 1.0
    for chosen in (seen, [one for one in seen if one.kind == kind]):
        expected, taken = sum(one.expected for one in chosen), sum(one.seconds for one in chosen)
        pace = (taken + WEIGHT * pace) / (expected + WEIGHT)
    return pace


def _makespan(plan: Plan, left: Mapping[str, float], jobs: int) -> float:
    """When the last stage ends if each takes what is `left` of it, in the plan's own order."""
    graph, at = nx.DiGraph(plan.graph), 0.0
    running = [(left[stage], stage) for stage in plan.running]
    heapq.heapify(running)
    while graph:
        busy = {stage for _, stage in running}
        free = [stage for stage in plan.free(graph) if stage not in busy]
        for stage in free[: max(jobs - len(running), 0)]:
            heapq.heappush(running, (at + left[stage], stage))
        at, stage = heapq.heappop(running)
        graph.remove_node(stage)
    return at
