"""The rooms of the code: each imports from those above it, and no two files share a name."""

import ast
from collections import Counter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "sentiment"
# The order of CONTRIBUTING.md: data walks down it.
ROOMS = (
    *("storage", "settings", "data", "tables", "scans", "architectures", "networks", "measures"),
    *("baselines", "experiments", "comparison", "prediction", "probes", "reporting", "running"),
    *("cluster", "tracking", "commands"),
)
SHARED = {"errors"}


def imported_rooms(file: Path) -> set[str]:
    """First parts of what `file` imports of ours, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sentiment"):
            _, *rest = node.module.split(".")
            found |= {rest[0]} if rest else {alias.name for alias in node.names}
    return found


def test_every_folder_is_a_room() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    assert folders == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_from_none_below_it(room: str) -> None:
    above = {*SHARED, *ROOMS[: ROOMS.index(room) + 1]}
    below = {
        file.relative_to(PACKAGE).as_posix(): sorted(imported_rooms(file) - above)
        for file in (PACKAGE / room).rglob("*.py")
    }
    assert {file: rooms for file, rooms in below.items() if rooms} == {}


def test_no_two_files_have_one_name() -> None:
    names = Counter(file.stem for file in PACKAGE.rglob("*.py") if file.stem != "__init__")
    assert [name for name, count in names.items() if count > 1] == []


def test_rooms_stand_in_contributing_in_their_order() -> None:
    text = " ".join((PACKAGE.parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8").split())
    assert ", ".join(ROOMS) in text
