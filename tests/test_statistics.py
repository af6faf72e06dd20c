import math
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from sentiment.comparison import by_review, ensembles, gaps, statistics
from sentiment.comparison.statistics import Difference
from sentiment.comparison.tested import contrasts, over_seeds
from sentiment.errors import UserError
from sentiment.settings.investigations import Questions

SEEDS, MARGIN = 10, 0.01


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
    result = statistics.paired([12, 23, 104], [10, 20, 100], MARGIN)
    assert result.difference == pytest.approx(3)
    assert result.p == pytest.approx(0.0351, abs=1e-4)
    assert result.low == pytest.approx(3 - 4.302653 / math.sqrt(3), abs=1e-5)
    assert result.high == pytest.approx(3 + 4.302653 / math.sqrt(3), abs=1e-5)


@pytest.mark.parametrize("test", [statistics.paired, statistics.welch])
def test_differences_without_spread_prove_nothing(test: Callable[..., Difference]) -> None:
    result = test([0.51, 0.51], [0.41, 0.41], MARGIN)
    assert (result.p, result.p_equivalent) == (1, 1)
    assert result.low == result.high == pytest.approx(0.1)


def test_welch_is_scipys_and_its_equivalence_that_of_statsmodels() -> None:
    chance = np.random.default_rng(0)
    a, b = chance.normal(0.8, 0.03, 10), chance.normal(0.79, 0.01, 8)
    found, theirs = statistics.welch(a, b, 0.02), stats.ttest_ind(a, b, equal_var=False)
    interval = theirs.confidence_interval(0.95)
    assert (found.p, found.low, found.high) == pytest.approx((theirs.pvalue, *interval))
    assert found.freedom == pytest.approx(theirs.df)
    both = CompareMeans(DescrStatsW(a), DescrStatsW(b)).ttost_ind(-0.02, 0.02, usevar="unequal")
    assert found.p_equivalent == pytest.approx(both[0])


def test_a_combination_of_two_groups_is_their_difference_and_of_four_that_of_differences() -> None:
    chance = np.random.default_rng(1)
    a, b, c, d = (chance.normal(mean, 0.01, 10) for mean in (0.9, 0.8, 0.7, 0.65))
    assert statistics.combination([(1, a), (-1, b)], 0.01) == statistics.welch(a, b, 0.01)
    four = statistics.combination([(1, a), (-1, b), (-1, c), (1, d)], 0.01)
    assert four.difference == pytest.approx(a.mean() - b.mean() - c.mean() + d.mean())
    error = math.sqrt(sum(values.var(ddof=1) / 10 for values in (a, b, c, d)))
    assert four.error == pytest.approx(error)


def test_a_trend_is_the_slope_of_least_squares_with_errors_by_hc3() -> None:
    chance = np.random.default_rng(2)
    x = np.repeat([0.0, 1.0, 2.0, 4.0], 5)
    y = 0.8 - 0.01 * x + chance.normal(0, 0.01 * (1 + x))
    found = statistics.trend(x, y, 0.04)
    slope = stats.linregress(x, y).slope
    assert found.difference == pytest.approx(slope)
    design = np.column_stack([np.ones_like(x), x])
    inverse = np.linalg.inv(design.T @ design)
    residuals = y - design @ (inverse @ design.T @ y)
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    meat = design.T @ (design * ((residuals / (1 - leverage)) ** 2)[:, None])
    assert found.error == pytest.approx(math.sqrt((inverse @ meat @ inverse)[1, 1]))
    # The margin is one over the whole range of x, four here.
    expected = stats.t(18).sf((0.04 / 4 - abs(slope)) / found.error)
    assert found.p_equivalent == pytest.approx(expected)


def test_one_size_has_no_trend() -> None:
    assert np.isnan(statistics.trend([1, 1, 1], [0.1, 0.2, 0.3], MARGIN)[:6]).all()


def test_holm_multiplies_each_p_by_what_is_still_to_be_tested() -> None:
    # In order 0.01 x 4, 0.02 x 3, 0.03 x 2 (not below the 0.06 before it), 0.5.
    adjusted = statistics.holm([0.03, 0.01, 0.5, 0.02])
    assert adjusted == pytest.approx([0.06, 0.04, 0.5, 0.06])


def test_what_was_not_tested_does_not_count_in_the_family() -> None:
    adjusted = statistics.holm([0.03, np.nan, 0.02])
    assert adjusted == pytest.approx([0.04, np.nan, 0.04], nan_ok=True)


@pytest.mark.parametrize(
    ("difference", "p", "p_equivalent", "expected"),
    [
        (0.1, 0.049, 0.9, "better"),
        (-0.1, 0.049, 0.9, "worse"),
        (0.1, 0.05, 0.05, "undecided"),
        (0.001, 0.05, 0.049, "equivalent"),
        (0.001, 0.049, 0.049, "equivalent"),
        (-0.1, math.nan, math.nan, "one seed"),
    ],
)
def test_verdict_goes_by_both_adjusted_p_values_and_by_sign(
    difference: float, p: float, p_equivalent: float, expected: str
) -> None:
    assert statistics.verdict(difference, p, p_equivalent) == expected


def families(chance: np.random.Generator, shift: float, count: int = 300) -> pd.DataFrame:
    """Runs of so many families with five models, the last of which lies `shift` below."""
    runs = {
        (str(family), model): chance.normal(0.8 - shift * (model == "e"), 0.01, SEEDS)
        for family in range(count)
        for model in "abcde"
    }
    return table(runs)


def test_without_any_difference_at_most_seven_percent_of_families_find_one() -> None:
    found = over_seeds(families(np.random.default_rng(1), 0), ["test_acc"], 1e-9)
    assert len(found) == 300 * 10
    false = found.verdict.isin(["better", "worse"]).groupby(found.protocol).any()
    assert false.mean() <= 0.07
    # Without Holm it would be many more, so the simulation can tell.
    assert (found.p < 0.05).groupby(found.protocol).any().mean() > 0.2


def test_of_differences_as_large_as_the_margin_few_families_call_one_equivalent() -> None:
    found = over_seeds(families(np.random.default_rng(2), 0.02), ["test_acc"], 0.02)
    apart = found[found.model_b == "e"]
    assert (apart.verdict == "equivalent").groupby(apart.protocol).any().mean() <= 0.07
    # Equal models are nearly always shown to be so.
    assert (found.verdict[found.model_b != "e"] == "equivalent").mean() > 0.9


@pytest.mark.parametrize("spreads", [(0.01, 0.01), (0.004, 0.02)])
def test_intervals_of_differences_hold_95_percent_of_true_ones(
    spreads: tuple[float, float],
) -> None:
    chance = np.random.default_rng(3)
    held = []
    for _ in range(2000):
        a, b = (chance.normal(mean, s, SEEDS) for mean, s in zip((0.83, 0.8), spreads, strict=True))
        found = statistics.welch(a, b, MARGIN)
        held.append(found.low <= 0.03 <= found.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)


def test_intervals_of_trends_hold_95_percent_of_true_ones() -> None:
    chance = np.random.default_rng(4)
    x = np.repeat(np.log2([1, 5, 10, 20, 50]), SEEDS)
    held = []
    for _ in range(1000):
        found = statistics.trend(x, 0.8 - 0.01 * x + chance.normal(0, 0.004 * (1 + x)), MARGIN)
        held.append(found.low <= -0.01 <= found.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


def test_what_is_said_to_be_detectable_is_found_in_80_percent_of_studies() -> None:
    chance = np.random.default_rng(5)
    runs = table({("p", name): chance.normal(0.8, 0.01, SEEDS) for name in "ab"})
    (row,) = over_seeds(runs, ["test_acc"], MARGIN).itertuples()
    measured = statistics.welch(*(some.test_acc for _, some in runs.groupby("model")), MARGIN)
    steps = row.detectable / measured.error
    # The same number of standard errors, where the deviation is known to be 0.01.
    size = steps * 0.01 * math.sqrt(2 / SEEDS)
    found = [
        statistics.welch(chance.normal(size, 0.01, SEEDS), chance.normal(0, 0.01, SEEDS), MARGIN).p
        for _ in range(2000)
    ]
    assert np.mean(np.array(found) < 0.05) == pytest.approx(0.8, abs=0.03)


def test_a_difference_of_three_deviations_is_found_with_ten_seeds() -> None:
    chance = np.random.default_rng(2)
    truth = {"rnn-5": 0.80, "rnn-9": 0.80, "lstm-5": 0.83}
    runs = {("p", name): chance.normal(mean, 0.01, SEEDS) for name, mean in truth.items()}
    found = over_seeds(table(runs), ["test_acc"], 0.001).set_index(["model_a", "model_b"])
    assert found.verdict.tolist() == ["undecided", "worse", "worse"]
    assert found.difference["rnn-5", "lstm-5"] == pytest.approx(-0.03, abs=0.01)
    assert found.high["rnn-5", "lstm-5"] < 0


def test_every_pair_is_named_once_in_the_order_of_the_runs() -> None:
    runs = table({("p", name): [0.1, 0.2, 0.4] for name in "zabc"})
    found = over_seeds(runs, ["test_acc"], MARGIN)
    assert list(zip(found.model_a, found.model_b, strict=True)) == list(combinations("zabc", 2))
    assert list(found.columns) == [
        *("protocol", "model_a", "model_b", "metric", "difference", "low", "high", "p"),
        *("p_holm", "p_equivalent", "detectable", "verdict", "cohen_d"),
    ]


def test_seeds_are_not_paired_so_their_order_decides_nothing() -> None:
    chance = np.random.default_rng(3)
    runs = table({("p", name): chance.normal(0.8, 0.1, 5).tolist() for name in "ab"})
    expected = over_seeds(runs, ["test_acc"], MARGIN)
    mixed = runs.iloc[[4, 2, 0, 1, 3, 5, 7, 9, 8, 6]]
    pd.testing.assert_frame_equal(over_seeds(mixed, ["test_acc"], MARGIN), expected)


def test_a_family_ends_at_its_protocol_and_metric() -> None:
    chance = np.random.default_rng(4)
    here = {("p", name): chance.normal(0.8, 0.1, 4).tolist() for name in "abc"}
    there = {("q", name): chance.normal(0.8, 0.1, 4).tolist() for name in "abc"}
    alone = over_seeds(table(here), ["test_acc"], MARGIN)
    beside = over_seeds(table(here | there), ["test_acc"], MARGIN)
    pd.testing.assert_frame_equal(beside[beside.protocol == "p"], alone)


def test_named_pairs_are_tested_alone_as_a_family_of_their_own() -> None:
    chance = np.random.default_rng(5)
    runs = table({("p", name): chance.normal(0.8, 0.1, 4).tolist() for name in "abcd"})
    every = over_seeds(runs, ["test_acc"], MARGIN).set_index(["model_a", "model_b"])
    (row,) = over_seeds(runs, ["test_acc"], MARGIN, [("d", "a")]).itertuples(index=False)
    assert row.difference == pytest.approx(-every.difference["a", "d"])
    assert row.p_holm == row.p == pytest.approx(every.p["a", "d"])
    assert over_seeds(runs, ["test_acc"], MARGIN, []).empty


def test_one_seed_gives_no_interval_and_no_test() -> None:
    found = over_seeds(table({("p", "a"): [0.8], ("p", "b"): [0.7]}), ["test_acc"], MARGIN)
    assert found.verdict.tolist() == ["one seed"]
    assert found.difference.tolist() == pytest.approx([0.1])
    assert found[["low", "high", "p", "p_holm", "p_equivalent", "cohen_d"]].isna().all(axis=None)


def test_one_model_alone_has_no_differences() -> None:
    assert over_seeds(table({("p", "a"): [0.8, 0.9]}), ["test_acc"], MARGIN).empty


REVIEWS = {
    (protocol, metric): number
    for protocol in ("lecture", "bymovie")
    for metric, number in (("val_acc", 5000), ("test_acc", 25000))
}


def both_protocols(shift: float = 0.0) -> pd.DataFrame:
    runs = table({("lecture", "a"): [0.90, 0.92, 0.93], ("bymovie", "a"): [0.80, 0.83, 0.82]})
    runs = runs.rename(columns={"test_acc": "val_acc"}).assign(test_acc=0.80)
    other = runs.assign(model="b", val_acc=runs.val_acc - shift * runs.seed)
    return pd.concat([runs, other], ignore_index=True)


def test_a_gap_is_validation_less_test_of_the_same_networks() -> None:
    found = gaps.measure(both_protocols(), REVIEWS, MARGIN)
    found = found[found.model == "a"].set_index("protocol")
    assert found.difference.to_dict() == pytest.approx({"lecture": 0.35 / 3, "bymovie": 0.05 / 3})
    assert found.verdict.to_dict() == {"lecture": "higher", "bymovie": "undecided"}


def test_the_pooled_gap_is_paired_over_seeds_of_the_mean_over_models() -> None:
    # Lecture is 0.10, 0.07, 0.03 above test by seed in the mean of both models.
    found = gaps.measure(both_protocols(shift=0.1), REVIEWS, MARGIN)
    pooled = found[(found.protocol == "lecture") & (found.model == gaps.POOLED)].iloc[0]
    expected = statistics.paired([0.10, 0.07, 0.03], [0, 0, 0], MARGIN)
    assert (pooled.difference, pooled.low, pooled.high) == pytest.approx(expected[:3])
    assert pooled.p_holm == pooled.p


def test_sampling_is_the_half_width_for_drawing_other_reviews() -> None:
    found = gaps.measure(both_protocols(), REVIEWS, MARGIN).set_index(["protocol", "model"])
    # Mean 0.91666 of 5,000 and 0.8 of 25,000: 1.96 sqrt(p q / n + r s / m).
    half = 1.959964 * math.sqrt(0.916667 * 0.083333 / 5000 + 0.8 * 0.2 / 25000)
    assert found.sampling["lecture", "a"] == pytest.approx(half, abs=1e-6)


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
    labels = [1, 0, 1]
    network = cell(["test"] * 3, labels, seed_0=[0.9, 0.5, 0.1], seed_12=[0.2, 0.5, 0.8])
    simple = cell(["test"] * 3, labels, predicted=[0, 1, 1], score=[-0.5, 0.25, 3.0])
    found = by_review.answers({"rnn-5": network, "svm": simple})
    assert found.predicted["rnn-5"].tolist() == [1, 0, 0]
    assert found.predicted["svm"].tolist() == [0, 1, 1]
    assert found.scores["rnn-5"].tolist() == [0.55, 0.5, 0.45]


def test_what_is_said_of_ensembles_can_be_computed_from_what_is_kept_of_them(
    tmp_path: Path,
) -> None:
    chance = np.random.default_rng(6)
    labels = chance.integers(0, 2, 200).tolist()
    network = cell(["test"] * 200, labels, seed_0=chance.random(200), seed_1=chance.random(200))
    scores = chance.normal(size=200)
    simple = cell(["test"] * 200, labels, predicted=(scores > 0).astype(int), score=scores)
    said = by_review.answers({"rnn-5": network, "svm": simple})
    said.save(tmp_path / "ensembles.parquet")
    kept = pd.read_parquet(tmp_path / "ensembles.parquet").set_index("id")
    again = by_review.Answers(
        kept.label,
        kept[["rnn-5", "svm"]] / 1000,
        pd.DataFrame({"rnn-5": kept["rnn-5"] > 500, "svm": kept["svm predicted"]}).astype(int),
    )
    expected = ensembles.differences("lecture", said, MARGIN)
    pd.testing.assert_frame_equal(ensembles.differences("lecture", again, MARGIN), expected)


def test_auc_is_that_of_scikit_learn_ties_included() -> None:
    chance = np.random.default_rng(7)
    labels, scores = pd.Series(chance.integers(0, 2, 300)), pd.Series(chance.integers(0, 9, 300))
    for side in ensembles.placements(labels, scores):
        assert side.mean() == pytest.approx(roc_auc_score(labels, scores))


def test_intervals_of_differences_in_auc_hold_95_percent_of_true_ones() -> None:
    chance, held, false = np.random.default_rng(8), [], []
    # Normal scores: AUC is the normal distribution's at shift / sqrt(2).
    truth = stats.norm.cdf(1.2 / math.sqrt(2)) - stats.norm.cdf(0.8 / math.sqrt(2))
    for _ in range(1000):
        labels = pd.Series(np.repeat([0, 1], 60))
        shared = chance.normal(size=120)
        scores = {
            name: shift * labels + 0.6 * shared + 0.8 * chance.normal(size=120)
            for name, shift in (("a", 1.2), ("b", 0.8), ("c", 0.8))
        }
        said = by_review.Answers(labels, pd.DataFrame(scores), pd.DataFrame())
        found = ensembles.auc(said, "a", "b", MARGIN)
        held.append(found.low <= truth <= found.high)
        false.append(ensembles.auc(said, "b", "c", MARGIN).p < 0.05)
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)
    assert np.mean(false) <= 0.065


def test_models_and_baselines_are_compared_on_test_reviews_alone() -> None:
    parts = ["validation"] * 3 + ["test"] * 12
    labels = [1] * 3 + [1, 0] * 6
    right = [0.9 if label else 0.1 for label in labels]
    cells = {
        "lstm-5": cell(parts, labels, seed_0=right),
        "movie-majority": cell(["validation"] * 3, [1] * 3, predicted=[1] * 3, score=[1.0] * 3),
        "svm": cell(parts, labels, predicted=[1] * 15, score=[1.0] * 15),
    }
    found = ensembles.differences("lecture", by_review.answers(cells), MARGIN)
    assert found.metric.tolist() == [ensembles.ACC, ensembles.AUC]
    row = found.iloc[0]
    assert (row.model_a, row.model_b, row.verdict) == ("lstm-5", "svm", "better")
    assert row.difference == pytest.approx(6 / 12)
    assert row.p == row.p_holm == pytest.approx(2 / 64)
    assert row.low < row.difference <= row.high


def test_cells_with_other_test_reviews_are_named() -> None:
    cells = {
        "a": cell(["test"] * 3, [1, 0, 1], seed_0=[0.1, 0.2, 0.3]),
        "b": cell(["test"] * 2, [1, 0], seed_0=[0.1, 0.2]),
    }
    with pytest.raises(UserError, match="b: its test reviews are not those of a"):
        by_review.answers(cells)


def asked(**more: object) -> Questions:
    contrasts = {
        "Is b better?": (("b-2", "a-1"),),
        "Is b better than svm?": (("b-2", "svm"),),
        "Is c better?": (("c-9", "a-1"),),
    }
    return Questions(margin=0.01, contrasts=contrasts, trends={"Do units help?": "b"}, **more)


def study_of_questions() -> tuple[pd.DataFrame, dict[str, by_review.Answers]]:
    chance = np.random.default_rng(9)
    rows = [
        {"protocol": "p", "model": f"{name}-{units}", "architecture": name, "units": units}
        | {"seed": seed, **dict.fromkeys(("test_auc", "test_acc", "test_tuned_acc"), value)}
        for name, units, mean in (("a", 1, 0.8), ("b", 2, 0.85), ("b", 8, 0.89))
        for seed, value in enumerate(chance.normal(mean, 0.002, SEEDS))
    ]
    labels = pd.Series(np.repeat([0, 1], 50))
    scores = pd.DataFrame({"b-2": labels + chance.normal(0, 0.5, 100), "svm": labels * 1.0})
    said = by_review.Answers(labels, scores, (scores > 0.5).astype(int))
    return pd.DataFrame(rows), {"p": said}


def test_questions_are_answered_over_seeds_or_over_reviews_and_one_family_by_measure() -> None:
    runs, said = study_of_questions()
    found = contrasts(runs, said, asked())
    auc = found[found.measure == "auc"]
    assert auc.question.tolist() == ["Is b better?", "Is b better than svm?", "Do units help?"]
    assert auc.metric.tolist() == ["test_auc", ensembles.AUC, "test_auc"]
    assert auc.p_holm.tolist() == pytest.approx(statistics.holm(auc.p), abs=1e-6)
    # Twice as many units twice over give 0.04.
    assert auc.difference.iloc[2] == pytest.approx(0.02, abs=0.001)
    assert auc.verdict.tolist()[::2] == ["better", "better"]
    # Over reviews a threshold cannot be tuned.
    assert "Is b better than svm?" not in set(found.question[found.measure == "tuned_acc"])


def test_a_question_about_a_model_that_is_not_there_is_left_out() -> None:
    runs, said = study_of_questions()
    assert "Is c better?" not in set(contrasts(runs, said, asked()).question)
