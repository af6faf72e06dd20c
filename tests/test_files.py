import errno
import json
import resource
import shutil
from pathlib import Path

import numpy as np
import pytest

from sentiment.storage import files


@pytest.mark.parametrize("failure", [OSError(errno.EIO, "broken"), ValueError, KeyboardInterrupt])
def test_a_failed_write_leaves_what_stood_there_and_nothing_else(
    tmp_path: Path, failure: type[BaseException] | BaseException
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("before")
    with (  # noqa: PT012
        pytest.raises((OSError, ValueError, KeyboardInterrupt)),
        files.atomic_path(path) as temporary,
    ):
        temporary.write_text("half")
        raise failure
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_takes_the_place_of_a_folder_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "models"
    for name in ("first", "second"):
        with files.atomic_path(folder) as temporary:
            temporary.mkdir()
            (temporary / name).write_text(name)
    assert [path.name for path in folder.iterdir()] == ["second"]
    assert list(folder.parent.iterdir()) == [folder]


def test_the_temporary_name_keeps_its_endings_and_stays_in_the_folder(tmp_path: Path) -> None:
    with files.atomic_path(tmp_path / "seed-0.weights.h5") as temporary:
        assert temporary.name == "seed-0.weights.h5"
        assert temporary.parent.parent == tmp_path
        temporary.touch()
        written = temporary.stat().st_ino
    # Renamed, not copied: whoever looks in between sees no half of it.
    assert (tmp_path / "seed-0.weights.h5").stat().st_ino == written


def test_a_failure_to_write_names_the_path_that_was_asked_for(tmp_path: Path) -> None:
    path, source = tmp_path / "whole.txt", tmp_path / "source.txt"
    with pytest.raises(OSError) as nameless, files.atomic_path(path):  # noqa: PT011
        raise OSError(errno.ENOSPC, "full")
    with pytest.raises(OSError) as inside, files.atomic_path(path) as temporary:  # noqa: PT011
        raise OSError(errno.ENOSPC, "full", str(source), None, str(temporary))
    assert nameless.value.filename == inside.value.filename == str(path)
    with pytest.raises(OSError) as outside, files.atomic_path(path) as temporary:  # noqa: PT011
        shutil.copyfile(source, temporary)
    assert outside.value.filename == str(source)


def test_json_keeps_its_order_and_is_read_back_as_it_was(tmp_path: Path) -> None:
    data = {"z": 1 / 3, "a": ["é", None, {"y": 1, "b": True}]}
    files.write_json(tmp_path / "a.json", data)
    text = (tmp_path / "a.json").read_bytes().decode("utf-8")
    assert text.endswith("}\n")
    assert "é" in text
    assert "\r" not in text
    assert json.dumps(files.read_json(tmp_path / "a.json")) == json.dumps(data)


def test_a_number_that_json_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        files.write_json(tmp_path / "a.json", {"acc": float("nan")})
    assert not list(tmp_path.iterdir())


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert files.sha256(tmp_path / "abc") == expected


def test_an_array_whose_end_finds_no_room_is_an_error_and_no_file(tmp_path: Path) -> None:
    # Room for the header (128 bytes) and a part of the numbers, as on a disk that runs full.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            files.write_array(tmp_path / "a.npy", np.arange(100))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())
    files.write_array(tmp_path / "a.npy", np.arange(100))
    assert np.load(tmp_path / "a.npy").tolist() == list(range(100))
