"""The benchmarks as Markdown: a table for the README, and the page beside the numbers."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

CASE = ["architecture", "units"]
IMPLEMENTATIONS = {
    "ours": "ours",
    "ours-native": "ours, native",
    "keras": "stock Keras",
    "keras-jax": "Keras on JAX",
    "torch": "PyTorch",
}
ALLOCATORS = ("default", "tuned")


def markdown(records: list[dict[str, Any]], measure: str = "step_ms_median") -> str:
    """A row for each architecture and units, a column for each implementation measured.

    A field holds the measure under both allocators, default / tuned. `faster` is how many times
    longer stock Keras takes than ours, under the same allocator, and so only where both are there
    and the measure is a time.
    """
    frame = pd.DataFrame(records)
    frame = frame.drop_duplicates([*CASE, "implementation", "allocator"], keep="last")
    values = frame.set_index([*CASE, "implementation", "allocator"])[measure]
    rows = []
    for case in frame[CASE].drop_duplicates().itertuples(index=False, name=None):
        found = {
            name: [values.get((*case, name, allocator)) for allocator in ALLOCATORS]
            for name in IMPLEMENTATIONS
            if name in set(frame.implementation)
        }
        row = {"architecture": case[0], "units": str(case[1])}
        row |= {IMPLEMENTATIONS[name]: _both(pair) for name, pair in found.items()}
        if "_ms" in measure and {"ours", "keras"} <= set(found):
            pairs = zip(found["keras"], found["ours"], strict=True)
            row["faster"] = _both([k / o if k and o else None for k, o in pairs], "×")
        rows.append(row)
    return pd.DataFrame(rows).to_markdown(index=False, disable_numparse=True) + "\n"


def page(report: dict[str, Any]) -> str:
    """All of benchmarks.json that a person reads."""
    records, data, machine = report["records"], report["data"], report["host"]["host"]
    lines = [
        "# Benchmarks",
        f"One thread on one core of {machine['processor']}, {machine['memory_gb']} GB, "
        f"{machine['system']}; " + ", ".join(f"{k} {v}" for k, v in _versions(report)) + ".",
        f"Batches of {data['batch']} x {data['length']} token ids, {data['origin']}: on average "
        f"{data['tokens_mean']:.0f} tokens that are no padding, "
        f"{data['distinct_words_mean']:.0f} distinct, in a vocabulary of {data['vocabulary']}. "
        "Implementations take turns; fields are medians, with the C library's allocator as it is "
        "/ tuned to keep freed memory. " + _spread(records),
        *(f"Left out: {_reason(peer)}." for peer in report["missing"]),
        "## Training step, ms\n\nFrom the ids of a batch to updated weights.",
        markdown(records).rstrip(),
        "## Inference, ms\n\nFrom the ids of a batch to probabilities.",
        markdown(records, "forward_ms_median").rstrip(),
        "## Peak memory of the process, MB",
        markdown(records, "peak_mb").rstrip(),
        "## The arithmetic bound of a training step\n\n"
        "Matrix products that cannot be avoided, each timed alone in its own shape; pointwise "
        "functions and memory traffic are not counted. This core reaches "
        f"{report['gflops']:.0f} GFLOP/s on a square product of 1,024.",
        _bounds(records, report["bounds"]),
    ]
    lines += _fits(report.get("fits")) + _predictions(report.get("predictions"))
    lines += _pipeline(report.get("pipeline")) + _sync(report.get("sync"))
    return "\n\n".join(lines) + "\n"


def _spread(records: list[dict[str, Any]]) -> str:
    frame = pd.DataFrame(records)
    low = 100 * (1 - frame.step_ms_low / frame.step_ms_median).median()
    high = 100 * (frame.step_ms_high / frame.step_ms_median - 1).median()
    return (
        f"Of a step's times, the 10th percentile lies {low:.0f} % below the median and the 90th "
        f"{high:.0f} % above it, typically; benchmarks.json has both for each."
    )


def _bounds(records: list[dict[str, Any]], bounds: list[dict[str, Any]]) -> str:
    frame = pd.DataFrame(bounds, columns=[*CASE, "mflop", "gflops", "ms"])
    ours = pd.DataFrame(records).query("implementation == 'ours'")
    if len(ours):
        best = ours.groupby(CASE).step_ms_median.min().rename("ours, ms")
        frame = frame.join(best, on=CASE)
        frame["ours / bound"] = frame["ours, ms"] / frame.ms
    frame = frame.rename(columns={"mflop": "MFLOP", "gflops": "GFLOP/s", "ms": "bound, ms"})
    return frame.to_markdown(index=False, floatfmt=".1f")


def _fits(fits: list[dict[str, Any]] | None) -> list[str]:
    if not fits:
        return []
    frame = pd.DataFrame(fits)
    frame["implementation"] = frame.implementation.map(IMPLEMENTATIONS)
    shown = frame.pivot(index="model", columns="implementation")
    shown = shown[["seconds", "acc", "val_acc"]].loc[frame.model.unique()]
    shown.columns = [f"{name}, {measure}" for measure, name in shown.columns]
    for name in shown:
        shown[name] = shown[name].map("{:.0f}".format if "seconds" in name else "{:.4f}".format)
    return [
        "## Two epochs of the lesson\n\nKeras' own `fit` and ours, one thread, one seed each; "
        "equal seeds do not give equal weights or orders of batches.",
        shown.reset_index().to_markdown(index=False, disable_numparse=True),
    ]


def _predictions(measured: list[dict[str, Any]] | None) -> list[str]:
    if not measured:
        return []
    frame = pd.DataFrame(measured)[["model", "texts at a time", "reviews a second"]]
    return [
        "## Raw text to answers\n\n`sentiment predict` once it has started, one thread.",
        frame.to_markdown(index=False, floatfmt=".0f"),
    ]


def _pipeline(measured: list[dict[str, Any]] | None) -> list[str]:
    if not measured:
        return []
    frame = pd.DataFrame(measured)[["command", "after", "seconds", "stages"]]
    return ["## The pipeline", frame.to_markdown(index=False, floatfmt=".1f")]


def _sync(measured: dict[str, Any] | None) -> list[str]:
    if not measured:
        return []
    return [
        "## The mirror\n\n"
        f"{measured['runs']} runs of {measured['metrics']} metrics are written to an empty SQLite "
        f"store of MLflow in {measured['seconds']:.1f} s, and compared with one that holds them in "
        f"{measured['again']:.1f} s."
    ]


def _versions(report: dict[str, Any]) -> Iterable[tuple[str, str]]:
    shown = ("python", "numpy", "tensorflow", "keras", "jax", "torch")
    known = {**report["host"]["versions"], **report.get("versions", {})}
    return [(name, known[name]) for name in shown if name in known]


def _reason(peer: dict[str, Any]) -> str:
    case = [str(peer[key]) for key in (*CASE, "allocator") if key in peer]
    return f"{' '.join([peer['implementation'], *case])} ({peer['reason']})"


def _both(pair: list[float | None], unit: str = "") -> str:
    return " / ".join("" if value is None else _short(value) + unit for value in pair)


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"
