"""Inputs altered at random: every reader ends in a result or in the error that it declares."""

import gzip
import json
import random
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import archives
import cells
import pandas as pd
import pytest
from tally import Tally

from sentiment.data import tokenizers, unpacking, vector_files
from sentiment.errors import UserError
from sentiment.prediction.predictor import Predictor
from sentiment.settings import params
from sentiment.settings.sections import Vectors
from sentiment.tables import lines

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(3600)
# Seconds of the processor that an input may take, and what altered texts are made of as well.
HANG = 1.0
ODD = [
    "\x00",
    "\x1b[2J",
    "\u202e",
    "\ud7ff",
    "\U0001f600",
    "<",
    "<br />",
    "'",
    '"',
    "\ufeff",
    "e\u0301",
]
WORDS = [*cells.WORDS, *ODD, "n't", "10,000", "...", "(", "http://a.b", " ", "\n", "ﬁ", "İ"]


@dataclass
class Reader:
    """What is given altered inputs: how many, of what, and what it may raise."""

    inputs: int
    alter: Callable[[random.Random], bytes | str]
    read: Callable[[bytes | str], object]
    declared: tuple[type[Exception], ...] = (UserError,)


def altered(seeds: list[bytes], chance: random.Random) -> bytes:
    """One of the files with some bits flipped, parts cut, doubled, or of another file."""
    content = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 4)):
        start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
        kind = chance.randrange(5)
        if kind == 0 and content:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del content[start : min(end, start + 64)]
        elif kind == 2:
            content[start:start] = content[start : min(end, start + 64)]
        elif kind == 3:
            other = chance.choice(seeds)
            content[start : min(end, start + 64)] = other[start : start + 64]
        else:
            content[start:start] = chance.randbytes(chance.randint(1, 8))
    return bytes(content)


def text(chance: random.Random) -> str:
    """Words, marks and characters of all kinds."""
    parts = [chance.choice(WORDS) for _ in range(chance.randint(0, 30))]
    parts += [chr(chance.choice([chance.randrange(1, 0xD800), chance.randrange(0xE000, 0x110000)]))]
    chance.shuffle(parts)
    return chance.choice(["", " "]).join(parts)


def through_a_file(name: str, read: Callable[[Path], object]) -> Callable[[bytes | str], object]:
    """Write an input to a file of this name, which decides how it is read, and read that."""
    path = Path(tempfile.mkdtemp()) / name

    def written_and_read(content: bytes | str) -> object:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(path)

    return written_and_read


def plain_archive(folder: Path) -> bytes:
    archives.write_imdb(folder / "plain.tar.gz", reviews=4)
    return gzip.decompress((folder / "plain.tar.gz").read_bytes())


def tables(folder: Path) -> dict[str, bytes]:
    frame = pd.DataFrame(
        {"text": ["A „good“ film,\nsaid", "b;c", 'd "e"'], "label": ["a", "b", "a"]}
    )
    frame.to_parquet(folder / "t.parquet")
    return {
        "t.csv": frame.to_csv(index=False).encode(),
        "t.jsonl": frame.to_json(orient="records", lines=True).encode(),
        "t.parquet": (folder / "t.parquet").read_bytes(),
    }


def vector_bytes(folder: Path) -> list[bytes]:
    archives.write_word2vec(folder / "v.bin", {"good": [1, 2, 3], "film": [0.5, 0.25, -1]})
    return [(folder / "v.bin").read_bytes(), b"2 3\ngood 1 2 3\nfilm 4 5 6\n", b"good 1 2 3\n"]


def readers(folder: Path) -> dict[str, Reader]:
    """All of them, with what they read."""
    tar, vectors = [plain_archive(folder)], vector_bytes(folder)
    yaml = [(ROOT / name).read_bytes() for name in ("params.yaml", "params.demo.yaml")]
    settings = Vectors.model_validate(
        params.load(ROOT / "params.yaml").vectors.model_dump() | {"dimensions": 3}
    )
    cells.write_words(folder)
    cells.write_weights(folder / "lstm-3.weights.h5", "lstm-3")
    files = {"vocabulary": folder / "vocabulary.txt", "vectors": folder / "vectors.npy"}
    predictor = Predictor(cells.kind("lstm-3"), **files, weights=folder / "lstm-3.weights.h5")
    found = {
        "an archive": Reader(
            60_000,
            lambda chance: gzip.compress(altered(tar, chance), 1),
            through_a_file("a.tar.gz", lambda path: list(unpacking.read_archive(path))),
            (unpacking.Unusable,),
        ),
        "a packed archive": Reader(
            60_000,
            lambda chance: altered([gzip.compress(tar[0], 1)], chance),
            through_a_file("a.tar.gz", lambda path: list(unpacking.read_archive(path))),
            (unpacking.Unusable,),
        ),
        "a file of vectors": Reader(
            60_000,
            lambda chance: altered(vectors, chance),
            through_a_file("v.bin", lambda path: vector_files.read(path, settings, "v.bin")),
        ),
        "params.yaml": Reader(
            3_000,
            lambda chance: altered(yaml, chance),
            through_a_file("params.yaml", params.load),
        ),
        "a text to predict": Reader(60_000, text, lambda given: predictor.predict([str(given)])),
    }
    for name, content in tables(folder).items():
        found[f"a table, {name}"] = Reader(
            100_000,
            lambda chance, content=content: altered([content], chance),
            through_a_file(name, lambda path: list(lines.rows(path, ["text", "label"]))),
        )
    for name in tokenizers.TOKENIZERS:
        tokenize = tokenizers.find(name)
        found[f"a text for the tokens `{name}`"] = Reader(
            170_000, text, lambda given, tokenize=tokenize: tokenize(str(given))
        )
    return found


NAMES = [
    *("an archive", "a packed archive", "a file of vectors", "params.yaml", "a text to predict"),
    *(f"a table, t.{ending}" for ending in ("csv", "jsonl", "parquet")),
    *(f"a text for the tokens `{name}`" for name in tokenizers.TOKENIZERS),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore")
def test_altered_inputs_end_in_a_result_or_in_the_declared_error(
    tally: Tally, tmp_path: Path, name: str, request: pytest.FixtureRequest
) -> None:
    warnings.simplefilter("ignore")
    reader, chance = readers(tmp_path)[name], random.Random(name)
    fault = tally.begin(f"{name}, altered at random", 0)
    for _ in range(reader.inputs // request.config.getoption("--fewer")):
        given = reader.alter(chance)
        started = time.process_time()
        fault.tried += 1
        said = ""
        try:
            reader.read(given)
        except reader.declared as error:
            said = str(error)
        except Exception as error:
            raise AssertionError(json.dumps(repr(given))) from error
        # On a terminal an error may only be read.
        assert "\x1b" not in said, given
        assert time.process_time() - started < HANG, given
        fault.survives()
