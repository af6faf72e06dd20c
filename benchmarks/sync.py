"""How long it takes to mirror two hundred runs of ten metrics in MLflow, on SQLite.

On an empty store, the making of its tables and the import of MLflow included, and again when there
is nothing to write. Adds its times to benchmarks.json, and to the page beside it; fails when the
first takes longer than it may.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from pipeline import seconds
from steps import write

from sentiment.storage.files import read_json
from sentiment.tracking.mirror import publish
from sentiment.tracking.records import Record
from sentiment.tracking.store import Store

RUNS, EPOCHS, MOST = 200, 2, 15
METRICS = ("test/acc", "test/auc", "test/f1", "test/brier", "fit/seconds", "fit/peak_mb")
PARAMS = 20


def main() -> None:
    """Measure, write, judge."""
    output: Path = arguments().output
    records = [record(number) for number in range(RUNS)]
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    with tempfile.TemporaryDirectory() as folder:
        first, again = (
            seconds(lambda: publish(Store(Path(folder)), "imdb", records)) for _ in range(2)
        )
    measured = {"runs": RUNS, "metrics": len(METRICS) + 4, "seconds": first, "again": again}
    print(
        f"{RUNS} runs mirrored in {first:.1f} s, and in {again:.1f} s when they are there already"
    )
    path = output / "benchmarks.json"
    if path.exists():
        write(output, {**read_json(path), "sync": measured})
    if first > MOST:
        sys.exit(f"error: mirroring took {first:.1f} s, more than {MOST} s")


def record(number: int) -> Record:
    """A run as the pipeline has them: four curves, six single values, twenty parameters."""
    value = number / RUNS
    curve = {"acc": value, "loss": 1 - value, "val_acc": value / 2, "val_loss": 1 - value / 2}
    return Record(
        key=f"{number:064x}",
        name=f"lecture birnn-{number // 10:03} seed {number % 10:02}",
        stage=f"train@lecture-birnn-{number // 10}",
        dataset="imdb",
        digest="d" * 64,
        params={f"param-{each}": str(number) for each in range(PARAMS)},
        history=[{"epoch": epoch + 1, **curve} for epoch in range(EPOCHS)],
        epochs_ended=list(range(EPOCHS)),
        metrics=dict.fromkeys(METRICS, value),
        tags={},
        started=0,
        ended=EPOCHS,
        timed=True,
        commit="c" * 40,
    )


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("reports"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
