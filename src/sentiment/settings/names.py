"""Names that params.yaml uses: one that stands nowhere is told with those there are.

The schema looks at the form of a name first, and would say of a mistyped one that alone.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sentiment.errors import UserError

# Where names stand, and where each of them must stand too.
USES = {
    "grid.protocols": ("protocols",),
    "grid.models": ("models",),
    "inputs.models": ("models",),
    "resplit.models": ("models",),
    "leak.models": ("models",),
    "memory.protocols": ("grid.protocols",),
    "memory.models": ("models",),
    "memory.probed": ("grid.models",),
    "memory.reordered": ("grid.models", "memory.models"),
}

# Sections that can be left out, and the key that is empty then.
ASKED = {"inputs": "variants", "resplit": "draws", "leak": "kinds", "memory": "protocols"}


def check(path: Path = Path("params.yaml")) -> None:
    """Raise UserError for a name that is not described; what else is wrong is left to `params`."""
    try:
        values = YAML(typ="safe", pure=True).load(path)
    except (OSError, UnicodeDecodeError, YAMLError, RecursionError):
        return
    for key, places in USES.items():
        section = key.partition(".")[0]
        if section in ASKED and not _names(values, f"{section}.{ASKED[section]}"):
            # Where nothing is asked, what it would be asked of does not matter.
            continue
        if not _names(values, places[0]):
            # An empty list of the grid is what is wrong, and the schema says so.
            continue
        known = [name for place in places for name in _names(values, place)]
        for name in _names(values, key):
            if known and name not in known:
                where, there = " or ".join(places), ", ".join(known)
                raise UserError(f"{path}: {key}: {name!r} is not in {where}; there: {there}")


def _names(values: Any, key: str) -> Collection[str]:
    for part in key.split("."):
        values = values.get(part) if isinstance(values, dict) else None
    return [name for name in values if isinstance(name, str)] if values else []
