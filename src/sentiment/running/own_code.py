"""A project, or the demo, carries the code that computes it, and that is what runs there."""

import os
import sys
from pathlib import Path

import sentiment


def run_own_code() -> None:
    """In a project or a demo, go on with the code that lies there in place of the installed."""
    own = Path("src/sentiment/__init__.py")
    if own.is_file() and not own.samefile(sentiment.__file__):
        paths = [str(Path("src").resolve()), os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        os.execv(sys.executable, [sys.executable, "-m", "sentiment", *sys.argv[1:]])
