"""Stage `inputs`: models of the table trained once more, on other words and vectors."""

from itertools import product
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sentiment import files
from sentiment.data import variants
from sentiment.measures import scores
from sentiment.networks import classifiers, engines, runtime
from sentiment.networks.descriptions import Description, Trained
from sentiment.networks.training import Trainer
from sentiment.running import code, seeds, stage
from sentiment.settings import params
from sentiment.settings.sections import Variant


def train_on(
    variant: Variant, abouts: Path, table: Path, data: Path, record: Path
) -> dict[str, Any]:
    """Train models that ABOUTS describes on VARIANT of the inputs; write RECORD (JSON).

    TABLE has the reviews, DATA the tokens and vectors that the grid is trained on.
    """
    settings = params.load()
    asked, recipe = settings.inputs, settings.train
    runtime.configure(recipe.threads)
    runtime.configure_tensorflow(recipe.threads)
    runtime.check(recipe.target)
    made = variants.make(variant, settings, table, data)
    parts = {part: made.tokens.select(part) for part in ("train", "validation", "test")}
    shape = {"length": made.tokens.length, "dimensions": made.vectors.shape[1]}
    runs, seconds = [], {}
    cells = list(product(asked.variants[variant], asked.models))
    for norm, model in tqdm(cells, desc=variant, unit=" models", disable=None):
        about, vectors = Description.read(abouts / f"{model}.json"), made.at(norm)
        trained = Trained(**vars(about), target=recipe.target, code=code.of_training())
        decisive = recipe.model_dump() | {"norm": norm, "inputs": made.digest()}
        store = seeds.Store(f"inputs-{variant}-{model}", [], decisive, trained)
        classifier = classifiers.build(about, **shape, dropout=recipe.dropout)
        trainer = Trainer(about, classifier, vectors, recipe, about.engine)
        for seed in asked.seeds:
            if seed not in store:
                fit = trainer.fit(seed, parts["train"], parts["validation"], lambda *_, **__: None)
                store.save(seed, classifier, {"history": fit.history, "epoch_seconds": fit.seconds})
            known, length = store.facts(seed), shape["length"]
            of_all, file = engines.padded(vectors), store.weights(seed)
            network = engines.load(file, about, about.engine, of_all, length=length)
            scored = {
                p: engines.probabilities(network, parts[p].ids) for p in parts if p != "train"
            }
            run = scores.run_record(seed, known["weights"], store.history(seed), parts, scored)
            runs.append({"model": model, "norm": norm, **run})
            seconds[f"{model} {norm} {seed}"] = known["epoch_seconds"]
    files.write_json(record, {"variant": variant, "trained_norm": made.norm, "runs": runs})
    return {"epoch_seconds": seconds}


if __name__ == "__main__":
    stage.run(train_on)
