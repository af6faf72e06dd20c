"""Puts generated parts into the documents that have a place for them, each between two markers."""

from collections.abc import Mapping
from pathlib import Path

from sentiment.errors import UserError

# Relative to the project: what a person reads beside the reports.
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/*.md")


def filled(root: Path, parts: Mapping[str, str]) -> dict[Path, str]:
    """The documents below `root` by their paths, with `parts` between their markers.

    The marker of a part is `<!-- name -->` on a line of its own, and `<!-- /name -->` after it.
    Links of parts are relative to `root`. Raises UserError for a part that has no place, or whose
    second marker is lost.
    """
    paths = sorted(path for pattern in DOCUMENTS for path in root.glob(pattern))
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    for name in parts:
        if not any(_start(name) in text for text in texts.values()):
            raise UserError(
                f"README.md: no markers for '{name}': put {_start(name).strip()} and "
                f"<!-- /{name} --> back, there or in docs/"
            )
    return {path: fill(text, parts, path.relative_to(root)) for path, text in texts.items()}


def fill(text: str, parts: Mapping[str, str], path: Path) -> str:
    """`text` with those of `parts` that it has markers for; it is that of the document `path`."""
    for name, part in parts.items():
        head, start, rest = text.partition(_start(name))
        if not start:
            continue
        _, end, tail = rest.partition(f"<!-- /{name} -->")
        if not end:
            raise UserError(f"{path}: no end of '{name}': put <!-- /{name} --> back")
        up = "../" * (len(path.parts) - 1)
        text = head + start + part.replace("](reports/", f"]({up}reports/") + end + tail
    return text


def _start(name: str) -> str:
    return f"<!-- {name} -->\n"
