"""How open a layer's gates stand, over whole parts of a protocol.

The compiled scans keep the gates for the way back; here they are counted instead. See Karpathy,
Johnson and Li (2015, section 4.2) for how often a gate is nearly open or nearly closed.
"""

from typing import Any

import numpy as np

from sentiment.probes.traces import Direction
from sentiment.scans import recurrent
from sentiment.scans.compiling import kept
from sentiment.scans.scratch import Scratch

# A gate is nearly closed below, and nearly open above.
CLOSED, OPEN = 0.1, 0.9
# Gates as the scans keep them, and which of them keeps the state from step to step.
NAMES = {"lstm": ["input", "forget", "candidate", "output"], "gru": ["update", "reset"]}
KEEPS = {"lstm": "forget", "gru": "update"}
# Reviews at a time.
BATCH = 32


def measure(direction: Direction, vectors: np.ndarray, ids: np.ndarray) -> dict[str, Any]:
    """Shares of words and units at which each gate is nearly open or closed, and half-lives.

    `vectors` float32 [words + 1, dimensions], row 0 that of padding; `ids` int32
    [reviews, length]; padding does not count. A unit's half-life, in words, is what its mean log
    of the gate that keeps its state makes of it. Empty for a layer without gates.
    """
    if direction.cell not in NAMES:
        return {}
    units = len(direction.recurrent)
    projected = direction.project(vectors)
    lengths = (ids > 0).sum(1)
    ids = ids[np.argsort(lengths, kind="stable")]
    scratch, counts = Scratch(), np.zeros((3, len(NAMES[direction.cell]) * units))
    for start in range(0, len(ids), BATCH):
        positions = np.ascontiguousarray(ids[start : start + BATCH].T)
        if not direction.backwards:
            # What comes after the longest review's last word changes nothing before it.
            positions = positions[: (positions > 0).any(1).sum()]
        keeps = NAMES[direction.cell].index(KEEPS[direction.cell]) * units
        _count(_scan(direction, projected, positions, scratch), positions, keeps, units, counts)
    counts /= lengths.sum()
    closed, wide = (row.reshape(-1, units).mean(1).tolist() for row in counts[:2])
    shares = zip(NAMES[direction.cell], closed, wide, strict=True)
    found: dict[str, Any] = {
        name: {"closed": shut, "open": full} for name, shut, full in shares if name != "candidate"
    }
    logs = counts[2, :units]
    return {**found, "half_lives": (np.log(0.5) / logs).tolist()}


def _scan(
    direction: Direction, projected: np.ndarray, positions: np.ndarray, scratch: Scratch
) -> np.ndarray:
    """The gates [T, B, width] that the compiled scan keeps."""
    done = recurrent.forward(
        direction.scan,
        projected=projected,
        positions=positions,
        kernel=direction.recurrent,
        bias=direction.bias[1] if direction.bias.ndim == 2 else direction.bias[:0],
        backwards=direction.backwards,
        scratch=scratch,
    )
    return done.saved["gates"]


@kept
def _count(gates, positions, keeps, units, counts):
    """Add to `counts`, at all words: nearly closed, nearly open, and in the last row's first
    `units` the log of those gates that begin at `keeps`; `gates` [T, B, width]."""
    steps, batch, width = gates.shape
    closed, wide = np.float32(CLOSED), np.float32(OPEN)
    for time in range(steps):
        for b in range(batch):
            if positions[time, b] > 0:
                for gate in range(width):
                    counts[0, gate] += gates[time, b, gate] < closed
                    counts[1, gate] += gates[time, b, gate] > wide
                for unit in range(units):
                    # The scans' tanh is off by up to 1e-6, and zero has no logarithm.
                    kept = max(gates[time, b, keeps + unit], np.float32(1e-6))
                    counts[2, unit] += np.log(kept)
