"""Signals into whole runs: the next start goes on, and ends as one that nothing disturbed."""

import contextlib
import random
import signal
import time
from pathlib import Path

import psutil
import pytest
from projects import Project, cloned
from states import command, compare, processes
from tally import Tally

pytestmark = pytest.mark.timeout(1800)
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
# By a word of its command line.
VICTIMS = {"the runner": "sentiment run", "DVC": "-m dvc", "a stage": "stages/"}
# Seconds after a start at which a signal comes, and kills of one run.
SOONEST, LATEST, KILLS = 1.0, 12.0, 20
BUSY = "another command runs stages here"


def kept(project: Project) -> dict[Path, int]:
    """When each trained seed was put away."""
    records = project.folder.glob(".sentiment/seeds/*/*/seed-*/record.json")
    return {path: path.stat().st_mtime_ns for path in records}


def wait_for_silence(project: Project) -> None:
    """What a killed runner had started ends by itself."""
    deadline = time.monotonic() + 120
    while left := [*processes(project.folder)]:
        assert time.monotonic() < deadline, [command(process) for process in left]
        time.sleep(0.2)


def strike(project: Project, chance: random.Random) -> str | None:
    """Start a run and send one signal into it; what was struck, or None if it ended before."""
    with project.start("sentiment", "run", "--jobs", "2") as run:
        deadline = time.monotonic() + chance.uniform(SOONEST, LATEST)
        while time.monotonic() < deadline:
            if run.poll() is not None:
                return None
            time.sleep(0.02)
        victim, sent = chance.choice(list(VICTIMS)), chance.choice(SIGNALS)
        found = [one for one in processes(project.folder) if VICTIMS[victim] in command(one)]
        if not found:
            victim = "the runner"
            found = [psutil.Process(run.pid)]
        with contextlib.suppress(psutil.Error):
            chance.choice(sorted(found, key=lambda one: one.pid)).send_signal(sent)
        # Where the runner lives it goes on with what does not need the stage that was lost.
        run.wait(600)
    wait_for_silence(project)
    return f"{sent.name} to {victim}"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_run_that_is_struck_again_and_again_ends_as_one_that_nothing_disturbed(
    origin: Project, undisturbed: Project, tally: Tally, tmp_path: Path, seed: int
) -> None:
    chance, struck = random.Random(seed), []
    project = cloned(origin, tmp_path / "project")
    before: dict[Path, int] = {}
    while len(struck) < KILLS:
        blow = strike(project, chance)
        if blow is None:
            # It is through: from the start, with what was compiled and trained.
            compare(project, undisturbed)
            for name in ("dvc.lock", "data", "models", "reports/results", ".dvc/cache"):
                project.must("rm", "-rf", name)
            project.must("git", "checkout", "--quiet", ".")
            continue
        struck.append(tally.begin(blow))
        now = kept(project)
        assert before.items() <= now.items()
        before = now
    said = project.must("sentiment", "run")
    assert BUSY not in said
    compare(project, undisturbed)
    for fault in struck:
        fault.survives("at most the seed under way")
