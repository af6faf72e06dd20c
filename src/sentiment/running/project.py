"""A project of one's own: a folder with parameters for a table, and the pipeline that reads them.

It carries the code that computes its results, so that they belong to it whatever is installed.
"""

import os
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import sentiment
from sentiment.errors import UserError
from sentiment.running import workspace
from sentiment.running.guesses import Guess, guess
from sentiment.storage.files import atomic_path, sha256, write_text

# Words that word2vec is to read in all, and reviews that a network is to be trained on in all.
WORDS, REVIEWS = 10_000_000, 40_000
EPOCHS = {"vectors": (5, 50), "train": (2, 30)}
LENGTHS = (10, 400)
# A class with fewer rows would be missing in one of three parts.
FEW = 20
# What counts n-grams takes some 0.1 GB for a million words, and is left out where that is too much.
NGRAMS, NGRAM_WORDS = ("tfidf", "svm", "nbsvm"), 20_000_000
HEADER = """\
# Every number of this study. What each key means stands in docs/extending.md of `sentiment`;
# `dataset` was guessed from the table.
"""
MAKEFILE = """\
# Activate the environment in which `sentiment` is installed, then: make results.

export PYTHONPATH := src
export DVC_NO_ANALYTICS := 1

.PHONY: results repro ui

results: # everything up to the tables and the page, reports/index.html
\tsentiment run compare export --single-item report --single-item explore
\t@cat reports/comparison.md

repro: # the same, one stage after another
\tdvc repro compare export
\tdvc repro --single-item report explore

ui: # mirror the results in MLflow and open its UI
\tsentiment ui
"""
IGNORED = "/data/\n/models/\n.sentiment/\n__pycache__/\n/mlflow.db*\n/mlartifacts/\n/mlruns/\n"


def home() -> Path:
    """Where dvc.yaml and the stages lie: in the checkout, or beside the installed package."""
    checkout = Path(sentiment.__file__).parents[2]
    shared = Path(sysconfig.get_path("data")) / "share" / "sentiment"
    return checkout if (checkout / "dvc.yaml").is_file() else shared


def create(folder: Path, table: Path, told: Mapping[str, str | None]) -> Guess:
    """Make `folder` a project for the reviews in `table`; what was guessed of its columns.

    `told` are columns that a person named: text, label, split, group, id. Raises UserError where
    there is a project already, and for a table that cannot be read.
    """
    if (folder / "params.yaml").exists():
        raise UserError(f"{folder}: there is a project already: name another folder")
    found = guess(table, told)
    if len(classes(found)) < 2:
        raise UserError(
            f"{table}: column {found.columns.label!r} has fewer than two classes of {FEW} rows or "
            "more: name another column with --label, or bring more rows"
        )
    with atomic_path(folder / "params.yaml") as temporary, temporary.open("w") as file:
        file.write(HEADER)
        YAML().dump(params(folder, table, found), file)
    workspace.create(home(), folder, folder / "params.yaml")
    write_text(folder / "Makefile", MAKEFILE)
    write_text(folder / ".gitignore", IGNORED)
    return found


def params(folder: Path, table: Path, found: Guess) -> dict[str, Any]:
    """Parameters for `table`: the demo's, with what the table asks for."""
    settings = YAML(typ="safe").load(home() / "params.demo.yaml")
    name = "".join(letter if letter.isalnum() else "-" for letter in table.name.split(".")[0])
    protocol = "grouped" if found.columns.group else "stratified"
    settings["dataset"] = {
        "name": "-".join(filter(None, name.encode("ascii", "ignore").decode().lower().split("-"))),
        **{"format": "table", "classes": classes(found)},
        **{"columns": found.columns.model_dump(), "bad": round(_few(found) + 0.01, 4)},
    }
    settings["dataset"]["name"] = settings["dataset"]["name"] or "own"
    settings["download"] = {
        "file": f"table{_ending(table)}",
        "sources": [os.path.relpath(table, folder)],
        **{"sha256": sha256(table), "folders": {}, "files": {}},
    }
    settings["protocols"] = {
        protocol: {
            **{"split": "grouped", "seed": 1, "test": None if found.has_test else 0.2},
            **{"validation": 0.2, "tokens": "unicode"},
            **{"length": _between(found.long, LENGTHS), "unknown": None},
        }
    }
    read = _between(WORDS / max(found.words, 1), EPOCHS["vectors"])
    settings["vectors"] |= {"source": "reviews", "norm": 2.5, "dimensions": 100, "epochs": read}
    settings["train"]["epochs"] = _between(REVIEWS / max(found.rows, 1), EPOCHS["train"])
    settings["grid"]["protocols"] = [protocol]
    settings["grid"]["baselines"] = [
        name for name in settings["grid"]["baselines"] if name not in too_large(found)
    ]
    for experiment in ("inputs", "resplit", "leak", "width"):
        settings[experiment]["protocol"] = protocol
    settings["explore"] |= {"sentences": [], "hints": []}
    for network in settings["explore"]["networks"].values():
        network["protocol"] = protocol
    settings["memory"] |= {"protocols": [], "models": [], "probed": [], "reordered": []}
    return settings


def classes(found: Guess) -> list[str]:
    """Those of which there are enough rows for three parts."""
    return [name for name, rows in found.classes.items() if rows >= FEW]


def too_large(found: Guess) -> tuple[str, ...]:
    """The baselines that would take too much memory for so many words."""
    return NGRAMS if found.words > NGRAM_WORDS else ()


def _few(found: Guess) -> float:
    """The share of rows that are of the other classes."""
    return sum(rows for rows in found.classes.values() if rows < FEW) / found.rows


def _ending(table: Path) -> str:
    """What says the format of `table`: .csv, or .csv.gz."""
    return "".join(table.suffixes[-2:] if table.suffix == ".gz" else table.suffixes[-1:])


def _between(value: float, limits: tuple[int, int]) -> int:
    return round(min(max(value, limits[0]), limits[1]))
