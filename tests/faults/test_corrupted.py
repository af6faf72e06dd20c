"""A bit flipped in a file: it is noticed before it decides a result, and the next run mends it."""

import random
from pathlib import Path

import pytest
from projects import Project
from states import compare, copied
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
# What Git has: the way back is to take it from there.
IN_GIT = ("dvc.lock", "params.yaml")


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
    project = copied(committed, tmp_path / "project")
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
