"""A first look: one seed of each model of one protocol, before the stages train all seeds.

Nothing of it is a result: stage `train` itself does it, apart (see `apart`).
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

import networkx as nx

from sentiment.comparison.roles import TAUGHT
from sentiment.networks import runtime
from sentiment.reporting.comparison import published
from sentiment.running import apart, times
from sentiment.settings import cells
from sentiment.settings.cells import Cell
from sentiment.settings.params import Params

FOLDER = Path(".sentiment/first")
# What workers are called, before a number.
PREFIX = "first@"


class First(NamedTuple):
    """Whose first seeds are trained before all others."""

    cells: list[Cell]  # in the table's order
    shares: dict[str, list[Cell]]  # by a worker's name what it trains
    target: runtime.Target = "native"

    def command(self, root: Path, worker: str) -> list[str]:
        """What trains the share of `worker`, to be run in `root / FOLDER`."""
        return apart.command(root, self.shares[worker])

    def environment(self) -> dict[str, str]:
        """What that must find in its environment, beside what is there."""
        return runtime.environment(self.target)

    def ends_with(self, worker: str, graph: nx.DiGraph) -> bool:
        """Whether `worker` was the last of them: `graph` has what has not ended."""
        return worker in self.shares and not self.shares.keys() & set(graph)

    def table(self, root: Path) -> str:
        """What came of it, in markdown."""
        # Not sooner: it needs pandas, and most runs have no first look.
        from sentiment.reporting.terminal import look

        paths = {cell.model: root / FOLDER / cell.networks / "history.csv" for cell in self.cells}
        return look.table(self.cells[0].protocol, paths)


def none() -> First:
    """No first look."""
    return First([], {})


def plan(
    root: Path, settings: Params, graph: nx.DiGraph, changed: Collection[str], jobs: int
) -> First:
    """Whose first seeds to train: cells of the grid that train all their seeds anyway.

    Those of the lesson's protocol and models, or of the first protocol and all models where the
    grid has none of the lesson's, of which nothing is kept from an earlier run; none where some of
    that table is trained, since what is added alone has nothing beside it. `graph` has an edge from
    each stage to each that must end before; the workers' names come into it, and the cells' stages
    wait for them.
    """
    protocols = settings.grid.protocols
    wanted = TAUGHT if TAUGHT in protocols else protocols[0]
    table = [cell for cell in cells.of(settings) if (cell.group, cell.protocol) == ("", wanted)]
    if not all(cell.stage("train") in changed for cell in table):
        return none()
    printed = {run.model for run in published.RUNS}
    taught = [cell for cell in table if wanted == TAUGHT and cell.model in printed]
    kept = {cell for cell in table if any((root / apart.SEEDS / cell.name).glob("*/seed-*"))}
    found = [cell for cell in taught or table if cell not in kept]
    shares = _deal(root, found, jobs)
    for worker, share in shares.items():
        for stage in [cell.stage("train") for cell in share]:
            graph.add_edges_from((worker, before) for before in list(graph.successors(stage)))
            graph.add_edge(stage, worker)
        graph.add_node(worker)
    if shares:
        apart.furnish(root, root / FOLDER, settings.seeds[0])
    return First(found, shares, settings.train.target)


def _deal(root: Path, found: Sequence[Cell], jobs: int) -> dict[str, list[Cell]]:
    """Shares of `found` that take about as long, for at most `jobs` workers."""
    expected = {cell: times.last(root, cell.stage("train")) or 1.0 for cell in found}
    shares = list[list[Cell]]([] for _ in range(min(jobs, len(found))))
    for cell in sorted(found, key=lambda cell: -expected[cell]):
        lightest = min(shares, key=lambda share: sum(expected[own] for own in share))
        lightest.append(cell)
    return {f"{PREFIX}{number}": share for number, share in enumerate(shares, start=1)}
