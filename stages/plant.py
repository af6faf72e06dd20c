"""Stage `plant`: how far back one model can learn to remember a word that decides the label."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from sentiment.networks import runtime
from sentiment.networks.descriptions import Description
from sentiment.probes import planted
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files, tokens


def plant(protocol: str, model: str, about: Path, data: Path, record: Path) -> None:
    """Train the model that ABOUT describes on words of DATA's training reviews; write RECORD."""
    settings = params.load()
    task = settings.memory.planted
    recipe = settings.train.model_copy(update={"epochs": task.epochs})
    runtime.configure(recipe.threads)
    runtime.configure_tensorflow(recipe.threads)
    runtime.check(recipe.target)
    matrix, ids = np.load(data / "vectors.npy"), tokens.load(data / "tokens").select("train").ids
    vocabulary = (data / "vocabulary.txt").read_text(encoding="utf-8").split("\n")[:-1]
    described = Description.read(about)
    fits = planted.fits(described, matrix, ids, vocabulary, task, recipe)
    total, name = planted.count(described, task), f"{protocol} {model}"
    found = list(tqdm(fits, desc=name, total=total, unit=" fits", disable=None))
    about_task = {"protocol": protocol, "model": model, "sequences": task.sequences}
    files.write_json(record, {**about_task, "fits": found})


if __name__ == "__main__":
    stage.run(plant)
