"""The README's first table says what each command takes, from what was measured."""

from pathlib import Path

from sentiment.reporting.readme import commands
from sentiment.storage.files import write_json

HOST = {"processor": "A processor", "cores": 2, "memory_gb": 24}


def rows(text: str) -> dict[str, list[str]]:
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in lines}


def test_a_row_says_what_a_command_needs_takes_and_fills(tmp_path: Path) -> None:
    seconds = {"setup": 100, "demo": 170, "results": 1790, "test": 20}
    measured = [
        {"command": name, "seconds": took, "bytes": 10**7 * took} for name, took in seconds.items()
    ]
    write_json(tmp_path / "commands.json", {"host": HOST, "commands": measured})
    text = commands.table(tmp_path / "commands.json")
    shown = rows(text)
    assert shown["`make demo`"][1:] == [
        *("a package index, which has the 32 MB of data", "3 min", "1.7 GB"),
    ]
    assert shown["`make results`"][1:] == ["a package index, and IMDB, 84 MB", "30 min", "17.9 GB"]
    assert shown["`make test`"][1:] == ["a package index", "1 min", "0.2 GB"]
    assert "2 min more, 1.0 GB of disk. Measured in a new clone, on 2 cores of A processor" in text


def test_what_was_not_measured_is_not_made_up(tmp_path: Path) -> None:
    text = commands.table(tmp_path / "commands.json")
    assert len(rows(text)["`make demo`"]) == 2
    assert "`python benchmarks/commands.py` measures time and disk" in text
