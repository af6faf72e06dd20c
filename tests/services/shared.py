"""What the tests of services share: where their servers are, and what a project has made."""

import shutil
import sys
from pathlib import Path

import pytest
from projects import Project


def needs(program: str, package: str) -> str:
    """Where the server's program is; without it the test is skipped."""
    beside = Path(sys.executable).parent / program
    found = (
        str(beside) if beside.is_file() else shutil.which(program, path="/usr/sbin:/usr/bin:/bin")
    )
    if found is None:
        pytest.skip(f"{program} is not installed: {package}")
    return found


def results(project: Project) -> dict[str, bytes]:
    """dvc.lock, and every file of results."""
    files = [project.folder / "dvc.lock", *(project.folder / "reports/results").rglob("*.json")]
    return {file.relative_to(project.folder).as_posix(): file.read_bytes() for file in files}
