"""Which code makes a result: hashes over the files that can decide it."""

import ast
import hashlib
from collections.abc import Iterable
from pathlib import Path

import sentiment
from sentiment.storage.files import sha256

PACKAGE = Path(sentiment.__file__).parent
# What decides the weights of a training, beside its architecture; dvc.yaml names the same.
TRAINING = ("storage", "networks", "scans")
# What stages run but do not depend on, since it cannot change a result: it runs, shows, times,
# tracks and reads settings. An architecture's file reaches a stage through its description.
OUTSIDE = (
    *("__init__.py", "architectures", "errors.py"),
    *("running", "settings", "cluster", "tracking", "commands", "cli.py"),
)


def of_training() -> str:
    """Hex sha256 over the rooms that train."""
    return digest(PACKAGE / name for name in TRAINING)


def of_architecture(name: str) -> str:
    """Hex sha256 over the architecture's file and those of other architectures that it uses."""
    return digest(PACKAGE / "architectures" / f"{used}.py" for used in architectures(name))


def architectures(name: str) -> set[str]:
    """The architecture itself, and the names of others that its file uses."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _architectures(PACKAGE / "architectures" / f"{name}.py")
    return found


def digest(paths: Iterable[Path]) -> str:
    """Hex sha256 over path and content of each Python file at or below `paths`, in order of path.

    Where the package lies has no part.
    """
    files = {file for path in paths for file in ([path] if path.is_file() else path.rglob("*.py"))}
    named = sorted((file.relative_to(PACKAGE).as_posix(), file) for file in files)
    lines = [f"{name}\0{sha256(file)}\n" for name, file in named]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _architectures(file: Path) -> list[str]:
    """Names of the other architectures that `file` imports, in whatever form."""
    imported = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # One dot is the folder of the architectures, two are the package above it.
            above = ["", "sentiment.architectures", "sentiment"][node.level]
            module = ".".join(filter(None, [above, node.module]))
            imported += [f"{module}.{alias.name}" for alias in node.names]
    rooms = [name.split(".") for name in imported]
    return [name[2] for name in rooms if name[:2] == ["sentiment", "architectures"] and name[2:]]
