import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import archives
import cells
import numpy as np
import pandas as pd
import pytest
from conftest import Workplace
from hypothesis import given
from hypothesis import strategies as st

from sentiment.data import encoding, tokenizers, vectors
from sentiment.storage import files
from sentiment.storage.tokens import Tokens, load

WORDS = "The the film n't , . < > br great <br"
LECTURE = tokenizers.find("treebank")
ENCODE = ("encode", "lecture", "reviews.parquet", "made", "losses.json")

texts = st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join)
vocabularies = st.lists(st.sampled_from(WORDS.split()), unique=True, min_size=1).map(
    lambda words: {word: row for row, word in enumerate(words)}
)


def pack(encoded: list[list[int]], length: int, parts: list[str] | None = None) -> Tokens:
    count = len(encoded)
    names = [f"train/pos/{number}_10" for number in range(count)]
    labels = [number % 2 for number in range(count)]
    parts = parts or ["train"] * count
    return encoding.pack(names, parts, labels, cells.encoded(encoded), length)


@given(reviews=st.lists(texts, max_size=6), vocabulary=vocabularies, length=st.integers(1, 9))
def test_a_padded_review_follows_the_recipe(
    reviews: list[str], vocabulary: dict[str, int], length: int
) -> None:
    encoded, _ = encoding.encode(reviews, str.split, vocabulary, length)
    names, parts, labels = ([kind] * len(reviews) for kind in ("name", "train", 1))
    found = encoding.pack(names, parts, labels, encoded, length).select("train")
    expected = []
    for text in reviews:
        ids = []
        for token in text.split(" "):
            if token in vocabulary and len(ids) < length:
                ids.append(vocabulary[token] + 1)
        while len(ids) < length:
            ids.append(0)
        expected.append(ids)
    assert found.ids.tolist() == expected
    assert found.ids.shape == (len(reviews), length)
    assert (found.ids.dtype, found.labels.dtype) == (np.int32, np.int8)


@given(reviews=st.lists(texts, max_size=6), vocabulary=vocabularies, length=st.integers(1, 9))
def test_what_was_lost_adds_up(reviews: list[str], vocabulary: dict[str, int], length: int) -> None:
    encoded, lost = encoding.encode(reviews, str.split, vocabulary, length)
    tokens = [text.split() for text in reviews]
    dropped = [token for review in tokens for token in review if token not in vocabulary]
    known = [[token for token in review if token in vocabulary] for review in tokens]
    assert lost["reviews"] == len(reviews)
    assert lost["tokens"] == sum(map(len, tokens))
    assert lost["dropped_share"] * lost["tokens"] == pytest.approx(len(dropped), abs=1e-3)
    cut = [review for review in known if len(review) > length]
    assert lost["cut_share"] * len(reviews) == pytest.approx(len(cut), abs=1e-4)
    assert sum(lost["most_dropped"].values()) == len(dropped)
    kept = [min(len(review), length) for review in known]
    assert encoded.lengths.tolist() == kept
    assert len(encoded.ids) == sum(kept)


def test_lecture_drops_closes_up_and_then_cuts() -> None:
    vocabulary = {"good": 0, "n't": 1, "Good": 2, "film": 3}
    text = "Good film was n't unknown good good good"
    encoded, lost = encoding.encode([text, "nothing here", "isn't"], LECTURE, vocabulary, 4)
    assert encoded.ids.tolist() == [3, 4, 2, 1, 2]
    assert encoded.lengths.tolist() == [4, 0, 1]
    assert lost["most_dropped"] == {"here": 1, "is": 1, "nothing": 1, "unknown": 1, "was": 1}
    assert lost["tokens"] == 12
    assert lost["cut_share"] == round(1 / 3, 6)


def test_a_review_of_exactly_the_length_is_not_cut() -> None:
    _, lost = encoding.encode(["a a a", "a a"], str.split, {"a": 0}, 3)
    assert lost["cut_share"] == 0


def test_the_first_400_tokens_with_a_vector_are_kept() -> None:
    words = [f"w{number}" for number in range(450)]
    vocabulary = {word: row for row, word in enumerate(words) if row % 10}
    encoded, lost = encoding.encode([" ".join(words)], LECTURE, vocabulary, 400)
    assert encoded.ids.tolist() == [row + 1 for row in range(450) if row % 10][:400]
    assert lost["cut_share"] == 1


def test_the_twenty_most_dropped_tokens_are_told_ties_in_order_of_the_token() -> None:
    text = " ".join(["b"] * 3 + ["a"] * 3 + [f"t{number:02d}" for number in range(30)])
    for order in (text, " ".join(reversed(text.split()))):
        _, lost = encoding.encode([order], str.split, {}, 5)
        assert list(lost["most_dropped"]) == ["a", "b"] + [f"t{n:02d}" for n in range(18)]


def test_nothing_at_all_loses_nothing() -> None:
    encoded, lost = encoding.encode([], str.split, {}, 5)
    assert len(encoded.ids) == len(encoded.lengths) == 0
    assert lost["dropped_share"] == lost["cut_share"] == 0


def test_a_part_holds_its_own_reviews_in_their_order() -> None:
    parts = ["train", "test", "train", "validation", "test"]
    tokens = pack([[1], [2, 2], [], [4], [5, 6, 7]], 3, parts)
    test = tokens.select("test")
    assert test.ids.tolist() == [[2, 2, 0], [5, 6, 7]]
    assert test.names.tolist() == ["train/pos/1_10", "train/pos/4_10"]
    assert test.labels.tolist() == [1, 0]
    assert tokens.select("train").ids.tolist() == [[1, 0, 0], [0, 0, 0]]
    assert tokens.select("none").ids.shape == (0, 3)


@given(encoded=st.lists(st.lists(st.integers(1, 99), max_size=4), max_size=5))
def test_tokens_are_loaded_as_they_were_saved_and_equal_tokens_give_equal_bytes(
    tmp_path_factory: pytest.TempPathFactory, encoded: list[list[int]]
) -> None:
    folder = tmp_path_factory.mktemp("tokens")
    for name in ("one", "same"):
        pack(encoded, 4).save(folder / name)
    names = sorted(path.name for path in (folder / "one").iterdir())
    assert names == sorted(path.name for path in (folder / "same").iterdir())
    for name in names:
        assert (folder / "one" / name).read_bytes() == (folder / "same" / name).read_bytes()
    saved, loaded = vars(pack(encoded, 4)), vars(load(folder / "one"))
    assert saved.keys() == loaded.keys()
    for name, value in saved.items():
        np.testing.assert_array_equal(value, loaded[name], strict=True)


def losses(place: Workplace) -> dict[str, Any]:
    for stage in (
        ("prepare", "raw", "reviews.parquet", "data.json"),
        ("vectors", "lecture", "reviews", "reviews.parquet", "loaded", "made"),
        ENCODE,
    ):
        assert place.stage(*stage) is None
    return json.loads(Path("losses.json").read_text())


def test_the_stage_puts_each_labelled_review_in_one_part(workplace: Workplace) -> None:
    archives.write_imdb(Path("raw"))
    lost = losses(workplace)
    tokens, table = load(Path("made/tokens")), pd.read_parquet("reviews.parquet")
    labelled = table[table.label.notna()].set_index("id")
    assert sorted(tokens.names) == sorted(labelled.index)
    assert tokens.labels.tolist() == labelled.label[tokens.names].tolist()
    for part, counts in lost["parts"].items():
        of_part = tokens.select(part)
        assert counts == {"reviews": len(of_part.labels), "positive": of_part.labels.sum()}
    assert set(lost["parts"]) == {"train", "validation", "test"}
    official = {name for name in labelled.index if name.startswith("test/")}
    assert set(tokens.select("test").names) == official


def test_the_stage_gives_the_ids_of_the_words_in_the_text(workplace: Workplace) -> None:
    archives.write_imdb(Path("raw"))
    losses(workplace)
    tokens, table = load(Path("made/tokens")), pd.read_parquet("reviews.parquet")
    words = list(vectors.load_vocabulary(Path("made/vocabulary.txt")))
    texts = dict(zip(table.id, table.text, strict=True))
    review = tokens.select("validation")
    assert tokens.length == 400
    for name, ids in zip(review.names, review.ids, strict=True):
        known = [token for token in LECTURE(texts[name]) if token in words]
        assert [words[token - 1] for token in ids if token] == known[:400]
        assert not ids[len(known) :].any()


def test_the_stage_writes_equal_bytes_for_equal_inputs(workplace: Workplace) -> None:
    archives.write_imdb(Path("raw"))

    def written() -> dict[str, str]:
        losses(workplace)
        made = [*Path("made/tokens").iterdir(), Path("losses.json")]
        return {path.name: files.sha256(path) for path in made}

    before = written()
    assert before.keys() == {"losses.json", *(f"{field.name}.npy" for field in fields(Tokens))}
    assert written() == before
