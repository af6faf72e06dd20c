"""How many raw reviews a second a trained model judges, once it has started.

Of the champion, or of a model by name, whose files must be there. Adds the rates to
benchmarks.json, and to the page beside it.
"""

import argparse
import time
from pathlib import Path

from steps import write

from sentiment.data import reviews
from sentiment.networks import runtime
from sentiment.prediction import choice
from sentiment.prediction.predictor import Predictor
from sentiment.settings import params
from sentiment.storage.files import read_json


def main() -> None:
    """Measure each number of texts at a time and write the report."""
    asked = arguments()
    settings = params.load()
    runtime.configure(settings.train.threads)
    chosen = choice.choose(Path(), asked.model, settings)
    predictor, table = chosen.predictor(), reviews.load(asked.reviews)
    # Those that no accuracy is measured on.
    texts = list(reviews.Texts(asked.reviews, table.index[table.split == "unsup"]))
    predictor.predict(texts[:1])
    measured = [
        {
            "model": chosen.cell,
            "texts at a time": together,
            "reviews a second": rate(predictor, texts, together, asked.seconds),
        }
        for together in asked.together
    ]
    for entry in measured:
        print(entry)
    path = asked.output / "benchmarks.json"
    if path.exists():
        write(asked.output, {**read_json(path), "predictions": measured})


def rate(predictor: Predictor, texts: list[str], together: int, seconds: float) -> float:
    """Reviews a second, over at least so many seconds or all texts."""
    started, done = time.perf_counter(), 0
    while (taken := time.perf_counter() - started) < seconds and done < len(texts):
        done += len(predictor.predict(texts[done : done + together]))
    return done / taken


def arguments() -> argparse.Namespace:
    """The command line; its defaults are the champion on unlabelled reviews."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=choice.CHAMPION)
    parser.add_argument("--together", nargs="+", type=int, default=[1, 32, 1000])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--reviews", type=Path, default=Path("data/reviews.parquet"))
    parser.add_argument("--output", type=Path, default=Path("reports"), help="folder to write to")
    return parser.parse_args()


if __name__ == "__main__":
    main()
