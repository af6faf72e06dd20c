"""`sentiment predict` takes texts from anywhere and answers a person or a program."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sentiment import cli
from sentiment.errors import UserError
from sentiment.prediction import texts

pytestmark = pytest.mark.usefixtures("trained")


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment.networks.runtime.configure", lambda _: None)
    for name in ("TF_ENABLE_ONEDNN_OPTS", "TQDM_DISABLE"):
        monkeypatch.setenv(name, "0")


def predict(*arguments: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(cli.app, ["predict", *arguments], stdin, catch_exceptions=False)


def answers(*arguments: str, stdin: bytes = b"") -> list[dict]:
    return [
        json.loads(line) for line in predict("--json", *arguments, stdin=stdin).output.splitlines()
    ]


def test_arguments_lines_and_files_get_the_same_answers() -> None:
    found = answers("good film", "dull")
    assert [answer["tokens"] for answer in found] == [["good", "film"], ["dull"]]
    assert found[0].keys() == {"label", "probability", "tokens"}
    Path("texts.txt").write_bytes(b"\xef\xbb\xbfgood film\r\ndull")
    assert answers("--file", "texts.txt") == answers(stdin=b"good film\ndull\n") == found


def test_another_model_is_used_by_name() -> None:
    (best,), (other,) = answers("good"), answers("good", "--model", "lecture-birnn-3")
    assert best["probability"] != other["probability"]


def test_an_explanation_says_what_each_word_did() -> None:
    (told,) = answers("--explain", "good dull film")
    assert len(told["contributions"]) == len(told["tokens"]) == 3
    assert sum(told["contributions"]) == pytest.approx(told["score"] - told["baseline"], abs=1e-3)
    shown = predict("--explain", "good dull film").output
    for value in (told["baseline"], *told["contributions"], told["score"]):
        assert f"{value:+.3f}" in shown


def test_a_person_sees_labels_and_texts_and_no_control_characters() -> None:
    text = "good [red]film\x1b[2J" + " and more" * 100
    (told,) = answers(text)
    shown = predict(text).output
    assert told["label"] in shown
    assert f"{told['probability']:.4f}" in shown
    assert "good [red]film" in shown
    assert "\x1b[2J" not in shown


def test_lines_end_at_newlines_alone() -> None:
    content = "a\x85b\u2028c\n\nd\n".encode()
    assert texts._lines("here", content) == ["a\x85b\u2028c", "", "d"]


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        ([], b"", "standard input: no text"),
        ([], b"good\nf\xefm\n", "standard input: line 2 is not UTF-8"),
        (["good", "f\udcefm"], b"", "text 2: not UTF-8"),
        (["good", "--file", "params.yaml"], b"", "params.yaml: give texts as arguments or in"),
        ([], b"good\n\ngood\n", "text 2: empty"),
        (["good", "--model", "gru-7"], b"", "gru-7: no such model"),
    ],
)
def test_what_cannot_be_read_is_an_error(arguments: list[str], stdin: bytes, said: str) -> None:
    with pytest.raises(UserError, match=f"^{said}"):
        predict(*arguments, stdin=stdin)
