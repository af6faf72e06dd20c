"""Creates `.venv` with what requirements.lock names, and shows how far that is.

It runs before anything is installed, with whatever Python is there: the standard library alone.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

VENV = Path(".venv")
LOCK = Path("requirements.lock")
# Bytes that the environment takes.
NEEDED = 3e9
PIP = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
# What pip says of each line of a file of requirements, once.
FETCHED = re.compile(r"Collecting|Requirement already satisfied")
NOT_NEEDED = re.compile(r"Ignoring ")


def main():
    """Create the environment, or bring it up to date; exit with 1 and the reason if that fails."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this file meets whatever Python is there)
        found = sys.version.split()[0]
        sys.exit(
            f"error: Python 3.11 or newer is needed, {sys.executable} is {found}: "
            "make PYTHON=/path/to/python3.11"
        )
    if shutil.disk_usage(".").free < NEEDED:
        sys.exit("error: less than 3 GB are free here, which the environment takes: free some")
    print("Setting up .venv (a few minutes, 2.8 GB)", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        packages = sum(1 for line in LOCK.read_text().splitlines() if "==" in line)
        install(["--progress-bar", "off", "-r", str(LOCK)], packages)
        install(["--no-deps", "-e", "."], 0)
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: {' '.join(error.cmd)}: failed, as said above: mend that and run again")
    except KeyboardInterrupt:
        sys.exit("error: interrupted: run again, and it goes on")


def install(arguments, packages):
    """Run pip; of what it writes only errors are shown, if it fails. CalledProcessError then."""
    command = [*PIP, *arguments]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as pip:
            try:
                Progress(pip, packages).show()
            except BaseException:
                pip.terminate()
                raise
        if pip.returncode:
            errors.seek(0)
            # A warning of pip's is about its own configuration.
            shown = [line for line in errors if not line.startswith("WARNING: ")]
            sys.stderr.writelines(shown)
            raise subprocess.CalledProcessError(pip.returncode, command)


class Progress:
    """One line on a terminal: packages fetched, then packages installed, and the time left."""

    def __init__(self, pip, packages):
        """`pip` is the process, `packages` how many it is to fetch and install."""
        self.pip, self.packages = pip, packages
        self.started, self.fetched = time.monotonic(), 0
        self.before = self.installed()

    def show(self):
        """Read what pip says until it ends; on a terminal, draw, and leave the line empty."""
        reader = threading.Thread(target=self._read, daemon=True)
        reader.start()
        drawn = self.packages and sys.stdout.isatty()
        try:
            while reader.is_alive():
                reader.join(0.5)
                if drawn:
                    self._draw(self._line())
        finally:
            if drawn:
                self._draw("")

    def installed(self):
        """How many packages the environment has by now."""
        return sum(1 for _ in VENV.glob("lib/python*/site-packages/*.dist-info"))

    def _read(self):
        for line in self.pip.stdout:
            if FETCHED.match(line):
                self.fetched = min(self.fetched + 1, self.packages)
            elif NOT_NEEDED.match(line):
                self.packages -= 1

    def _line(self):
        installed = min(self.installed() - self.before, self.packages)
        # Each is fetched and installed.
        done, total = self.fetched + installed, 2 * self.packages
        passed = time.monotonic() - self.started
        left = f", about {passed * (total - done) / done:.0f} s left" if done > total / 20 else ""
        what = f"{installed} of {self.packages} packages installed"
        if not installed:
            what = f"{self.fetched} of {self.packages} packages fetched"
        return f"{what}{left}"

    def _draw(self, text):
        width = shutil.get_terminal_size().columns - 1
        print(f"\r{text[:width]:<{width}}\r{text[:width]}", end="", flush=True)


if __name__ == "__main__":
    main()
