"""Commands at the same time: each waits or says who works, and the end is that of one alone."""

import subprocess
import time
from pathlib import Path

import pytest
from projects import Project, cloned
from states import compare
from tally import Tally

pytestmark = pytest.mark.timeout(1800)
RUN, REPRO, SYNC = ("sentiment", "run"), ("dvc", "repro"), ("sentiment", "sync")


def begin(project: Project, command: tuple[str, ...]) -> subprocess.Popen[str]:
    where = {"cwd": project.folder, "env": project.environment()}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, **where, **pipes, text=True)


@pytest.mark.parametrize(
    ("kind", "second"),
    [
        ("a second `sentiment run` in one checkout", RUN),
        ("`dvc repro` during `sentiment run`", REPRO),
        ("`sentiment sync` during `sentiment run`", SYNC),
    ],
)
def test_a_second_command_in_a_checkout_changes_no_result(
    origin: Project,
    undisturbed: Project,
    tally: Tally,
    tmp_path: Path,
    kind: str,
    second: tuple[str, ...],
) -> None:
    project, fault = cloned(origin, tmp_path / "project"), tally.begin(kind)
    with begin(project, RUN) as first:
        time.sleep(15)
        with begin(project, second) as other:
            told = other.communicate()[0]
        said = first.communicate()[0]
    assert "Traceback" not in told + said
    assert first.returncode == 0, said
    if other.returncode:
        assert "another" in told.splitlines()[-1], told
    project.must("sentiment", "run")
    compare(project, undisturbed)
    fault.survives("nothing" if other.returncode == 0 else "the second, which says who works")


def test_two_clones_with_one_cache_end_as_one_alone(
    origin: Project, undisturbed: Project, tally: Tally, tmp_path: Path
) -> None:
    fault = tally.begin("two clones with one shared cache")
    clones = [cloned(origin, tmp_path / name) for name in ("one", "other")]
    for clone in clones:
        clone.must("dvc", "cache", "dir", "--local", str(tmp_path / "cache"))
    runs = [begin(clone, RUN) for clone in clones]
    said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    for clone in clones:
        compare(clone, undisturbed)
    fault.survives()
