"""Setting up shows how far it is and what went wrong, and nothing of what pip says beside that."""

import os
import pty
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from conftest import ROOT

SCRIPT = str(ROOT / "tools/environment.py")
PIP = """\
import sys, time
print("WARNING: Location 'file:///nowhere' is ignored", file=sys.stderr)
if "-e" in sys.argv:
    sys.exit()
for package in ("a", "b"):
    print(f"Collecting {package}", flush=True)
print("Ignoring c: markers don't match", flush=True)
time.sleep(1.2)
if FAILS:
    print("ERROR: No matching distribution found for b==2", file=sys.stderr)
    sys.exit(1)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder whose environment has a pip that fetches two of three packages."""
    (tmp_path / "requirements.lock").write_text("a==1\nb==2\nc==3 ; sys_platform == 'other'\n")
    venv.create(tmp_path / ".venv", with_pip=False, symlinks=True)
    return tmp_path


def fake_pip(project: Path, fails: bool) -> None:
    (packages,) = project.glob(".venv/lib/python*/site-packages")
    (packages / "pip").mkdir(exist_ok=True)
    (packages / "pip/__main__.py").write_text(PIP.replace("FAILS", str(fails)))


def set_up(project: Path, **streams: int) -> subprocess.CompletedProcess[str]:
    # The environment is there already, with a pip that would be put over.
    code = (
        "import runpy, subprocess\n"
        "run = subprocess.run\n"
        "subprocess.run = lambda what, **how: None if 'venv' in what else run(what, **how)\n"
        f"runpy.run_path({SCRIPT!r}, run_name='__main__')"
    )
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    return subprocess.run([sys.executable, "-c", code], cwd=project, text=True, check=False, **how)


def test_into_a_file_goes_one_line(project: Path) -> None:
    fake_pip(project, fails=False)
    done = set_up(project)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Setting up .venv (a few minutes, 2.8 GB)\n"


def test_on_a_terminal_the_packages_are_counted_and_the_line_is_left_empty(project: Path) -> None:
    fake_pip(project, fails=False)
    main, terminal = pty.openpty()
    done = set_up(project, stdout=terminal, stderr=terminal)
    os.close(terminal)
    shown = os.read(main, 100_000).decode()
    os.close(main)
    assert done.returncode == 0
    assert "2 of 2 packages fetched" in shown
    assert "WARNING" not in shown
    assert shown.split("\r")[-1] == ""


def test_an_error_of_pips_is_shown_and_its_warnings_are_not(project: Path) -> None:
    fake_pip(project, fails=True)
    done = set_up(project)
    assert done.returncode == 1
    first, last = done.stderr.splitlines()
    assert first == "ERROR: No matching distribution found for b==2"
    assert last.startswith("error: .venv/bin/python -m pip install ")
    assert last.endswith("failed, as said above: mend that and run again")
