"""Before minutes are spent it is said what is missing, and what can be done without."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, in a folder with what it reads, where pip fetches everything."""
    monkeypatch.chdir(tmp_path)
    for name in ("params.yaml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    spec = importlib.util.spec_from_file_location("doctor", ROOT / "tools/doctor.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "package_index", lambda: ("package index", True, True, "fine"))
    monkeypatch.setattr(module, "answers", lambda _: False)
    monkeypatch.delenv("SENTIMENT_ARCHIVE", raising=False)
    return module


def said(doctor: ModuleType, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, str]]:
    with pytest.raises(SystemExit) as left:
        doctor.main()
    lines = capsys.readouterr().out.splitlines()
    return int(str(left.value.code)), {line[:14].strip(): line[15:] for line in lines}


def test_without_imdb_all_is_well_and_the_demo_is_named(
    doctor: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    code, lines = said(doctor, capsys)
    assert code == 0
    assert lines["IMDB"].startswith("not there")
    assert "make demo" in lines["IMDB"]
    assert list(lines)[:4] == ["Python", "make", "git", "disk"]


def test_imdb_is_found_where_the_download_looks(
    doctor: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "copy.tar.gz"
    elsewhere.touch()
    monkeypatch.setenv("SENTIMENT_ARCHIVE", str(elsewhere))
    assert doctor.imdb()[1:] == (True, False, f"at {elsewhere}")
    (tmp_path / "data/raw").mkdir(parents=True)
    (tmp_path / "data/raw/aclImdb_v1.tar.gz").touch()
    assert doctor.imdb()[3] == "at data/raw/aclImdb_v1.tar.gz"


def test_what_no_command_does_without_is_missing(
    doctor: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(doctor, "DISK", 1e9)
    code, lines = said(doctor, capsys)
    assert code == 1
    assert {name for name, line in lines.items() if line.startswith("MISSING")} == {
        *("make", "git", "disk")
    }
