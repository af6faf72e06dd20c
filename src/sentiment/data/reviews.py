"""Reviews as one table on disk, of which a few texts are in memory at a time."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sentiment.storage.files import atomic_path

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),  # folder and file name, without its ending
        pa.field("split", pa.string(), nullable=False),  # train, validation, test, unsup or all
        pa.field("label", pa.int8()),  # number of the class, null without a label
        pa.field("rating", pa.int8()),  # 1 to 10 stars, null without one
        # What must not be shared between parts: of IMDB the id of the movie's title.
        pa.field("group", pa.string()),
        pa.field("text", pa.string(), nullable=False),
    ]
)
# As it is written: with the sha256 of each text, so that equal texts are found without the texts.
TABLE = SCHEMA.append(pa.field("digest", pa.string(), nullable=False))
# Reviews in memory at a time while they are written or read.
BATCH = 5_000


def write_sorted(reviews: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Write reviews in order of id as parquet (TABLE), a few in memory at a time.

    `reviews` have the columns of SCHEMA and are in order of id; equal ones give equal bytes.
    """
    waiting = iter(reviews)
    with (
        atomic_path(path) as temporary,
        pq.ParquetWriter(temporary, TABLE, compression="zstd") as writer,
    ):
        while some := list(islice(waiting, BATCH)):
            rows = [{**review, "digest": digest(review["text"])} for review in some]
            writer.write_batch(pa.RecordBatch.from_pylist(rows, TABLE))


def save(table: pa.Table, path: Path) -> None:
    """Write parquet; equal tables give equal bytes."""
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def load(path: Path) -> pd.DataFrame:
    """The table without its texts, which may be too many; label and rating may be missing.

    Its index numbers the rows from 0.
    """
    table = pq.read_table(path, columns=[name for name in TABLE.names if name != "text"])
    nullable = {pa.int8(): pd.Int8Dtype()}
    return table.to_pandas(types_mapper=nullable.get)


class Texts:
    """The texts of some rows of a table, in their order, a few in memory at a time."""

    def __init__(self, table: Path, rows: pd.Index) -> None:
        """`rows` are numbers of rows, as in the index of `load`, in ascending order."""
        self.table, self.rows = table, rows.to_numpy()

    def __len__(self) -> int:
        """How many they are."""
        return len(self.rows)

    def __iter__(self) -> Iterator[str]:
        """One after another."""
        start = 0
        with pq.ParquetFile(self.table) as file:
            # One iteration over all would keep the compressed pages of every group it has read.
            for group in range(file.num_row_groups):
                texts = file.read_row_group(group, columns=["text"])["text"]
                first, end = np.searchsorted(self.rows, [start, start + len(texts)])
                yield from texts.take(pa.array(self.rows[first:end] - start)).to_pylist()
                start += len(texts)


def digest(text: str) -> str:
    """The hex sha256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def facts(
    path: Path, classes: Sequence[str] = ("neg", "pos"), grouped: str = "movies"
) -> dict[str, Any]:
    """What a reader should know of a table: counts, duplicates, groups in common, lengths.

    A text that stands n times counts as n - 1 duplicates. Splits without labels are counted only.
    Labels are counted under the names in `classes`, and groups stand under `grouped`.
    """
    reviews = load(path)
    kinds = reviews.split + "/" + reviews.label.map(dict(enumerate(classes))).fillna("unlabelled")
    words = [len(text.split()) for text in Texts(path, reviews.index)]
    frame = reviews[["split", "label", "group", "digest"]].assign(words=words)
    labelled = frame[frame.label.notna()]
    splits = {str(name): part for name, part in labelled.groupby("split")}
    pairs = [(f"{a}_and_{b}", splits[a], splits[b]) for a, b in combinations(splits, 2)]
    return {
        "reviews": {kind: int(size) for kind, size in sorted(kinds.value_counts().items())},
        "duplicate_texts": {
            **{f"within_{name}": int(f.digest.duplicated().sum()) for name, f in splits.items()},
            **{n: int(a.digest[a.digest.isin(b.digest)].nunique()) for n, a, b in pairs},
            "distinct_labelled": int(labelled.digest.nunique()),
            "with_both_labels": int((labelled.groupby("digest").label.nunique() > 1).sum()),
        },
        grouped: {
            **{name: int(frame.group.nunique()) for name, frame in splits.items()},
            **{name: len(set(a.group.dropna()) & set(b.group.dropna())) for name, a, b in pairs},
        },
        "whitespace_words": {name: _lengths(part.words) for name, part in splits.items()},
    }


def _lengths(words: pd.Series) -> dict[str, float]:
    named = {"5%": 0.05, "median": 0.5, "90%": 0.9, "99%": 0.99}
    percentiles = {name: float(words.quantile(share)) for name, share in named.items()}
    return {"mean": round(float(words.mean()), 2), **percentiles, "max": float(words.max())}
