"""Stage `reorder`: what the trained networks of one cell score when words change their places."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from sentiment.networks import engines, runtime, weights
from sentiment.networks.descriptions import Trained
from sentiment.probes import reordering
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files, tokens


def reorder(protocol: str, model: str, data: Path, folder: Path, record: Path) -> None:
    """Read the networks in FOLDER, their vectors and the test reviews in DATA; write RECORD."""
    settings = params.load()
    asked, described = settings.memory, Trained.read(folder / "model.json")
    runtime.configure(settings.train.threads)
    runtime.check(settings.train.target)
    tested = tokens.load(data / "tokens").select("test")
    vectors = engines.padded(np.load(data / "vectors.npy"))
    reviews = reordering.drawn(tested, asked.reviews)
    length = reviews.ids.shape[1]
    orders = list(reordering.orders(reviews.ids, asked.distances))
    found = []
    for seed in tqdm(settings.seeds, desc=f"{protocol} {model}", unit=" seeds", disable=None):
        file = weights.path(folder, seed)
        network = engines.load(file, described, described.engine, vectors, length=length)
        for order, distance, ids in orders:
            acc = reordering.accuracy(network, ids, reviews.labels)
            found.append({"seed": seed, "order": order, "distance": distance, "acc": acc})
    shown = {name: getattr(described, name) for name in ("architecture", "units", "read_out")}
    about = {"protocol": protocol, "model": model, **shown}
    about |= {"parameters": sum(weight.size for weight in network.weights)}
    about |= {"reviews": len(reviews.ids)}
    files.write_json(record, {**about, "scores": found})


if __name__ == "__main__":
    stage.run(reorder)
