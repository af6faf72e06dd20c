"""A process with one implementation and one case, which times what it is told to.

    python worker.py IMPLEMENTATION ARCHITECTURE UNITS FOLDER

It writes {"ready": true} when it is built and warm. Each line `step N` or `forward N` that it
reads is answered by a line {"seconds": [...], "peak_mb": ...}.
"""

import json
import math
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import implementations

import inputs


def main(name: str, architecture: str, units: str, folder: str) -> None:
    """Build, warm up, then answer until the input ends."""
    # Libraries print as they like; the answers keep the real output to themselves.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    arrays = inputs.read(Path(folder))
    count = len(arrays.ids)
    solver = implementations.load(name)(architecture, int(units), arrays)
    del arrays
    calls = {"step": solver.step, "forward": solver.forward}
    for batch in range(count):
        loss = solver.step(batch)
        # Later it may be nothing: a wide layer learns a batch by heart in a step.
        if not math.isfinite(loss) or (batch == 0 and loss == 0):
            raise ValueError(f"the loss is {loss}: diverged, or nothing was computed")
        solver.forward(batch)
    print(json.dumps({"ready": True}), file=answers)
    for line in sys.stdin:
        kind, times = line.split()
        seconds = timed(calls[kind], int(times), count)
        print(json.dumps({"seconds": seconds, "peak_mb": peak_mb()}), file=answers)


def timed(call: Callable[[int], Any], times: int, batches: int) -> list[float]:
    """Seconds of each call, after one that only brings the caches back."""
    call(batches - 1)
    seconds = []
    for turn in range(times):
        started = time.perf_counter()
        call(turn % batches)
        seconds.append(time.perf_counter() - started)
    return seconds


def peak_mb() -> int:
    """The most memory this process ever held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main(*sys.argv[1:])
