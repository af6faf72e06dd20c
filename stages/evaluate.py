"""Stage `evaluate`: every trained seed of one cell on the validation and the test reviews."""

from pathlib import Path

import numpy as np
import pandas as pd

from sentiment import (
    architectures,
    code,
    command,
    encoding,
    evaluation,
    files,
    params,
    runtime,
    seeds,
    training,
)


def evaluate(
    protocol: str,
    model: str,
    source: str,
    tokens: Path,
    vectors: Path,
    folder: Path,
    probabilities: Path,
    record: Path,
) -> None:
    """Read weights from FOLDER (vectors of SOURCE); write PROBABILITIES and RECORD (JSON)."""
    settings = params.load()
    described = settings.models[model]
    runtime.configure(settings.train.threads)
    reviews, matrix = encoding.load(tokens), np.load(vectors)
    kind, shape = (described.architecture, described.units), (reviews.length, matrix.shape[1])
    head = settings.train.dropout, described.read_out
    classifier = architectures.build(*kind, *shape, *head)
    parts = {part: reviews.select(part) for part in ("validation", "test")}
    history = pd.read_csv(folder / "history.csv", float_precision="round_trip")
    network = training.network(classifier, matrix)
    scored, runs = {}, []
    for seed in settings.seeds:
        weights = seeds.weights(folder, seed)
        classifier.load_weights(weights)
        network.take()
        scored[seed] = {p: training.probabilities(network, parts[p].ids) for p in parts}
        digest = files.sha256(weights)
        runs.append(evaluation.run_record(seed, digest, history, parts, scored[seed]))
    evaluation.save_probabilities(probabilities, parts, scored)
    cell = {"protocol": protocol, "model": model, **described.model_dump()}
    cell |= {"parameters": classifier.count_params(), "vectors": source, "code": code.digest()}
    files.write_json(record, {**cell, "seeds": runs})


if __name__ == "__main__":
    command.run(evaluate)
