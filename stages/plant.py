"""Stage `plant`: how far back one model can learn to remember a word that decides the label."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from sentiment import command, encoding, files, params, runtime
from sentiment.probes import planted


def plant(
    protocol: str, model: str, tokens: Path, vocabulary: Path, vectors: Path, record: Path
) -> None:
    """Draw words from the training reviews of TOKENS; train on VECTORS; write RECORD (JSON)."""
    settings = params.load()
    described, task = settings.models[model], settings.memory.planted
    runtime.configure(settings.train.threads)
    matrix, ids = np.load(vectors), encoding.load(tokens).select("train").ids
    words = planted.find(task.words, vocabulary.read_text(encoding="utf-8").split("\n")[:-1])
    noise = ids[(ids > 0) & ~np.isin(ids, words)]
    length = max(task.distances) + 1
    kinds = list(
        planted.classifiers(described.architecture, described.units, length, matrix.shape[1])
    )
    found = []
    total = len(kinds) * len(task.distances) * len(task.seeds)
    with tqdm(total=total, desc=f"{protocol} {model}", unit=" fits", disable=None) as bar:
        for bias, classifier in kinds:
            given = noise, words, task.distances, task.sequences, task.seeds
            fits = planted.learn(classifier, matrix, settings.train, *given, bar.update)
            found += [{"forget_bias": bias, **fit} for fit in fits]
    about = {"protocol": protocol, "model": model, "length": length}
    files.write_json(record, {**about, "sequences": task.sequences, "fits": found})


if __name__ == "__main__":
    command.run(plant)
