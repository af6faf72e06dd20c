"""Stage `train`: one model of one protocol, trained with every seed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from sentiment import architectures, command, encoding, host, params, progress, runtime, seeds
from sentiment.training import Trainer


def train(protocol: str, model: str, tokens: Path, vectors: Path, folder: Path) -> dict[str, Any]:
    """Read TOKENS and VECTORS; write a weights file a seed and history.csv to FOLDER."""
    settings = params.load()
    described = settings.models[model]
    cell = f"{protocol}-{model}"
    store = seeds.Store(cell, [tokens, vectors], [described, settings.train])
    events = progress.Events(protocol, model)
    missing = [seed for seed in settings.seeds if seed not in store]
    if missing:
        runtime.configure(settings.train.threads)
        reviews, matrix = encoding.load(tokens), np.load(vectors)
        classifier = architectures.build(
            described.architecture,
            described.units,
            reviews.length,
            matrix.shape[1],
            settings.train.dropout,
            described.read_out,
        )
        trainer = Trainer(classifier, matrix, settings.train)
        parts = reviews.select("train"), reviews.select("validation")
        bar = progress.Bar(events, missing, settings.train.epochs)
        for seed in missing:
            started = _now()
            fit = trainer.fit(seed, *parts, bar)
            times = {"started": started, "ended": _now(), "epoch_seconds": fit.seconds}
            digest = store.save(seed, classifier, {"history": fit.history, **times})
            events.write("seed", seed=seed, weights=digest)
    records = [store.record(seed) for seed in settings.seeds]
    store.assemble(settings.seeds, folder)
    told = [{key: r[key] for key in r if key != "history"} for r in records]
    return {**host.describe(), "seeds": told}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


if __name__ == "__main__":
    command.run(train)
