"""Measuring one case: all implementations, both allocators, in turns on one core."""

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import processes


def measure(
    names: list[str], case: tuple[str, int], folder: Path, rounds: int, times: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Records of one case, for each implementation and allocator, and the failures."""
    cores, wanted = processes.cores(), list(product(names, processes.ALLOCATORS))
    workers: list[processes.Worker] = []
    failed: list[dict[str, Any]] = []

    def start(number: int) -> None:
        name, allocator = wanted[number]
        try:
            core = cores[number % len(cores)]
            workers.append(processes.Worker(name, allocator, *case, folder, core))
        except processes.Failure as failure:
            failed.append(failure_of(name, allocator, case, failure))

    try:
        with ThreadPoolExecutor(len(cores)) as threads:
            list(threads.map(start, range(len(wanted))))
        workers.sort(key=lambda worker: wanted.index((worker.name, worker.allocator)))
        for worker in workers:
            worker.pin(cores[-1])
        return take_turns(workers, case, rounds, times, failed), failed
    finally:
        processes.close(workers)


def take_turns(
    workers: list[processes.Worker],
    case: tuple[str, int],
    rounds: int,
    times: int,
    failed: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Ask one after another, `rounds` times; a process that fails is left out and noted."""
    seconds = {worker: {"step": [], "forward": []} for worker in workers}
    peaks = dict.fromkeys(workers, 0)
    for _ in range(rounds):
        for worker in list(seconds):
            try:
                for kind, found in seconds[worker].items():
                    answer = worker.ask(kind, times)
                    found += answer["seconds"]
                peaks[worker] = answer["peak_mb"]
            except processes.Failure as failure:
                failed.append(failure_of(worker.name, worker.allocator, case, failure))
                del seconds[worker]
    return [
        record(worker.name, worker.allocator, case, found["step"], found["forward"], peaks[worker])
        for worker, found in seconds.items()
    ]


def record(
    name: str,
    allocator: str,
    case: tuple[str, int],
    steps: list[float],
    forwards: list[float],
    peak_mb: int,
) -> dict[str, Any]:
    """One line of the report from seconds; low and high are the 10th and 90th percentile."""
    low, median, high = (round(1e3 * float(q), 3) for q in np.quantile(steps, [0.1, 0.5, 0.9]))
    return {
        "implementation": name,
        "architecture": case[0],
        "units": case[1],
        "threads": 1,
        "allocator": allocator,
        "step_ms_median": median,
        "step_ms_low": low,
        "step_ms_high": high,
        "forward_ms_median": round(1e3 * float(np.median(forwards)), 3),
        "peak_mb": peak_mb,
    }


def failure_of(
    name: str, allocator: str, case: tuple[str, int], failure: Exception
) -> dict[str, Any]:
    """What could not be measured, and the last its process said."""
    described = {"architecture": case[0], "units": case[1], "allocator": allocator}
    return {"implementation": name, **described, "reason": str(failure)}
