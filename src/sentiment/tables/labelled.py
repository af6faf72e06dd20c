"""The rows of a table become reviews; a row that cannot be used is counted, by its line."""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sentiment.data.reviews import SCHEMA, write_sorted
from sentiment.data.sorting import sorter
from sentiment.errors import UserError
from sentiment.settings.sections import Columns, Dataset
from sentiment.tables import lines
from sentiment.tables.lines import Row
from sentiment.tables.problems import (
    NO_ID,
    NO_TEXT,
    REPEATED_ID,
    SHARED_GROUP,
    UNKNOWN_LABEL,
    UNKNOWN_SPLIT,
    Problems,
    place,
)

# What is known of a review before it is written, its line in the file included.
KNOWN = pa.schema(
    [*(SCHEMA.field(name) for name in ("split", "label", "group")), ("line", "string")]
)
# Rows that become a batch of it.
BATCH = 10_000
# What may stand in the column of splits, or begin a file's name, in small letters.
SPLITS = {
    **{"train": "train", "training": "train", "test": "test", "unsup": "unsup"},
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
    "unlabelled": "unsup",
}


def write(dataset: Dataset, raw: Path, path: Path) -> list[dict[str, Any]]:
    """Write the reviews in the file `raw` as `data.reviews.write_sorted` does.

    Its columns and classes are as `dataset` says. A row without a label belongs to no part but may
    train word vectors. Returns what was left out: for each kind of problem its name, the number of
    rows, and the first lines. Raises UserError for a file that cannot be read, for more unusable
    rows than `dataset.bad` allows, and for a class that has no row.
    """
    problems, total, known = Problems(), 0, Known()
    with sorter(SCHEMA, path) as sorted_reviews:
        for row, review in _reviews(dataset, raw, problems):
            total += 1
            if review is not None:
                sorted_reviews.add(review)
                known.add(review, place(row))
        found = known.table()
        is_shared = _outside_test_with_its_groups(found)
        for line in found["line"].filter(is_shared).to_pylist():
            problems.found.setdefault(SHARED_GROUP, []).append(line)
        _check(dataset, raw, found.filter(pc.invert(is_shared)), problems, total)
        shared = set(found["group"].filter(is_shared).to_pylist())
        kept = (r for r in sorted_reviews if r["split"] == "test" or r["group"] not in shared)
        write_sorted(kept, path)
    return problems.told()


class Known:
    """What must be known of all reviews before the first is written: all but ids and texts."""

    def __init__(self) -> None:
        """Of none yet."""
        self._batches: list[pa.RecordBatch] = []
        self._waiting: list[dict[str, Any]] = []

    def add(self, review: Mapping[str, Any], line: str) -> None:
        """Take the review of a line."""
        self._waiting.append({**review, "line": line})
        if len(self._waiting) == BATCH:
            self._put_away()

    def table(self) -> pa.Table:
        """One row for each review, in the order of the file: KNOWN."""
        self._put_away()
        return pa.Table.from_batches(self._batches, KNOWN)

    def _put_away(self) -> None:
        self._batches.append(pa.RecordBatch.from_pylist(self._waiting, KNOWN))
        self._waiting = []


def _reviews(
    dataset: Dataset, raw: Path, problems: Problems
) -> Iterator[tuple[Row, dict[str, Any] | None]]:
    """Each row with the review that it holds, or with none where it cannot be used."""
    columns, seen = dataset.columns, set[str]()
    assert columns is not None  # the schema sees to it
    numbers = {name: number for number, name in enumerate(dataset.classes)}
    wanted = list(dict.fromkeys(name for name in columns.model_dump().values() if name))
    for row in lines.rows(raw, wanted):
        review = row.problem or _review(row, columns, numbers)
        problem = review if isinstance(review, str) else _of_id(review["id"], seen)
        if problem is None and not isinstance(review, str):
            yield row, review
        else:
            problems.add(str(problem), row)
            yield row, None


def _review(row: Row, columns: Columns, numbers: Mapping[str, int]) -> dict[str, Any] | str:
    """What SCHEMA asks for, or why the row cannot be used."""
    text = row.values.get(columns.text)
    if not isinstance(text, str) or not text.strip():
        return NO_TEXT
    label, group = (word(row.values.get(name)) for name in (columns.label, columns.group or ""))
    if label and label not in numbers:
        return UNKNOWN_LABEL
    split = split_of(row, columns)
    if split is None:
        return UNKNOWN_SPLIT
    ident = word(row.values.get(columns.id)) if columns.id else f"row/{row.line:08d}"
    ident = f"{row.place}/{ident}" if row.place and ident else ident
    if not all(map(_is_text, (text, group, ident))):
        return lines.NOT_TEXT
    return {
        "id": ident,
        "split": split if label else "unsup",
        "label": numbers.get(label),
        "rating": None,
        "group": group or None,
        "text": text,
    }


def split_of(row: Row, columns: Columns) -> str | None:
    """The split that the row's column names, or that the name of its file begins with.

    "all" where neither is there, and None for a word that names no split.
    """
    if columns.split:
        return SPLITS.get(word(row.values.get(columns.split)).lower())
    return SPLITS.get(re.split(r"[-_.]", row.place.lower())[0]) if row.place else "all"


def _of_id(ident: str, seen: set[str]) -> str | None:
    if not ident:
        return NO_ID
    if ident in seen:
        return REPEATED_ID
    seen.add(ident)
    return None


def word(value: Any) -> str:
    """A label, an id or the like as a word; 1, 1.0 and "1" are the same one."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _is_text(value: str) -> bool:
    """Whether it can be written as UTF-8: what was not read as such cannot."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _outside_test_with_its_groups(known: pa.Table) -> pa.ChunkedArray:
    """Whether a review is not of test while its group is: bool, for each row of KNOWN."""
    is_test = pc.equal(known["split"], "test")
    groups = pc.unique(known["group"].filter(is_test)).drop_null()
    return pc.and_(pc.invert(is_test), pc.is_in(known["group"], groups))


def _check(dataset: Dataset, raw: Path, known: pa.Table, problems: Problems, total: int) -> None:
    if problems.rows > dataset.bad * total:
        kinds = "; ".join(
            f"{told['kind']} in {told['rows']:,} rows, as in {', '.join(told['lines'][:3])}"
            for told in problems.told()
        )
        raise UserError(
            f"{raw}: {problems.rows:,} of {total:,} rows cannot be used: {kinds}: mend them, or "
            "let dataset.bad in params.yaml be the share that may be left out"
        )
    there = set(pc.unique(known["label"]).to_pylist())
    for number, name in enumerate(dataset.classes):
        if number not in there:
            raise UserError(
                f"{raw}: no row has the label {name!r}: mend dataset.classes in params.yaml"
            )
