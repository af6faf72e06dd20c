"""Names in params.yaml that something else there must describe."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, get_args

from sentiment.settings.sections import Baseline

if TYPE_CHECKING:
    from sentiment.settings.params import Params

# A key, the names that stand there, where each of them must stand too, and what stands there.
Wanted = tuple[str, Collection[str], str, Collection[str]]


def of(params: Params) -> list[Wanted]:
    """All of them."""
    grid = params.grid
    return [
        ("grid.protocols", grid.protocols, "protocols", params.protocols),
        ("grid.models", grid.models, "models", params.models),
        *_by_questions(params),
        *_by_experiments(params),
        *_by_memory(params),
        *_by_explore(params),
    ]


def _by_questions(params: Params) -> list[Wanted]:
    """A question about a model that is described, but not in the grid, is left out."""
    asked = params.questions.contrasts.values()
    names = [name for pairs in asked for pair in pairs for name in pair]
    known = [*params.models, *get_args(Baseline)]
    return [("questions.contrasts", names, "models or the baselines", known)]


def _by_experiments(params: Params) -> list[Wanted]:
    """Nothing of one that is not asked."""
    grid, inputs, resplit, leak = params.grid.protocols, params.inputs, params.resplit, params.leak
    width = params.width
    asked: list[tuple[str, str, Collection[str], Collection[Any]]] = [
        ("inputs", inputs.protocol, inputs.models, inputs.variants),
        ("resplit", resplit.protocol, resplit.models, resplit.draws),
        ("leak", leak.protocol, leak.models, leak.kinds),
        ("width", width.protocol, width.models, width.trainings),
    ]
    found: list[Wanted] = []
    for name, protocol, models, parts in asked:
        if parts:
            found.append((f"{name}.protocol", [protocol], "grid.protocols", grid))
            found.append((f"{name}.models", models, "models", params.models))
    return found


def _by_memory(params: Params) -> list[Wanted]:
    """Nothing where no protocol is asked."""
    if not params.memory.protocols:
        return []
    grid, own = params.grid.models, params.memory.models
    both = (*grid, *own)
    return [
        ("memory.protocols", params.memory.protocols, "grid.protocols", params.grid.protocols),
        ("memory.models", own, "models", params.models),
        ("memory.probed", params.memory.probed, "grid.models", grid),
        ("memory.reordered", params.memory.reordered, "grid.models or memory.models", both),
        (
            "memory.contrasts",
            [model for model, _ in params.memory.contrasts],
            "grid.models or memory.models",
            both,
        ),
        (
            "memory.contrasts",
            [baseline for _, baseline in params.memory.contrasts],
            "grid.baselines",
            params.grid.baselines,
        ),
    ]


def _by_explore(params: Params) -> list[Wanted]:
    networks, grid = params.explore.networks, params.grid
    return [
        wanted
        for name, network in networks.items()
        for wanted in (
            (f"explore.networks.{name}", [network.protocol], "grid.protocols", grid.protocols),
            (f"explore.networks.{name}", [network.model], "grid.models", grid.models),
        )
    ]
