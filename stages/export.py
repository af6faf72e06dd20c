"""Stage `export`: what a browser needs of one trained network to run it."""

from pathlib import Path

import numpy as np

from sentiment.networks import weights
from sentiment.networks.descriptions import Trained
from sentiment.prediction.predictor import Kind, Predictor
from sentiment.reporting.explorer import exported
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files, tokens


def export(name: str, data: Path, folder: Path, record: Path, network: Path) -> None:
    """Write to NETWORK that of FOLDER which by RECORD validates best; DATA has its words.

    NAME is that of the network in `explore.networks`.
    """
    settings = params.load()
    asked, explore = settings.explore.networks[name], settings.explore
    # The first of equal ones, as the champion is.
    best = max(files.read_json(record)["seeds"], key=lambda seed: seed["val_acc"])
    described, rules = Trained.read(folder / "model.json"), settings.protocols[asked.protocol]
    shape = {key: getattr(described, key) for key in ("architecture", "units", "read_out")}
    classes, engine = settings.dataset.classes, described.engine
    predictor = Predictor(
        Kind(asked.protocol, rules.tokens, rules.length, classes, **shape, engine=engine),
        vocabulary=data / "vocabulary.txt",
        vectors=data / "vectors.npy",
        weights=weights.path(folder, best["seed"]),
    )
    # Of the sentences that the page offers no word is to be missing.
    offered = explore.sentences
    wanted = predictor.encode(offered) if offered else np.zeros(0, int)
    encoded = tokens.load(data / "tokens")
    ids = exported.frequent(encoded, explore.words, wanted)
    about = {"model": asked.model, "seed": best["seed"], "val_acc": best["val_acc"]}
    about["coverage"] = round(exported.coverage(encoded, ids), 6)
    files.write_json(network, {**about, **exported.network(predictor, ids)})


if __name__ == "__main__":
    stage.run(export)
