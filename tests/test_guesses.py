"""What the columns of a table hold is guessed, and what a person names is believed."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sentiment.errors import UserError
from sentiment.running import guesses, project
from sentiment.settings import params


def table(folder: Path, rows: int = 90, name: str = "t.csv", **columns: Any) -> Path:
    """Texts of several words with two labels, and other columns."""
    made = {"say": [f"a text of words, {number}" for number in range(rows)]}
    made |= {"kind": ["ab"[number % 2] for number in range(rows)]}
    pd.DataFrame(made | columns).to_csv(folder / name, index=False)
    return folder / name


def test_the_longest_texts_are_texts_and_the_fewest_values_labels(tmp_path: Path) -> None:
    towns = [f"town {number % 20}" for number in range(90)]
    path = table(tmp_path, town=towns, digest=["0123456789abcdef" * 4] * 90)
    found = guesses.guess(path, {})
    assert (found.columns.text, found.columns.label) == ("say", "kind")
    assert (found.columns.split, found.columns.group, found.columns.id) == (None, None, None)
    assert (found.classes, found.rows, found.words) == ({"a": 45, "b": 45}, 90, 450)
    assert not found.has_test


def test_usual_names_are_known_and_splits_by_their_values(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        Label=[number % 5 for number in range(90)],
        part=["train", "dev", "test"] * 30,
        author=[f"author {number % 9}" for number in range(90)],
        ID=range(90),
    )
    found = guesses.guess(path, {})
    columns = {"text": "say", "label": "Label", "split": "part", "group": "author", "id": "ID"}
    assert found.columns.model_dump() == columns
    assert found.has_test
    assert list(found.classes) == ["0", "1", "2", "3", "4"]


def test_a_column_that_a_person_names_is_taken(tmp_path: Path) -> None:
    path = table(tmp_path, other=["xy"[number % 2] for number in range(90)])
    assert guesses.guess(path, {"label": "other"}).columns.label == "other"
    with pytest.raises(UserError, match="has no column 'none'"):
        guesses.guess(path, {"label": "none"})


def test_a_table_without_labels_says_how_to_name_them(tmp_path: Path) -> None:
    pd.DataFrame({"say": ["one text", "another one"] * 9}).to_csv(tmp_path / "t.csv", index=False)
    with pytest.raises(UserError, match="no column looks like a label: name it with --label"):
        guesses.guess(tmp_path / "t.csv", {})


def test_a_project_has_parameters_that_are_right_as_they_are(tmp_path: Path) -> None:
    labels = ["rare"] * 3 + ["ab"[number % 2] for number in range(87)]
    path = table(tmp_path, name="My tänzer.v2.csv", kind=labels)
    project.create(tmp_path / "own", path, {})
    made = params.load(tmp_path / "own/params.yaml")
    assert made.dataset.name == "my-tnzer"
    assert made.dataset.classes == ("a", "b")
    # What is left out for its class may be.
    assert made.dataset.bad > 3 / 90
    assert made.download.sources == ("../My tänzer.v2.csv",)
    assert list(made.protocols) == ["stratified"]
    assert (tmp_path / "own/src/sentiment/cli.py").is_file()


def test_what_counts_ngrams_is_left_out_of_a_project_that_has_too_many_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = table(tmp_path, kind=["ab"[number % 2] for number in range(90)])
    words = guesses.guess(path, {}).words
    for most, baselines in ((words, 5), (words - 1, 2)):
        monkeypatch.setattr(project, "NGRAM_WORDS", most)
        project.create(tmp_path / f"own-{most}", path, {})
        made = params.load(tmp_path / f"own-{most}/params.yaml")
        assert len(made.grid.baselines) == baselines


def test_classes_of_too_few_rows_leave_no_project(tmp_path: Path) -> None:
    path = table(tmp_path, rows=30)
    with pytest.raises(UserError, match="fewer than two classes of 20 rows or more"):
        project.create(tmp_path / "own", path, {})
    assert not (tmp_path / "own").exists()
