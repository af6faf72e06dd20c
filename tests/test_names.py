"""A mistyped name is told with the names there are, before any work."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Workplace

from sentiment.errors import UserError
from sentiment.settings import names, params


@pytest.mark.parametrize(
    ("section", "key", "place", "known"),
    [
        ("grid", "models", "models", {"rnn-50", "lstm-22", "dense-50"}),
        ("grid", "protocols", "protocols", {"lecture", "bymovie"}),
        ("inputs", "models", "models", {"rnn-50", "lstm-22", "dense-50"}),
        ("memory", "probed", "grid.models", {"rnn-50", "lstm-50"}),
        ("memory", "reordered", "grid.models or memory.models", {"rnn-50", "dense-50"}),
    ],
)
def test_a_name_that_stands_nowhere_is_told_with_those_there_are(
    workplace: Workplace, section: str, key: str, place: str, known: set[str]
) -> None:
    workplace.set(**{section: {key: [*workplace.values[section][key], "rnn-5O"]}})
    with pytest.raises(UserError) as error:
        names.check()
    said, _, there = str(error.value).partition("; there: ")
    assert said == f"params.yaml: {section}.{key}: 'rnn-5O' is not in {place}"
    assert known <= set(there.split(", "))


def test_every_reader_of_the_parameters_says_so_before_what_is_wrong_with_the_form(
    workplace: Workplace,
) -> None:
    workplace.set(grid={"models": [*workplace.values["grid"]["models"], "rnn-5O"]})
    with pytest.raises(UserError, match=r"^params\.yaml: grid\.models: 'rnn-5O' is not in models;"):
        params.load()


def test_without_questions_of_memory_their_names_do_not_matter(workplace: Workplace) -> None:
    workplace.set(grid={"models": ["birnn-5"]}, memory={"protocols": []})
    names.check()


def test_the_committed_names_and_what_is_no_params_at_all_are_let_through(
    workplace: Workplace, tmp_path: Path
) -> None:
    workplace.set()
    names.check()
    for text in ("- 1", "grid: 3", "grid: {models: {a: 1}}", "\t", ""):
        (tmp_path / "other.yaml").write_text(text)
        names.check(tmp_path / "other.yaml")
    names.check(tmp_path / "nowhere.yaml")


def test_sentiment_run_says_so_in_one_line_and_does_nothing(workplace: Workplace) -> None:
    models = [*workplace.values["grid"]["models"], "rnn-5O"]
    workplace.set(grid={"models": models})
    before = workplace.files()
    command = [sys.executable, "-m", "sentiment", "run"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("error: params.yaml: grid.models: 'rnn-5O' is not in models;")
    assert workplace.files() == before
