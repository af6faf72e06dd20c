"""Tiny archives in the layouts of the real ones, the same for the same seed."""

import csv
import gzip
import hashlib
import io
import random
import struct
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sentiment.data.formats import SNIPPETS
from sentiment.storage.files import sha256 as sha256

POLAR = {
    1: ["great", "Wonderful", "moving", "superb", "loved"],
    0: ["awful", "Boring", "dull", "terrible", "hated"],
}
NEUTRAL = (
    "the film a plot and of its cast in this scene that café naïve we you 1999 about music "
    "director isn't two-hour — “classic” … 映画 end"
)
# Shares of all reviews, unequal on purpose.
SHARES = {
    "train/pos": 0.22,
    "train/neg": 0.20,
    "train/unsup": 0.20,
    "test/pos": 0.18,
    "test/neg": 0.20,
}
# A text that stands in train and in test, as some of the real ones do.
TWICE = "Great, great film.<br /><br />I loved the music!"


def imdb_files(reviews: int = 60, seed: int = 0) -> dict[str, bytes]:
    """Name below the top folder -> content: reviews, url files, and files that are none of these.

    About three reviews a movie, and some movies stand in train and in test.
    """
    chance = random.Random(seed)
    counts = {folder: max(2, round(share * reviews)) for folder, share in SHARES.items()}
    counts["train/unsup"] += reviews - sum(counts.values())
    movies = [f"tt{chance.randrange(10**7):07d}" for _ in range(reviews // 3 + 2)]
    files = {"README": b"Large Movie Review Dataset", "train/labeledBow.feat": b"1 0:1\n"}
    for folder, count in counts.items():
        split, label = folder.split("/")
        titles = sorted(chance.choices(movies, k=count), key=movies.index)
        pages = [f"http://www.imdb.com/title/{title}/usercomments\n" for title in titles]
        files[f"{split}/urls_{label}.txt"] = "".join(pages).encode()
        for number in range(count):
            positive = {"pos": 1, "neg": 0}.get(label, chance.randrange(2))
            stars = chance.choice([1, 2, 3, 4, 7, 8, 9, 10][4 * positive :][:4])
            rating = 0 if label == "unsup" else stars
            files[f"{folder}/{number}_{rating}.txt"] = _text(chance, positive).encode()
    for folder in ("train/pos", "test/pos"):
        first = next(name for name in files if name.startswith(f"{folder}/0_"))
        files[first] = TWICE.encode()
    return files


def _text(chance: random.Random, positive: int) -> str:
    words = []
    for _ in range(chance.randint(1, 9)):
        words += [
            chance.choice(POLAR[positive]),
            *chance.choices(NEUTRAL.split(), k=chance.randint(0, 5)),
        ]
    words.insert(chance.randint(0, len(words)), "<br /><br />")
    return " ".join(words) + chance.choice([".", "!", " 😀", " (8/10)."])


def folder_facts(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """What `download.folders` must say of `files`: the recipe of the design, in plain words."""
    facts = {}
    for folder in SHARES:
        names = sorted(
            name for name in files if name.startswith(f"{folder}/") and name.endswith(".txt")
        )
        lines = [f"{name}\0{hashlib.sha256(files[name]).hexdigest()}\n" for name in names]
        facts[folder] = {
            "files": len(names),
            "bytes": sum(len(files[name]) for name in names),
            "digest": hashlib.sha256("".join(lines).encode()).hexdigest(),
        }
    return facts


def file_facts(files: Mapping[str, bytes]) -> dict[str, str]:
    """What `download.files` must say of `files`: those that name the movies."""
    return {
        name: hashlib.sha256(content).hexdigest()
        for name, content in files.items()
        if name.partition("/")[2].startswith("urls_")
    }


def pack(path: Path, files: Mapping[str, bytes], top: str = "aclImdb") -> None:
    """A gzipped tar of `files` in their order, each folder before its first file."""
    folders = {folder: None for name in files for folder in _above(f"{top}/{name}")}
    members = [_member(folder, tarfile.DIRTYPE) for folder in folders]
    contents = [b""] * len(members) + list(files.values())
    members += [_member(f"{top}/{name}") for name in files]
    add_members(path, zip(members, contents, strict=True))


def add_members(path: Path, members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> None:
    """A gzipped tar of exactly these members; equal members give equal bytes."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    path.write_bytes(gzip.compress(plain.getvalue(), mtime=0))


def _member(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    return member


def _above(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


def write_imdb(path: Path, reviews: int = 60, seed: int = 0) -> dict[str, dict[str, Any]]:
    """An archive in aclImdb's layout at `path`; what `download.folders` must say of it."""
    files = imdb_files(reviews, seed)
    pack(path, files)
    return folder_facts(files)


def snippet_rows(rows: int = 60, seed: int = 0) -> list[dict[str, str]]:
    """Rows of the snippets' table: a few neutral, two texts twice, one over two lines."""
    chance = random.Random(seed)
    table = []
    for number in range(1, rows + 1):
        positive = number % 5 < 3
        mean = 0.0 if number % 15 == 0 else chance.uniform(0.1, 4) * (1 if positive else -1)
        table.append(
            {"id": str(number), "sentiment": f"{mean:.4f}", "text": _text(chance, positive)}
        )
    table[1]["text"], table[7]["text"] = table[0]["text"], table[3]["text"]
    table[2]["text"] = 'A "great"\nfilm, said many.'
    return table


def write_snippets_wheel(path: Path, rows: int = 60, seed: int = 0) -> None:
    """A wheel-like file with the snippets' table in it."""
    write_wheel(path, {SNIPPETS: gzip.compress(snippet_table(snippet_rows(rows, seed)), mtime=0)})


def snippet_table(rows: Iterable[Mapping[str, str]]) -> bytes:
    """CSV as in the wheel: id, sentiment, text."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ["id", "sentiment", "text"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def write_wheel(path: Path, members: Mapping[str, bytes]) -> None:
    """A zip file of `members`; equal members give equal bytes."""
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in members.items():
            wheel.writestr(zipfile.ZipInfo(name), content)


def write_word2vec(path: Path, vectors: Mapping[str, Iterable[float]]) -> None:
    """word2vec's binary format: a header, then each word, a space and its float32 numbers."""
    rows = {word: [float(value) for value in values] for word, values in vectors.items()}
    width = len(next(iter(rows.values())))
    with path.open("wb") as file:
        file.write(f"{len(rows)} {width}\n".encode())
        for word, values in rows.items():
            file.write(word.encode() + b" " + struct.pack(f"<{width}f", *values) + b"\n")
