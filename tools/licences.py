"""Write docs/licences.md: the licence of each pinned package, as the package itself states it."""

import re
from importlib import metadata
from pathlib import Path

PIN = re.compile(r"([\w.-]+)==([^\s;]+)")
HEAD = """# Licences

What `requirements.lock` pins, and under which licence each package says it is. `make lock` writes
this list.

| package | version | licence |
| :-- | :-- | :-- |
"""
ELSEWHERE = "not installed on the kind of machine that wrote this list"


def main() -> None:
    """Write the list."""
    rows = [f"| {name} | {version} | {licence(name)} |\n" for name, version in pins()]
    Path("docs/licences.md").write_text(HEAD + "".join(rows), encoding="utf-8")


def pins() -> list[tuple[str, str]]:
    """Name and version of each package in requirements.lock."""
    lines = Path("requirements.lock").read_text(encoding="utf-8").splitlines()
    return [found.groups() for line in lines if (found := PIN.match(line))]  # type: ignore[misc]


def licence(package: str) -> str:
    """By its expression, else its classifiers, else the first line of its field."""
    try:
        stated = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return ELSEWHERE
    classifiers = stated.get_all("Classifier") or []
    named = [line.split(" :: ")[-1] for line in classifiers if line.startswith("License :: ")]
    field = (stated.get("License") or "").strip().split("\n")[0]
    return stated.get("License-Expression") or ", ".join(named) or field or "not stated"


if __name__ == "__main__":
    main()
