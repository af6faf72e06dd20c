"""Stage `rescale`: what one model remembers where its vectors are brought to other norms."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from sentiment.data import variants
from sentiment.experiments import runs
from sentiment.networks import classifiers, runtime, weights
from sentiment.networks.descriptions import Description
from sentiment.networks.training import Trainer
from sentiment.probes import influence, layers, planted, traces
from sentiment.running import seeds, stage
from sentiment.settings import params
from sentiment.storage import files, tokens


def rescale(protocol: str, model: str, about: Path, data: Path, record: Path) -> None:
    """Train the model that ABOUT describes on DATA at each of `memory.norms`; write RECORD (JSON).

    For each norm it has scores, influence and saturation, and planted words.
    """
    settings = params.load()
    asked, recipe = settings.memory, settings.train
    runtime.configure(recipe.threads)
    runtime.configure_tensorflow(recipe.threads)
    runtime.check(recipe.target)
    given, task, described = tokens.load(data / "tokens"), asked.planted, Description.read(about)
    words, reviews = given.select("train").ids, given.select("test")
    places = influence.places(reviews, asked.reviews, asked.lags)
    vocabulary = (data / "vocabulary.txt").read_text(encoding="utf-8").split("\n")[:-1]
    made = variants.make("reviews", settings, data, data)
    found, total = [], len(asked.norms) * (len(task.seeds) + planted.count(described, task))
    with tqdm(total=total, desc=f"{protocol} {model}", unit=" trainings", disable=None) as bar:
        for norm in asked.norms:
            matrix, name = made.at(norm), f"rescale-{protocol}-{model}"
            kept = seeds.beside_the_table(name, about, recipe, runs.digest(given, matrix))
            trained = runs.train(given, matrix, recipe, task.seeds, kept)
            shape = {"length": given.length, "dimensions": matrix.shape[1]}
            classifier = classifiers.build(described, **shape, dropout=recipe.dropout)
            trainer = Trainer(described, classifier, matrix, recipe, described.engine)
            for run in trained:
                ends = weights.read(kept.weights(run["seed"]), described, **shape)
                both = {"trained": ends, "untrained": trainer.begin(run["seed"]).weights}
                for training, values in both.items():
                    layer = traces.of_network(described, values, np.float32)
                    run[training] = layers.measure(layer, matrix, places, asked.lags, reviews.ids)
                bar.update()
            fits = []
            for fit in planted.fits(described, matrix, words, vocabulary, task, recipe):
                fits.append(fit)
                bar.update()
            at = made.norm if norm is None else norm
            found.append({"norm": at, "is_trained": norm is None, "seeds": trained, "fits": fits})
    files.write_json(record, {"protocol": protocol, "model": model, "norms": found})


if __name__ == "__main__":
    stage.run(rescale)
