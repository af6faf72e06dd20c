"""Name to architecture: the file of that name in `architectures`."""

import importlib
import pkgutil
from types import ModuleType
from typing import Protocol

from sentiment import architectures
from sentiment.errors import UserError
from sentiment.scans.loops import Scan
from sentiment.scans.pooling import ReadOut


class Model(Protocol):
    """What tells one classifier from another: an entry of `models:`, and how many classes."""

    @property
    def architecture(self) -> str:
        """Name of its file."""

    @property
    def units(self) -> int:
        """Width of one direction."""

    @property
    def read_out(self) -> ReadOut:
        """What the units of the read-out see of the states."""

    @property
    def outputs(self) -> int:
        """Units of the read-out: 1 for two classes, otherwise as many as there are classes."""


def find(name: str) -> ModuleType:
    """The architecture `name`; UserError, with the names there are, if it has no file."""
    if name not in names():
        raise UserError(
            f"architecture '{name}': not known: use one of {', '.join(names())}, "
            f"or write src/sentiment/architectures/{name}.py"
        )
    return importlib.import_module(f"sentiment.architectures.{name}")


def names() -> list[str]:
    """All architectures, by name."""
    return sorted(module.name for module in pkgutil.iter_modules(architectures.__path__))


def scan(name: str) -> Scan | None:
    """The equations of the architecture's layer, if its file has any."""
    return getattr(find(name), "SCAN", None)
