"""For a colleague with a clone: does all that is committed belong together?"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sentiment.comparison import results
from sentiment.data.sources import ARCHIVE_VARIABLE
from sentiment.errors import UserError
from sentiment.reporting.comparison import tables
from sentiment.reporting.readme import documents, parts
from sentiment.running import costs, remotes, verification
from sentiment.settings import cells
from sentiment.settings.params import Params

DVC = [sys.executable, "-m", "dvc"]
REMOTE = """\
no DVC remote is set, so data and weights are made by training; three lines share them:
  dvc remote add --default shared /a/folder/or/s3://bucket
  dvc push     (where the results were made)
  dvc pull     (where they are reviewed)"""
WHERE = """\
look at reports/index.html (one page with all of it), reports/comparison.md (every table),
reports/results/ (every run of every seed), and docs/review.md (how to go on)"""


class Finding(NamedTuple):
    """One thing that was looked at."""

    about: str
    is_well: bool
    said: str


def findings(root: Path, settings: Params) -> Iterator[Finding]:
    """Look at one thing after another; `root` is the project, and the working directory."""
    yield _tree(root)
    yield _remote(root)
    yield _stages(root)
    yield _tables(root, settings)
    yield _documents(root)
    yield _cell(root, settings)
    yield Finding("go on", True, WHERE)


def _tree(root: Path) -> Finding:
    done = _run(["git", "status", "--porcelain"], root)
    if done.returncode:
        return Finding("working tree", False, "git does not know this folder: review a clone")
    changed = done.stdout.splitlines()
    said = "as committed"
    if changed:
        files = f"{len(changed)} file{'s' * (len(changed) > 1)}"
        said = f"{files} not as committed: what follows is said of them as they are"
    return Finding("working tree", True, said)


def _remote(root: Path) -> Finding:
    """Pull where somebody shares a cache."""
    try:
        remote = remotes.checked(root)
        said = remotes.pull(root, remote) if remote else REMOTE
    except UserError as error:
        return Finding("remote", False, str(error))
    return Finding("remote", True, said)


def _stages(root: Path) -> Finding:
    """What `dvc repro` would run, where data that is not here counts as it was."""
    done = _run([*DVC, "repro", "--dry", "--allow-missing"], root)
    lines = (done.stdout + done.stderr).splitlines()
    stale = [line.split("'")[1] for line in lines if line.startswith("Running stage")]
    if done.returncode:
        return Finding("stages", False, _last(done))
    if stale:
        named = f"{', '.join(stale[:5])}{' and others' * (len(stale) > 5)}"
        return Finding("stages", False, f"dvc.lock is of other code or parameters: {named}")
    return Finding("stages", True, "dvc.lock is of this code and these parameters: none would run")


def _tables(root: Path, settings: Params) -> Finding:
    """Means, deviations and intervals, from the records of the cells."""
    runs = results.load(root / "reports/results", settings)
    again = tables.csv(tables.comparison(runs))
    path = root / "reports/comparison/comparison.csv"
    # What is scored without doubtful labels is not in the records.
    agrees = path.read_text(encoding="utf-8") == again or "undoubted" in path.read_text()
    said = f"{len(runs)} runs in reports/results give reports/comparison/comparison.csv"
    return Finding("tables", agrees, said if agrees else f"{said}: NOT, other numbers come out")


def _documents(root: Path) -> Finding:
    made = parts.parts(root) | {"costs": costs.table(root)}
    stale = [
        path.relative_to(root).as_posix()
        for path, text in documents.filled(root, made).items()
        if path.read_text(encoding="utf-8") != text
    ]
    if stale:
        return Finding("documents", False, f"{', '.join(stale)}: other numbers than reports/")
    return Finding("documents", True, "README.md and docs/ say what reports/ says")


def _cell(root: Path, settings: Params) -> Finding:
    """The smallest cell of the grid, from the archive on."""
    given = settings.download
    named = os.environ.get(ARCHIVE_VARIABLE)
    places = [f"data/raw/{given.file}", *([named] if named else []), *given.sources]
    if not any((root / place).is_file() for place in places):
        said = f"not verified: IMDB is not here: put {given.file} into data/raw/, and run again"
        return Finding("a cell", True, said)
    models = settings.models
    smallest = min(
        (cell for cell in cells.of(settings) if cell.group == ""),
        key=lambda cell: models[cell.model].units,
    )
    (verdict,) = verification.verify(root, [smallest.name], settings)
    return Finding(
        "a cell", verdict.agrees, f"{verdict.cell}, from the archive on: {verdict.words}"
    )


def _run(command: list[str], root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def _last(done: subprocess.CompletedProcess[str]) -> str:
    return remotes.last_line(done.stdout + done.stderr)
