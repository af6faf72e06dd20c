"""The comparison is built from the grid's records alone, and says what it cannot say."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import Workplace

from sentiment.comparison import doubtful, results
from sentiment.errors import UserError
from sentiment.reporting.comparison import document, forms, tables
from sentiment.reporting.comparison.wording import Wording
from sentiment.reporting.readme import documents
from sentiment.settings.params import Params, load
from sentiment.storage.files import NO_FILE, sha256, write_json

ROOT = Path(__file__).parents[1]
SUMMED_UP = (
    *("acc", "val_acc", "test_acc", "val_auc", "test_auc", "test_tuned_acc", "test_loss"),
    *("test_brier", "test_ece", "test_positive"),
)
COLUMNS = [
    *("protocol", "model", "architecture", "units", "parameters", "vectors", "seeds"),
    *(f"{name}_{of}" for name in SUMMED_UP for of in ("mean", "sd", "low", "high")),
    *("test_positive_least", "test_positive_most", "lecture_acc", "lecture_val_acc"),
]
COMPARE = ("compare", "reports/results", "probabilities")
TABLES = (
    *("comparison", "runs", "baselines", "differences", "contrasts", "gaps", "calibration"),
    *("confusion", "curves"),
)
PICTURES = ("comparison", "units", "validation-test", "threshold", "calibration")
OUTPUTS = {
    *("comparison.md", "metrics.json"),
    *(f"comparison/{name}.csv" for name in TABLES),
    *(f"comparison/{name}.{kind}" for name in PICTURES for kind in ("png", "svg")),
    *(f"comparison/ensembles-{protocol}.parquet" for protocol in ("lecture", "bymovie")),
}


def params(seeds: tuple[int, ...], models: tuple[str, ...] = ("birnn-20", "rnn-50")) -> Params:
    committed = load(ROOT / "params.yaml")
    grid = committed.grid.model_copy(update={"models": models, "protocols": ("lecture",)})
    return committed.model_copy(update={"grid": grid, "seeds": seeds})


def weights(protocol: str, model: str, seed: int) -> str:
    """What stands for the hash of a seed's weights."""
    return hashlib.sha256(f"{protocol} {model} {seed}".encode()).hexdigest()


def write_cell(
    folder: Path,
    model: str,
    accuracies: dict[int, float],
    protocol: str = "lecture",
    **more: str,
) -> None:
    architecture, units, *_ = model.split("-")
    runs: list[dict[str, Any]] = [
        {"seed": seed, "acc": acc + 0.05, "val_acc": acc, "test_acc": acc - 0.01}
        | {"val_auc": acc + 0.08, "test_auc": acc + 0.07, "test_tuned_acc": acc, "test_loss": 0.5}
        | {"test_brier": 0.2, "test_ece": 0.1, "test_positive": 1.2 - acc, "threshold": 0.5}
        | {"weights": weights(protocol, model, seed)}
        | {"history": [{"epoch": n, "acc": acc + n / 40, "val_acc": acc} for n in (1, 2)]}
        for seed, acc in accuracies.items()
    ]
    cell = {"architecture": architecture, "units": int(units), "read_out": "flatten"}
    cell |= {"engine": "numba", "target": "portable", "parameters": 28841}
    record = {"protocol": protocol, "model": model, **cell, "vectors": "reviews", **more}
    write_json(folder / protocol / f"{model}.json", {**record, "seeds": runs})


@pytest.fixture
def two_cells(tmp_path: Path) -> Path:
    write_cell(tmp_path, "birnn-20", {0: 0.80, 1: 0.82, 2: 0.84})
    write_cell(tmp_path, "rnn-50", {0: 0.70, 1: 0.71, 2: 0.75})
    return tmp_path


def networks(table: pd.DataFrame) -> str:
    simple = {"protocol": "lecture", "baseline": "svm", "fitted_acc": 1.0, "val_acc": 0.9}
    return document.networks(table, pd.DataFrame([simple | {"test_acc": 0.9}]))


def test_table_has_means_intervals_and_the_lesson(two_cells: Path) -> None:
    table = tables.comparison(results.load(two_cells, params((0, 1, 2))))
    assert list(table) == COLUMNS
    row = table.iloc[0]
    assert row.val_acc_mean == pytest.approx(0.82)
    assert row.val_acc_sd == pytest.approx(0.02)
    # Student's t with 2 degrees of freedom: 4.3027 standard errors of 0.02 / sqrt(3).
    assert row.val_acc_low == pytest.approx(0.82 - 4.302653 * 0.02 / 3**0.5, abs=1e-6)
    assert row.acc_high == pytest.approx(0.87 + 4.302653 * 0.02 / 3**0.5, abs=1e-6)
    assert row.lecture_val_acc == 0.8076
    assert pd.isna(table.iloc[1].lecture_val_acc)


def test_best_validation_accuracy_alone_is_bold(two_cells: Path) -> None:
    text = networks(tables.comparison(results.load(two_cells, params((0, 1, 2)))))
    bold = [line for line in text.splitlines() if "**" in line]
    assert len(bold) == 1
    assert "| BiRNN  | 20" in bold[0]
    assert "**0.8200 [0.7703, 0.8697]**" in bold[0]


def test_rows_of_one_layer_are_told_apart_and_an_unknown_one_keeps_its_name(
    tmp_path: Path,
) -> None:
    models = ("rnn-50", "rnn-50-last", "mine-3")
    for model in models:
        write_cell(tmp_path, model, {0: 0.7})
    table = tables.comparison(results.load(tmp_path, params((0,), models)))
    rows = [line.split("|")[1].strip() for line in networks(table).splitlines() if "0.7" in line]
    assert rows == ["RNN", "RNN, last", "mine"]


def test_with_one_seed_there_is_no_interval_and_the_table_says_so(tmp_path: Path) -> None:
    write_cell(tmp_path, "rnn-50", {7: 0.7})
    table = tables.comparison(results.load(tmp_path, params((7,), ("rnn-50",))))
    assert table.iloc[0][["val_acc_sd", "val_acc_low", "test_acc_high"]].isna().all()
    text = networks(table)
    assert "One seed" in text
    assert "[" not in text


def test_lesson_has_no_column_beside_another_protocol(two_cells: Path) -> None:
    runs = results.load(two_cells, params((0, 1, 2))).assign(protocol="snippets")
    table = tables.comparison(runs)
    assert not [column for column in table if column.startswith("lecture")]
    assert "lesson" not in networks(table)


def test_a_printed_run_is_inside_where_one_further_run_of_ours_would_fall() -> None:
    # Mean 0.78, sd 0.02, n 3: 0.78 -+ 4.3027 * 0.02 * sqrt(1 + 1/3) = [0.6806, 0.8794].
    accuracies = {"rnn-50": (0.76, 0.78, 0.80), "lstm-50": (0.60, 0.62, 0.64)}
    runs = pd.DataFrame(
        [("lecture", m, acc) for m, values in accuracies.items() for acc in values],
        columns=["protocol", "model", "val_acc"],
    )
    printed = tables.printed_runs(runs)
    assert printed.groupby("model").inside.all().to_dict() == {"lstm-50": False, "rnn-50": True}
    assert printed[printed.model == "rnn-50"].low.tolist() == pytest.approx([0.6806] * 2, abs=1e-4)


def test_missing_cell_is_named(two_cells: Path) -> None:
    (two_cells / "lecture/rnn-50.json").unlink()
    with pytest.raises(UserError, match=r"rnn-50\.json: the cell lecture rnn-50 has no results"):
        results.load(two_cells, params((0, 1, 2)))


def test_cell_that_lacks_a_seed_is_named(two_cells: Path) -> None:
    with pytest.raises(UserError, match=r"lecture birnn-20 has seeds \[0, 1, 2\].* \[0, 1, 2, 3\]"):
        results.load(two_cells, params((0, 1, 2, 3)))


def test_cell_outside_the_grid_is_not_read(two_cells: Path) -> None:
    write_cell(two_cells, "gru-50", {0: 0.99})
    assert set(results.load(two_cells, params((0, 1, 2))).model) == {"birnn-20", "rnn-50"}


@pytest.mark.parametrize("code", [{}, {"code": "b" * 64}])
def test_cell_of_another_version_of_the_code_is_named(tmp_path: Path, code: dict[str, str]) -> None:
    for model in ("birnn-20", "lstm-50"):
        write_cell(tmp_path, model, {0: 0.8}, code="a" * 64)
    write_cell(tmp_path, "rnn-50", {0: 0.8}, **code)
    with pytest.raises(UserError, match=r"^lecture rnn-50: made by another version of the code"):
        results.load(tmp_path, params((0,), ("birnn-20", "lstm-50", "rnn-50")))


def judged(name: str, given: int) -> dict[str, Any]:
    return {"id": name, "mturk": {"given": given, "guessed": 5 - given}}


def test_a_label_that_fewer_than_three_of_five_gave_is_doubtful(tmp_path: Path) -> None:
    write_json(tmp_path / "mturk.json", [judged("test/a", 2), judged("test/b", 3)])
    assert doubtful.load(tmp_path / "mturk.json") == {"test/a"}


def test_where_no_file_is_named_no_label_is_doubted() -> None:
    assert doubtful.load(NO_FILE) == frozenset()


@pytest.mark.parametrize("content", ["\n", "[1]", '{"id": 1}', '[{"id": "a"}]', "[{}]", "\xff"])
def test_a_file_that_is_not_of_judged_reviews_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "mturk.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(UserError, match=r"mturk\.json: not a list of reviews"):
        doubtful.load(path)


def test_a_missing_file_of_doubtful_labels_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere\.json: not found: .*evaluation\.doubtful"):
        doubtful.load(tmp_path / "nowhere.json")


def test_doubtful_reviews_count_for_no_seed_and_no_baseline() -> None:
    cell = pd.DataFrame(
        {
            "id": ["train/x", "test/a", "test/b", "test/c"],
            "part": ["validation", "test", "test", "test"],
            "label": [1, 1, 1, 0],
            "seed_3": [0.1, 0.1, 0.9, 0.5],
            "predicted": [0, 1, 0, 0],
        }
    )
    reviews = {"lecture": {"m": cell}}
    runs = pd.DataFrame({"protocol": ["lecture"], "model": ["m"], "seed": [3]})
    key = ["protocol", "model", "seed"]
    without = doubtful.rescore(runs, key, reviews, frozenset({"test/a"}))
    assert without[doubtful.METRIC].tolist() == [1.0]
    without = doubtful.rescore(runs, key[:2], reviews, frozenset({"test/a"}))
    assert without[doubtful.METRIC].tolist() == [0.5]
    with pytest.raises(UserError, match="none of its reviews is among the test reviews"):
        doubtful.rescore(runs, key, reviews, frozenset({"test/z"}))


MODELS = ["birnn-5", "birnn-1", "lstm-5"]


def whole_study(place: Workplace, seeds: int = 3) -> None:
    """Records and probabilities of two protocols, three models and two baselines."""
    protocols, baselines = ["lecture", "bymovie"], ["majority", "svm"]
    place.set(
        grid={"protocols": protocols, "models": MODELS, "baselines": baselines},
        questions={
            "margin": 0.01,
            "contrasts": {
                "Is the LSTM better?": [["lstm-5", "birnn-5"]],
                "Is it better than svm?": [["lstm-5", "svm"]],
            },
            "trends": {"Do units help?": "birnn"},
        },
        inputs={"variants": {}},
        resplit={"draws": {}},
        leak={"kinds": []},
        width={"trainings": {}},
        memory={"protocols": [], "models": [], "probed": [], "reordered": [], "contrasts": []},
        models={
            name: {"architecture": name.split("-")[0], "units": int(name.split("-")[1])}
            for name in MODELS
        },
        evaluation={"doubtful": "mturk.json"},
        seeds=list(range(seeds)),
    )
    write_json(place.folder / "mturk.json", [judged("test/0", 1)])
    parts = {"validation": 20, "test": 30}
    names = [f"{part}/{number}" for part, count in parts.items() for number in range(count)]
    labels = [number % 2 for number in range(50)]
    reviews = pd.DataFrame({"id": names, "part": [n.split("/")[0] for n in names], "label": labels})
    for protocol in protocols:
        for row, model in enumerate(MODELS):
            mean = 0.6 + 0.03 * row + (0.1 if protocol == "lecture" else 0)
            accuracies = {seed: mean + 0.01 * ((seed * 7 + row) % 3) for seed in range(seeds)}
            write_cell(place.folder / "reports/results", model, accuracies, protocol)
            probabilities = [0.4 + 0.2 * (number % 3 < 2) for number in range(50)]
            scores = {f"seed_{seed}": probabilities for seed in range(seeds)}
            write_reviews(place, protocol, model, reviews.assign(**scores))
        for name in baselines:
            simple = {"fitted_acc": 0.9, "val_acc": 0.8, "test_acc": 0.7, "test_auc": 0.8}
            path = place.folder / "reports/results" / protocol / "baselines" / f"{name}.json"
            write_json(path, {"protocol": protocol, "baseline": name, **simple})
            write_reviews(
                place, protocol, f"baselines/{name}", reviews.assign(predicted=labels, score=labels)
            )


def write_reviews(place: Workplace, protocol: str, name: str, reviews: pd.DataFrame) -> None:
    path = place.folder / "probabilities" / protocol / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    reviews.to_parquet(path)


def compare(place: Workplace, folder: str = "reports") -> str | None:
    return place.stage(*COMPARE, folder)


def test_the_report_never_mixes_protocols_and_names_the_right_one(workplace: Workplace) -> None:
    whole_study(workplace)
    assert compare(workplace) is None
    text = Path("reports/comparison.md").read_text(encoding="utf-8")
    taught, measured = text.index("## As taught: "), text.index("## As it should be measured: ")
    assert taught < measured < text.index("## What validation flatters")
    assert "lesson" in text[taught:measured]
    assert "lesson" not in text[measured:]
    differences = pd.read_csv("reports/comparison/differences.csv")
    assert list(differences)[:12] == [
        *("protocol", "model_a", "model_b", "metric", "difference", "low", "high", "p"),
        *("p_holm", "p_equivalent", "detectable", "verdict"),
    ]
    assert (differences.metric == "val_acc").sum() == 2 * 3
    gaps = pd.read_csv("reports/comparison/gaps.csv")
    assert set(gaps.model) == {*MODELS, "all networks"}


def test_equal_results_give_equal_bytes(workplace: Workplace) -> None:
    whole_study(workplace)
    assert compare(workplace, "a") is None
    assert compare(workplace, "b") is None
    a, b = (
        {path.relative_to(name): sha256(path) for path in Path(name).rglob("*.*")} for name in "ab"
    )
    assert {path.as_posix() for path in a} == OUTPUTS
    assert a == b


def test_without_doubtful_labels_there_is_no_column_for_them(workplace: Workplace) -> None:
    whole_study(workplace)
    assert compare(workplace) is None
    assert "undoubted_test_acc_mean" in pd.read_csv("reports/comparison/comparison.csv")
    workplace.set(evaluation={"doubtful": str(NO_FILE)})
    assert compare(workplace) is None
    assert "undoubted" not in Path("reports/comparison/comparison.csv").read_text(encoding="utf-8")
    assert "undoubted" not in Path("reports/comparison.md").read_text(encoding="utf-8")


def test_with_one_seed_everything_is_written_and_nothing_over_seeds_is_judged(
    workplace: Workplace,
) -> None:
    whole_study(workplace, seeds=1)
    assert compare(workplace) is None
    differences = pd.read_csv("reports/comparison/differences.csv")
    over_seeds = differences[~differences.metric.str.startswith("ensemble")]
    assert set(over_seeds.verdict) == {"one seed"}
    assert set(pd.read_csv("reports/comparison/gaps.csv").verdict) == {"one seed"}


def test_a_bad_file_of_doubtful_labels_leaves_the_old_report(workplace: Workplace) -> None:
    whole_study(workplace)
    assert compare(workplace) is None
    Path("mturk.json").write_text(json.dumps([{"id": 3}]), encoding="utf-8")
    error = workplace.refuses(*COMPARE, "reports")
    assert "mturk.json: not a list of reviews" in error


def test_a_matrix_marks_a_difference_by_its_verdict() -> None:
    columns = ["protocol", "model_a", "model_b", "metric", "difference", "verdict"]
    verdicts = {"b": (0.02, "better"), "c": (-0.03, "undecided"), "d": (0.004, "equivalent")}
    rows = [("p", "a", other, "test_acc", *found) for other, found in verdicts.items()]
    shown = forms.matrix(pd.DataFrame(rows, columns=columns))
    assert [cell.strip() for cell in shown.splitlines()[2].strip("|").split("|")] == [
        *("a", "**+2.00**", "-3.00", "+0.40 ≈"),
    ]


def test_the_lessons_accuracies_are_counted_against_one_further_run_of_ours() -> None:
    printed = pd.DataFrame(
        {
            "source": ["lesson", "lesson", "book, printed"],
            "val_acc": [0.80, 0.70, 0.1],
            "mean": [0.78, 0.69, 0.9],
            "inside": [True, False, False],
        }
    )
    said = document.lesson(printed)
    assert said.startswith("Of the lesson's 2 accuracies 1 lie inside; ")
    assert "1.50 points above our means" in said


WORDS = Wording(("negative", "positive"), {"own": 0.5})


def test_measures_are_explained_in_the_words_of_the_classes() -> None:
    text = Wording(("Bogen", "Säge"), {"own": 0.25}).measures("own")
    assert "pairs of reviews, one Säge and one Bogen, that" in text
    assert text.endswith("25 % of the reviews are Säge:")
    assert WORDS.measures("own").endswith("half of the reviews are positive:")
    of_three = Wording(("a", "b", "c"), {}).measures("own")
    assert "means over the 3 classes" in of_three
    assert "positive" not in of_three


def test_what_threshold_and_seeds_have_in_common_is_counted_from_the_runs() -> None:
    runs = pd.DataFrame(
        {"model": [m for m in "ab" for _ in range(4)], "seed": [*range(4)] * 2}
        | {"test_positive": [0.5, 0.4, 0.3, 0.2, 0.5, 0.6, 0.7, 0.8]}
        | {"test_acc": [0.8, 0.7, 0.6, 0.5, 0.8, 0.81, 0.79, 0.8]}
        | {"test_auc": [0.9, 0.8, 0.9, 0.8, 0.8, 0.9, 0.8, 0.9]}
    )
    (said,) = document.threshold("own", runs, WORDS)
    assert "correlated at −0.32 to −1.00, below −0.8 in 1 of 2 models" in said
    assert "correlation between two models over seeds is -1.00" in document.unpaired(runs)


def documents_with(folder: Path, **texts: str) -> Path:
    (folder / "docs").mkdir()
    for name, text in texts.items():
        (folder / f"{name.replace('_', '/')}.md").write_text(text)
    return folder


def test_only_the_text_between_its_markers_is_replaced(tmp_path: Path) -> None:
    text = "head\n<!-- table -->\nold\n<!-- /table -->\ntail\n"
    root = documents_with(tmp_path, README=text, docs_results="# No part\n")
    filled = documents.filled(root, {"table": "new\n"})
    assert filled == {
        root / "README.md": "head\n<!-- table -->\nnew\n<!-- /table -->\ntail\n",
        root / "docs/results.md": "# No part\n",
    }
    (root / "README.md").write_text(filled[root / "README.md"])
    assert documents.filled(root, {"table": "new\n"}) == filled


def test_links_of_a_part_lead_to_the_reports_from_wherever_it_stands(tmp_path: Path) -> None:
    text = "<!-- more -->\n<!-- /more -->\n"
    root = documents_with(tmp_path, README=text, docs_results=text)
    filled = documents.filled(root, {"more": "[all](reports/all.md)\n"})
    assert "[all](reports/all.md)" in filled[root / "README.md"]
    assert "[all](../reports/all.md)" in filled[root / "docs/results.md"]


def test_lost_marker_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    root = documents_with(tmp_path, README="none\n", docs_half="<!-- half -->\n")
    with pytest.raises(UserError, match=r"^README\.md: no markers for 'table': put <!-- table -->"):
        documents.filled(root, {"table": "new\n"})
    with pytest.raises(UserError, match=r"^docs/half\.md: no end of 'half'"):
        documents.filled(root, {"half": "new\n"})
