"""What more text costs before the first training: time and peak memory by the size of the corpus.

A corpus is the reviews of the study's table so many times over, as a table such as people bring:
the words of each copy begin at another place, so that no text stands twice, and its movies are its
own. Word vectors are trained for one epoch. Writes scaling.json, and the page beside it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from ruamel.yaml import YAML
from scaling import update
from tqdm import tqdm

from sentiment.storage.files import sha256

SIZES = (1, 2, 5, 10, 20)
PROTOCOL = "bymovie"
# Rows of the study's table that are copied at a time.
BATCH = 2_000
COLUMNS = {"text": "text", "label": "label", "split": "split", "group": "movie", "id": "name"}
STAGES = {
    "prepare": ("corpus.parquet", "reviews.parquet", "data.json"),
    "vectors": (PROTOCOL, "reviews", "reviews.parquet", "none", "made"),
    "encode": (PROTOCOL, "reviews.parquet", "made", "losses.json"),
}


def main() -> None:
    """Measure each size, write."""
    asked = arguments()
    found = []
    for times in tqdm(asked.sizes, unit=" corpora", disable=None):
        with tempfile.TemporaryDirectory(dir=asked.scratch) as folder:
            found.append(measure(Path(folder), asked.reviews, times))
        print(found[-1], flush=True)
        update(asked.output, corpora=found)


def measure(folder: Path, table: Path, times: int) -> dict[str, Any]:
    """Seconds and peak memory of each stage on the corpus, and how large that is."""
    rows, characters = grow(table, times, folder / "corpus.parquet")
    write_params(folder)
    stages = {}
    for name, arguments in STAGES.items():
        stages[name] = run(folder, Path("stages").resolve() / f"{name}.py", *arguments)
    return {"times": times, "reviews": rows, "characters": characters, "stages": stages}


def grow(table: Path, times: int, corpus: Path) -> tuple[int, int]:
    """Write the corpus; its reviews, and the characters of their texts."""
    rows = characters = 0
    schema = pa.schema([(name, pa.string()) for name in COLUMNS.values()])
    with pq.ParquetWriter(corpus, schema, compression="zstd") as writer:
        for batch in pq.ParquetFile(table).iter_batches(BATCH):
            for copies in copied(batch.to_pylist(), times):
                writer.write_batch(pa.RecordBatch.from_pylist(copies, schema))
                rows += len(copies)
                characters += sum(len(row["text"]) for row in copies)
    return rows, characters


def copied(reviews: list[dict[str, Any]], times: int) -> Iterator[list[dict[str, Any]]]:
    """The reviews once for each copy. Unlabelled ones share movies with the test: theirs go."""
    for copy in range(times):
        yield [
            {
                "text": rotated(review["text"], copy, times),
                "label": None if review["label"] is None else str(review["label"]),
                "split": review["split"],
                "movie": None if review["label"] is None else f"{review['group']}/{copy}",
                "name": f"{copy:02}/{review['id']}",
            }
            for review in reviews
        ]


def rotated(text: str, copy: int, times: int) -> str:
    """The words of `text`, beginning so many of `times` parts behind its own beginning."""
    words = text.split(" ")
    start = copy * len(words) // times
    return " ".join(words[start:] + words[:start])


def write_params(folder: Path) -> None:
    """The study's parameters, for a table and one epoch of word vectors."""
    yaml = YAML(typ="safe", pure=True)
    params = yaml.load(Path("params.yaml"))
    params["dataset"] |= {"format": "table", "classes": ["0", "1"], "columns": COLUMNS}
    # Two reviews of IMDB are of movies that its test has too.
    params["dataset"]["bad"] = 0.001
    corpus = folder / "corpus.parquet"
    found = {"sha256": sha256(corpus), "folders": {}, "files": {}}
    params["download"] = {"file": corpus.name, "sources": [corpus.name], **found}
    params["vectors"]["epochs"] = 1
    with (folder / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(params, file)


def run(folder: Path, *command: str | Path) -> dict[str, float]:
    """Seconds of a stage in a process of its own, and its peak memory in MB."""
    environment = {**os.environ, "PYTHONPATH": str(Path("src").resolve()), "TQDM_DISABLE": "1"}
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], cwd=folder, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"error: {command[0]} ended with {process.returncode}")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    seconds = round(time.perf_counter() - started, 1)
    return {"seconds": seconds, "peak_mb": round(usage.ru_maxrss / unit)}


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=Path, default=Path("data/reviews.parquet"))
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--scratch", type=Path, help="where corpora are put; 3 GB for the largest")
    parser.add_argument("--output", type=Path, default=Path("reports"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
