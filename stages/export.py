"""Stage `export`: what a browser needs of one trained network to run it."""

from pathlib import Path

import numpy as np

from sentiment.prediction import choice
from sentiment.reporting.explorer import exported
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files, tokens


def export(name: str, network: Path) -> None:
    """Write to NETWORK the network NAME of `explore.networks`, the seed that validates best."""
    settings = params.load()
    asked = settings.explore.networks[name]
    chosen = choice.choose(Path(), f"{asked.protocol}-{asked.model}", settings)
    encoded, predictor = tokens.load(chosen.vectors.parent / "tokens"), chosen.predictor()
    # Of the sentences that the page offers no word is to be missing.
    offered = [sentence.text for sentence in settings.explore.sentences]
    wanted = predictor.encode(offered) if offered else np.zeros(0, int)
    ids = exported.frequent(encoded, settings.explore.words, wanted)
    about = {"model": asked.model, "seed": chosen.seed, "val_acc": chosen.val_acc}
    about["coverage"] = round(exported.coverage(encoded, ids), 6)
    files.write_json(network, {**about, **exported.network(predictor, ids)})


if __name__ == "__main__":
    stage.run(export)
