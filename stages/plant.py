"""Stage `plant`: how far back one model can learn to remember a word that decides the label."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from sentiment import files, tokens
from sentiment.networks import runtime
from sentiment.networks.descriptions import Description
from sentiment.networks.training import Trainer
from sentiment.probes import planted
from sentiment.running import stage
from sentiment.settings import params


def plant(protocol: str, model: str, about: Path, data: Path, record: Path) -> None:
    """Train the model that ABOUT describes on words of DATA's training reviews; write RECORD."""
    settings = params.load()
    task, recipe = settings.memory.planted, settings.train
    # The last state alone: what it has forgotten, no other state can say.
    described = replace(Description.read(about), read_out="last")
    runtime.configure(recipe.threads)
    runtime.configure_tensorflow(recipe.threads)
    runtime.check(recipe.target)
    matrix, ids = np.load(data / "vectors.npy"), tokens.load(data / "tokens").select("train").ids
    vocabulary = (data / "vocabulary.txt").read_text(encoding="utf-8").split("\n")[:-1]
    words = planted.find(task.words, vocabulary)
    noise = ids[(ids > 0) & ~np.isin(ids, words)]
    length = max(task.distances) + 1
    kinds = list(planted.untrained(described, length, matrix.shape[1]))
    found = []
    total = len(kinds) * len(task.distances) * len(task.seeds)
    with tqdm(total=total, desc=f"{protocol} {model}", unit=" fits", disable=None) as bar:
        for bias, classifier in kinds:
            trainer = Trainer(described, classifier, matrix, recipe, described.engine)
            given = noise, words, task.distances, task.sequences, task.seeds
            fits = planted.learn(trainer, *given, bar.update)
            found += [{"forget_bias": bias, **fit} for fit in fits]
    about_task = {"protocol": protocol, "model": model, "length": length}
    files.write_json(record, {**about_task, "sequences": task.sequences, "fits": found})


if __name__ == "__main__":
    stage.run(plant)
