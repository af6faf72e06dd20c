"""The comparison is built from the grid's records alone, and says what it cannot say."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sentiment.errors import UserError
from sentiment.files import sha256, write_json
from sentiment.params import Params, load
from sentiment.reporting import figures, readme, results, tables

ROOT = Path(__file__).parents[1]
COLUMNS = (
    "protocol,model,architecture,units,parameters,seeds,acc_mean,acc_sd,val_acc_mean,val_acc_sd,"
    "val_acc_low,val_acc_high,test_acc_mean,test_acc_sd,test_acc_low,test_acc_high,lecture_acc,"
    "lecture_val_acc"
)


def params(seeds: tuple[int, ...], models: tuple[str, ...] = ("birnn-20", "rnn-50")) -> Params:
    committed = load(ROOT / "params.yaml")
    grid = committed.grid.model_copy(update={"models": models, "protocols": ("lecture",)})
    return committed.model_copy(update={"grid": grid, "seeds": seeds})


def write_cell(folder: Path, model: str, accuracies: dict[int, float]) -> None:
    architecture, units = model.split("-")
    runs: list[dict[str, Any]] = [
        {"seed": seed, "acc": acc + 0.05, "val_acc": acc, "test_acc": acc - 0.01, "history": []}
        for seed, acc in accuracies.items()
    ]
    cell = {"architecture": architecture, "units": int(units), "parameters": 28841}
    record = {"protocol": "lecture", "model": model, **cell, "seeds": runs}
    write_json(folder / "lecture" / f"{model}.json", record)


NO_PRINTED = tables.printed_runs(pd.DataFrame(columns=["protocol", "model", "val_acc"]))


def page(table: pd.DataFrame, printed: pd.DataFrame = NO_PRINTED) -> str:
    simple = {"baseline": "svm", "acc": 1.0, "val_acc": 0.91, "test_acc": 0.9}
    baselines = pd.DataFrame([{"protocol": name, **simple} for name in table.protocol.unique()])
    return tables.markdown(table, baselines, printed)


@pytest.fixture
def two_cells(tmp_path: Path) -> Path:
    write_cell(tmp_path, "birnn-20", {0: 0.80, 1: 0.82, 2: 0.84})
    write_cell(tmp_path, "rnn-50", {0: 0.70, 1: 0.71, 2: 0.75})
    return tmp_path


def test_table_has_means_intervals_and_the_lesson(two_cells: Path) -> None:
    table = tables.comparison(results.load(two_cells, params((0, 1, 2))))
    assert tables.csv(table).splitlines()[0] == COLUMNS
    row = table.iloc[0]
    assert row.val_acc_mean == pytest.approx(0.82)
    assert row.val_acc_sd == pytest.approx(0.02)
    # Student's t with 2 degrees of freedom: 4.3027 standard errors of 0.02 / sqrt(3).
    assert row.val_acc_low == pytest.approx(0.82 - 4.302653 * 0.02 / 3**0.5, abs=1e-6)
    assert row.lecture_val_acc == 0.8076
    assert pd.isna(table.iloc[1].lecture_val_acc)


def test_best_validation_accuracy_alone_is_bold(two_cells: Path) -> None:
    text = page(tables.comparison(results.load(two_cells, params((0, 1, 2)))))
    bold = [line for line in text.splitlines() if "**" in line]
    assert len(bold) == 1
    assert "| BiRNN  | 20" in bold[0]
    assert "**0.8200 [0.7703, 0.8697]**" in bold[0]


def test_with_one_seed_there_is_no_interval_and_the_table_says_so(tmp_path: Path) -> None:
    write_cell(tmp_path, "rnn-50", {7: 0.7})
    table = tables.comparison(results.load(tmp_path, params((7,), ("rnn-50",))))
    assert table.iloc[0][["val_acc_sd", "val_acc_low", "test_acc_high"]].isna().all()
    text = page(table)
    assert "one seed" in text
    assert "[" not in text


def test_lesson_has_no_column_beside_another_protocol(two_cells: Path) -> None:
    runs = results.load(two_cells, params((0, 1, 2))).assign(protocol="snippets")
    table = tables.comparison(runs)
    assert not [column for column in table if column.startswith("lecture")]
    assert "lesson" not in page(table)


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


def test_equal_results_give_equal_pictures(two_cells: Path, tmp_path: Path) -> None:
    runs = results.load(two_cells, params((0, 1, 2)))
    digests = set()
    for name in ("a.png", "b.png"):
        figures.save(figures.comparison(runs, tables.comparison(runs)), tmp_path / name)
        digests.add(sha256(tmp_path / name))
    assert len(digests) == 1


def test_only_the_text_between_its_markers_is_replaced() -> None:
    text = "head\n<!-- table -->\nold\n<!-- /table -->\ntail\n"
    filled = readme.fill(text, {"table": "new\n"})
    assert filled == "head\n<!-- table -->\nnew\n<!-- /table -->\ntail\n"
    assert readme.fill(filled, {"table": "new\n"}) == filled


def test_lost_marker_is_an_error() -> None:
    with pytest.raises(UserError, match="no markers for 'table'"):
        readme.fill("no markers here\n", {"table": "new\n"})


def test_readme_shows_the_committed_results() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.fill(text, readme.parts(ROOT)) == text, "stale: run `sentiment readme`"
