import re
from pathlib import Path
from typing import Any

import archives
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from nltk.tokenize.treebank import TreebankWordTokenizer

from sentiment.data import formats, protocols, reviews, tokenizers
from sentiment.errors import UserError
from sentiment.settings.params import load
from sentiment.settings.sections import Protocol

TRAIN, VALIDATION, TEST, UNLABELLED = "train", "validation", "test", "unlabelled"


# The study's two protocols, and that of the demo, whose data name no test reviews.
KINDS: dict[str, dict[str, Any]] = {
    "lecture": {"split": "shuffled", "tokens": "treebank"},
    "bymovie": {"split": "grouped", "tokens": "words"},
    "snippets": {"split": "random", "tokens": "words", "test": 0.2},
}


def digested(frame: pd.DataFrame) -> pd.DataFrame:
    """With the digests of the texts, as a table of reviews is loaded."""
    return frame.assign(digest=frame.text.map(reviews.digest)).drop(columns="text")


def split(name: str, frame: pd.DataFrame, **changes: Any) -> pd.Series:
    given = {"seed": 1, "test": None, "validation": 0.2, "length": 9, "unknown": None}
    return protocols.split(name, digested(frame), Protocol(**{**given, **KINDS[name], **changes}))


def table(count: int, chance: np.random.Generator, movies: int, texts: int) -> pd.DataFrame:
    """Reviews in aclImdb's splits, in order of id; movies and texts come up again and again."""
    kinds = {"test/neg": 0, "test/pos": 1, "train/neg": 0, "train/pos": 1, "train/unsup": None}
    rows = []
    for folder, label in kinds.items():
        rows += [
            {
                "id": f"{folder}/{number}_1",
                "split": "unsup" if label is None else folder.split("/")[0],
                "label": label,
                "group": f"tt{chance.integers(movies)}",
                "text": f"text {chance.integers(texts)}",
            }
            for number in range(count + chance.integers(3))
        ]
    frame = pd.DataFrame(sorted(rows, key=lambda row: row["id"]))
    return frame.astype({"label": "Int8"})


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return table(
        draw(st.integers(20, 30)),
        chance,
        movies=draw(st.integers(25, 60)),
        texts=draw(st.sampled_from([250, 10**6])),
    )


@pytest.mark.parametrize(
    ("token", "is_known"),
    [
        *((token, False) for token in ("a", "and", "of", "to", ".", "``", "...", "1980", "10/10")),
        *((token, True) for token in ("A", "the", "&", "n't", "7", "C3PO", "well-made", "them.")),
    ],
)
def test_lecture_leaves_out_what_googlenews_is_known_to_lack(token: str, is_known: bool) -> None:
    unknown = load(ROOT / "params.yaml").protocols["lecture"].unknown
    assert unknown is not None
    assert (re.fullmatch(unknown, token) is None) == is_known


def test_known_tokens_close_up_and_without_a_pattern_all_are_known() -> None:
    text = "a tale of two cities"
    assert tokenizers.known("words", "a|of")(text) == ["tale", "two", "cities"]
    assert tokenizers.known("words", None)(text) == text.split()


def snippets(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(split="all", group=None)


@given(frame=tables(), seed=st.integers(0, 9))
def test_lecture_keeps_the_official_test_and_cuts_validation_from_training(
    frame: pd.DataFrame, seed: int
) -> None:
    parts = split("lecture", frame, seed=seed)
    assert parts.index.equals(frame.index)
    assert ((parts == TEST) == (frame.split == "test")).all()
    assert ((parts == UNLABELLED) == (frame.split == "unsup")).all()
    training = (frame.split == "train").sum()
    assert (parts == VALIDATION).sum() == round(0.2 * training)
    assert (parts == TRAIN).sum() == training - round(0.2 * training)


def test_lecture_shuffles_so_that_no_label_is_left_to_one_part() -> None:
    frame = table(300, np.random.default_rng(3), movies=90, texts=10**6)
    parts = split("lecture", frame)
    shares = frame.label.astype(float).groupby(parts).mean()
    assert abs(shares[TRAIN] - shares[VALIDATION]) < 0.15


@given(frame=tables(), seed=st.integers(0, 9))
def test_bymovie_shares_no_movie_between_training_and_validation(
    frame: pd.DataFrame, seed: int
) -> None:
    parts = split("bymovie", frame, seed=seed)
    assert not set(frame.group[parts == TRAIN]) & set(frame.group[parts == VALIDATION])


@given(frame=tables(), seed=st.integers(0, 9))
def test_bymovie_has_no_text_twice_beside_the_official_test(frame: pd.DataFrame, seed: int) -> None:
    parts = split("bymovie", frame, seed=seed)
    assert ((parts == TEST) == (frame.split == "test")).all()
    outside = frame.text[parts.notna() & (parts != TEST)]
    assert not outside.duplicated().any()
    assert not set(outside) & set(frame.text[parts == TEST])


@given(frame=tables(), seed=st.integers(0, 9))
def test_bymovie_drops_a_review_only_for_its_text(frame: pd.DataFrame, seed: int) -> None:
    parts = split("bymovie", frame, seed=seed)
    assert set(frame.text[parts.isna()]) <= set(frame.text[parts.notna()])
    labelled = parts.isin([TRAIN, VALIDATION, TEST])
    assert frame.label[labelled].notna().all()
    assert (frame.split[parts == UNLABELLED] == "unsup").all()


@st.composite
def skewed(draw: st.DrawFn) -> pd.DataFrame:
    """Two thousand training reviews as IMDB's are: few movies have many, and each leans one way."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weights = chance.pareto(1.5, draw(st.integers(300, 500))) + 0.2
    # IMDB has at most 30 reviews of a movie, of 25,000; here it is 20 of 2,000.
    weights = np.minimum(weights, weights.sum() / 100)
    movies = chance.choice(len(weights), 2000, p=weights / weights.sum())
    leaning = draw(st.floats(0.3, 0.7)) + chance.uniform(-0.3, 0.3, len(weights))
    train = pd.DataFrame(
        {
            "id": [f"train/{number:04d}" for number in range(2000)],
            "split": "train",
            "label": (chance.random(2000) < leaning[movies]).astype(int),
            "group": [f"tt{movie}" for movie in movies],
            "text": [f"text {text}" for text in chance.integers(10**5, size=2000)],
        }
    )
    test = train[:200].assign(id=lambda frame: "test/" + frame.index.astype(str), split="test")
    return pd.concat([test, train[100:]], ignore_index=True)


@given(frame=skewed(), seed=st.integers(0, 9), share=st.sampled_from([0.1, 0.15, 0.2, 0.3, 0.5]))
def test_bymovie_gives_the_share_asked_for_and_both_parts_the_labels_of_the_whole(
    frame: pd.DataFrame, seed: int, share: float
) -> None:
    parts = split("bymovie", frame, seed=seed, validation=share)
    sizes, positive = parts.value_counts(), frame.label.groupby(parts).mean()
    labelled = parts.isin([TRAIN, VALIDATION])
    # Movies stay whole, so that nothing can be had closer than the largest one.
    largest = frame.group[labelled].value_counts(normalize=True).max()
    assert abs(sizes[VALIDATION] / labelled.sum() - share) < largest
    for part in (TRAIN, VALIDATION):
        assert abs(positive[part] - frame.label[labelled].mean()) < largest


def test_bymovie_keeps_the_first_of_equal_texts_and_the_official_test_whole() -> None:
    frame = table(30, np.random.default_rng(5), movies=50, texts=10**6)
    rows = {name: frame.index[frame.id.str.startswith(name)] for name in ("test", "train/pos")}
    for text, twice in (
        ("test twice", rows["test"][:2]),
        ("test, train", [rows["test"][2], rows["train/pos"][0]]),
        ("train twice", rows["train/pos"][1:3]),
        ("train, unlabelled", [rows["train/pos"][3], frame.index[-1]]),
    ):
        frame.loc[list(twice), "text"] = text
    parts = split("bymovie", frame)
    dropped = [rows["train/pos"][0], rows["train/pos"][2], frame.index[-1]]
    assert frame.index[parts.isna()].tolist() == dropped


@given(frame=tables().map(snippets), seed=st.integers(0, 9))
def test_snippets_with_equal_texts_stay_together(frame: pd.DataFrame, seed: int) -> None:
    parts = split("snippets", frame, seed=seed)
    texts = {part: set(frame.text[parts == part]) for part in (TRAIN, VALIDATION, TEST)}
    assert not texts[TRAIN] & texts[VALIDATION]
    assert not texts[TEST] & (texts[TRAIN] | texts[VALIDATION])


@given(frame=tables().map(snippets), seed=st.integers(0, 9))
def test_snippets_without_a_label_are_in_no_part_and_all_others_in_one(
    frame: pd.DataFrame, seed: int
) -> None:
    parts = split("snippets", frame, seed=seed)
    assert (parts.isna() == frame.label.isna()).all()
    assert set(parts.dropna()) == {TRAIN, VALIDATION, TEST}


def test_snippets_are_cut_seventy_ten_twenty() -> None:
    frame = snippets(table(3000, np.random.default_rng(3), movies=9, texts=10**6))
    parts = split("snippets", frame, validation=0.125)
    shares = parts.value_counts(normalize=True)
    assert {part: round(share, 2) for part, share in shares.items()} == {
        TRAIN: 0.7,
        TEST: 0.2,
        VALIDATION: 0.1,
    }
    labels = frame.label.astype(float).groupby(parts).mean()
    assert labels.max() - labels.min() < 0.05


@pytest.mark.parametrize("name", list(KINDS))
def test_the_seed_alone_decides_the_split(name: str) -> None:
    frame = table(40, np.random.default_rng(2), movies=60, texts=10**6)
    frame = snippets(frame) if name == "snippets" else frame
    before = frame.copy(deep=True)
    first, again, other = (split(name, frame, seed=s) for s in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)
    assert frame.equals(before)


@pytest.mark.parametrize("name", ["lecture", "bymovie"])
def test_the_split_does_not_depend_on_how_the_archive_was_packed(name: str, tmp_path: Path) -> None:
    contents = archives.imdb_files()
    found = []
    for file, order in (("one", contents), ("other", dict(reversed(contents.items())))):
        archives.pack(tmp_path / file, order)
        formats.write("imdb", tmp_path / file, tmp_path / "table.parquet")
        frame = pd.read_parquet(tmp_path / "table.parquet")
        parts = split(name, frame)
        found.append(dict(zip(frame.id, parts.fillna("none"), strict=True)))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("name", "validation"),
    [
        ("lecture", 0.001),
        ("lecture", 0.999),
        ("bymovie", 0.98),
        ("bymovie", 0.01),
        ("bymovie", 0.123),
        ("snippets", 0.999),
    ],
)
def test_a_share_that_leaves_a_part_empty_is_named(name: str, validation: float) -> None:
    frame = table(15, np.random.default_rng(2), movies=20, texts=10**6)
    frame = snippets(frame) if name == "snippets" else frame
    with pytest.raises(UserError, match=rf"protocols\.{name}.*other shares?") as refused:
        split(name, frame, validation=validation)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["lecture", "bymovie"])
def test_where_the_data_name_no_test_reviews_a_share_is_asked_for(name: str) -> None:
    frame = snippets(table(30, np.random.default_rng(2), movies=20, texts=10**6))
    with pytest.raises(UserError, match=rf"protocols\.{name}\.test: .* give the share"):
        split(name, frame)
    parts = split(name, frame.assign(group=frame.id.str[-3:]), test=0.25)
    labelled = frame.label.notna().sum()
    assert abs((parts == TEST).sum() / labelled - 0.25) < 0.1
    assert abs((parts == VALIDATION).sum() / labelled - 0.15) < 0.1


def test_no_share_is_cut_off_where_the_data_name_test_and_validation() -> None:
    frame = table(30, np.random.default_rng(2), movies=20, texts=10**6)
    with pytest.raises(UserError, match=r"protocols\.snippets\.test: the data name their test"):
        split("snippets", frame)
    dev = frame.index[frame.split == "train"][::7]
    frame.loc[dev, "split"] = "validation"
    parts = split("snippets", frame, test=None)
    assert parts.index[parts == VALIDATION].tolist() == dev.tolist()
    assert ((parts == TEST) == (frame.split == "test")).all()


@given(frame=tables(), seed=st.integers(0, 9))
def test_no_group_is_in_two_of_three_parts_that_are_cut(frame: pd.DataFrame, seed: int) -> None:
    parts = split("bymovie", frame.assign(split="all"), seed=seed, test=0.25, validation=0.25)
    groups = [set(frame.group[parts == part]) for part in (TRAIN, VALIDATION, TEST)]
    assert sum(map(len, groups)) == len(set.union(*groups))


def test_a_part_without_one_of_three_labels_is_named_with_its_number() -> None:
    frame = table(30, np.random.default_rng(2), movies=20, texts=10**6)
    frame.loc[frame.index[frame.split == "train"][:1], "label"] = 2
    with pytest.raises(UserError, match=r"part lacks a label, number 2 of dataset\.classes"):
        split("lecture", frame)


def test_unicodes_words_are_those_of_any_language_and_emoji_stay_whole() -> None:
    tokenize = tokenizers.find("unicode")
    text = "Can't pay $3.14!<br/>Привет, мир 👩\u200d👧 👍🏽 STRASSE Straße"
    words = "can't pay $ 3.14 ! привет , мир 👩\u200d👧 👍🏽 strasse strasse"
    assert tokenize(text) == words.split(" ")
    assert tokenize(" \n") == []


@given(frame=tables(), name=st.sampled_from(["lecture", "bymovie"]), seed=st.integers(0, 9))
def test_vectors_never_see_a_held_out_text(frame: pd.DataFrame, name: str, seed: int) -> None:
    parts = split(name, frame, seed=seed)
    corpus = protocols.vector_corpus(digested(frame), parts)
    held_out = set(frame.text[parts.isin([VALIDATION, TEST])])
    assert not held_out & set(frame.text[corpus])
    free = parts.isin([TRAIN, UNLABELLED]) & ~frame.text.isin(held_out)
    assert corpus.equals(frame.index[free])
    assert len(corpus)


def test_a_training_text_that_stands_in_validation_too_is_not_for_vectors() -> None:
    frame = pd.DataFrame({"digest": ["a", "b", "a", "c", "c", "d"]})
    parts = pd.Series([TRAIN, TRAIN, VALIDATION, UNLABELLED, TEST, None])
    assert protocols.vector_corpus(frame, parts).tolist() == [1]


def test_lecture_has_treebank_tokens_of_the_raw_text() -> None:
    tokenize = tokenizers.find("treebank")
    text = "I DIDN'T like it.<br /><br />Don't (ever) see it, café!"
    assert tokenize(text) == TreebankWordTokenizer().tokenize(text)
    assert tokenize(text)[:6] == ["I", "DID", "N'T", "like", "it.", "<"]
    assert tokenize("The film's great. Go!") == ["The", "film", "'s", "great.", "Go", "!"]


def test_words_are_lower_case_without_markup_and_apart_from_punctuation() -> None:
    tokenize = tokenizers.find("words")
    text = "I DIDN'T like it.<br /><br />Rock’n’roll (8/10), café!"
    words = "i didn't like it . rock’n’roll ( 8 / 10 ) , café !"
    assert " ".join(tokenize(text)) == words
    assert tokenize("3 < 4") == ["3", "<", "4"]
