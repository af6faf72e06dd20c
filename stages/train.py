"""Stage `train`: one model of one protocol, trained with every seed."""

from pathlib import Path
from typing import Any

import numpy as np

from sentiment.networks import classifiers, runtime
from sentiment.networks.descriptions import Description, Trained
from sentiment.networks.training import Trainer
from sentiment.running import code, progress, seeds, stage
from sentiment.settings import params
from sentiment.storage import tokens


def train(protocol: str, model: str, about: Path, data: Path, folder: Path) -> dict[str, Any]:
    """Train the model that ABOUT describes on DATA/tokens and DATA/vectors.npy.

    Write a weights file for each seed, history.csv and model.json to FOLDER.
    """
    settings = params.load()
    recipe = settings.train
    described = Description.read(about)
    inputs = [*sorted((data / "tokens").glob("*.npy")), data / "vectors.npy", about]
    trained = Trained(**vars(described), code=code.of_training())
    store = seeds.Store(f"{protocol}-{model}", inputs, recipe.model_dump(), trained)
    events = progress.Events(protocol, model)
    missing = [seed for seed in settings.seeds if seed not in store]
    if missing:
        runtime.configure(recipe.threads)
        runtime.configure_tensorflow(recipe.threads)
        runtime.check(recipe.target)
        reviews, matrix = tokens.load(data / "tokens"), np.load(data / "vectors.npy")
        shape = {"length": reviews.length, "dimensions": matrix.shape[1]}
        classifier = classifiers.build(described, **shape, dropout=recipe.dropout)
        trainer = Trainer(described, classifier, matrix, recipe, described.engine)
        parts = reviews.select("train"), reviews.select("validation")
        bar = progress.Bar(events, missing, recipe.epochs)
        for seed in missing:
            with seeds.timed() as times:
                fit = trainer.fit(seed, *parts, bar)
            kept = {"history": fit.history, **times, "epoch_seconds": fit.seconds}
            events.write("seed", seed=seed, weights=store.save(seed, classifier, kept))
    store.assemble(settings.seeds, folder)
    return {"seeds": [store.facts(seed) for seed in settings.seeds]}


if __name__ == "__main__":
    stage.run(train)
