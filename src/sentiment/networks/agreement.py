"""How far two trainings of one network agree that two engines computed."""

from collections.abc import Sequence

import numpy as np

from sentiment.networks import finding
from sentiment.networks.descriptions import Description
from sentiment.networks.engines import Engine, EngineName, probabilities

History = Sequence[dict[str, float]]


def other(model: Description) -> EngineName | None:
    """The engine that did not train `model`; None where its architecture has but one."""
    if finding.scan(model.architecture) is None:
        return None
    return "keras" if model.engine == "numba" else "numba"


def measure(
    ours: History, theirs: History, network: Engine, other: Engine, *, reviews: np.ndarray
) -> dict[str, float]:
    """The largest differences, to four digits.

    Of acc, loss, val_acc and val_loss over the epochs of two histories, and of the probabilities
    that the two networks give for `reviews`, int32 [reviews, length].
    """
    names = ["acc", "loss", "val_acc", "val_loss"]
    found = {
        name: max(abs(one[name] - two[name]) for one, two in zip(ours, theirs, strict=True))
        for name in names
    }
    chances = probabilities(network, reviews) - probabilities(other, reviews)
    found["probability"] = float(np.abs(chances).max())
    return {name: float(f"{value:.4g}") for name, value in found.items()}
