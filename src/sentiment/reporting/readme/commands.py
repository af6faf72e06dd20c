"""What the first commands need, take and give: the first table of the README."""

from pathlib import Path
from typing import Any

import pandas as pd

from sentiment.storage.files import read_json

NEEDS = {
    "demo": (
        "a package index, which has the 32 MB of data",
        "the whole pipeline on short snippets of reviews, and its page",
    ),
    "results": (
        "a package index, and IMDB, 84 MB",
        "everything from the archive to the tables and the page",
    ),
    "test": ("a package index", "the whole test suite"),
}


def table(path: Path) -> str:
    """A row a command, from what `benchmarks/commands.py` measured and wrote to `path`.

    Where there is no such file, the table says how to make it.
    """
    rows: dict[str, tuple[str, ...]] = {
        name: (f"`make {name}`", gives, needs) for name, (needs, gives) in NEEDS.items()
    }
    columns = ["command", "what it does", "what it needs"]
    if not path.is_file():
        how = "`python benchmarks/commands.py` measures time and disk."
        return f"{_markdown(rows, columns)}\n\n{how}\n"
    record = read_json(path)
    measured = {entry["command"]: entry for entry in record["commands"]}
    rows = {name: (*row, *_cost(measured[name])) for name, row in rows.items()}
    minutes, gigabytes = _cost(measured["setup"])
    host = record["host"]
    taken = f"{minutes} more, {gigabytes} of disk"
    where = f"{host['cores']} cores of {host['processor']} with {host['memory_gb']} GB of memory"
    return (
        f"{_markdown(rows, [*columns, 'time', 'disk'])}\n\nWhichever comes first sets up `.venv` "
        f"before: {taken}. Measured in a new clone, on {where}.\n"
    )


def _markdown(rows: dict[str, tuple[str, ...]], columns: list[str]) -> str:
    shown = pd.DataFrame(rows.values(), columns=columns)
    return shown.to_markdown(index=False, disable_numparse=True)


def _cost(entry: dict[str, Any]) -> tuple[str, str]:
    return f"{max(1, round(entry['seconds'] / 60))} min", f"{entry['bytes'] / 1e9:.1f} GB"
