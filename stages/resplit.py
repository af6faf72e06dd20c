"""Stage `resplit`: models of the table with another split, or with vectors of another seed."""

from pathlib import Path

from tqdm import tqdm

from sentiment import files
from sentiment.experiments import resplit, runs
from sentiment.networks import runtime
from sentiment.networks.descriptions import Description, Trained
from sentiment.running import code, seeds, stage
from sentiment.settings import params


def draw_again(name: str, abouts: Path, table: Path, record: Path) -> None:
    """Train models that ABOUTS describes on the inputs that NAME of `resplit.draws` gives.

    TABLE has the reviews; write RECORD (JSON).
    """
    settings = params.load()
    asked, recipe = settings.resplit, settings.train
    runtime.configure(recipe.threads)
    runtime.configure_tensorflow(recipe.threads)
    runtime.check(recipe.target)
    draw = asked.draws[name]
    tokens, vectors = resplit.make(settings, draw, table)
    decisive = recipe.model_dump() | {"inputs": runs.digest(tokens, vectors)}
    found = []
    for model in tqdm(asked.models, desc=name, unit=" models", disable=None):
        about = Description.read(abouts / f"{model}.json")
        trained = Trained(**vars(about), target=recipe.target, code=code.of_training())
        kept = seeds.Store(f"resplit-{name}-{model}", [], decisive, trained)
        given = tokens, vectors, trained, recipe, recipe.dropout, asked.seeds, kept
        found += [{"model": model, **run} for run in runs.train(*given)]
    files.write_json(record, {"draw": name, **draw.model_dump(), "runs": found})


if __name__ == "__main__":
    stage.run(draw_again)
