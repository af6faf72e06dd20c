"""Reads all that the page is made from, and keeps the digest of each file."""

import hashlib
import math
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from sentiment.comparison import remeasured, results
from sentiment.reporting.study import experiments, questions
from sentiment.reporting.study.experiments import Experiments
from sentiment.settings.investigations import EXPERIMENTS, Questions
from sentiment.settings.params import Params
from sentiment.storage.files import read_json

# Tables of stage `compare` that the page shows.
COMPARED = ("comparison", "baselines", "differences", "contrasts", "gaps")


class Records(NamedTuple):
    """What `compare` made, a row each, and the records beside it; None where one is missing.

    `outdated` names by protocol the models of whose earlier weights `memory` tells; `shares` has by
    protocol the share of test reviews that are of the second class.
    """

    table: pd.DataFrame
    baselines: pd.DataFrame
    differences: pd.DataFrame
    contrasts: pd.DataFrame
    gaps: pd.DataFrame
    runs: pd.DataFrame
    histories: pd.DataFrame
    asked: Questions
    experiments: Experiments
    codes: list[str]
    data: dict[str, Any]
    encodings: pd.DataFrame
    shares: dict[str, float]
    memory: dict[str, Path | None]
    outdated: dict[str, list[str]]
    benchmarks: dict[str, Any] | None
    files: pd.DataFrame

    def numbers(self) -> dict[str, questions.Numbers]:
        """The numbers that answer the questions, by protocol."""
        return questions.by_protocol(self.table, self.baselines, self.contrasts)


def load(params: Params, reports: Path) -> Records:
    """Read them from where the stages wrote them in `reports`.

    Raises UserError for a cell of the grid that is missing or out of date.
    """
    records, memory, data = reports / "results", reports / "memory", reports / "data.json"
    benchmarks = reports / "benchmarks.json"
    compared = [reports / f"comparison/{name}.csv" for name in COMPARED]
    table, simple, differences, contrasts, gaps = map(pd.read_csv, compared)
    runs = results.load(records, params)
    cells = [read_json(path) for path in _cells(records, params)]
    encoded = sorted((reports / "encoding").rglob("*.json"))
    answers = {name: memory / name / "answers" for name in params.memory.protocols}
    pages = {name: folder / "memory.md" for name, folder in answers.items()}
    read = [data, *encoded, *compared, *_cells(records, params), *_baselines(records, params)]
    measured = {name: folder / "weights.csv" for name, folder in answers.items()}
    others = (*pages.values(), *measured.values(), benchmarks)
    read += [path for path in others if path.is_file()]
    read += [path for name in EXPERIMENTS for path in sorted((reports / name).glob("*[!d]"))]
    return Records(
        table,
        simple,
        differences,
        contrasts,
        gaps,
        runs,
        results.histories(records, params),
        params.questions,
        experiments.load(params, reports, runs),
        sorted({cell["code"] for cell in cells if "code" in cell}),
        read_json(data),
        pd.DataFrame([_encoding(path) for path in encoded]),
        {path.parent.name: _share(read_json(path)["parts"]["test"]) for path in encoded},
        {name: path if path.is_file() else None for name, path in pages.items()},
        {
            name: remeasured.changed(measured[name], records / name, memory / name / "cells")
            for name, path in pages.items()
            if path.is_file()
        },
        (read_json(benchmarks) if benchmarks.is_file() else {}) or None,
        pd.DataFrame([(path.as_posix(), _md5(path)) for path in read], columns=["file", "md5"]),
    )


def _cells(records: Path, params: Params) -> list[Path]:
    return [
        records / protocol / f"{model}.json"
        for protocol in params.grid.protocols
        for model in params.grid.models
    ]


def _baselines(records: Path, params: Params) -> list[Path]:
    return [
        records / protocol / "baselines" / f"{baseline}.json"
        for protocol in params.grid.protocols
        for baseline in params.grid.baselines
    ]


def _encoding(path: Path) -> dict[str, Any]:
    record = read_json(path)
    parts = {name: f"{part['reviews']:,}" for name, part in record["parts"].items()}
    shares = {
        "tokens without a vector": f"{100 * record['dropped_share']:.2f} %",
        "tokens cut off at the end": f"{100 * record['cut_share']:.2f} %",
    }
    shown = {"protocol": record["protocol"], "vectors": path.stem, **parts}
    return {**shown, "tokens": f"{record['tokens']:,}", **shares}


def _share(part: dict[str, int]) -> float:
    """The share of a part's reviews that are of the second class; NaN of more than two classes."""
    return part.get("positive", math.nan) / part["reviews"]


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest()
