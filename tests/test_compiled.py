"""What was compiled is run as it was written, or compiled anew."""

import os
from pathlib import Path

import pytest

from sentiment.running import compiled
from sentiment.scans import compiling

INDEX, CODE = "forward-1.py311.nbi", "forward-1.py311.1.nbc"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a process left that has ended."""
    folder = tmp_path / compiled.FOLDER / "digest/recurrent_1"
    folder.mkdir(parents=True)
    with compiled.checked(tmp_path):
        (folder / INDEX).write_bytes(b"index")
        (folder / CODE).write_bytes(b"machine code")
    return folder


def test_it_lies_where_the_scans_keep_it() -> None:
    assert compiled.FOLDER == compiling.FOLDER


def test_what_a_process_wrote_is_there_for_the_next(folder: Path, tmp_path: Path) -> None:
    with compiled.checked(tmp_path):
        assert (folder / INDEX).read_bytes() == b"index"
        assert (folder / CODE).read_bytes() == b"machine code"


@pytest.mark.parametrize("name", [INDEX, CODE, f"{CODE}.sha256"])
def test_a_file_of_which_a_bit_changed_is_gone_before_it_can_be_run(
    folder: Path, tmp_path: Path, name: str
) -> None:
    moment = (folder / CODE).stat().st_mtime_ns
    content = bytearray((folder / name).read_bytes())
    content[3] ^= 1
    (folder / name).write_bytes(content)
    os.utime(folder / name, ns=(moment, moment))
    with compiled.checked(tmp_path):
        assert not (folder / name.removesuffix(".sha256")).exists()


def test_what_was_there_before_is_not_sealed_a_second_time(folder: Path, tmp_path: Path) -> None:
    before = (folder / f"{CODE}.sha256").read_text()
    moment = (folder / CODE).stat().st_mtime - 100
    with compiled.checked(tmp_path):
        (folder / CODE).write_bytes(b"other code")
        os.utime(folder / CODE, (moment, moment))
    assert (folder / f"{CODE}.sha256").read_text() == before


def test_what_a_killed_process_left_has_no_seal_and_goes(folder: Path, tmp_path: Path) -> None:
    (folder / "backward-1.py311.1.nbc").write_bytes(b"half")
    with compiled.checked(tmp_path):
        assert sorted(path.suffix for path in folder.iterdir()) == [
            *(".nbc", ".nbi", ".sha256", ".sha256")
        ]
