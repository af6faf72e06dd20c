"""Which code made a result: one hash over the project's own modules that are loaded."""

import hashlib
import sys
from pathlib import Path

from sentiment.files import sha256


def digest() -> str:
    """Hex sha256 over name and content of each loaded module, in order of name.

    The script that runs is one of them, as `__main__`. Where the files lie and what was imported
    first has no part.
    """
    own = {
        name: getattr(module, "__file__", None)
        for name, module in sorted(sys.modules.items())
        if name == "__main__" or name.partition(".")[0] == "sentiment"
    }
    lines = [f"{name}\0{sha256(Path(file))}\n" for name, file in own.items() if file]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
