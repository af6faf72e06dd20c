"""Two epochs of the lesson with stock Keras' own `fit`, and the same with this project's.

One model after the other, one thread each, on the lesson's data. Adds seconds and accuracies to
benchmarks.json, and to the page beside it.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from implementations.keras_layers import classifier
from steps import write

from sentiment.data import encoding
from sentiment.files import read_json
from sentiment.networks import classifiers, runtime
from sentiment.networks.training import Trainer
from sentiment.settings import params
from sentiment.tokens import Reviews


def main() -> None:
    """Fit what the arguments ask for and write the report."""
    asked = arguments()
    runtime.configure(threads=1)
    reviews, vectors = encoding.load(asked.data / "tokens.npz"), np.load(asked.data / "vectors.npy")
    parts = reviews.select("train"), reviews.select("validation")
    settings, fits = params.load(), []
    for model in asked.models:
        for name, fit in (("keras", by_keras), ("ours", by_us)):
            started = time.perf_counter()
            found = fit(settings, model, asked.seed, *parts, vectors)
            seconds = time.perf_counter() - started
            fits.append({"model": model, "implementation": name, "seconds": seconds, **found})
            print(fits[-1], flush=True)
    path = asked.output / "benchmarks.json"
    write(asked.output, {**read_json(path), "fits": fits})


def by_keras(
    settings: params.Params,
    model: str,
    seed: int,
    training: Reviews,
    validation: Reviews,
    vectors: np.ndarray,
) -> dict[str, float]:
    """acc and val_acc of the last epoch."""
    import keras

    keras.utils.set_random_seed(seed)
    described, train = settings.models[model], settings.train
    table = np.pad(vectors, ((1, 0), (0, 0)))
    length = training.ids.shape[1]
    net = classifier(described.architecture, described.units, length, table, train.dropout)
    optimizer = keras.optimizers.RMSprop(train.learning_rate)
    net.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    told = net.fit(
        training.ids,
        training.labels.astype(np.float32),
        batch_size=train.batch_size,
        epochs=train.epochs,
        validation_data=(validation.ids, validation.labels.astype(np.float32)),
        verbose=0,
    ).history
    return {"acc": told["accuracy"][-1], "val_acc": told["val_accuracy"][-1]}


def by_us(
    settings: params.Params,
    model: str,
    seed: int,
    training: Reviews,
    validation: Reviews,
    vectors: np.ndarray,
) -> dict[str, float]:
    """acc and val_acc of the last epoch."""
    described, length = settings.models[model], training.ids.shape[1]
    kind = described.architecture, described.units
    net = classifiers.build(*kind, length, vectors.shape[1], settings.train.dropout)
    trainer = Trainer(net, vectors, settings.train)
    last = trainer.fit(seed, training, validation, lambda *_, **__: None).history[-1]
    return {key: last[key] for key in ("acc", "val_acc")}


def arguments() -> argparse.Namespace:
    """The command line; its defaults are one model of each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=["rnn-50", "birnn-20", "lstm-50"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=Path("data/lecture/reviews"))
    parser.add_argument("--output", type=Path, default=Path("reports"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
