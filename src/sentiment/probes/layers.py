"""Measures one network's layer on the test reviews; plain values, for JSON."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sentiment.probes import gates, influence
from sentiment.probes.influence import Places
from sentiment.probes.traces import Direction

# Significant digits that are kept: a thousand reviews say no more.
DIGITS = 6


def measure(
    layer: Sequence[Direction], vectors: np.ndarray, found: Places, lags: int, ids: np.ndarray
) -> dict[str, Any]:
    """For each direction influence by lag in the places `found`, and gates over all `ids`.

    `saturated` is the share of words and units, around these places, whose tanh is saturated.

    `vectors` float32 [words, dimensions]; `ids` int32 [reviews, length].
    """
    table = np.pad(vectors, ((1, 0), (0, 0)))
    measured = {}
    for direction in layer:
        norms = influence.follow(direction, table, found, lags)
        saturated = float(norms.pop("saturated").mean())
        curves = {name: influence.relative(values).tolist() for name, values in norms.items()}
        measured[direction.name] = {
            "influence": curves,
            "saturated": saturated,
            "gates": gates.measure(direction, table, ids),
        }
    return rounded(measured)


def rounded(values: Any) -> Any:
    """`values` with every number rounded to `DIGITS` significant digits."""
    if isinstance(values, dict):
        return {name: rounded(value) for name, value in values.items()}
    if isinstance(values, list):
        return [rounded(value) for value in values]
    return float(f"{values:.{DIGITS}g}") if isinstance(values, float) else values


def weights_per_gate(layer: Sequence[Direction]) -> dict[str, int]:
    """How many gates a direction has, one for the layer itself if none, and the weights of each."""
    if not layer:
        return {}
    first = layer[0]
    units, (dimensions, width) = len(first.recurrent), first.kernel.shape
    weights = (dimensions + units) * units + first.bias.size * units // width
    return {"gates": width // units, "weights": weights}
