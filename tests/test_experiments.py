"""What is trained beside the table is comparable with it, and is judged by what it can show."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sentiment.comparison import further, moved, movies
from sentiment.errors import UserError
from sentiment.experiments import folds
from sentiment.reporting.study import beside, experiments
from sentiment.settings import params
from sentiment.storage.files import read_json, write_json

ROOT = Path(__file__).parents[1]


def reviews(count: int = 120, titles: int = 30) -> pd.DataFrame:
    chance = np.random.default_rng(0)
    frame = {"id": [f"r{number}" for number in range(count)], "label": [0, 1] * (count // 2)}
    return pd.DataFrame(frame | {"group": [f"tt{n}" for n in chance.integers(0, titles, count)]})


def test_every_review_is_held_out_once_and_a_movie_in_one_grouped_fold() -> None:
    frame = reviews()
    found = folds.folds(frame, 5, seed=1)
    assert found.index.equals(frame.index)
    assert set(found.random) == set(found.grouped) == set(range(5))
    assert found.grouped.groupby(frame.group).nunique().max() == 1
    assert found.random.groupby(frame.group).nunique().max() > 1
    pd.testing.assert_frame_equal(found, folds.folds(frame, 5, seed=1))


def test_as_many_reviews_are_fitted_on_whichever_fold_is_held_out_and_none_of_it() -> None:
    found = folds.folds(reviews(), 5, seed=1)
    sizes = set()
    for kind in ("random", "grouped"):
        for fold in range(5):
            rows = folds.fitted(found, kind, fold, seed=fold)
            assert not (found[kind].iloc[rows] == fold).any()
            sizes.add(len(rows))
    assert len(sizes) == 1


def test_too_many_folds_are_refused_in_a_line() -> None:
    with pytest.raises(UserError, match=r"^leak\.folds: 99 leave no random split"):
        folds.folds(reviews(20), 99, seed=1)


def held_out(
    chance: np.random.Generator, leak: float, titles: int = 200
) -> dict[str, pd.DataFrame]:
    """Two seeds of a network `net` that is right more often, by `leak`, where movies are known."""
    movie = np.repeat(np.arange(titles), 5)
    label = chance.integers(0, 2, len(movie))
    # Reviews of a movie are alike: easy or hard together.
    ease = chance.normal(0, 0.1, titles)[movie]
    found = {}
    for kind, more in (("random", leak), ("grouped", 0.0)):
        frame = pd.DataFrame({"label": label, "movie": movie, "fold": movie % 5})
        for seed in (0, 1):
            is_right = chance.random(len(movie)) < 0.7 + ease + more
            frame[f"net {seed}"] = np.where(is_right == (label > 0), 800, 200)
        found[kind] = frame.assign(simple=label * 1000, **{"simple predicted": label})
    return found


def test_a_leak_is_what_random_folds_score_above_folds_by_movie() -> None:
    answers = held_out(np.random.default_rng(1), 0.1)
    table = movies.measure(answers, ["net", "simple"], 0.01).set_index(["measure", "model"])
    row, right = table.loc[("acc", "net")], {}
    for kind, frame in answers.items():
        by_seed = [((frame[f"net {s}"] > 500) == frame.label).mean() for s in (0, 1)]
        right[kind] = np.mean(by_seed)
        assert row[kind] == pytest.approx(right[kind], abs=1e-6)
    assert row.difference == pytest.approx(right["random"] - right["grouped"], abs=1e-6)
    assert row.verdict == table.loc[("auc", "net")].verdict == "higher"
    # What is always right is so with and without its movies.
    assert table.loc[("acc", "simple")].difference == 0
    assert table.loc[("acc", "simple")].verdict == "undecided"


def test_intervals_of_leaks_hold_about_95_percent_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(movies, "RESAMPLES", 100)
    chance, held = np.random.default_rng(2), []
    for _ in range(50):
        table = movies.measure(held_out(chance, 0.0, titles=40), ["net"], 0.01)
        held += list((table.low <= 0) & (table.high >= 0))
    assert 0.9 <= np.mean(held) <= 1


def test_reviews_of_a_movie_count_together() -> None:
    pulls, alone = np.repeat([1.0, -1.0], 50), pd.Series(range(100))
    assert movies.of_movies(pulls, alone) == pytest.approx(10, rel=0.1)
    # Two movies, drawn twice: 100 too much or too little, or right.
    together = pd.Series(np.repeat([0, 1], 50))
    assert movies.of_movies(pulls, together) == pytest.approx(50 * 2**0.5, rel=0.1)


def test_a_spread_is_the_one_worked_out_by_hand() -> None:
    # Means 2, 4, 9: variance 13, times two seeds; within each draw 2.
    found = further.spread([[1, 3], [3, 5], [8, 10]])
    assert (found.between, found.within) == (pytest.approx(26), pytest.approx(2))
    assert found.variance == pytest.approx(12)
    assert further.spread([[1, 3], [1, 3], [2, 2]]).variance == 0


def test_without_other_causes_the_interval_is_that_of_one_further_seed() -> None:
    low, high = further.interval([2, 2, 4, 6, 6], ())
    half = 2.776445 * 2 * 1.2**0.5
    assert (low, high) == pytest.approx((4 - half, 4 + half), abs=1e-5)
    assert np.isnan(further.interval([2], ())).all()


@pytest.mark.parametrize("spreads", [(0.0, 0.0), (0.5, 0.5), (2.0, 1.0)])
def test_intervals_for_one_further_run_hold_about_95_percent(
    spreads: tuple[float, float],
) -> None:
    chance, held = np.random.default_rng(3), []
    for _ in range(1500):
        causes = [chance.normal(0, spread, 4) for spread in spreads]
        run = sum(cause[3] for cause in causes) + chance.normal()
        own = sum(cause[0] for cause in causes)
        values = own + chance.normal(size=10)
        draws = []
        for cause in causes:
            others = [own - cause[0] + cause[n] + chance.normal(size=5) for n in (1, 2)]
            draws.append(further.spread([values[:5], *others]))
        low, high = further.interval(values, draws)
        held.append(low <= run <= high)
    assert 0.93 <= np.mean(held) <= 0.975


def grid(models: dict[str, list[float]]) -> pd.DataFrame:
    rows = [
        {"protocol": "lecture", "model": model, "architecture": model.split("-")[0], "seed": seed}
        | {"val_acc": value, "test_auc": value + 0.1}
        for model, values in models.items()
        for seed, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def write_runs(path: Path, about: dict[str, object], runs: pd.DataFrame) -> None:
    rows = runs[["model", "seed", "val_acc", "test_auc"]].assign(history="none")
    if "norm" in runs:
        rows["norm"] = runs.norm
    write_json(path, {**about, "runs": rows.to_dict("records")})


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Inputs at norm 1, another split, and other vectors, of two models and three seeds."""
    models = {"birnn-20": [0.79, 0.80, 0.81], "lstm-50": [0.85, 0.86, 0.87]}
    higher = grid(models).assign(norm=1.0)
    higher["test_auc"] += 0.05 * (higher.model == "birnn-20")
    about = {"variant": "reviews", "trained_norm": 15.3}
    write_runs(tmp_path / "inputs/reviews.json", about, higher)
    for draw, shift in {"split-2": 0.01, "split-3": -0.01, "vectors-2": 0.0}.items():
        moved_by = grid({m: [v + shift for v in values] for m, values in models.items()})
        write_runs(tmp_path / f"resplit/{draw}.json", {"draw": draw}, moved_by)
    return tmp_path


def loaded(folder: Path) -> experiments.Experiments:
    models = {"birnn-20": [0.79, 0.80, 0.81], "birnn-5": [0.8, 0.8, 0.82], "lstm-50": [0.86] * 3}
    return experiments.load(params.load(ROOT / "params.yaml"), folder, grid(models))


def test_other_inputs_are_held_against_the_studys_own_model_by_model(study: Path) -> None:
    found = loaded(study)
    assert found.trained_norm == 15.3
    changes = found.moved.set_index("model")
    assert changes.difference.to_dict() == pytest.approx({"birnn-20": 0.05, "lstm-50": 0})
    assert changes.verdict["birnn-20"] == "better"
    text = "\n".join(beside.inputs(found))
    assert "| of the study | 2.5" in text
    assert "| of the study | 1 " in text
    assert "**+5.00 [" in text


def test_models_that_the_lesson_does_not_have_have_no_distance_from_it(study: Path) -> None:
    path = study / "inputs/reviews.json"
    record = read_json(path)
    for run in record["runs"]:
        run["model"] = "rnn-50"
    write_json(path, record)
    models = {"rnn-50": [0.79, 0.80, 0.81], "birnn-20": [0.8] * 3}
    found = experiments.load(params.load(ROOT / "params.yaml"), study, grid(models))
    rnn = found._replace(inputs=found.inputs[found.inputs.model == "rnn-50"])
    row = next(line for line in beside.inputs(rnn)[1].splitlines() if "| 1 " in line)
    assert row.split("|")[-2].strip() == ""


def test_one_further_run_is_wider_with_another_split_and_stands_for_its_architecture(
    study: Path,
) -> None:
    rows = loaded(study).further.set_index("model")
    assert rows.index.tolist() == ["birnn-20", "birnn-5", "lstm-50"]
    # In lstm-50 the seeds agree here, so that all of the width comes from split and vectors.
    assert rows.seed_low["lstm-50"] == rows.seed_high["lstm-50"]
    assert rows.low["lstm-50"] < rows["mean"]["lstm-50"] < rows.high["lstm-50"]
    said = beside.counted(loaded(study))
    assert said.startswith("Of the lesson's 3 validation accuracies ")


def test_what_was_not_trained_is_not_shown(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    for told in (beside.inputs(found), beside.further_runs(found), beside.leak(found)):
        assert told == []
    assert beside.counted(found) == ""


def test_the_leak_is_answered_by_auc_with_what_the_movie_alone_gives(study: Path) -> None:
    chance = np.random.default_rng(5)
    (study / "leak").mkdir()
    for kind, frame in held_out(chance, 0.2).items():
        named = {f"{m} {s}": frame[f"net {s}"] for m in ("birnn-20", "lstm-50") for s in (0, 1)}
        simple = {b: frame.simple for b in ("movie-majority", "mean-vectors", "nbsvm")}
        simple |= {f"{b} predicted": frame["simple predicted"] for b in list(simple)}
        shown = frame[["label", "movie", "fold"]].assign(id=range(len(frame)), **named, **simple)
        shown.to_parquet(study / f"leak/{kind}.parquet")
    answer = beside.leak_answer(loaded(study))
    assert answer.head == "Some"
    assert "knowing it changes the AUC of birnn-20 by +" in answer.said
    assert answer.more.startswith("; the majority label of a movie alone is right for 100.0 %")
    assert moved.OWN == "as in the study"
