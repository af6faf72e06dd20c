"""What a project has come to, held against one that nothing disturbed."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import psutil
from projects import Project, move_compiled

# What `mlflow_runs` writes.
LISTED = "runs.json"
# Where artifacts lie stands in MLflow's store, so each copy makes its own.
WITHOUT_STORE = shutil.ignore_patterns("mlflow.db*", "mlartifacts")


def copied(project: Project, folder: Path) -> Project:
    """A copy of the project with all that lies there, but for MLflow's store."""
    shutil.copytree(project.folder, folder, symlinks=True, ignore=WITHOUT_STORE)
    move_compiled(folder)
    return project.at(folder)


def processes(folder: Path) -> Iterator[psutil.Process]:
    """Those that work in the folder."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if Path(process.cwd()).is_relative_to(folder):
                yield process


def command(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        words = process.cmdline()
        return " ".join([*map(lambda word: Path(word).name, words[:2]), *words[1:]])
    return ""


def outcome(project: Project) -> dict[str, bytes]:
    """All that is to be committed; dvc.lock names the digests of the rest."""
    listed = project.must("git", "ls-files", "--cached", "--others", "--exclude-standard")
    names = set(listed.splitlines()) - {LISTED}
    return {name: (project.folder / name).read_bytes() for name in names}


def mirrored(project: Project) -> pd.DataFrame:
    """MLflow's current runs: what they are of, and what was measured."""
    runs = project.mlflow_runs()
    runs = runs[runs["tags.current"].astype(str).str.lower() == "true"]
    shown = [name for name in runs if name.startswith(("params.", "metrics."))]
    shown = [name for name in shown if "seconds" not in name and "peak" not in name]
    return runs[["tags.dvc.key", *sorted(shown)]].sort_values("tags.dvc.key", ignore_index=True)


def compare(project: Project, undisturbed: Project) -> None:
    """Whether all is as after a run that nothing disturbed, and nothing half is left."""
    assert outcome(project) == outcome(undisturbed)
    pd.testing.assert_frame_equal(mirrored(project), mirrored(undisturbed))
    assert [*project.folder.rglob(".writing-*")] == []
