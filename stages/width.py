"""Stage `width`: BiRNNs of every width with another read-out, and models trained for longer."""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from sentiment.experiments import runs
from sentiment.networks import runtime
from sentiment.networks.descriptions import Description
from sentiment.running import seeds, stage
from sentiment.settings import params
from sentiment.storage import files, tokens


def widen(name: str, abouts: Path, data: Path, record: Path) -> None:
    """Train models that ABOUTS describes on DATA, as NAME of `width.trainings` says; write RECORD.

    A record of JSON: the epochs, and for each model and seed its history and scores.
    """
    settings = params.load()
    asked = settings.width.trainings[name]
    recipe = settings.train.model_copy(update={"epochs": asked.epochs})
    runtime.configure(recipe.threads)
    runtime.configure_tensorflow(recipe.threads)
    runtime.check(recipe.target)
    given, found = (tokens.load(data / "tokens"), np.load(data / "vectors.npy")), []
    inputs = runs.digest(*given)
    for model in tqdm(asked.models, desc=name, unit=" models", disable=None):
        about = abouts / f"{model}.json"
        kept = seeds.beside_the_table(f"width-{name}-{model}", about, recipe, inputs)
        trained = runs.train(*given, recipe, settings.width.seeds, kept)
        described = Description.read(about)
        shape = {name: getattr(described, name) for name in ("architecture", "units", "read_out")}
        found += [{"model": model, **shape, **run} for run in trained]
    files.write_json(record, {"training": name, "epochs": asked.epochs, "runs": found})


if __name__ == "__main__":
    stage.run(widen)
