"""Trains one seed of some cells apart from their stages.

Stage `train` itself does it, in a folder of its own whose params.yaml has that seed alone, and
keeps the seed where the cell's stage finds it: none is trained twice.
"""

import os
import runpy
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ruamel.yaml import YAML

from sentiment.settings.cells import Cell

SEEDS = Path(".sentiment/seeds")


def furnish(root: Path, folder: Path, seed: int) -> None:
    """Make the folder: a params.yaml with `seed`, and what the stage reads and keeps, by links.

    What was there is forgotten, so that nobody takes it for what comes now.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / ".sentiment").mkdir(parents=True)
    (root / SEEDS).mkdir(parents=True, exist_ok=True)
    for name in ("data", SEEDS):
        link = folder / name
        link.symlink_to(os.path.relpath(root / name, link.parent), target_is_directory=True)
    yaml = YAML()
    settings = yaml.load(root / "params.yaml")
    settings["seeds"] = [seed]
    yaml.dump(settings, folder / "params.yaml")


def command(root: Path, cells: Iterable[Cell]) -> list[str]:
    """What trains that seed of `cells`, to be run in the folder."""
    names = [f"{cell.protocol}/{cell.model}/{cell.vectors}" for cell in cells]
    return [sys.executable, "-m", "sentiment.running.apart", str(root.resolve()), *names]


def main(root: str, names: Sequence[str]) -> None:
    """Train the seed for each cell that `names` names, one after another."""
    stage = runpy.run_path(f"{root}/stages/train.py")
    for name in names:
        protocol, model, vectors = name.split("/")
        cell = Cell(protocol, model, vectors, "")
        about = Path(f"data/models/{cell.model}.json")
        stage["train"](cell.protocol, cell.model, about, Path(cell.data), Path(cell.networks))


if __name__ == "__main__":
    from sentiment.errors import UserError

    try:
        main(sys.argv[1], sys.argv[2:])
    except UserError as error:
        sys.exit(f"error: {error}")
