"""What the columns of a table hold, guessed from their names and values; nobody is asked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sentiment.errors import UserError
from sentiment.settings.sections import Columns
from sentiment.tables import lines
from sentiment.tables.labelled import SPLITS, split_of, word

# Names, in small letters, that columns of a kind often have.
NAMED = {
    "label": ("label", "class", "category", "sentiment", "target", "section", "rating", "stars"),
    "group": ("group", "source", "movie", "author", "user", "user_id", "document", "product"),
    "id": ("id", "key", "guid", "uuid", "review_id"),
}
# More different values than that are no classes.
CLASSES = 100
# Values of a column that are remembered.
REMEMBERED = 10_000


class Column:
    """What a column holds."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.values: Counter[str] = Counter()
        self.rows, self.letters, self.spoken = 0, 0, 0

    def add(self, value: Any) -> None:
        """Take one row's value into account."""
        shown = word(value)
        if not shown:
            return
        self.rows += 1
        self.letters += len(shown)
        # Not every language has spaces; addresses, digests and numbers have neither.
        self.spoken += isinstance(value, str) and (" " in shown or not shown.isascii())
        if len(self.values) < REMEMBERED or shown in self.values:
            self.values[shown] += 1

    @property
    def is_text(self) -> bool:
        """Whether most values may be texts of several words."""
        return self.spoken > self.rows / 2

    @property
    def is_split(self) -> bool:
        """Whether every value names a split, and there are two or more."""
        return len(self.values) > 1 and {value.lower() for value in self.values} <= SPLITS.keys()

    @property
    def is_of_classes(self) -> bool:
        """Whether so few values stand so often that they may be classes."""
        return 1 < len(self.values) <= min(CLASSES, self.rows / 3)


class Guess(NamedTuple):
    """The columns, the classes with how many rows have each, and what texts there are."""

    columns: Columns
    classes: dict[str, int]
    rows: int
    words: int
    long: int  # words of a text that is longer than 95 of 100
    has_test: bool


def guess(path: Path, told: Mapping[str, str | None]) -> Guess:
    """Look through the whole table; `told` are columns that a person named, by what they hold.

    Raises UserError where no column looks like texts, or none like labels.
    """
    found: dict[str, Column] = {}
    for row in lines.rows(path, [name for name in told.values() if name]):
        for name, value in row.values.items():
            found.setdefault(name, Column()).add(value)
    columns = _columns(path, found, told)
    lengths, splits, labels = _read(path, columns)
    long = lengths[round(0.95 * (len(lengths) - 1))] if lengths else 0
    return Guess(columns, labels, len(lengths), sum(lengths), long, "test" in splits)


def _columns(path: Path, found: Mapping[str, Column], told: Mapping[str, str | None]) -> Columns:
    left = {name: column for name, column in found.items() if name not in told.values()}
    kinds: dict[str, Any] = {kind: name for kind, name in told.items() if name}
    if "text" not in kinds:
        texts = {n: c.letters / c.rows for n, c in left.items() if c.is_text}
        kinds["text"] = _one(path, "text", max(texts, key=lambda name: texts[name], default=None))
        left.pop(kinds["text"])
    if "split" not in kinds:
        kinds["split"] = next((name for name, column in left.items() if column.is_split), None)
        left.pop(kinds["split"] or "", None)
    if "label" not in kinds:
        classes = [name for name, column in left.items() if column.is_of_classes]
        kinds["label"] = _one(path, "label", _named("label", classes) or _fewest(found, classes))
    others = [name for name in left if name != kinds["label"]]
    kinds = {"group": _named("group", others), **kinds}
    unique = [name for name in others if found[name].values.total() == len(found[name].values)]
    return Columns(**{"id": _named("id", unique), **kinds})


def _named(kind: str, names: Sequence[str]) -> str | None:
    return next((name for known in NAMED[kind] for name in names if name.lower() == known), None)


def _fewest(found: Mapping[str, Column], names: Sequence[str]) -> str | None:
    return min(names, key=lambda name: len(found[name].values), default=None)


def _one(path: Path, kind: str, name: str | None) -> str:
    if name is None:
        raise UserError(f"{path}: no column looks like a {kind}: name it with --{kind}")
    return name


def _read(path: Path, columns: Columns) -> tuple[list[int], set[str], dict[str, int]]:
    """Words of each text, in order; splits that are named; and rows of each class."""
    lengths: list[int] = []
    splits, labels = set[str](), Counter[str]()
    for row in lines.rows(path, [columns.text, columns.label]):
        if label := word(row.values.get(columns.label)):
            labels[label] += 1
        splits.add(split_of(row, columns) or "")
        lengths.append(len(word(row.values.get(columns.text)).split()))
    return sorted(lengths), splits, dict(sorted(labels.items()))
