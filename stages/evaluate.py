"""Stage `evaluate`: every trained seed of one cell on the validation and the test reviews."""

from pathlib import Path

import numpy as np

from sentiment.measures import scores
from sentiment.networks import engines, runtime, weights
from sentiment.networks.descriptions import Trained
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files, tokens


def evaluate(
    protocol: str,
    model: str,
    source: str,
    data: Path,
    folder: Path,
    probabilities: Path,
    record: Path,
) -> None:
    """Read the networks in FOLDER and their vectors (of SOURCE) and reviews in DATA.

    Write PROBABILITIES (parquet) and RECORD (JSON).
    """
    settings = params.load()
    described = Trained.read(folder / "model.json")
    runtime.configure(settings.train.threads)
    runtime.check(settings.train.target)
    reviews = tokens.load(data / "tokens")
    vectors = engines.padded(np.load(data / "vectors.npy"))
    parts = {part: reviews.select(part) for part in ("validation", "test")}
    scored, runs = {}, []
    for seed in settings.seeds:
        file = weights.path(folder, seed)
        network = engines.load(file, described, described.engine, vectors, length=reviews.length)
        scored[seed] = {p: engines.probabilities(network, parts[p].ids) for p in parts}
        digest = files.sha256(file)
        epochs = weights.history(folder, seed)
        runs.append(scores.run_record(seed, digest, epochs, parts, scored[seed]))
    scores.save_probabilities(probabilities, parts, scored)
    cell = {"protocol": protocol, "model": model, **described.shown()}
    cell |= {"parameters": sum(weight.size for weight in network.weights), "vectors": source}
    cell |= {"code": described.code, "seeds": runs}
    files.write_json(record, cell)


if __name__ == "__main__":
    stage.run(evaluate)
