"""What a training says while it runs, for whoever watches: one JSON object a line."""

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

FOLDER = Path(".sentiment/events")


class Events:
    """Appends the events of one cell to `.sentiment/events/<protocol>-<model>.jsonl`."""

    def __init__(self, protocol: str, model: str) -> None:
        """Start the cell's file anew."""
        self.cell = {"protocol": protocol, "model": model}
        self.path = FOLDER / f"{protocol}-{model}.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("", encoding="utf-8")

    def write(self, event: str, **values: Any) -> None:
        """Append one event: `step`, `epoch` or `seed`."""
        line = json.dumps({"event": event, **self.cell, **values})
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


class Bar:
    """Passes a training's events on, and shows them as a bar where the output is a terminal."""

    def __init__(self, events: Events, seeds: Sequence[int], epochs: int) -> None:
        """The training takes `seeds` in this order, each for `epochs`."""
        self.events, self.seeds, self.epochs = events, seeds, epochs
        self.bar = tqdm(desc=" ".join(events.cell.values()), unit=" steps", disable=None)

    def __call__(self, event: str, **values: Any) -> None:
        """Take one event."""
        self.events.write(event, **values)
        numbers: dict[str, Any] = {
            key: f"{values[key]:.4f}" for key in ("acc", "val_acc") if key in values
        }
        self.bar.set_postfix({"seed": values["seed"], "epoch": values["epoch"], **numbers})
        if event == "step":
            done = self.seeds.index(values["seed"]) * self.epochs + values["epoch"] - 1
            self.bar.total = len(self.seeds) * self.epochs * values["steps"]
            self.bar.n = done * values["steps"] + values["step"]
        self.bar.refresh()


class Follower:
    """Reads a cell's events as they come; a file started anew is read from its start."""

    def __init__(self, protocol: str, model: str, root: Path = Path()) -> None:
        """Follow a cell, trained in the folder `root`, whose file need not exist yet."""
        self.path = root / FOLDER / f"{protocol}-{model}.jsonl"
        self.file, self.position = 0, 0  # the number of the file that was read, and how far

    def skip(self) -> None:
        """Pass over what is there: events of an earlier training."""
        with contextlib.suppress(FileNotFoundError):
            there = self.path.stat()
            self.file, self.position = there.st_ino, there.st_size

    def new(self) -> Iterator[dict[str, Any]]:
        """Events written since the last call, whole lines only."""
        try:
            with self.path.open("rb") as file:
                there = os.fstat(file.fileno())
                # Another file may have come in its place, and be longer by now.
                if there.st_ino != self.file or there.st_size < self.position:
                    self.file, self.position = there.st_ino, 0
                file.seek(self.position)
                whole, newline, _ = file.read().rpartition(b"\n")
        except FileNotFoundError:
            self.position = 0
            return
        self.position += len(whole) + len(newline)
        yield from map(json.loads, whole.splitlines())
