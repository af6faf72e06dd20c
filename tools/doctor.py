"""Looks whether a machine has what the commands of README.md need, a line for each thing.

It runs before anything is installed, with whatever Python is there: the standard library alone.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

OLDEST = (3, 11)
# Gigabytes: for the environment, and with all that `make study` keeps.
DISK, DISK_OF_STUDY = 3, 4
# Gigabytes of memory that one stage needs.
MEMORY = 2.5
# Seconds that an address has to answer.
PATIENCE = 10
ARCHIVE_VARIABLE = "SENTIMENT_ARCHIVE"
PARAMS, LOCK = Path("params.yaml"), Path("requirements.lock")


def main():
    """Print a line for each thing; exit with 1 if one is missing without which no command runs."""
    missing = False
    for about, found, is_needed, said in looks():
        word = "ok" if found else "MISSING" if is_needed else "not there"
        print(f"{about:<14} {word:<9}  {said}", flush=True)
        missing |= is_needed and not found
    sys.exit(int(missing))


def looks():
    """Yield for each thing: its name, whether it is there, whether all need it, what to know."""
    yield python()
    for name in ("make", "git"):
        where = shutil.which(name)
        yield name, bool(where), True, where or f"install {name} with the system's packages"
    yield disk()
    yield memory()
    yield "cores", True, True, f"{cores()}: as many stages run side by side"
    yield package_index()
    yield imdb()


def python():
    """The version that runs this."""
    said = f"{sys.version.split()[0]} at {sys.executable}"
    is_new = sys.version_info >= OLDEST
    if not is_new:
        said += ": 3.11 or newer is needed: make PYTHON=/path/to/python3.11"
    return "Python", is_new, True, said


def disk():
    """Free space below the project."""
    free = shutil.disk_usage(".").free / 1e9
    said = f"{free:.0f} GB free; the environment takes {DISK}, `make study` {DISK_OF_STUDY} in all"
    return "disk", free >= DISK, True, said


def memory():
    """Memory of the machine, where it tells."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (ValueError, OSError):
        return "memory", True, True, f"not known here; a stage needs up to {MEMORY} GB"
    return "memory", total >= MEMORY, True, f"{total:.0f} GB; a stage needs up to {MEMORY}"


def cores():
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS binds no process to cores
        return os.cpu_count() or 1


def package_index():
    """Whether pip finds a small package, wherever it is told to look."""
    (wanted,) = re.findall(r"^iniconfig==\S+", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--dest", folder, wanted]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return "package index", True, True, "pip fetches packages"
    lines = done.stderr.strip().splitlines() or ["no reason given"]
    return "package index", False, True, f"pip cannot fetch {wanted}: {lines[-1]}"


def imdb():
    """The first place that has the archive, of those where stage `download` looks."""
    given = PARAMS.read_text(encoding="utf-8")
    (file,) = re.findall(r"^download:\n(?:  .*\n)*?  file: (\S+)", given, re.MULTILINE)
    (listed,) = re.findall(r"^  sources:\n((?:    - .*\n)+)", given, re.MULTILINE)
    sources = re.findall(r"- (\S+)", listed)
    named = os.environ.get(ARCHIVE_VARIABLE)
    for source in [f"data/raw/{file}", *([named] if named else []), *sources]:
        if source.startswith("http"):
            if answers(source):
                return "IMDB", True, False, f"{source} answers: `make results` fetches it"
        elif Path(source).is_file():
            return "IMDB", True, False, f"at {source}"
    said = f"put {file} into data/raw/ for `make results`; `make demo` does without"
    return "IMDB", False, False, said


def answers(address):
    """Whether the server has something at this address."""
    try:
        request = urllib.request.Request(address, method="HEAD")
        with urllib.request.urlopen(request, timeout=PATIENCE):
            return True
    except (urllib.error.URLError, OSError, ValueError):
        return False


if __name__ == "__main__":
    main()
