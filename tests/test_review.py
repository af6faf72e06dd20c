"""A review tells what belongs together and what does not, each in a line."""

import subprocess
from pathlib import Path

import pytest

from sentiment.running import remotes, review
from sentiment.settings.params import load

ROOT = Path(__file__).parents[1]


def answering(monkeypatch: pytest.MonkeyPatch, code: int = 0, output: str = "") -> None:
    done = subprocess.CompletedProcess([], code, output, "")
    monkeypatch.setattr(review, "_run", lambda *_: done)


def test_stages_that_would_run_are_a_problem_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, output="Running stage 'compare':\n> python\nRunning stage 'report':\n")
    found = review._stages(ROOT)
    assert not found.is_well
    assert found.said.endswith("compare, report")
    answering(monkeypatch, output="Data and pipelines are up to date.\n")
    assert review._stages(ROOT).is_well


def test_what_dvc_cannot_read_is_a_problem_in_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, 1, "ERROR: 'dvc.yaml' is invalid\n")
    assert review._stages(ROOT) == ("stages", False, "'dvc.yaml' is invalid")


def test_without_a_remote_three_lines_say_how_to_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remotes, "checked", lambda _: {})
    found = review._remote(ROOT)
    assert found.is_well
    assert len(found.said.splitlines()) == 4


def test_files_that_are_not_as_committed_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, output=" M README.md\n?? new\n")
    assert "2 files not as committed" in review._tree(ROOT).said
    answering(monkeypatch, 128)
    assert not review._tree(ROOT).is_well


def test_where_imdb_is_not_a_cell_is_not_verified_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SENTIMENT_ARCHIVE", raising=False)
    found = review._cell(tmp_path / "a" / "b", load(ROOT / "params.yaml"))
    assert found.is_well
    assert found.said.startswith("not verified: IMDB is not here")


def pulled(
    monkeypatch: pytest.MonkeyPatch, *missing: list[str], said: str = "", code: int = 0
) -> review.Finding:
    """What is found of a remote after a pull, when DVC still finds outputs `missing`."""
    remote = {"name": "shared", "url": "s3://bucket", "secret_access_key": "hunter22"}
    monkeypatch.setattr(remotes, "checked", lambda _: remote)
    done = subprocess.CompletedProcess([], code, said, "")
    monkeypatch.setattr(remotes.dvc_results, "missing", lambda _: missing)
    monkeypatch.setattr(remotes, "_dvc", lambda *_: done)
    return review._remote(ROOT)


def test_what_a_remote_lacks_is_counted_and_what_is_damaged_in_it_is_a_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacking = pulled(monkeypatch, ["a"], [])
    assert lacking == ("remote", True, "pulled what it has; outputs that it lacks: 1")
    assert pulled(monkeypatch, [], []).said == "pulled what it has"
    damaged = pulled(monkeypatch, ["a", "b"], ["b"])
    assert not damaged.is_well
    assert damaged.said.startswith("b: damaged in the remote: ")


def test_a_remote_that_refuses_is_a_problem_told_without_its_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = pulled(monkeypatch, said="ERROR: no entry with hunter22", code=1)
    assert refused == ("remote", False, "no entry with ***")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "ERROR: not all of it came\nIs it up to date?\n<https://example.org>\n",
            "not all of it came",
        ),
        ("fatal: no such commit\n", "fatal: no such commit"),
        ("", "no reason given"),
    ],
)
def test_the_reason_of_a_command_is_the_line_that_has_it(said: str, reason: str) -> None:
    assert remotes.last_line(said) == reason
