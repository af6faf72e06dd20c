"""Recomputes cells from the archive on, elsewhere, and holds them against the committed results."""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.errors import UserError
from sentiment.running import workspace
from sentiment.settings.cells import of
from sentiment.settings.params import Params

# Another kind of processor rounds differently, and training carries that on: a mean accuracy over
# seeds may then differ by this much, about the spread of the means of five seeds.
TOLERANCE = 0.01


@dataclass(frozen=True)
class Verdict:
    """What came of one cell."""

    cell: str
    agrees: bool
    words: str


def verify(root: Path, cells: Sequence[str], params: Params) -> list[Verdict]:
    """Recompute `cells`, named protocol-model (all there are if none), and compare each.

    Nothing of the project's data, cache or results is used or changed, but for the archive.
    Raises UserError for a cell that is not in params.yaml, is not committed, or does not run.
    """
    known = {cell.name: cell for cell in of(params)}
    for cell in cells:
        if cell not in known:
            raise UserError(f"{cell}: no such cell: use one of {', '.join(known)}")
    chosen = {cell: known[cell] for cell in cells or known}
    committed = {name: _committed(root, cell.record) for name, cell in chosen.items()}
    with tempfile.TemporaryDirectory(prefix="sentiment-verify-") as folder:
        scratch = Path(folder)
        workspace.create(root, scratch, root / "params.yaml")
        # Sources are paths from here, and the recomputation runs elsewhere.
        places = (f"data/raw/{params.download.file}", *params.download.sources)
        if archive := next((root / place for place in places if (root / place).is_file()), None):
            os.environ["SENTIMENT_ARCHIVE"] = str(archive.resolve())
        if workspace.run(scratch, "run", *(cell.stage("evaluate") for cell in chosen.values())):
            raise UserError("the recomputation did not end well: its own message is above")
        return [
            compare(name, committed[name], (scratch / cell.record).read_bytes())
            for name, cell in chosen.items()
        ]


def compare(cell: str, committed: bytes, recomputed: bytes) -> Verdict:
    """Whether two results files of a cell are equal bytes, or equal within TOLERANCE."""
    if committed == recomputed:
        return Verdict(cell, True, "identical: equal bytes")
    before, after = json.loads(committed), json.loads(recomputed)
    if [run["seed"] for run in before["seeds"]] != [run["seed"] for run in after["seeds"]]:
        return Verdict(cell, False, "DIFFERENT: other seeds")
    gaps = {
        metric: _mean(after, metric) - _mean(before, metric) for metric in ("val_acc", "test_acc")
    }
    shown = ", ".join(f"mean {metric} {gap:+.4f}" for metric, gap in gaps.items())
    if max(map(abs, gaps.values())) <= TOLERANCE:
        return Verdict(cell, True, f"equal within {TOLERANCE}, other bytes: {shown}")
    return Verdict(cell, False, f"DIFFERENT: {shown}")


def _mean(record: dict[str, Any], metric: str) -> float:
    return sum(run[metric] for run in record["seeds"]) / len(record["seeds"])


def _committed(root: Path, path: str) -> bytes:
    command = ["git", "-C", str(root), "show", f"HEAD:./{path}"]
    shown = subprocess.run(command, capture_output=True, check=False)
    if shown.returncode != 0:
        raise UserError(f"{path}: not committed: there is nothing to compare with")
    return shown.stdout
