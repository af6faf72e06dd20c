"""Stage `inputs`: models of the table trained once more, on other words and vectors."""

from itertools import product
from pathlib import Path

from tqdm import tqdm

from sentiment.data import variants
from sentiment.experiments import runs
from sentiment.networks import runtime
from sentiment.running import seeds, stage
from sentiment.settings import params
from sentiment.settings.sections import Variant
from sentiment.storage import files


def train_on(variant: Variant, abouts: Path, table: Path, data: Path, record: Path) -> None:
    """Train models that ABOUTS describes on VARIANT of the inputs; write RECORD (JSON).

    TABLE has the reviews, DATA the tokens and vectors that the grid is trained on.
    """
    settings = params.load()
    asked, recipe = settings.inputs, settings.train
    runtime.configure(recipe.threads)
    runtime.configure_tensorflow(recipe.threads)
    runtime.check(recipe.target)
    made = variants.make(variant, settings, table, data)
    cells, found = list(product(asked.variants[variant], asked.models)), []
    for norm, model in tqdm(cells, desc=variant, unit=" models", disable=None):
        given, about = (made.tokens, made.at(norm)), abouts / f"{model}.json"
        name = f"inputs-{variant}-{model}"
        kept = seeds.beside_the_table(name, about, recipe, runs.digest(*given))
        trained = runs.train(*given, recipe, asked.seeds, kept)
        found += [{"model": model, "norm": norm, **run} for run in trained]
    files.write_json(record, {"variant": variant, "trained_norm": made.norm, "runs": found})


if __name__ == "__main__":
    stage.run(train_on)
