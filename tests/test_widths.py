"""Whether width costs with any read-out is answered from runs of equal width and seeds."""

from pathlib import Path

import cells
import numpy as np
import pandas as pd
import pytest
from conftest import Workplace

from sentiment.comparison import widths
from sentiment.comparison.widths import Widths
from sentiment.data import encoding
from sentiment.networks.descriptions import Description
from sentiment.reporting.study import wide
from sentiment.storage.files import read_json, write_json

MARGIN = 0.01


def runs(read_out: str, slope: float, seeds: int) -> pd.DataFrame:
    """BiRNNs of 1, 4 and 16 units whose AUC changes by `slope` with each doubling."""
    chance = np.random.default_rng(len(read_out))
    rows = [
        (f"birnn-{units}", "birnn", units, read_out, seed, 0.9 + slope * power + noise)
        for power, units in enumerate((1, 4, 16))
        for seed, noise in enumerate(chance.normal(0, 1e-3, seeds))
    ]
    return pd.DataFrame(rows, columns=[*widths.KEYS, "test_auc"])


def test_each_read_out_has_the_slope_of_its_own_runs() -> None:
    both = pd.concat([runs("flatten", -0.04, 10), runs("mean", 0.02, 3)])
    found = widths.trends(both, MARGIN).set_index("read_out")
    # A step of the runs is two doublings.
    assert found.difference.to_dict() == pytest.approx({"flatten": -0.02, "mean": 0.01}, abs=1e-3)
    assert found.verdict.to_dict() == {"flatten": "worse", "mean": "better"}
    answer = wide.read_out_answer(found.reset_index())
    assert answer.head == "No, with the flattened one alone"


def test_width_that_costs_with_another_read_out_too_is_not_laid_to_the_first() -> None:
    both = pd.concat([runs("flatten", -0.04, 10), runs("mean", -0.02, 3)])
    said = wide.read_out_answer(widths.trends(both, MARGIN))
    assert said.head == "Not with the flattened one alone"
    neither = pd.concat([runs("flatten", 0.0, 10), runs("mean", 0.0, 3)])
    assert wide.read_out_answer(widths.trends(neither, MARGIN)).head == "Not shown"


def test_a_read_out_is_held_against_the_flattened_one_of_equal_width() -> None:
    flat, mean = runs("flatten", 0.0, 10), runs("mean", 0.01, 3)
    found = widths.against_flatten(pd.concat([flat, mean]), MARGIN).set_index("units")
    assert found.difference.to_dict() == pytest.approx({1: 0, 4: 0.01, 16: 0.02}, abs=2e-3)
    alone = widths.against_flatten(pd.concat([flat[flat.units == 4], mean]), MARGIN)
    assert alone.units.tolist() == [4]


def written(folder: Path, grid: pd.DataFrame) -> Widths:
    history = [
        {"epoch": epoch, "acc": 0.5, "loss": 1 / epoch, "val_acc": 0.5, "val_loss": epoch / 10}
        for epoch in range(1, 5)
    ]
    of = {"architecture": "birnn", "units": 4}
    long = [
        {"model": "birnn-4", **of, "read_out": "flatten", "seed": seed, "history": history}
        | {"test_auc": 0.8 + seed / 1000}
        for seed in (0, 1)
    ]
    short = [
        {"model": "birnn-4-mean", **of, "read_out": "mean", "seed": seed, "history": history[:2]}
        | {"test_auc": 0.95 + seed / 1000}
        for seed in (0, 1)
    ]
    paths = [folder / f"{name}.json" for name in ("long", "short", "missing")]
    write_json(paths[0], {"epochs": 4, "runs": long})
    write_json(paths[1], {"epochs": 2, "runs": short})
    return widths.read(paths, grid, 2)


def test_more_epochs_are_held_against_the_tables_own_runs_of_the_same_seeds(
    tmp_path: Path,
) -> None:
    found = written(tmp_path, runs("flatten", 0.0, 10).drop(columns="read_out"))
    assert found.scores.groupby("epochs").seed.unique().map(list).to_dict() == {
        2: [0, 1],
        4: [0, 1],
    }
    (row,) = widths.longer(found.scores, MARGIN).itertuples()
    assert row.difference == pytest.approx(-0.1, abs=3e-3)
    assert row.verdict == "worse"
    assert found.read_outs.groupby("read_out").seed.nunique().to_dict() == {
        "flatten": 10,
        "mean": 2,
    }


def test_sections_tell_losses_and_where_validation_is_lowest(tmp_path: Path) -> None:
    found = written(tmp_path, runs("flatten", 0.0, 10).drop(columns="read_out"))
    text = "\n".join(wide.sections(found, {"read-outs": "r.png", "losses": "l.png"}, MARGIN))
    assert "| BiRNN 16" in text
    assert "0.1000, epoch 1" in text
    assert "4 epochs instead of 2" in text
    for figure in (wide.by_units(found.read_outs), wide.losses(found.longer)):
        figure.savefig(tmp_path / "picture.png")


def test_nothing_is_told_of_what_has_not_run(tmp_path: Path) -> None:
    grid = runs("flatten", 0.0, 10).drop(columns="read_out")
    assert wide.sections(widths.read([tmp_path / "none.json"], grid, 2), {}, MARGIN) == []


def test_the_stage_trains_each_model_for_its_epochs_and_scores_it(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Another test may have started TensorFlow with another number of threads.
    monkeypatch.setattr("sentiment.networks.runtime.configure_tensorflow", lambda _: None)
    workplace.set(
        train={"dropout": 0.2, "target": "native"},
        width={
            "seeds": [0, 1],
            "trainings": {"longer": {"epochs": 3, "models": ["birnn-5", "birnn-5-mean"]}},
        },
    )
    data, abouts = Path("data"), Path("abouts")
    cells.write_words(data)
    random = np.random.default_rng(0)
    texts = [random.integers(1, 9, 9).tolist() for _ in range(40)]
    parts = ["train", "test", "train", "validation"] * 10
    names, labels = [f"{number}" for number in range(40)], random.integers(0, 2, 40).tolist()
    encoding.pack(names, parts, labels, cells.encoded(texts), cells.LENGTH).save(data / "tokens")
    for name, read_out in (("birnn-5", "flatten"), ("birnn-5-mean", "mean")):
        described = Description("birnn", 5, read_out, 1, "numba", {}, "a" * 64)
        described.write(abouts / f"{name}.json")
    assert workplace.stage("width", "longer", abouts, data, Path("longer.json")) is None
    record = read_json(Path("longer.json"))
    assert record["epochs"] == 3
    told = [(run["model"], run["read_out"], run["seed"]) for run in record["runs"]]
    assert told == [
        (name, read_out, seed)
        for name, read_out in (("birnn-5", "flatten"), ("birnn-5-mean", "mean"))
        for seed in (0, 1)
    ]
    assert {len(run["history"]) for run in record["runs"]} == {3}
    assert len({run["weights"] for run in record["runs"]}) == 4
