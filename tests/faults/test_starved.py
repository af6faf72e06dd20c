"""Too little of what a run needs: it says so in a line, and goes on once there is enough."""

import os
import resource
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import Project, cloned
from states import compare, copied
from tally import Tally

pytestmark = pytest.mark.timeout(1800)
DAY = 24 * 3600
# What a run may have at most: the limit that the system holds it to, and of how much.
SIZES, FILES, MEMORY = (3_000, 30_000, 200_000), (64, 24), 1_500_000_000
LIMITS = {
    **{f"files of at most {size:,} bytes": (resource.RLIMIT_FSIZE, size) for size in SIZES},
    **{f"at most {count} open files": (resource.RLIMIT_NOFILE, count) for count in FILES},
    "1.5 GB of memory for each process": (resource.RLIMIT_AS, MEMORY),
}


def run(project: Project, prepare: Callable[[], None]) -> subprocess.CompletedProcess[str]:
    """Run all stages in a process that `prepare` has seen to."""
    where = {"cwd": project.folder, "env": project.environment(), "preexec_fn": prepare}
    return subprocess.run(
        ["sentiment", "run"], **where, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("kind", LIMITS)
def test_a_run_with_too_little_says_so_and_goes_on_with_more(
    origin: Project, undisturbed: Project, tally: Tally, tmp_path: Path, kind: str
) -> None:
    project, fault = cloned(origin, tmp_path / "project"), tally.begin(kind)
    limit, most = LIMITS[kind]
    done = run(project, lambda: resource.setrlimit(limit, (most, most)))
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    if done.returncode:
        assert done.stderr.splitlines()[-1].startswith("error: "), said
    project.must("sentiment", "run")
    compare(project, undisturbed)
    fault.survives("the run" if done.returncode else "nothing")


@pytest.mark.parametrize(("kind", "shift"), [("a day ahead", DAY), ("a year back", -365 * DAY)])
def test_files_of_another_time_decide_nothing(
    committed: Project, undisturbed: Project, tally: Tally, tmp_path: Path, kind: str, shift: int
) -> None:
    project = copied(committed, tmp_path / "project")
    fault = tally.begin(f"all files {kind} of the clock")
    then = time.time() + shift
    for path in project.folder.rglob("*"):
        os.utime(path, (then, then), follow_symlinks=False)
    assert project.ran(project.must("sentiment", "run")) == set()
    compare(project, undisturbed)
    fault.survives()
