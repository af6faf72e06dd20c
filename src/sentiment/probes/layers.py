"""All that is measured of one network's layer on the test reviews, as plain values for JSON."""

from typing import Any

import keras
import numpy as np

from sentiment.probes import gates, influence
from sentiment.probes.influence import Places
from sentiment.probes.traces import directions

# Digits that say all: what is measured hangs on a thousand reviews.
DIGITS = 6


def measure(
    classifier: keras.Model, vectors: np.ndarray, found: Places, lags: int, ids: np.ndarray
) -> dict[str, Any]:
    """By direction the influence by lag in the places `found`, and the gates over all `ids`.

    `vectors` float32 [words, dimensions]; `ids` int32 [reviews, length].
    """
    table = np.pad(vectors, ((1, 0), (0, 0)))
    measured = {}
    for direction in directions(classifier, np.float32):
        norms = influence.follow(direction, table, found, lags)
        curves = {name: influence.relative(values).tolist() for name, values in norms.items()}
        measured[direction.name] = {
            "influence": curves,
            "gates": gates.measure(direction, table, ids),
        }
    return rounded(measured)


def rounded(values: Any) -> Any:
    """The same with `DIGITS` significant digits."""
    if isinstance(values, dict):
        return {name: rounded(value) for name, value in values.items()}
    if isinstance(values, list):
        return [rounded(value) for value in values]
    return float(f"{values:.{DIGITS}g}") if isinstance(values, float) else values


def weights_per_gate(classifier: keras.Model) -> dict[str, int]:
    """How many gates a direction has, one for the layer itself if none, and the weights of each."""
    first = next(iter(directions(classifier)), None)
    if first is None:
        return {}
    units, (dimensions, width) = len(first.recurrent), first.kernel.shape
    weights = (dimensions + units) * units + first.bias.size * units // width
    return {"gates": width // units, "weights": weights}
