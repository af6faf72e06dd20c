"""Tables of other people become reviews; rows that cannot be used are counted by their lines."""

import gzip
import json
import random
import tempfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentiment.data.reviews import TABLE
from sentiment.errors import UserError
from sentiment.settings.sections import Columns, Dataset
from sentiment.tables import labelled, lines, problems

ROWS = [{"text": f"Text {number}, ein „Satz“.", "label": "ab"[number % 2]} for number in range(6)]
COLUMNS = {"text": "text", "label": "label", "split": None, "group": None, "id": None}


def dataset(bad: float = 0.0, classes: tuple[str, ...] = ("a", "b"), **columns: str) -> Dataset:
    described = Columns(**{**COLUMNS, **columns})
    return Dataset(name="own", format="table", classes=classes, columns=described, bad=bad)


def save(path: Path, rows: list[dict[str, Any]], encoding: str = "utf-8") -> Path:
    """Write `rows` in the format that the name of `path` says."""
    frame = pd.DataFrame(rows)
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding=encoding)
    else:
        separator = "\t" if path.suffix == ".tsv" else ","
        path.write_text(frame.to_csv(index=False, sep=separator), encoding=encoding)
    return path


class Written(NamedTuple):
    """What was written, and what was left out of it."""

    table: pa.Table
    left_out: list[dict[str, Any]]


def read(described: Dataset, raw: Path) -> Written:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reviews.parquet"
        left_out = labelled.write(described, raw, path)
        assert list(Path(folder).iterdir()) == [path]
        return Written(pq.read_table(path), left_out)


def labels(found: Written) -> list[int | None]:
    return found.table["label"].to_pylist()


def told(found: Written) -> dict[str, list[str]]:
    return {problem["kind"]: problem["lines"] for problem in found.left_out}


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.jsonl", "t.parquet"])
def test_every_format_gives_the_same_reviews(tmp_path: Path, name: str) -> None:
    found = read(dataset(), save(tmp_path / name, ROWS))
    assert found.table.schema == TABLE
    assert found.table["text"].to_pylist() == [row["text"] for row in ROWS]
    assert labels(found) == [0, 1] * 3
    assert set(found.table["split"].to_pylist()) == {"all"}
    assert found.table["id"].to_pylist() == sorted(found.table["id"].to_pylist())
    assert found.left_out == []


@pytest.mark.parametrize("delimiter", list(lines.DELIMITERS))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiter_and_encoding_show_from_the_file(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    content = pd.DataFrame(ROWS).to_csv(index=False, sep=delimiter)
    (tmp_path / "t.csv").write_text(content, encoding=encoding)
    found = read(dataset(), tmp_path / "t.csv")
    assert found.table["text"].to_pylist() == [row["text"] for row in ROWS]


def test_a_packed_table_is_read_as_it_is(tmp_path: Path) -> None:
    plain = save(tmp_path / "t.csv", ROWS)
    packed = tmp_path / "t.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read(dataset(), packed) == read(dataset(), plain)


def test_files_of_an_archive_are_the_splits_that_their_names_begin_with(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        for name in ("train-00000-of-00001", "dev", "test"):
            save(tmp_path / "one.csv", ROWS[:2])
            archive.write(tmp_path / "one.csv", f"{name}.csv")
    found = read(dataset(), tmp_path / "t.zip").table
    splits = dict(zip(found["id"].to_pylist(), found["split"].to_pylist(), strict=True))
    assert {ident.split("/")[0]: split for ident, split in splits.items()} == {
        "train-00000-of-00001": "train",
        "dev": "validation",
        "test": "test",
    }


def test_columns_name_split_group_and_id(tmp_path: Path) -> None:
    rows = [
        {**row, "part": part, "of": group, "key": 9 - number}
        for number, (row, part, group) in enumerate(
            zip(ROWS, ("train", "TEST", "val", "train", "test", "unsup"), "xyxxyz", strict=True)
        )
    ]
    described = dataset(split="part", group="of", id="key")
    found = read(described, save(tmp_path / "t.jsonl", rows)).table.to_pandas()
    assert found.id.tolist() == ["4", "5", "6", "7", "8", "9"]
    assert found.split.tolist() == ["unsup", "test", "train", "validation", "test", "train"]
    assert found.group.tolist() == ["z", "y", "x", "x", "y", "x"]


def test_a_quoted_text_may_have_several_lines_and_problems_name_the_first(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('text,label\n"one\ntwo",a\n"three\nfour",\n,b\nfive,b\n')
    found = read(dataset(bad=0.5), tmp_path / "t.csv")
    assert found.table["text"].to_pylist() == ["one\ntwo", "three\nfour", "five"]
    assert labels(found) == [0, None, 1]
    assert found.table["split"].to_pylist() == ["all", "unsup", "all"]
    assert told(found) == {problems.NO_TEXT: ["line 6"]}


BAD = {
    problems.NO_TEXT: {"text": "  "},
    problems.UNKNOWN_LABEL: {"label": "c"},
    problems.UNKNOWN_SPLIT: {"part": "elsewhere"},
    problems.NO_ID: {"key": ""},
    problems.REPEATED_ID: {"key": "0"},
    problems.SHARED_GROUP: {"of": "tested"},
}


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet"])
@pytest.mark.parametrize("kind", BAD)
def test_each_kind_of_bad_row_is_counted_by_its_line(tmp_path: Path, kind: str, name: str) -> None:
    rows = [
        {**row, "part": "train", "of": "g", "key": str(number)} for number, row in enumerate(ROWS)
    ]
    rows[1] |= {"part": "test", "of": "tested"}
    rows[4] |= BAD[kind]
    described = dataset(bad=0.2, split="part", group="of", id="key")
    found = read(described, save(tmp_path / name, rows))
    line = 6 if name == "t.csv" else 5
    assert told(found) == {kind: [f"line {line}"]}
    assert len(found.table) == 5
    with pytest.raises(UserError, match=rf"1 of 6 rows cannot be used: {kind} in 1 rows, as in"):
        read(described.model_copy(update={"bad": 0.1}), tmp_path / name)


def test_broken_encoding_costs_its_own_row_alone(tmp_path: Path) -> None:
    for name, row in (("t.csv", "{},{}\n"), ("t.jsonl", '{{"text": "{}", "label": "{}"}}\n')):
        content = "text,label\n" if name == "t.csv" else ""
        content += "".join(row.format(text, label) for text, label in ("ua", "vb", "éa", "wb"))
        (tmp_path / name).write_bytes(content.encode("latin-1"))
        found = read(dataset(bad=0.5), tmp_path / name)
        assert told(found) == {lines.NOT_TEXT: ["line 4" if name == "t.csv" else "line 3"]}
        assert found.table["text"].to_pylist() == ["u", "v", "w"]


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("t.csv", "text,label\nu,a\nv\nw,b\n", 3),
        ("t.csv", 'text,label\nu,a\n"v"x,a\nw,b\n', 3),
        ("t.jsonl", '{"text": "u", "label": "a"}\n[1]\n{"text": "w", "label": "b"}\n', 2),
        ("t.jsonl", '{"text": "u", "label": "a"}\n{"te\n{"text": "w", "label": "b"}\n', 2),
        ("t.jsonl", '{"text": "u", "label": "a"}\n\n[\n{"text": "w", "label": "b"}\n', 3),
    ],
)
def test_what_is_no_row_is_counted_and_the_next_one_read(
    tmp_path: Path, name: str, content: str, line: int
) -> None:
    (tmp_path / name).write_text(content)
    found = read(dataset(bad=0.5), tmp_path / name)
    assert told(found) == {lines.NOT_A_ROW: [f"line {line}"]}
    assert found.table["text"].to_pylist() == ["u", "w"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.csv", b'text,label\nu,a\n"v,a\nw,b\n', "the quote that is opened in line 3 is never"),
        ("t.csv", b"txt,label\nu,a\n", "has no column 'text'; there: 'txt', 'label'"),
        ("t.csv", b"", "has no column 'text'"),
        ("t.jsonl", b'{"txt": 1}\n', "has no column 'text'; there: 'txt'"),
        ("t.parquet", b"PAR1 no", "not readable as parquet"),
        ("t.csv.gz", gzip.compress(b"text,label\n" * 9, mtime=0)[:-9], "cut short or damaged"),
        ("t.zip", b"PK no", "cut short or damaged"),
        ("t.xlsx", b"", "no table that is known: its name must end in one of .csv"),
        ("t.csv", b"text,label\nu,a\nv,a\n", "no row has the label 'b'"),
        ("t.csv", b"text,label\nu,\n", "no row has the label 'a'"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=said) as refused:
        read(dataset(), tmp_path / name)
    assert "\n" not in str(refused.value)


def test_numbers_and_truths_are_labels_by_their_words(tmp_path: Path) -> None:
    table = pa.table({"text": ["u", "v", "w"], "label": [1.0, 2.0, None]})
    pq.write_table(table, tmp_path / "t.parquet")
    found = read(dataset(classes=("1", "2")), tmp_path / "t.parquet")
    assert labels(found) == [0, 1, None]
    rows = [{"text": "u", "label": True}, {"text": "v", "label": False}]
    described = dataset(classes=("false", "true"))
    assert labels(read(described, save(tmp_path / "t.jsonl", rows))) == [1, 0]


KINDS = {*BAD, lines.NOT_TEXT, lines.NOT_A_ROW}
odd = st.text(st.characters(codec=None, categories=("L", "N", "P", "Z", "Cc", "Cs")), max_size=6)
cell = st.one_of(st.none(), odd, st.integers(), st.floats(), st.booleans(), st.sampled_from("ab"))


@given(
    name=st.sampled_from(["t.csv", "t.tsv", "t.jsonl"]),
    header=st.sampled_from([["text", "label"], ["label", "text", "x"], ["text"], ["label", "y"]]),
    rows=st.lists(st.lists(cell, max_size=4), max_size=12),
    torn=st.integers(0, 3),
)
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_an_odd_table_ends_in_reviews_or_in_one_line(
    tmp_path: Path, name: str, header: list[str], rows: list[list[Any]], torn: int
) -> None:
    if name == "t.jsonl":
        made = [json.dumps(dict(zip(header, row, strict=False))) for row in rows]
        content = "\n".join(made).encode("utf-8", "surrogatepass")
    else:
        mark = "\t" if name == "t.tsv" else ","
        text = "\n".join(mark.join("" if c is None else str(c) for c in row) for row in rows)
        content = f"{mark.join(header)}\n{text}".encode("utf-8", "surrogatepass")
    (tmp_path / name).write_bytes(content[: len(content) - torn])
    said, found = "", None
    try:
        found = read(dataset(bad=0.9), tmp_path / name)
    except UserError as refused:
        said = str(refused)
    assert "\n" not in said
    if found is not None:
        assert set(labels(found)) - {None} == {0, 1}
        assert {problem["kind"] for problem in found.left_out} <= KINDS


def test_of_a_parquet_file_one_row_group_is_in_memory(tmp_path: Path) -> None:
    source, path = random.Random(0), tmp_path / "t.parquet"
    texts = pa.table({"text": [source.randbytes(1000).hex() for _ in range(2000)]})
    pq.write_table(texts, path, compression="zstd", row_group_size=100)
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in lines.rows(path, ["text"])]
    assert len(held) == 2000
    assert max(held) < path.stat().st_size / 2
