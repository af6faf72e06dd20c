"""How long the README's commands take on a machine that has nothing, and how much disk they fill.

In a new clone of HEAD, without an environment, data or cache, one command after another. Writes
commands.json, from which the first table of README.md comes.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tqdm import tqdm

from sentiment.running import host
from sentiment.settings import params
from sentiment.storage.files import read_json, write_json

COMMANDS = ("setup", "results", "test", "demo")
# What a person's shell has, and how pip is told where packages are.
PASSED_ON = ("HOME", "LANG", "PATH", "SSL_CERT_FILE", "TERM")


def main() -> None:
    """Clone, run, write."""
    asked = arguments()
    wanted = ("setup", *asked.commands) if asked.commands else COMMANDS
    with tempfile.TemporaryDirectory(dir=asked.scratch) as folder:
        place = Path(folder) / "project"
        subprocess.run(["git", "clone", "--quiet", str(Path.cwd()), str(place)], check=True)
        measured = {}
        for name in tqdm(wanted, unit=" commands", disable=None):
            measured[name] = measure(place, name)
    if asked.commands:
        measured = earlier(asked.output) | measured
    write_json(asked.output, {**host.describe(), "commands": list(measured.values())})


def earlier(path: Path) -> dict[str, Any]:
    """What was measured before, by command; it must have been on such a machine."""
    record = read_json(path)
    if record["host"] != host.describe()["host"]:
        sys.exit(f"error: {path} is of another machine: measure all commands")
    return {entry["command"]: entry for entry in record["commands"]}


def measure(place: Path, name: str) -> dict[str, Any]:
    """One command: its seconds, and the bytes by which the clone has grown."""
    before, started = size(place), time.perf_counter()
    log = place.with_name(f"{name}.log")
    with log.open("w", encoding="utf-8") as output:
        streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
        where = {"cwd": place, "env": environment()}
        done = subprocess.run(["make", name], **where, **streams, check=False)
    took = time.perf_counter() - started
    if done.returncode:
        shutil.copy(log, log.name)
        sys.exit(f"error: make {name} failed: its output is in {log.name}")
    grown = size(place) - before
    print(f"make {name}: {took:.0f} s, {grown / 1e9:.1f} GB", flush=True)
    return {"command": name, "seconds": round(took, 1), "bytes": grown}


def environment() -> dict[str, str]:
    """A new machine's, with the archive that this checkout finds."""
    passed = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    passed |= {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    # Neither what pip fetched before, nor what is installed here.
    passed["PIP_NO_CACHE_DIR"] = "1"
    here = Path(sys.executable).parent
    passed["PATH"] = os.pathsep.join(
        part for part in passed["PATH"].split(os.pathsep) if Path(part).resolve() != here.resolve()
    )
    given = params.load().download
    places = [Path("data/raw") / given.file, *map(Path, given.sources)]
    found = [path.resolve() for path in places if path.is_file()]
    return passed | ({"SENTIMENT_ARCHIVE": str(found[0])} if found else {})


def size(folder: Path) -> int:
    """Bytes of all files, those that have several names once."""
    files = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            about = path.stat()
            files[about.st_dev, about.st_ino] = about.st_size
    return sum(files.values())


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "commands",
        nargs="*",
        help=f"those of {', '.join(COMMANDS[1:])} to measure; all if none",
    )
    parser.add_argument("--output", type=Path, default=Path("reports/commands.json"))
    parser.add_argument("--scratch", type=Path, help="where the clone goes; needs 5 GB")
    return parser.parse_args()


if __name__ == "__main__":
    main()
