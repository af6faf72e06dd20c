"""Stage `leak`: networks and simpler models, validated on movies they know, or do not know."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from sentiment.data import reviews
from sentiment.experiments import folded, folds, held_out, runs
from sentiment.networks import runtime
from sentiment.networks.descriptions import Description
from sentiment.running import stage
from sentiment.running.seeds import Store, beside_the_table
from sentiment.settings import params


def hold_out(kind: folds.Kind, table: Path, abouts: Path, record: Path) -> None:
    """Hold out every fold of KIND once, for each model and baseline, and ask about its reviews.

    TABLE has the reviews, ABOUTS the descriptions of models. Write RECORD (parquet): id, label,
    movie (a number counted here), fold, then for each model and seed, and for each baseline, its
    scores in thousandths, and the labels that baselines predict.
    """
    settings = params.load()
    asked, recipe = settings.leak, settings.train
    runtime.configure(recipe.threads)
    runtime.configure_tensorflow(recipe.threads)
    runtime.check(recipe.target)
    made = folded.make(settings, table)
    cut = folds.folds(made.reviews, asked.folds, settings.protocols[asked.protocol].seed)
    read = runs.digest(made.tokens, made.vectors)
    movies, _ = pd.factorize(made.reviews.group)
    found = made.reviews[["id", "label"]].assign(movie=movies, fold=cut[kind])
    pairs = list(product(asked.models, asked.seeds))
    for model, seed in tqdm(pairs, desc=kind, unit=" trainings", disable=None):
        about = abouts / f"{model}.json"

        def store(fold: int, name: str = f"leak-{kind}-{model}", about: Path = about) -> Store:
            return beside_the_table(f"{name}-{fold}", about, recipe, f"{read} {fold}")

        said = held_out.of_network(settings, made, cut, kind, Description.read(about), store, seed)
        found[f"{model} {seed}"] = _thousandths(said)
    with threadpool_limits(1):
        for baseline in asked.baselines:
            said = held_out.of_baseline(baseline, made, cut, kind)
            found[baseline] = _thousandths(said.score.to_numpy())
            found[f"{baseline} predicted"] = said.predicted
    reviews.save(pa.Table.from_pandas(found, preserve_index=False), record)


def _thousandths(scores: np.ndarray) -> np.ndarray:
    return np.rint(1000 * scores).astype(np.int32)


if __name__ == "__main__":
    stage.run(hold_out)
