"""What was done to the project, how often, and what came of it: reports/reliability.md."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sentiment.running import host
from sentiment.storage.files import write_json, write_text


@dataclass
class Fault:
    """A kind of fault, each time that it was tried, and what was lost each time."""

    kind: str
    tried: int = 0
    survived: int = 0
    lost: set[str] = field(default_factory=set)

    def survives(self, lost: str = "nothing") -> None:
        """Note that all held once more, but for what was `lost`."""
        self.survived += 1
        self.lost.add(lost)


class Tally:
    """All faults of a session, by their kind."""

    def __init__(self) -> None:
        """None yet."""
        self.faults: dict[str, Fault] = {}

    def begin(self, kind: str, tried: int = 1) -> Fault:
        """Note that a fault of this kind is tried, or will be."""
        fault = self.faults.setdefault(kind, Fault(kind))
        fault.tried += tried
        return fault

    def write(self, folder: Path, seconds: float) -> None:
        """Write reliability.json and reliability.md."""
        rows = [
            {"fault": f.kind, "tried": f.tried, "survived": f.survived, "lost": sorted(f.lost)}
            for f in self.faults.values()
        ]
        record = {**host.describe(), "seconds": round(seconds), "faults": rows}
        write_json(folder / "reliability.json", record)
        write_text(folder / "reliability.md", page(record))


def page(record: dict[str, Any]) -> str:
    """Markdown of a record."""
    machine = record["host"]
    tried = sum(row["tried"] for row in record["faults"])
    failed = [row for row in record["faults"] if row["survived"] < row["tried"]]
    verdict = (
        "Everything survived."
        if not failed
        else f"Not everything survived: {', '.join(row['fault'] for row in failed)}."
    )
    parts = [
        "# Reliability",
        f"{tried:,} faults, each done to real runs on generated reviews by `make faults`, in "
        f"{record['seconds'] / 60:.0f} min on {machine['cores']} cores of "
        f"{machine['processor']}. {verdict} A fault is survived where the next start goes on, and "
        "the results in the end are byte for byte those of a run that nothing disturbed.",
        "\n".join(_lines(record["faults"])),
    ]
    return "\n\n".join(parts) + "\n"


def _lines(rows: Iterable[dict[str, Any]]) -> Iterable[str]:
    yield "| fault | tried | survived | lost |"
    yield "| :-- | --: | --: | :-- |"
    for row in rows:
        lost = "; ".join(row["lost"])
        yield f"| {row['fault']} | {row['tried']:,} | {row['survived']:,} | {lost} |"
