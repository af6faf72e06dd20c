import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sentiment.errors import UserError
from sentiment.running import host, stage
from sentiment.storage.files import atomic_path


@pytest.fixture(autouse=True)
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_STAGE", raising=False)


def end_of(command: Any, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> int | str | None:
    monkeypatch.setattr(sys, "argv", ["stage", *arguments])
    with pytest.raises(SystemExit) as end:
        stage.run(command)
    return end.value.code


def copy(source: Path, times: int) -> dict[str, Any]:
    """Copy SOURCE."""
    Path("copied").write_text(source.read_text() * times)
    return {"source": str(source)}


def test_arguments_follow_the_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("in.txt").write_text("ab")
    assert not end_of(copy, "in.txt", "3", monkeypatch=monkeypatch)
    assert Path("copied").read_text() == "ababab"


def test_a_wrong_argument_leaves_with_two_and_says_which(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert end_of(copy, "in.txt", "many", monkeypatch=monkeypatch) == 2
    assert "times" in capsys.readouterr().err.lower()


def test_a_stage_run_by_dvc_leaves_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("in.txt").write_text("ab")
    monkeypatch.setenv("DVC_STAGE", "dvc.yaml:vectors@lecture-reviews")
    end_of(copy, "in.txt", "1", monkeypatch=monkeypatch)
    record = json.loads(Path(".sentiment/runinfo/vectors@lecture-reviews.json").read_text())
    assert record["stage"] == "vectors@lecture-reviews"
    assert record["source"] == "in.txt"
    assert record["seconds"] >= 0
    assert record["peak_mb"] > 0
    assert record["started"].endswith("+00:00")
    assert {name: record[name] for name in ("host", "versions")} == host.describe()
    # Nothing that is versioned knows of it.
    assert not Path("reports").exists()


def test_a_stage_run_by_hand_or_failing_leaves_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("in.txt").write_text("ab")
    end_of(copy, "in.txt", "1", monkeypatch=monkeypatch)
    monkeypatch.setenv("DVC_STAGE", "copy")
    end_of(copy, "none.txt", "1", monkeypatch=monkeypatch)
    assert not Path(".sentiment").exists()


def test_what_a_person_can_mend_is_one_line_without_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails() -> None:
        raise UserError("seeds: missing: add it")

    assert end_of(fails, monkeypatch=monkeypatch) == "error: seeds: missing: add it"


def test_a_file_that_cannot_be_opened_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    error = end_of(copy, "none.txt", "1", monkeypatch=monkeypatch)
    assert error == (
        "error: none.txt: No such file or directory; mend the path or its permissions and run again"
    )


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_told_with_the_file_that_was_meant(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fails() -> None:
        with atomic_path(Path("data/table.parquet")):
            raise OSError(number, os.strerror(number))

    error = str(end_of(fails, monkeypatch=monkeypatch))
    assert error.startswith("error: data/table.parquet: the disk is full")
    assert "free some space" in error


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_recognised_in_what_numpy_says(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        with atomic_path(Path("vectors.npy")), Path("/dev/full").open("wb", buffering=0) as file:
            np.ones(2**17).tofile(file)

    error = str(end_of(fails, monkeypatch=monkeypatch))
    assert error.startswith("error: vectors.npy: the disk is full")


def test_too_little_memory_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    error = str(end_of(lambda: np.empty(2**50) and None, monkeypatch=monkeypatch))
    assert error.startswith("error: not enough memory (Unable to allocate 8.00 PiB")


def test_a_mistake_in_the_code_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(sys, "argv", ["stage"])
    with pytest.raises(ZeroDivisionError):
        stage.run(fails)
