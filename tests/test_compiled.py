"""What was compiled is run as it was written, or compiled anew."""

from pathlib import Path

import numba
import pytest
from numba.core import config

from sentiment.running import compiled
from sentiment.scans import compiling


def double(number: int) -> int:
    return 2 * number


def compile_and_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the code came from disk, as a new process finds it in the project `root`."""
    monkeypatch.setattr(config, "CACHE_DIR", str(root / compiled.FOLDER))
    with compiled.checked(root):
        function = numba.njit(cache=True)(double)
        assert function(3) == 6
    return bool(function.stats.cache_hits)


def files(root: Path) -> list[Path]:
    return sorted(path for path in (root / compiled.FOLDER).rglob("*") if path.is_file())


def test_it_lies_where_the_scans_keep_it() -> None:
    assert compiled.FOLDER == compiling.FOLDER


def test_what_a_process_wrote_is_there_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not compile_and_run(tmp_path, monkeypatch)
    assert [path.suffix for path in files(tmp_path)] == [".nbc", ".sha256", ".nbi", ".sha256"]
    assert compile_and_run(tmp_path, monkeypatch)


@pytest.mark.parametrize("number", range(4))
def test_where_a_bit_changed_nothing_from_disk_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    compile_and_run(tmp_path, monkeypatch)
    file = files(tmp_path)[number]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert not compile_and_run(tmp_path, monkeypatch)
    assert compile_and_run(tmp_path, monkeypatch)


def test_what_has_no_seal_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compile_and_run(tmp_path, monkeypatch)
    for seal in (tmp_path / compiled.FOLDER).rglob("*.sha256"):
        seal.unlink()
    assert not compile_and_run(tmp_path, monkeypatch)
