"""Stage `reorder`: what the trained networks of one cell score when words change their places."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from sentiment import architectures, command, encoding, files, params, runtime, seeds, training
from sentiment.errors import UserError
from sentiment.probes import reordering


def reorder(
    protocol: str, model: str, tokens: Path, vectors: Path, folder: Path, record: Path
) -> None:
    """Read weights from FOLDER and the test reviews of TOKENS; write RECORD (JSON)."""
    settings = params.load()
    described, asked = settings.models[model], settings.memory
    runtime.configure(settings.train.threads)
    matrix, tested = np.load(vectors), encoding.load(tokens).select("test")
    reviews = reordering.drawn(tested, asked.reviews)
    shape = described.units, reviews.ids.shape[1], matrix.shape[1], settings.train.dropout
    classifier = architectures.build(described.architecture, *shape, described.read_out)
    network = training.network(classifier, matrix)
    orders = list(reordering.orders(reviews.ids, asked.distances))
    found = []
    for seed in tqdm(settings.seeds, desc=f"{protocol} {model}", unit=" seeds", disable=None):
        weights = seeds.weights(folder, seed)
        try:
            classifier.load_weights(weights)
        except ValueError:
            raise UserError(f"{weights}: not those of {model}: run `sentiment run`") from None
        network.take()
        for order, distance, ids in orders:
            acc = reordering.accuracy(network, ids, reviews.labels)
            found.append({"seed": seed, "order": order, "distance": distance, "acc": acc})
    about = {"protocol": protocol, "model": model, **described.model_dump()}
    about |= {"parameters": classifier.count_params(), "reviews": len(reviews.ids)}
    files.write_json(record, {**about, "scores": found})


if __name__ == "__main__":
    command.run(reorder)
