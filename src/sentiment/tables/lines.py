"""The rows of a table, one at a time: CSV, TSV, JSON lines or parquet."""

import csv
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from sentiment.errors import UserError

DELIMITERS = (",", ";", "\t", "|")
SEPARATED, JSON, PARQUET = (".csv", ".tsv", ".txt"), (".jsonl", ".ndjson", ".json"), (".parquet",)
# Byte-order marks, and what stands behind them.
MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# Rows of a parquet file that are in memory at a time.
BATCH = 1000
# No field of a table is as long, nor any line, and a quote that is never closed is found sooner.
LONGEST = 100_000_000
NOT_TEXT, NOT_A_ROW = "not UTF-8", "another number of fields than the header, or not JSON"


class Row(NamedTuple):
    """A row by the names of its columns, or why it is none."""

    place: str  # of the file in an archive, without its ending; empty for a file alone
    line: int  # in which it begins, from 1; of parquet the number of the row
    values: dict[str, Any]
    problem: str | None = None


def rows(path: Path, wanted: Collection[str]) -> Iterator[Row]:
    """All rows of the file, or of those in a .zip; `wanted` are columns that there must be.

    Of a parquet file these alone are read, or all if none are wanted.

    Raises UserError for a file that cannot be read as a whole: of another kind, cut short, without
    a column that is wanted, or with a quote that is never closed.
    """
    try:
        yield from _rows(path, wanted)
    except FileNotFoundError:
        raise UserError(f"{path}: not found") from None
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, UnicodeError) as error:
        raise UserError(f"{path}: cut short or damaged ({error}): fetch it again") from None


def _rows(path: Path, wanted: Collection[str]) -> Iterator[Row]:
    if path.suffix.lower() != ".zip":
        with path.open("rb") as file:
            yield from _of_file(file, path.name, "", wanted)
        return
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if not name.endswith("/"))
        if not names:
            raise UserError(f"{path}: there is no table in it")
        for name in names:
            with archive.open(name) as member:
                yield from _of_file(member, name, Path(name).stem, wanted)


def _of_file(file: Any, name: str, place: str, wanted: Collection[str]) -> Iterator[Row]:
    if name.lower().endswith(".gz"):
        with gzip.open(file) as unpacked:
            yield from _of_file(unpacked, name[:-3], place, wanted)
        return
    readers = {SEPARATED: _separated, JSON: _json_lines, PARQUET: _parquet}
    for endings, read in readers.items():
        if Path(name.lower()).suffix in endings:
            yield from read(file, name, place, wanted)
            return
    known = ", ".join(ending for endings in readers for ending in endings)
    raise UserError(f"{name}: no table that is known: its name must end in one of {known}")


def _separated(file: Any, name: str, place: str, wanted: Collection[str]) -> Iterator[Row]:
    start = file.read(3)
    encoding = next((known for mark, known in MARKS.items() if start.startswith(mark)), "utf-8")
    file.seek(0)
    with io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="") as text:
        header = next(_lines(text, name), "")
        delimiter = _delimiter(header, wanted)
        columns = next(csv.reader([header], delimiter=delimiter), [])
        _check(name, columns, wanted)
        yield from _fields(text, name, place, columns, delimiter)


def _fields(
    text: TextIO, name: str, place: str, columns: list[str], delimiter: str
) -> Iterator[Row]:
    """The rows below the header, which has been read."""
    csv.field_size_limit(LONGEST)
    reader, line = csv.reader(_lines(text, name), delimiter=delimiter, strict=True), 2
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error) or "field larger" in str(error):
                raise UserError(
                    f"{name}: the quote that is opened in line {line} is never closed: mend it"
                ) from None
            yield Row(place, line, {}, NOT_A_ROW)
        else:
            if fields:
                yield _row(place, line, columns, fields)
        line = reader.line_num + 2


def _lines(file: Any, name: str) -> Iterator[Any]:
    """Lines of an open file, text or bytes; UserError for one that would fill the memory."""
    while line := file.readline(LONGEST):
        if len(line) == LONGEST:
            raise UserError(f"{name}: a line of more than {LONGEST:,} characters: it is no table")
        yield line


def _row(place: str, line: int, columns: list[str], fields: list[str]) -> Row:
    if len(fields) != len(columns):
        return Row(place, line, {}, NOT_A_ROW)
    return Row(place, line, dict(zip(columns, fields, strict=True)))


def _delimiter(header: str, wanted: Collection[str]) -> str:
    """The one by which the header has all columns that are wanted, or else the most columns."""
    found = {mark: next(csv.reader([header], delimiter=mark), []) for mark in DELIMITERS}
    return max(found, key=lambda mark: (set(wanted) <= set(found[mark]), len(found[mark])))


def _check(name: str, columns: Collection[str], wanted: Collection[str]) -> None:
    if missing := [column for column in wanted if column not in columns]:
        there = ", ".join(map(repr, columns))
        raise UserError(
            f"{name}: has no column {missing[0]!r}; there: {there}: "
            "mend dataset.columns in params.yaml"
        )


def _json_lines(file: Any, name: str, place: str, wanted: Collection[str]) -> Iterator[Row]:
    is_checked = False
    for line, content in enumerate(_lines(file, name), start=1):
        if not content.strip():
            continue
        try:
            values = json.loads(content.decode("utf-8-sig" if line == 1 else "utf-8"))
        except UnicodeDecodeError:
            yield Row(place, line, {}, NOT_TEXT)
            continue
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            yield Row(place, line, {}, NOT_A_ROW)
            continue
        if not is_checked:
            _check(name, values, wanted)
            is_checked = True
        yield Row(place, line, values)


def _parquet(file: Any, name: str, place: str, wanted: Collection[str]) -> Iterator[Row]:
    try:
        opened = pq.ParquetFile(pa.PythonFile(file, mode="r"))
        _check(name, opened.schema_arrow.names, wanted)
        line = 1
        # One iteration over all would keep the compressed pages of every group it has read.
        for group in range(opened.num_row_groups):
            for batch in opened.iter_batches(BATCH, [group], columns=list(wanted) or None):
                for values in batch.to_pylist():
                    yield Row(place, line, values)
                    line += 1
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{name}: not readable as parquet ({reason}): fetch it again") from None
