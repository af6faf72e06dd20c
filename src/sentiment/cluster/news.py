"""What trainings say on one machine, carried to another."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from sentiment.running import progress
from sentiment.storage.files import write_text


class News(NamedTuple):
    """Lines that a file of `.sentiment/events` got; with `anew` those before them are void."""

    file: str
    lines: str
    anew: bool


class Tail:
    """Reads what is appended to the files of events, from now on."""

    def __init__(self, project: Path) -> None:
        """Pass over what earlier trainings in the folder `project` said."""
        self.folder = project / progress.FOLDER
        self.positions = {path: path.stat().st_size for path in self.folder.glob("*.jsonl")}

    def new(self) -> Iterator[News]:
        """Whole lines since the last call."""
        for path in sorted(self.folder.glob("*.jsonl")):
            before = self.positions.get(path, 0)
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                start = before if path.stat().st_size >= before else 0
                file.seek(start)
                whole, newline, _ = file.read().rpartition(b"\n")
                self.positions[path] = start + len(whole) + len(newline)
                if whole or start < before:
                    yield News(path.name, (whole + newline).decode(), anew=start == 0)


def write(project: Path, news: Iterable[News]) -> None:
    """Write them to where whoever watches the project reads what its own trainings say."""
    for one in news:
        path = project / progress.FOLDER / Path(one.file).name
        path.parent.mkdir(parents=True, exist_ok=True)
        if one.anew:
            # Another file in its place: who follows the old one then knows.
            write_text(path, one.lines)
        else:
            with path.open("a", encoding="utf-8") as file:
                file.write(one.lines)
