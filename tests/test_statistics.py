import gc
import math
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sentiment.comparison import ensembles, gaps, statistics
from sentiment.errors import UserError

SEEDS = 10


@pytest.fixture(autouse=True)
def _few_objects_to_collect() -> Iterator[None]:
    """Statsmodels' Holm collects garbage at every call: 0.2 s with all libraries loaded."""
    gc.freeze()
    yield
    gc.unfreeze()


def table(values: dict[tuple[str, str], list[float]], metric: str = "test_acc") -> pd.DataFrame:
    """A row a run from {(protocol, model): values by seed}."""
    rows = [
        {"protocol": protocol, "model": model, "seed": seed, metric: value}
        for (protocol, model), column in values.items()
        for seed, value in enumerate(column)
    ]
    return pd.DataFrame(rows)


def test_interval_of_a_mean_is_the_one_worked_out_by_hand() -> None:
    # Mean 5, deviation 2, error 2 / sqrt(3); t at 97.5 % with 2 degrees of freedom is 4.302653.
    low, high = statistics.mean_interval([3, 5, 7])
    assert low == pytest.approx(5 - 4.302653 * 2 / math.sqrt(3), abs=1e-5)
    assert high == pytest.approx(5 + 4.302653 * 2 / math.sqrt(3), abs=1e-5)


def test_interval_for_one_further_run_is_the_one_worked_out_by_hand() -> None:
    # Mean 4, deviation 2, spread 2 sqrt(1 + 1/5); t with 4 degrees of freedom is 2.776445.
    low, high = statistics.prediction_interval([2, 2, 4, 6, 6])
    assert low == pytest.approx(4 - 2.776445 * 2 * math.sqrt(1.2), abs=1e-5)
    assert high == pytest.approx(4 + 2.776445 * 2 * math.sqrt(1.2), abs=1e-5)


def test_interval_for_one_further_run_holds_95_percent_of_further_runs() -> None:
    runs = np.random.default_rng(0).normal(0.8, 0.02, size=(2000, 6))
    intervals = [statistics.prediction_interval(row[:5]) for row in runs]
    held = [low <= row[5] <= high for (low, high), row in zip(intervals, runs, strict=True)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("values", [[], [0.8]])
def test_fewer_than_two_runs_have_no_interval(values: list[float]) -> None:
    assert np.isnan(statistics.mean_interval(values)).all()
    assert np.isnan(statistics.prediction_interval(values)).all()


def test_equal_runs_have_an_interval_without_width() -> None:
    assert statistics.mean_interval([0.5, 0.5]) == (0.5, 0.5)
    assert statistics.prediction_interval([0.5, 0.5]) == pytest.approx((0.5, 0.5))


def test_pairs_are_compared_by_their_differences_alone() -> None:
    # Differences 2, 3, 4: mean 3, deviation 1, t = 3 sqrt(3) = 5.196, p from tables 0.0351.
    result = statistics.paired([12, 23, 104], [10, 20, 100])
    assert result.difference == pytest.approx(3)
    assert result.d_z == pytest.approx(3)
    assert result.p == pytest.approx(0.0351, abs=1e-4)
    assert result.low == pytest.approx(3 - 4.302653 / math.sqrt(3), abs=1e-5)
    assert result.high == pytest.approx(3 + 4.302653 / math.sqrt(3), abs=1e-5)


def test_differences_without_spread_prove_nothing() -> None:
    result = statistics.paired([0.51, 0.52], [0.41, 0.42])
    assert result.p == 1
    assert math.isnan(result.d_z)
    assert result.low == result.high == pytest.approx(0.1)


def test_holm_multiplies_each_p_by_what_is_still_to_be_tested() -> None:
    # In order 0.01 x 4, 0.02 x 3, 0.03 x 2 (not below the 0.06 before it), 0.5.
    adjusted = statistics.holm([0.03, 0.01, 0.5, 0.02])
    assert adjusted == pytest.approx([0.06, 0.04, 0.5, 0.06])


def test_what_was_not_tested_does_not_count_in_the_family() -> None:
    adjusted = statistics.holm([0.03, np.nan, 0.02])
    assert adjusted == pytest.approx([0.04, np.nan, 0.04], nan_ok=True)


@pytest.mark.parametrize(
    ("difference", "p", "expected"),
    [
        (0.1, 0.049, "a better"),
        (-0.1, 0.049, "b better"),
        (0.1, 0.05, "cannot be told apart"),
        (-0.1, math.nan, "one seed"),
    ],
)
def test_verdict_goes_by_adjusted_p_and_sign(difference: float, p: float, expected: str) -> None:
    assert statistics.verdict(difference, p) == expected


def test_without_any_difference_at_most_seven_percent_of_families_find_one() -> None:
    chance = np.random.default_rng(1)
    families = [str(number) for number in range(200)]
    common = {family: chance.normal(0.8, 0.02, SEEDS) for family in families}
    runs = {
        (family, model): common[family] + chance.normal(0, 0.01, SEEDS)
        for family in families
        for model in "abcde"
    }
    found = statistics.differences(table(runs), ["test_acc"])
    assert len(found) == 200 * 10
    false = (found.verdict != "cannot be told apart").groupby(found.protocol).any()
    assert false.mean() <= 0.07
    # Without Holm it would be many more, so the simulation can tell.
    assert (found.p < 0.05).groupby(found.protocol).any().mean() > 0.2


def test_a_difference_of_three_deviations_is_found_with_ten_seeds() -> None:
    chance = np.random.default_rng(2)
    truth = {"rnn-5": 0.80, "rnn-9": 0.80, "lstm-5": 0.83}
    runs = {("p", name): chance.normal(mean, 0.01, SEEDS) for name, mean in truth.items()}
    found = statistics.differences(table(runs), ["test_acc"]).set_index(["model_a", "model_b"])
    assert found.verdict.tolist() == ["cannot be told apart", "b better", "b better"]
    assert found.difference["rnn-5", "lstm-5"] == pytest.approx(-0.03, abs=0.01)
    assert found.high["rnn-5", "lstm-5"] < 0


def test_every_pair_is_named_once_in_the_order_of_the_runs() -> None:
    runs = table({("p", name): [0.1, 0.2, 0.4] for name in "zabc"})
    found = statistics.differences(runs, ["test_acc"])
    assert list(zip(found.model_a, found.model_b, strict=True)) == list(combinations("zabc", 2))
    assert list(found.columns) == [
        *("protocol", "model_a", "model_b", "metric", "difference", "low", "high", "p"),
        *("p_holm", "verdict", "d_z"),
    ]


def test_runs_are_paired_by_seed_whatever_their_order() -> None:
    chance = np.random.default_rng(3)
    runs = table({("p", name): chance.normal(0.8, 0.1, 5).tolist() for name in "ab"})
    expected = statistics.differences(runs, ["test_acc"])
    mixed = runs.iloc[[4, 2, 0, 1, 3, 5, 7, 9, 8, 6]]
    pd.testing.assert_frame_equal(statistics.differences(mixed, ["test_acc"]), expected)


def test_a_family_ends_at_its_protocol_and_metric() -> None:
    chance = np.random.default_rng(4)
    here = {("p", name): chance.normal(0.8, 0.1, 4).tolist() for name in "abc"}
    there = {("q", name): chance.normal(0.8, 0.1, 4).tolist() for name in "abc"}
    alone = statistics.differences(table(here), ["test_acc"])
    beside = statistics.differences(table(here | there), ["test_acc"])
    pd.testing.assert_frame_equal(beside[beside.protocol == "p"], alone)


def test_named_pairs_are_tested_alone_as_a_family_of_their_own() -> None:
    chance = np.random.default_rng(5)
    runs = table({("p", name): chance.normal(0.8, 0.1, 4).tolist() for name in "abcd"})
    every = statistics.differences(runs, ["test_acc"]).set_index(["model_a", "model_b"])
    (row,) = statistics.differences(runs, ["test_acc"], [("d", "a")]).itertuples(index=False)
    assert row.difference == pytest.approx(-every.difference["a", "d"])
    assert row.p_holm == row.p == pytest.approx(every.p["a", "d"])
    assert statistics.differences(runs, ["test_acc"], []).empty


def test_one_seed_gives_no_interval_and_no_test() -> None:
    found = statistics.differences(table({("p", "a"): [0.8], ("p", "b"): [0.7]}), ["test_acc"])
    assert found.verdict.tolist() == ["one seed"]
    assert found.difference.tolist() == pytest.approx([0.1])
    assert found[["low", "high", "p", "d_z", "p_holm"]].isna().all(axis=None)


def test_one_model_alone_has_no_differences() -> None:
    assert statistics.differences(table({("p", "a"): [0.8, 0.9]}), ["test_acc"]).empty


def test_a_model_that_lacks_a_seed_is_named() -> None:
    runs = table({("p", "a"): [0.8, 0.7, 0.9], ("p", "birnn-5"): [0.7, 0.6]})
    with pytest.raises(UserError, match="birnn-5: seed 2 is missing"):
        statistics.differences(runs, ["test_acc"])


REVIEWS = {
    (protocol, metric): number
    for protocol in ("lecture", "bymovie")
    for metric, number in (("val_acc", 5000), ("test_acc", 25000))
}
LEAK = ("lecture val_acc less test_acc", "bymovie val_acc less test_acc")


def both_protocols(shift: float = 0.0) -> pd.DataFrame:
    runs = table({("lecture", "a"): [0.90, 0.92, 0.93], ("bymovie", "a"): [0.80, 0.83, 0.82]})
    runs = runs.rename(columns={"test_acc": "val_acc"}).assign(test_acc=0.80)
    other = runs.assign(model="b", val_acc=runs.val_acc - shift * runs.seed)
    return pd.concat([runs, other], ignore_index=True)


def test_a_gap_is_validation_less_test_and_lecture_less_bymovie() -> None:
    found = gaps.measure(both_protocols(), REVIEWS)
    found = found[found.model == "a"].set_index(["minuend", "subtrahend"])
    assert found.difference.to_dict() == pytest.approx(
        {
            ("lecture val_acc", "lecture test_acc"): 0.35 / 3,
            ("bymovie val_acc", "bymovie test_acc"): 0.05 / 3,
            ("lecture val_acc", "bymovie val_acc"): 0.1,
            LEAK: 0.1,
        }
    )
    assert found.verdict["lecture val_acc", "bymovie val_acc"] == "higher"
    assert found.verdict["bymovie val_acc", "bymovie test_acc"] == "cannot be told apart"


def test_what_tokens_give_to_validation_and_test_alike_is_no_leak() -> None:
    runs = both_protocols()
    taught = runs.protocol == "lecture"
    better = runs.assign(
        val_acc=runs.val_acc - 0.05 * taught, test_acc=runs.test_acc - 0.05 * taught
    )
    before, after = (
        gaps.measure(frame, REVIEWS).set_index(["minuend", "subtrahend", "model"]).difference
        for frame in (runs, better)
    )
    assert after[(*LEAK, "a")] == pytest.approx(before[(*LEAK, "a")])


def test_the_pooled_gap_is_paired_over_seeds_of_the_mean_over_models() -> None:
    # Lecture less bymovie is 0.10, 0.09, 0.11 by seed in both models, so in their mean.
    found = gaps.measure(both_protocols(shift=0.1), REVIEWS)
    pooled = found[(found.minuend == LEAK[0]) & (found.model == gaps.POOLED)].iloc[0]
    expected = statistics.paired([0.10, 0.09, 0.11], [0, 0, 0])
    assert (pooled.difference, pooled.low, pooled.high) == pytest.approx(expected[:3])
    assert pooled.p_holm == pooled.p


def test_sampling_is_the_half_width_for_drawing_other_reviews() -> None:
    runs = both_protocols()
    found = gaps.measure(runs, REVIEWS).set_index(["minuend", "subtrahend", "model"]).sampling
    # Mean 0.91666 of 5,000 and 0.8 of 25,000: 1.96 sqrt(p q / n + r s / m).
    half = 1.959964 * math.sqrt(0.916667 * 0.083333 / 5000 + 0.8 * 0.2 / 25000)
    assert found["lecture val_acc", "lecture test_acc", "a"] == pytest.approx(half, abs=1e-6)


def test_without_both_protocols_no_leak_is_given() -> None:
    runs = both_protocols()
    found = gaps.measure(runs[runs.protocol == "bymovie"], REVIEWS)
    assert set(found.minuend) == {"bymovie val_acc"}


def test_a_seed_that_one_protocol_lacks_is_named() -> None:
    with pytest.raises(UserError, match="lecture: seed 2 is missing"):
        gaps.measure(both_protocols().drop(index=2), REVIEWS)


def predictions_of(*outcomes: tuple[int, bool, bool]) -> tuple[np.ndarray, np.ndarray]:
    """(how many reviews, is a right, is b right) spelt out."""
    right = np.array([(a, b) for count, a, b in outcomes for _ in range(count)], dtype=bool)
    return right[:, 0], right[:, 1]


def test_mcnemar_counts_only_reviews_on_which_one_model_is_right() -> None:
    # 8 against 2 of 10: twice (1 + 10 + 45) / 1024.
    counts = [(8, True, False), (2, False, True), (30, True, True), (7, False, False)]
    assert ensembles.mcnemar(*predictions_of(*counts)) == pytest.approx(112 / 1024)
    assert ensembles.mcnemar(*predictions_of(*counts[:2])) == pytest.approx(112 / 1024)
    assert ensembles.mcnemar(*predictions_of((5, True, True))) == 1


def test_bootstrap_agrees_with_the_normal_interval_where_both_hold() -> None:
    a, b = predictions_of((300, True, False), (200, False, True), (4500, True, True))
    # Mean 0.02; variance of 1, 0, -1 is 0.1 - 0.02 squared.
    half = 1.959964 * math.sqrt((0.1 - 0.02**2) / 5000)
    assert ensembles.bootstrap_interval(a, b) == pytest.approx((0.02 - half, 0.02 + half), abs=4e-4)
    assert ensembles.bootstrap_interval(a, b) == ensembles.bootstrap_interval(a, b)
    assert ensembles.bootstrap_interval(a, a) == (0, 0)


def test_bootstrap_draws_from_the_distribution_that_scipy_draws_from() -> None:
    a, b = predictions_of((60, True, False), (30, False, True), (410, True, True))
    outcomes = a.astype(int) - b
    chance = np.random.default_rng(0)
    theirs = stats.bootstrap((outcomes,), np.mean, method="percentile", rng=chance)
    interval = theirs.confidence_interval
    assert ensembles.bootstrap_interval(a, b) == pytest.approx(tuple(interval), abs=3e-3)


def cell(part: list[str], label: list[int], **columns: list[float]) -> pd.DataFrame:
    names = [f"test/{number}" for number in range(len(part))]
    return pd.DataFrame({"id": names, "part": part, "label": label, **columns})


def test_an_ensemble_decides_by_its_mean_probability_and_a_baseline_by_its_label() -> None:
    network = cell(["test"] * 3, [1, 1, 1], seed_0=[0.9, 0.5, 0.1], seed_12=[0.2, 0.5, 0.8])
    assert ensembles.predictions(network).tolist() == [1, 0, 0]
    assert ensembles.predictions(network.assign(predicted=[0, 1, 1])).tolist() == [0, 1, 1]


def test_models_and_baselines_are_compared_on_test_reviews_alone() -> None:
    parts = ["validation"] * 3 + ["test"] * 12
    labels = [1] * 15
    cells = {
        "lstm-5": cell(parts, labels, seed_0=[0.1] * 3 + [0.9] * 12),
        "movie-majority": cell(["validation"] * 3, [1] * 3, predicted=[1] * 3),
        "svm": cell(parts, labels, predicted=[1] * 5 + [0] * 10),
    }
    found = ensembles.differences("lecture", cells)
    (row,) = found.itertuples(index=False)
    assert (row.model_a, row.model_b, row.verdict) == ("lstm-5", "svm", "a better")
    assert row.difference == pytest.approx(10 / 12)
    assert row.p == row.p_holm == pytest.approx(2 / 1024)
    assert row.cohen_g == 0.5
    assert row.low < row.difference <= row.high


def test_cells_with_other_test_reviews_are_named() -> None:
    cells = {
        "a": cell(["test"] * 3, [1, 0, 1], seed_0=[0.1, 0.2, 0.3]),
        "b": cell(["test"] * 2, [1, 0], seed_0=[0.1, 0.2]),
    }
    with pytest.raises(UserError, match="b: its test reviews are not those of a"):
        ensembles.differences("lecture", cells)
