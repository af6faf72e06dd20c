"""Stage `engines`: the models of one protocol trained once more, each by the other engine."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from sentiment.networks import agreement, classifiers, engines, runtime, weights
from sentiment.networks.descriptions import Trained
from sentiment.networks.training import Trainer
from sentiment.running import seeds, stage
from sentiment.settings import params
from sentiment.storage import files, tokens


def train_again(protocol: str, data: Path, folder: Path, record: Path) -> dict[str, Any]:
    """Train the first seed of each of the grid's models in FOLDER by the engine that did not.

    From the same initial weights, batches and dropout, on DATA; write RECORD (JSON).
    """
    settings = params.load()
    recipe, seed = settings.train, settings.seeds[0]
    runtime.configure(recipe.threads)
    runtime.configure_tensorflow(recipe.threads)
    runtime.check(recipe.target)
    reviews, matrix = tokens.load(data / "tokens"), np.load(data / "vectors.npy")
    parts = reviews.select("train"), reviews.select("validation")
    shape = {"length": reviews.length, "dimensions": matrix.shape[1]}
    vectors, inputs = engines.padded(matrix), [*sorted(data.glob("tokens/*")), data / "vectors.npy"]
    found, times = [], {}
    for model in tqdm(settings.grid.models, desc="engines", unit=" models", disable=None):
        trained = Trained.read(folder / model / "model.json")
        if (engine := agreement.other(trained)) is None:
            continue
        again = replace(trained, engine=engine)
        store = seeds.Store(f"engines-{protocol}-{model}", inputs, recipe.model_dump(), again)
        classifier = classifiers.build(trained, **shape, dropout=recipe.dropout)
        if seed not in store:
            trainer = Trainer(again, classifier, matrix, recipe, engine)
            fit = trainer.fit(seed, *parts, lambda *_, **__: None)
            store.save(seed, classifier, {"history": fit.history, "epoch_seconds": fit.seconds})
        both = (trained, weights.path(folder / model, seed)), (again, store.weights(seed))
        networks = [
            engines.load(file, network, network.engine, vectors, length=reviews.length)
            for network, file in both
        ]
        histories = weights.history(folder / model, seed), store.history(seed)
        apart = agreement.measure(*histories, *networks, reviews=parts[1].ids)
        found.append({"model": model, "engines": [trained.engine, engine], **apart})
        times[model] = store.facts(seed)["epoch_seconds"]
    files.write_json(record, {"protocol": protocol, "seed": seed, "models": found})
    return {"epoch_seconds": times}


if __name__ == "__main__":
    stage.run(train_again)
