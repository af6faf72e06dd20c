"""What was done to the project, how often, and what came of it: reports/reliability.md."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sentiment.running import host
from sentiment.storage.files import read_json, write_json, write_text


@dataclass
class Fault:
    """A kind of fault, how often it was tried and survived, and what was lost."""

    kind: str
    tried: int = 0
    survived: int = 0
    lost: set[str] = field(default_factory=set)

    def survives(self, lost: str = "nothing") -> None:
        """Note that all held once more, but for what was `lost`."""
        self.survived += 1
        self.lost.add(lost)


class Tally:
    """All faults of a file of tests, by their kind."""

    def __init__(self) -> None:
        """None yet."""
        self.faults: dict[str, Fault] = {}

    def begin(self, kind: str, tried: int = 1) -> Fault:
        """Note that a fault of this kind is tried, or will be."""
        fault = self.faults.setdefault(kind, Fault(kind))
        fault.tried += tried
        return fault

    def write(self, folder: Path, title: str, seconds: float) -> None:
        """Put a part with this title into reliability.json and reliability.md.

        Other parts stay if they are of this machine and of these versions.
        """
        rows = [
            {"fault": f.kind, "tried": f.tried, "survived": f.survived, "lost": sorted(f.lost)}
            for f in self.faults.values()
        ]
        path, here = folder / "reliability.json", host.describe()
        before = read_json(path) if path.exists() else {}
        parts = before["parts"] if all(before.get(key) == here[key] for key in here) else {}
        parts |= {title: {"seconds": round(seconds), "faults": rows}}
        record = {**here, "parts": dict(sorted(parts.items()))}
        write_json(path, record)
        write_text(folder / "reliability.md", page(record))


def page(record: dict[str, Any]) -> str:
    """Markdown of a record."""
    machine, parts = record["host"], record["parts"]
    rows = [row for part in parts.values() for row in part["faults"]]
    failed = [row["fault"] for row in rows if row["survived"] < row["tried"]]
    verdict = "All were survived." if not failed else f"Not survived: {', '.join(failed)}."
    tried, minutes = (
        sum(row["tried"] for row in rows),
        sum(part["seconds"] for part in parts.values()) / 60,
    )
    text = [
        "# Reliability",
        f"{tried:,} faults that `make faults` tried in {minutes:.0f} min on {machine['cores']} "
        f"cores of {machine['processor']}. {verdict} What is survived, each part says; a "
        "kind of fault without a part here has not been recorded.",
    ]
    for title, part in parts.items():
        heading, _, told = title.partition(": ")
        text += [
            f"## {heading}",
            f"{told[:1].upper()}{told[1:]}",
            "\n".join(_lines(part["faults"])),
        ]
    return "\n\n".join(text) + "\n"


def _lines(rows: Iterable[dict[str, Any]]) -> Iterable[str]:
    yield "| fault | tried | survived | lost |"
    yield "| :-- | --: | --: | :-- |"
    for row in rows:
        lost = "; ".join(row["lost"])
        yield f"| {row['fault']} | {row['tried']:,} | {row['survived']:,} | {lost} |"
