"""README.md and docs/ name commands and files that there are."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from documents import DOCUMENTS, ELSEWHERE, ROOT, TYPED, printed
from ruamel.yaml import YAML

from sentiment.cli import app

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
EACH = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)


def named(path: Path, tool: str) -> list[list[str]]:
    """The words of each command of `tool` in a document, without redirection."""
    split = [shlex.split(line) for line in printed(path) if line.startswith(f"{tool} ")]
    return [words[1 : words.index("<") if "<" in words else None] for words in split]


@EACH
def test_every_target_of_make_is_there(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {words[0] for words in named(path, "make") if "=" not in words[0]}
    assert [name for name in targets if f"\n{name}:" not in makefile] == []


@EACH
def test_every_command_and_option_of_ours_is_there(path: Path) -> None:
    for name, *words in named(path, "sentiment"):
        if name == "--help":
            continue
        assert name in COMMANDS, f"sentiment {name}"
        known = {option for param in COMMANDS[name].params for option in param.opts}
        options = {word for word in words if word.startswith("--")}
        assert options <= known | {"--help"}, f"sentiment {name} {options - known}"


@EACH
def test_every_command_is_tried_or_said_why_not(path: Path) -> None:
    assert [line for line in printed(path) if line not in {*TYPED, *ELSEWHERE}] == []


def test_no_command_is_tried_that_no_document_prints() -> None:
    lines = {line for path in DOCUMENTS for line in printed(path)}
    assert {*TYPED, *ELSEWHERE} <= lines


def test_the_containers_run_the_server_that_the_document_prints() -> None:
    compose = YAML(typ="safe", pure=True).load(ROOT / "docs/compose.yaml")
    *_, command = compose["services"]["tracking"]["command"]
    words = shlex.split(command.partition("mlflow server ")[2])
    (printed_words,) = named(ROOT / "docs/elsewhere.md", "mlflow")
    assert [
        "server",
        *(word.replace("@database/", "@localhost/") for word in words),
    ] == printed_words


@EACH
def test_every_link_leads_to_a_file_or_heading_that_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("http"):
            continue
        file, _, heading = target.partition("#")
        there = path.parent / file if file else path
        assert there.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.*)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles]
            assert heading in anchors, target


def test_the_readme_is_read_to_its_end() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 200


def test_the_licence_of_every_pinned_package_is_listed() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE)
    listed = (ROOT / "docs/licences.md").read_text(encoding="utf-8")
    _, *rows = re.findall(r"^\| ([\w.-]+) \| (\S+) \| .+ \|$", listed, re.MULTILINE)
    assert rows == pinned
