"""A bit flipped in each kind of file: it is noticed before it can decide a result."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from projects import Project, move_compiled
from states import compare
from tally import Tally

pytestmark = pytest.mark.timeout(900)
# By what it is a pattern of the file, and what must be gone so that it is read.
FILES: dict[str, tuple[str, tuple[str, ...]]] = {
    "the archive": ("data/raw/*", ()),
    "the table of reviews": ("data/reviews.parquet", ()),
    "word vectors": ("data/lecture/reviews/vectors.npy", ()),
    "token ids": ("data/lecture/reviews/tokens/ids.npy", ()),
    "weights": ("models/lecture/lstm-3/seed-0.weights.h5", ()),
    "probabilities": ("data/probabilities/lecture/lstm-3.parquet", ()),
    "a result": ("reports/results/lecture/lstm-3.json", ()),
    "an object of DVC's cache": (".dvc/cache/files/md5/*/*", ("data", "models")),
    "weights of a kept seed": (
        ".sentiment/seeds/lecture-lstm-3/*/seed-0/seed.weights.h5",
        ("models", ".dvc/cache", "dvc.lock"),
    ),
    "the record of a kept seed": (
        ".sentiment/seeds/lecture-lstm-3/*/seed-0/record.json",
        ("models", ".dvc/cache", "dvc.lock"),
    ),
    "compiled code": (
        ".sentiment/numba/*/*/*.nbc",
        ("models", ".dvc/cache", "dvc.lock", ".sentiment/seeds"),
    ),
    "dvc.lock": ("dvc.lock", ()),
    "params.yaml": ("params.yaml", ()),
}
# Where artifacts lie stands in MLflow's store, so each copy makes its own.
WITHOUT_STORE: dict[str, Any] = {
    "symlinks": True,
    "ignore": shutil.ignore_patterns("mlflow.db*", "mlartifacts"),
}
# What Git has: the way back is to take it from there.
IN_GIT = ("dvc.lock", "params.yaml")


@pytest.fixture(scope="module")
def committed(undisturbed: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The results of the undisturbed run, committed, and all that lies beside them."""
    project = undisturbed.at(tmp_path_factory.mktemp("committed") / "project")
    shutil.copytree(undisturbed.folder, project.folder, **WITHOUT_STORE)
    move_compiled(project.folder)
    project.git("add", ".")
    project.git("commit", "--quiet", "--message", "Run")
    return project


def flip(path: Path, chance: random.Random) -> None:
    """Another bit somewhere in the file, whoever may write it."""
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("kind", FILES)
def test_a_flipped_bit_decides_nothing(
    committed: Project, undisturbed: Project, tally: Tally, tmp_path: Path, kind: str, seed: int
) -> None:
    chance, (pattern, gone) = random.Random(seed), FILES[kind]
    project = committed.at(tmp_path / "project")
    shutil.copytree(committed.folder, project.folder, **WITHOUT_STORE)
    move_compiled(project.folder)
    fault = tally.begin(f"a bit flipped in {kind}")
    flip(chance.choice(sorted(project.folder.glob(pattern))), chance)
    project.must("rm", "-rf", *gone)
    done = project.call("sentiment", "run")
    lost = "nothing"
    if done.returncode:
        # What a person wrote cannot be made anew: it is named, and Git has it.
        assert kind in IN_GIT
        assert kind in done.stderr.splitlines()[-1]
        lost = "the run, which ends with a line that names the file"
    if kind in IN_GIT:
        project.git("checkout", "--quiet", kind)
        project.must("sentiment", "run")
    compare(project, undisturbed)
    fault.survives(lost)
