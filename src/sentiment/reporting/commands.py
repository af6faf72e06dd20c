"""What the first commands need, take and give: the first table of the README."""

from pathlib import Path
from typing import Any

import pandas as pd

from sentiment.files import read_json

NEEDS = {
    "demo": ("a package index", "the whole pipeline on short snippets of reviews, and its page"),
    "results": ("a package index, IMDB", "everything from the archive to the tables and the page"),
    "test": ("a package index", "the whole test suite"),
}


def table(path: Path) -> str:
    """A row a command, from what `benchmarks/commands.py` measured and wrote to `path`."""
    record = read_json(path)
    measured = {entry["command"]: entry for entry in record["commands"]}
    rows = [
        (f"`make {name}`", gives, needs, _minutes(measured[name]), _gigabytes(measured[name]))
        for name, (needs, gives) in NEEDS.items()
    ]
    columns = ["command", "what it does", "what it needs", "time", "disk"]
    shown = pd.DataFrame(rows, columns=columns).to_markdown(index=False, disable_numparse=True)
    setup = measured["setup"]
    return (
        f"{shown}\n\nWhichever comes first sets up `.venv` before: {_minutes(setup)} more, "
        f"{_gigabytes(setup)}. Measured {_machine(record['host'])}, in a new clone.\n"
    )


def _minutes(entry: dict[str, Any]) -> str:
    return f"{max(1, round(entry['seconds'] / 60))} min"


def _gigabytes(entry: dict[str, Any]) -> str:
    return f"{entry['bytes'] / 1e9:.1f} GB"


def _machine(host: dict[str, Any]) -> str:
    return f"on {host['cores']} cores of {host['processor']} with {host['memory_gb']} GB"
