"""Two epochs of the lesson with stock Keras' own `fit`, and the same with this project's.

One model after the other, one thread each, on the lesson's data, in a process that has what a stage
finds in its environment. Adds seconds and accuracies to benchmarks.json, and to the page beside it.
"""

import argparse
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from implementations.keras_layers import classifier
from steps import write

from sentiment.networks import classifiers, engines, runtime
from sentiment.networks.training import Trainer
from sentiment.settings import params
from sentiment.storage import tokens
from sentiment.storage.files import read_json
from sentiment.storage.tokens import Reviews


def main() -> None:
    """Fit what the arguments ask for and write the report."""
    asked, settings = arguments(), params.load()
    as_a_stage(settings.train.target)
    runtime.configure(threads=1)
    runtime.configure_tensorflow(threads=1)
    runtime.check(settings.train.target)
    reviews, vectors = tokens.load(asked.data / "tokens"), np.load(asked.data / "vectors.npy")
    parts, fits = (reviews.select("train"), reviews.select("validation")), []
    for model in asked.models:
        for name, fit in (("keras", by_keras), ("ours", by_us)):
            started = time.perf_counter()
            found = fit(settings, model, asked.seed, *parts, vectors)
            seconds = time.perf_counter() - started
            fits.append({"model": model, "implementation": name, "seconds": seconds, **found})
            print(fits[-1], flush=True)
    path = asked.output / "benchmarks.json"
    write(asked.output, {**read_json(path), "fits": fits})


def as_a_stage(target: runtime.Target) -> None:
    """Start this process anew where it lacks what is read when a process starts."""
    wanted = runtime.environment(target)
    if not wanted.items() <= os.environ.items():
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **wanted})


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
    entry, train = settings.models[model], settings.train
    described = SimpleNamespace(**entry.model_dump(), outputs=settings.dataset.outputs)
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
    entry, train = settings.models[model], settings.train
    described = SimpleNamespace(**entry.model_dump(), outputs=settings.dataset.outputs)
    shape = {"length": training.ids.shape[1], "dimensions": vectors.shape[1]}
    net = classifiers.build(described, **shape, dropout=train.dropout)
    engine = engines.able(entry.architecture, train.engine)
    trainer = Trainer(described, net, vectors, train, engine)
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
