"""Stage `resplit`: models of the table with another split, or with vectors of another seed."""

from pathlib import Path

from tqdm import tqdm

from sentiment.experiments import resplit, runs
from sentiment.networks import runtime
from sentiment.running import seeds, stage
from sentiment.settings import params
from sentiment.storage import files


def draw_again(name: str, abouts: Path, table: Path, record: Path) -> None:
    """Train models that ABOUTS describes on the inputs that NAME of `resplit.draws` gives.

    TABLE has the reviews; write RECORD (JSON).
    """
    settings = params.load()
    asked, recipe = settings.resplit, settings.train
    runtime.configure(recipe.threads)
    runtime.configure_tensorflow(recipe.threads)
    runtime.check(recipe.target)
    draw, found = asked.draws[name], []
    made = resplit.make(settings, draw, table)
    inputs = runs.digest(*made)
    for model in tqdm(asked.models, desc=name, unit=" models", disable=None):
        about = abouts / f"{model}.json"
        kept = seeds.beside_the_table(f"resplit-{name}-{model}", about, recipe, inputs)
        trained = runs.train(*made, recipe, asked.seeds, kept)
        found += [{"model": model, **run} for run in trained]
    files.write_json(record, {"draw": name, **draw.model_dump(), "runs": found})


if __name__ == "__main__":
    stage.run(draw_again)
