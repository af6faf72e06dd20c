"""Stage `probe`: what the trained networks of one cell remember, beside untrained ones."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from sentiment.networks import runtime, weights
from sentiment.networks.descriptions import Trained
from sentiment.networks.training import Trainer
from sentiment.prediction.predictor import Kind, Predictor
from sentiment.probes import influence, layers, sentences, traces
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files, tokens


def probe(protocol: str, model: str, data: Path, folder: Path, record: Path) -> None:
    """Read the networks in FOLDER, their vectors and the test reviews in DATA; write RECORD."""
    settings = params.load()
    asked, recipe = settings.memory, settings.train
    described = Trained.read(folder / "model.json")
    runtime.configure(recipe.threads)
    runtime.configure_tensorflow(recipe.threads)
    runtime.check(recipe.target)
    reviews = tokens.load(data / "tokens").select("test")
    places = influence.places(reviews, asked.reviews, asked.lags)
    shape = {name: getattr(described, name) for name in ("architecture", "units", "read_out")}
    rules, classes = settings.protocols[protocol], settings.dataset.classes
    kind = Kind(protocol, rules.tokens, rules.length, classes, **shape, engine=described.engine)
    texts = {"vocabulary": data / "vocabulary.txt", "vectors": data / "vectors.npy"}
    found = []
    for seed in tqdm(settings.seeds, desc=f"{protocol} {model}", unit=" seeds", disable=None):
        predictor = Predictor(kind, **texts, weights=weights.path(folder, seed))
        given = predictor.vectors, places, asked.lags, reviews.ids
        trained = layers.measure(
            traces.of_network(described, predictor.weights, np.float32), *given
        )
        read = [
            layers.rounded(sentences.read(predictor, sentence.text, sentence.at))
            for sentence in asked.sentences
        ]
        # The very weights that this training began with.
        trainer = Trainer(
            described, predictor.classifier, predictor.vectors, recipe, described.engine
        )
        fresh = traces.of_network(described, trainer.begin(seed).weights, np.float32)
        untrained = layers.measure(fresh, *given)
        of_seed = {"trained": trained, "untrained": untrained, "sentences": read}
        found.append({"seed": seed, **of_seed})
    arithmetic = layers.weights_per_gate(traces.of_network(described, predictor.weights))
    about = {"protocol": protocol, "model": model, **shape, **arithmetic}
    about |= {"reviews": len(places.at), "test_reviews": len(reviews.ids)}
    files.write_json(record, {**about, "seeds": found})


if __name__ == "__main__":
    stage.run(probe)
