"""Archives of reviews, read member by member as a stream; nothing is unpacked."""

import gzip
import hashlib
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Self

# Members of an archive, bytes of one, and of what holds the name of one: many times those of IMDB.
MEMBERS, LARGEST, LONGEST_NAME = 1_000_000, 2**26, 2**16


class Unusable(Exception):
    """Why a source or its content cannot be used."""


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
