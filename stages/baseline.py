"""Stage `baseline`: one scikit-learn model, fitted on the training part and scored once."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from threadpoolctl import threadpool_limits

from sentiment.baselines import fitting, models
from sentiment.baselines.corpus import Corpus
from sentiment.data import protocols, reviews
from sentiment.data.protocols import TEST, TRAIN, VALIDATION
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files, tokens


def baseline(
    protocol: str,
    baseline: str,
    table: Path,
    data: Path,
    probabilities: Path,
    record: Path,
) -> None:
    """Read TABLE, DATA/tokens and DATA/vectors.npy; write PROBABILITIES and RECORD (JSON).

    In RECORD `acc` is that of the training part after the fit, and `full_test_acc` that of a
    second fit, on every labelled review outside test, duplicates included, as published.
    """
    frame = reviews.load(table)
    settings = params.load()
    frame["part"] = protocols.split(protocol, frame, settings.protocols[protocol])
    frame = frame[frame.label.notna()]
    frame = frame.assign(text=list(reviews.Texts(table, frame.index)))
    words = tokens.load(data / "tokens"), np.load(data / "vectors.npy")
    held_out = [VALIDATION] if baseline in models.WITHOUT_TEST else [VALIDATION, TEST]
    # One thread: neither the machine's cores nor its load may decide the order of additions.
    with threadpool_limits(1):
        corpus = Corpus(frame.set_index("id").text, *words, len(settings.dataset.classes))
        model = models.unfitted(baseline, corpus)
        fitting.fit(model, frame[frame.part == TRAIN])
        predicted = {
            part: fitting.predict(model, frame[frame.part == part]) for part in [TRAIN, *held_out]
        }
        values = fitting.record(model, predicted)
        if baseline in models.PUBLISHED_ON_ALL:
            fitting.fit(model, frame[frame.part != TEST])
            full = fitting.predict(model, frame[frame.part == TEST])
            values["full_test_acc"] = fitting.metrics(model, full)["acc"]
    columns = pd.concat([predicted[part] for part in held_out]).to_dict("series")
    reviews.save(pa.table(columns), probabilities)
    files.write_json(record, {"protocol": protocol, "baseline": baseline, **values})


if __name__ == "__main__":
    stage.run(baseline)
