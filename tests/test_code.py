"""Equal code has an equal hash, wherever it lies; other code another."""

import shutil
from pathlib import Path

import pytest

from sentiment.running import code


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package, of which the hashes are then."""
    copy = tmp_path / "copy"
    shutil.copytree(code.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(code, "PACKAGE", copy)
    return copy


def test_where_the_code_lies_has_no_part(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = code.of_training(), code.of_architecture("bilstm")
    moved = package.rename(package.with_name("moved"))
    monkeypatch.setattr(code, "PACKAGE", moved)
    assert (code.of_training(), code.of_architecture("bilstm")) == here


@pytest.mark.parametrize(
    ("file", "decides"),
    [
        ("networks/training.py", True),
        ("scans/product.py", True),
        ("storage/tokens.py", True),
        ("running/progress.py", False),
        ("settings/sections.py", False),
        ("architectures/lstm.py", False),
        ("probes/gates.py", False),
    ],
)
def test_the_rooms_that_train_decide_and_no_others(package: Path, file: str, decides: bool) -> None:
    before = code.of_training()
    with (package / file).open("a") as edited:
        edited.write("# Edited.\n")
    assert (code.of_training() != before) == decides


def test_a_file_of_another_name_is_other_code(package: Path) -> None:
    before = code.of_training()
    (package / "networks/training.py").rename(package / "networks/trained.py")
    assert code.of_training() != before


@pytest.mark.parametrize(
    "written",
    [
        *(
            "from sentiment.architectures import lstm",
            "import sentiment.architectures.lstm as base",
        ),
        *("from sentiment.architectures.lstm import layers", "from . import lstm"),
        *("from .lstm import layers", "from ..architectures import lstm"),
    ],
)
def test_an_architecture_is_found_in_whatever_form_another_imports_it(
    package: Path, written: str
) -> None:
    (package / "architectures/own.py").write_text(f"import keras\n{written}\n")
    assert code.architectures("own") == {"own", "lstm"}


@pytest.mark.parametrize(("file", "decides"), [("lstm", True), ("bilstm", True), ("gru", False)])
def test_an_architecture_changes_with_those_that_it_uses(
    package: Path, file: str, decides: bool
) -> None:
    before = code.of_architecture("bilstm")
    with (package / f"architectures/{file}.py").open("a") as edited:
        edited.write("# Edited.\n")
    assert (code.of_architecture("bilstm") != before) == decides
