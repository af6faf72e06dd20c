"""Which of the stale stages may start next, and which are under way or have ended."""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import networkx as nx

from sentiment.running import times

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

    def __init__(
        self,
        graph: nx.DiGraph,
        changed: Iterable[str] | None = None,
        urgent: Iterable[str] = (),
    ) -> None:
        """`graph` has an edge from each stage to each one that must end before it.

        Those that have `changed` must run, all of them if None. The others wait for one that does,
        and need not run if that leaves what they read as it is. What is `urgent`, and what must end
        before it, goes before all else, and the rest by how short it is as long as that lasts.
        """
        self.graph = graph
        self.changed = set(graph if changed is None else changed)
        self.total = len(graph)
        self.running: dict[str, float] = {}  # stage -> when it started, monotonic seconds
        self.ended: list[Ended] = []
        self.expected = {stage: _last_seconds(stage) for stage in graph}
        self._urgent = set(urgent).union(*(nx.descendants(graph, stage) for stage in urgent))
        self._way = {stage: self._way_to_the_end(stage) for stage in graph}

    def ready(self) -> list[str]:
        """Stages that may start: what is urgent, else the one with the longest way behind it.

        As long as something is urgent, the others come by how short they are.
        """
        return [stage for stage in self.free(self.graph) if stage not in self.running]

    def free(self, graph: nx.DiGraph) -> list[str]:
        """Stages of `graph` that wait for nothing in it, ordered as `ready` orders them."""
        stages = [stage for stage in graph if not graph.out_degree(stage)]
        # What is urgent next waits for what runs beside it, which is short for that reason.
        is_short_wanted = not self._urgent.isdisjoint(graph)

        def order(stage: str) -> tuple[bool, float, str]:
            is_beside = is_short_wanted and stage not in self._urgent
            return is_beside, self.expected[stage] if is_beside else -self._way[stage], stage

        return sorted(stages, key=order)

    def unsure(self) -> list[str]:
        """Stages that may start, and of which it is not known whether they must."""
        return [stage for stage in self.ready() if stage not in self.changed]

    def settle(self, stages: Iterable[str], changed: Collection[str]) -> None:
        """Take those of `stages` out of the plan that have not `changed`."""
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

    def expect_share(self, stage: str, share: float) -> None:
        """Note that of the stage's work only this share is to be done: the rest was kept."""
        self.expected[stage] *= share

    def failed(self) -> list[str]:
        """Stages that ran and failed."""
        return [ended.stage for ended in self.ended if not ended.succeeded]

    def _way_to_the_end(self, stage: str) -> float:
        after = map(self._way_to_the_end, self.graph.predecessors(stage))
        return self.expected[stage] + max(after, default=0.0)


def _last_seconds(stage: str) -> float:
    """Seconds expected of the stage from what it took last time, wherever that was."""
    own = times.last(Path(), stage)
    return UNKNOWN if own is None else STARTING + own
