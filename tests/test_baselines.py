from pathlib import Path
from typing import Any, get_args

import cells
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from conftest import Workplace
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from sentiment.baselines import fitting, models
from sentiment.baselines.corpus import Corpus
from sentiment.baselines.models import BASELINES, MovieMajority
from sentiment.baselines.nbsvm import NaiveBayesSVM, binary_ngrams, linear_svm, ngrams
from sentiment.data import encoding
from sentiment.errors import UserError
from sentiment.settings import sections
from sentiment.storage import files

GOOD = ["a great film", "great great fun", "simply fun , a great film", "fun"]
BAD = ["a dull film", "dull dull mess", "such a dull mess ."]
NO_WORDS = encoding.pack([], [], [], cells.encoded([]), 4), np.zeros((1, 2), np.float32)


def table(texts: list[str], labels: list[int], part: str = "train", **columns: Any) -> pd.DataFrame:
    size = len(texts)
    frame = pd.DataFrame({"id": [f"{part}/{n}" for n in range(size)], "part": part, "text": texts})
    movies = columns.pop("group", [f"tt{n}" for n in range(size)])
    return frame.assign(label=pd.array(labels, dtype="Int8"), group=movies)


def corpus_for(*frames: pd.DataFrame) -> Corpus:
    """All these reviews, without tokens or vectors."""
    return Corpus(pd.concat(frames).set_index("id").text, *NO_WORDS)


def fitted(baseline: str, train: pd.DataFrame, *others: pd.DataFrame) -> Pipeline:
    """Fitted on `train`; it may be asked about `others` too."""
    return fitting.fit(models.unfitted(baseline, corpus_for(train, *others)), train)


def words_for(frame: pd.DataFrame, ids: list[list[int]], vectors: list[list[float]]) -> Corpus:
    columns = frame.id.tolist(), frame.part.tolist(), frame.label.tolist()
    tokens = encoding.pack(*columns, cells.encoded(ids), 4)
    return Corpus(frame.set_index("id").text, tokens, np.array(vectors, np.float32))


def test_every_baseline_of_the_parameters_is_there() -> None:
    assert list(BASELINES) == list(get_args(sections.Baseline))
    assert set(BASELINES) >= models.WITHOUT_TEST | models.PUBLISHED_ON_ALL


def test_an_unknown_baseline_is_named() -> None:
    with pytest.raises(UserError, match="'bert': not known: choose one of majority, "):
        models.unfitted("bert", corpus_for(table(["good"], [1])))


def test_published_ngrams_keep_punctuation_in_words_and_only_letters_in_pairs() -> None:
    assert ngrams("It's  GREAT... <br />So-so, 10/10") == [
        *("it's", "great...", "<br", "/>so-so,", "10/10"),
        *("start-its", "its-great", "great-br", "br-so-so", "so-so-", "-end"),
    ]


def test_a_text_without_words_has_only_its_ends() -> None:
    assert ngrams(" ") == ["start-end"]


# Four reviews, features x, y, z: positive x y and x, negative y z and z.
FEATURES = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 1]], dtype=float)
LABELS = np.array([1, 1, 0, 0], dtype=np.int8)


def nbsvm_of_four() -> NaiveBayesSVM:
    features = (
        binary_ngrams().set_params(analyzer=str.split).fit_transform(["x y", "x", "y z", "z"])
    )
    assert features.toarray().tolist() == FEATURES.tolist()
    return NaiveBayesSVM().fit(features, LABELS)


def test_log_count_ratios_of_four_reviews_are_those_worked_out_by_hand() -> None:
    # With 1 added, x y z are counted 3 2 1 in positive and 1 2 3 in negative reviews, both of 6.
    assert nbsvm_of_four().ratio_ == pytest.approx([np.log(3), 0, -np.log(3)])


def test_weights_of_four_reviews_are_those_worked_out_by_hand() -> None:
    # In r o f the reviews are (l, 0, 0) twice positive and (0, 0, -l) twice negative, l = log 3.
    # By symmetry w = (v, 0, v), each v minimising v v / 2 + 2 (1 - l v)^2: v = 4 l / (1 + 4 l l).
    log3 = np.log(3)
    v = 4 * log3 / (1 + 4 * log3**2)
    mean = 2 * v / 3
    expected = [0.75 * mean + 0.25 * v, 0.75 * mean, 0.75 * mean + 0.25 * v]
    model = nbsvm_of_four()
    assert model.coef_ == pytest.approx(expected, rel=1e-3)
    assert model.decision_function(FEATURES) == pytest.approx(
        np.array([1, 1, -1, -1]) * log3 * expected[0], rel=1e-3
    )


def test_the_linear_svm_has_no_intercept_and_squares_its_hinge() -> None:
    # One feature, both labels at 2 and -1: w w / 2 + C ((1 - 2 w)^2 + (1 - w)^2), with C = 0.1.
    svm = linear_svm(0.1).fit(np.array([[2.0], [-1.0]]), [1, 0])
    assert svm.coef_[0, 0] == pytest.approx(0.6 / (1 + 0.2 * 5), rel=1e-3)
    assert svm.intercept_ == 0


def test_movie_majority_answers_ties_and_unknown_movies_with_the_overall_majority() -> None:
    movies = ["up", "up", "up", "down", "tied", "tied", "up", None]
    labels = np.array([1, 1, 0, 0, 1, 0, 1, 1], dtype=np.int8)
    model = MovieMajority().fit(pd.DataFrame({"group": movies}), labels)
    asked = pd.DataFrame({"group": ["down", "up", "tied", "new", None]})
    assert (model.decision_function(asked) > 0).tolist() == [False, True, True, True, True]
    turned = MovieMajority().fit(pd.DataFrame({"group": movies}), 1 - labels)
    assert (turned.decision_function(asked) > 0).tolist() == [True, False, False, False, False]


def test_movie_majority_without_any_movie_is_the_majority() -> None:
    frame = pd.DataFrame({"group": [None, None, None]})
    model = MovieMajority().fit(frame, np.array([0, 1, 1], dtype=np.int8))
    assert (model.decision_function(frame) > 0).all()


@pytest.mark.parametrize(("labels", "expected"), [([1, 1, 0], 1), ([1, 0, 0], 0), ([1, 0], 0)])
def test_majority_answers_the_more_frequent_label_and_ties_negative(
    labels: list[int], expected: int
) -> None:
    train = table(["text"] * len(labels), labels)
    model = fitted("majority", train)
    assert set(fitting.predict(model, train).predicted) == {expected}


def test_mean_vectors_leave_padding_out_and_make_nothing_of_an_empty_review() -> None:
    frame = table(["one two two", "", "two"], [1, 0, 1])
    words = words_for(frame, [[1, 2, 2], [], [2]], [[3, 0], [0, 6]])
    assert words.means(frame).tolist() == [[1, 4], [0, 0], [0, 6]]


def test_mean_vectors_are_found_by_the_id_of_a_review() -> None:
    frame = table(["one", "two"], [1, 0])
    words = words_for(frame, [[1], [2]], [[3, 0], [0, 6]])
    assert words.means(frame.iloc[[1]]).tolist() == [[0, 6]]


@pytest.mark.parametrize("baseline", ["tfidf", "svm", "nbsvm"])
def test_words_that_only_held_out_reviews_have_change_nothing(baseline: str) -> None:
    train = table(GOOD + BAD, [1] * 4 + [0] * 3)
    known = table(["great film", "dull"], [1, 0], "test")
    strange = table(["zyx zyx", "wvu"], [1, 0], "strange")
    alone = fitting.predict(fitted(baseline, train, known), known)
    model = fitted(baseline, train, known, strange)
    beside = fitting.predict(model, pd.concat([known, strange], ignore_index=True))
    pd.testing.assert_frame_equal(beside[:2], alone)
    assert alone.predicted.tolist() == [1, 0]
    assert beside.score[2] == beside.score[3]
    # As many as a vectorizer finds that saw the training reviews alone.
    counted = binary_ngrams() if baseline != "tfidf" else CountVectorizer(ngram_range=(1, 2))
    assert model[-1].n_features_in_ == len(counted.fit(train.text).vocabulary_)


def test_a_decision_without_probabilities_has_no_loss() -> None:
    train = table(GOOD + BAD, [1] * 4 + [0] * 3)
    shown = {}
    for baseline in ("svm", "tfidf"):
        model = fitted(baseline, train)
        predicted = dict.fromkeys(("train", "validation", "test"), fitting.predict(model, train))
        shown[baseline] = list(fitting.record(model, predicted))
    parts, order = ("fitted", "val", "test"), ("acc", "auc", "f1", "positive")
    assert shown["svm"] == ["features", *(f"{part}_{name}" for part in parts for name in order)]
    order = ("acc", "loss", "auc", "f1", "brier", "ece", "positive")
    assert shown["tfidf"] == ["features", *(f"{part}_{name}" for part in parts for name in order)]


SO_SO = ["a middling film", "middling , neither here nor there", "so middling"]
# Of three classes, none of the texts in two of them.
TEXTS, NUMBERS = BAD + SO_SO + GOOD, [0] * 3 + [1] * 3 + [2] * 4


def corpus_of_three(frame: pd.DataFrame) -> Corpus:
    ids = [[number + 1] for number in frame.label]
    words = words_for(frame, ids, [[3, 0], [0, 6], [-3, -6]])
    return words._replace(classes=3)


@pytest.mark.parametrize("baseline", BASELINES)
def test_three_classes_have_a_score_each_and_the_highest_is_predicted(baseline: str) -> None:
    train = table(TEXTS, NUMBERS, group=[f"tt{number}" for number in NUMBERS])
    model = fitting.fit(models.unfitted(baseline, corpus_of_three(train)), train)
    found = fitting.predict(model, train)
    scored = ["score_0", "score_1", "score_2"]
    assert list(found) == ["id", "part", "label", "predicted", *scored]
    assert found.predicted.dtype == np.int8
    assert found.predicted.tolist() == found[scored].to_numpy().argmax(1).tolist()
    expected = [2] * len(train) if baseline == "majority" else NUMBERS
    assert found.predicted.tolist() == expected
    metrics = fitting.metrics(model, found)
    auc = 0.5 if baseline == "majority" else 1
    assert (metrics["acc"], metrics["auc"]) == (np.mean(np.equal(expected, NUMBERS)), auc)
    chances = ["acc", "loss", "auc", "f1", "brier", "ece"]
    has_chances = baseline in ("majority", "mean-vectors", "tfidf")
    assert list(metrics) == (chances if has_chances else ["acc", "auc", "f1"])
    assert fitting.record(model, {"train": found})["features"] == model[-1].n_features_in_


def test_nbsvm_tells_each_of_three_classes_from_the_rest() -> None:
    train = table(TEXTS, NUMBERS)
    model = fitting.fit(models.unfitted("nbsvm", corpus_of_three(train)), train)
    found, features = fitting.predict(model, train), model[:-1].transform(train)
    for number in range(3):
        own = NaiveBayesSVM().fit(features, np.equal(NUMBERS, number).astype(np.int8))
        assert found[f"score_{number}"].to_numpy() == pytest.approx(own.decision_function(features))


def test_two_classes_take_no_notice_of_what_more_need() -> None:
    train = table(GOOD + BAD, [1] * 4 + [0] * 3)
    assert isinstance(models.unfitted("nbsvm", corpus_for(train))[-1], NaiveBayesSVM)
    assert list(fitting.predict(fitted("nbsvm", train), train)) == [
        *("id", "part", "label", "predicted", "score")
    ]


def test_movie_majority_of_three_classes_answers_ties_with_the_overall_majority() -> None:
    movies = ["up", "up", "up", "mid", "mid", "tied", "tied"]
    labels = np.array([2, 2, 0, 1, 1, 0, 2], dtype=np.int8)
    model = MovieMajority().fit(pd.DataFrame({"group": movies}), labels)
    given = model.decision_function(pd.DataFrame({"group": ["up", "mid", "tied", "new", None]}))
    assert given.shape == (5, 3)
    assert given.argmax(1).tolist() == [2, 1, 2, 2, 2]
    assert given[0] == pytest.approx([1 / 3, 0, 2 / 3])


@pytest.fixture
def inputs(workplace: Workplace, imdb: tuple[Path, dict[str, Any]]) -> Workplace:
    """Reviews, tokens and vectors of sixty reviews, as the stages before leave them."""
    archive, folders = imdb
    workplace.set(download={"folders": folders})
    assert workplace.stage("prepare", archive, "reviews.parquet", "data.json") is None
    arguments = ("reviews", "reviews.parquet", "loaded", "made")
    assert workplace.stage("vectors", "lecture", *arguments) is None
    arguments = ("reviews.parquet", "made", "lost.json")
    assert workplace.stage("encode", "lecture", *arguments) is None
    return workplace


def run(workplace: Workplace, baseline: str, folder: str) -> tuple[dict[str, Any], pd.DataFrame]:
    outputs = Path(folder) / "p.parquet", Path(folder) / "r.json"
    inputs = ("reviews.parquet", "made")
    assert workplace.stage("baseline", "lecture", baseline, *inputs, *outputs) is None
    return files.read_json(outputs[1]), pq.read_table(outputs[0]).to_pandas()


@pytest.mark.parametrize("baseline", BASELINES)
def test_equal_reviews_give_equal_bytes_on_any_number_of_threads(
    inputs: Workplace, baseline: str
) -> None:
    record, predicted = run(inputs, baseline, "first")
    with threadpool_limits(2):
        run(inputs, baseline, "second")
    for name in ("p.parquet", "r.json"):
        first, second = ((inputs.folder / run / name).read_bytes() for run in ("first", "second"))
        assert first == second
    assert list(record)[:4] == ["protocol", "baseline", "features", "fitted_acc"]
    assert list(predicted) == ["id", "part", "label", "predicted", "score"]
    rows = predicted[predicted.part == "validation"]
    assert record["val_acc"] == pytest.approx((rows.predicted == rows.label).mean())


def test_movie_majority_says_nothing_of_test_reviews(inputs: Workplace) -> None:
    record, predicted = run(inputs, "movie-majority", "out")
    assert set(predicted.part) == {"validation"}
    assert {name.partition("_")[0] for name in list(record)[3:]} == {"fitted", "val"}


@pytest.mark.parametrize("baseline", ["svm", "nbsvm"])
def test_the_full_fit_reads_validation_and_leaves_the_first_alone(
    inputs: Workplace, baseline: str
) -> None:
    before, predicted = run(inputs, baseline, "before")
    assert 0 <= before["full_test_acc"] <= 1
    frame = pd.read_parquet("reviews.parquet")
    turned = frame.id.isin(predicted.id[predicted.part == "validation"])
    frame.loc[turned, "text"] = "nothing that was ever said"
    frame.to_parquet("reviews.parquet", index=False)
    after, _ = run(inputs, baseline, "after")
    kept = ("features", "fitted_acc", "test_acc", "test_auc", "test_f1")
    assert [after[key] for key in kept] == [before[key] for key in kept]


@pytest.mark.parametrize("baseline", BASELINES)
def test_labels_and_texts_of_test_reviews_decide_nothing(inputs: Workplace, baseline: str) -> None:
    before, predicted = run(inputs, baseline, "before")
    frame = pd.read_parquet("reviews.parquet")
    chosen = frame.split == "test"
    frame.loc[chosen, "label"] = 1 - frame.label[chosen]
    frame.loc[chosen & frame.text.str.len().gt(40), "text"] = "other words"
    frame.to_parquet("reviews.parquet", index=False)
    after, again = run(inputs, baseline, "after")
    kept = [key for key in before if "test" not in key]
    assert [after[key] for key in kept] == [before[key] for key in kept]
    held = [frame[frame.part == "validation"] for frame in (predicted, again)]
    pd.testing.assert_frame_equal(*held)
