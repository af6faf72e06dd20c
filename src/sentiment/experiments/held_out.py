"""What a model says of every review when the fold that it is in is held out."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd

from sentiment.baselines import fitting, models
from sentiment.baselines.corpus import Corpus
from sentiment.experiments.folded import Folded
from sentiment.experiments.folds import Kind, fitted
from sentiment.experiments.runs import Kept
from sentiment.networks import classifiers, engines
from sentiment.networks.descriptions import Description
from sentiment.networks.training import Trainer
from sentiment.settings.params import Params
from sentiment.storage.tokens import Reviews


def select(reviews: Reviews, rows: np.ndarray) -> Reviews:
    """The reviews of these rows."""
    return Reviews(*(column[rows] for column in reviews))


def of_network(
    params: Params,
    inputs: Folded,
    folds: pd.DataFrame,
    kind: Kind,
    about: Description,
    store: Callable[[int], Kept],
    seed: int,
) -> np.ndarray:
    """Probability of a positive review, float32 [reviews], each by the network of its fold.

    `store` keeps by fold what is trained.
    """
    reviews, recipe = inputs.padded(), params.train
    shape = {"length": reviews.ids.shape[1], "dimensions": inputs.vectors.shape[1]}
    classifier: keras.Model = classifiers.build(about, **shape, dropout=recipe.dropout)
    trainer = Trainer(about, classifier, inputs.vectors, recipe, about.engine)
    padded, found = engines.padded(inputs.vectors), np.zeros(len(reviews.names), np.float32)
    for fold in range(params.leak.folds):
        held_out, kept = np.flatnonzero(folds[kind] == fold), store(fold)
        if seed not in kept:
            training = select(reviews, fitted(folds, kind, fold, seed=fold))
            # What it would score on the way is not asked.
            fit = trainer.fit(seed, training, select(reviews, held_out[:32]), lambda *_, **__: None)
            kept.save(seed, classifier, {"history": fit.history, "epoch_seconds": fit.seconds})
        network = engines.load(
            kept.weights(seed), about, about.engine, padded, length=shape["length"]
        )
        found[held_out] = engines.probabilities(network, reviews.ids[held_out])
    return found


def of_baseline(name: str, inputs: Folded, folds: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """Columns predicted (int8) and score (float64), each review by the baseline of its fold."""
    reviews = inputs.reviews
    corpus = Corpus(reviews.set_index("id").text, inputs.tokens, inputs.vectors)
    model, found = models.unfitted(name, corpus), []
    for fold in range(int(folds[kind].max()) + 1):
        fitting.fit(model, reviews.iloc[fitted(folds, kind, fold, seed=fold)])
        held_out: Any = folds[kind] == fold
        asked = reviews[held_out]
        found.append(fitting.predict(model, asked).set_index(asked.index))
    return pd.concat(found).sort_index()[["predicted", "score"]]
