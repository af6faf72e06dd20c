"""Stage `baseline`: one scikit-learn model, fitted on the training part and scored once."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from threadpoolctl import threadpool_limits

from sentiment import baselines, command, encoding, files, params, protocols, reviews
from sentiment.protocols import TEST, TRAIN, VALIDATION


def baseline(
    protocol: str,
    baseline: str,
    table: Path,
    tokens: Path,
    vectors: Path,
    probabilities: Path,
    record: Path,
) -> None:
    """Read TABLE, TOKENS and VECTORS; write PROBABILITIES (parquet) and RECORD (JSON).

    In RECORD `acc` is that of the training part after the fit, and `full_test_acc` that of a
    second fit, on every labelled review outside test, duplicates included, as published.
    """
    frame = reviews.load(table, ["id", "split", "label", "movie", "text"])
    frame["part"] = protocols.split(protocol, frame, params.load().protocols[protocol])
    frame = frame[frame.label.notna()]
    words = baselines.Words(encoding.load(tokens), np.load(vectors))
    held_out = [VALIDATION] if baseline in baselines.WITHOUT_TEST else [VALIDATION, TEST]
    # One thread: neither the machine's cores nor its load may decide the order of additions.
    with threadpool_limits(1):
        model = baselines.fit(baseline, frame[frame.part == TRAIN], words)
        predicted = {
            part: baselines.predict(model, frame[frame.part == part]) for part in [TRAIN, *held_out]
        }
        values = baselines.record(model, predicted)
        if baseline in baselines.PUBLISHED_ON_ALL:
            del model
            model = baselines.fit(baseline, frame[frame.part != TEST], words)
            full = baselines.predict(model, frame[frame.part == TEST])
            values["full_test_acc"] = baselines.metrics(model, full)["acc"]
    columns = pd.concat([predicted[part] for part in held_out]).to_dict("series")
    reviews.save(pa.table(columns), probabilities)
    files.write_json(record, {"protocol": protocol, "baseline": baseline, **values})


if __name__ == "__main__":
    command.run(baseline)
