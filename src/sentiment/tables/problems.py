"""Rows of a table that cannot be used, counted by kind and named by their lines."""

from typing import Any

from sentiment.tables.lines import Row

# Lines that are told of each kind of problem.
SHOWN = 20
NO_TEXT, UNKNOWN_LABEL, UNKNOWN_SPLIT = "no text", "unknown label", "unknown split"
NO_ID, REPEATED_ID, SHARED_GROUP = "no id", "repeated id", "group shared with the test reviews"


class Problems:
    """Rows that cannot be used, by kind."""

    def __init__(self) -> None:
        """None yet."""
        self.found: dict[str, list[str]] = {}

    def add(self, kind: str, row: Row) -> None:
        """Note the row's line."""
        self.found.setdefault(kind, []).append(place(row))

    @property
    def rows(self) -> int:
        """How many there are, of all kinds."""
        return sum(map(len, self.found.values()))

    def told(self) -> list[dict[str, Any]]:
        """For each kind how many rows, and the first of their lines."""
        return [
            {"kind": kind, "rows": len(places), "lines": places[:SHOWN]}
            for kind, places in sorted(self.found.items())
        ]


def place(row: Row) -> str:
    """The row's line, and the file of the archive where there are several."""
    return f"{row.place} line {row.line}".strip()
