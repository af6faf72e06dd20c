"""What a change runs in a project whose results are there, and what an interruption loses."""

import json
import re
import signal
import sys
import time
from collections.abc import Callable

import pandas as pd
import pytest
from projects import Project, of_sixty_reviews

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def imdb(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that has run once, two stages at a time, on a terminal."""
    return of_sixty_reviews(tmp_path_factory)


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_another_size_of_one_model_trains_that_model_alone(imdb: Project) -> None:
    params = imdb.params()
    params["models"]["lstm-3"]["units"] = 4
    imdb.write_params(params, imdb.folder / "params.yaml")
    try:
        output = imdb.must("sentiment", "run", "compare")
        cell = {f"{kind}@lecture-lstm-3" for kind in ("train", "evaluate")}
        assert imdb.ran(output) == cell | {"describe", "compare"}
        left = re.findall("Running stage '(.*)'", imdb.must("dvc", "repro", "--dry"))
        # And what reads the export, if that is another then.
        assert set(left) == {"engines", "report", "export@lstm-3"}
    finally:
        imdb.git("checkout", "--quiet", ".")
        imdb.must("dvc", "checkout")


def test_an_edited_report_trains_nothing(imdb: Project) -> None:
    file = imdb.folder / "src/sentiment/reporting/comparison/tables.py"
    file.write_text(file.read_text() + "\n# Edited.\n")
    try:
        assert imdb.ran(imdb.must("sentiment", "run")) == {"compare", "report"}
    finally:
        imdb.git("checkout", "--quiet", ".")


def test_reordered_parameters_change_nothing(imdb: Project) -> None:
    params = imdb.params()
    params["models"] = dict(reversed(list(params["models"].items())))
    imdb.write_params(params, imdb.folder / "params.yaml")
    try:
        assert imdb.ran(imdb.must("sentiment", "run")) == set()
    finally:
        imdb.git("checkout", "--quiet", ".")


def test_a_deleted_mlflow_store_comes_back_the_same(imdb: Project) -> None:
    def shown() -> pd.DataFrame:
        imdb.must("sentiment", "sync")
        runs = imdb.mlflow_runs()
        runs = runs[runs["tags.current"].astype(str).str.lower() == "true"]
        columns = [name for name in runs if name.startswith(("params.", "metrics.", "tags.dvc"))]
        return runs[sorted(columns)].sort_values("tags.dvc.key", ignore_index=True)

    before = shown()
    kinds = before["params.kind"].value_counts().to_dict()
    assert kinds == {"model": 4, "baseline": 2, "comparison": 1}
    models = before[before["params.kind"] == "model"]
    assert set(models["params.vectors"]) == {"reviews"}
    for file in imdb.folder.glob("mlflow.db*"):
        file.unlink()
    pd.testing.assert_frame_equal(shown(), before)


def test_an_interruption_loses_only_the_seed_under_way(imdb: Project) -> None:
    params = imdb.params()
    # So many that the second seed is not through before the signal comes.
    params["train"]["epochs"] = 400
    imdb.write_params(params, imdb.folder / "params.yaml")
    cell, events = "train@lecture-birnn-2", imdb.folder / ".sentiment/events/lecture-birnn-2.jsonl"
    events.unlink(missing_ok=True)
    try:
        with imdb.start("sentiment", "run", cell) as runner:
            wait_for(lambda: events.exists() and '"event": "seed"' in events.read_text())
            runner.send_signal(signal.SIGINT)
            assert runner.wait(60) != 0
        imdb.must("sentiment", "run", cell)
        trained = [json.loads(line) for line in events.read_text().splitlines()]
        assert {event["seed"] for event in trained} == {1}
        history = pd.read_csv(imdb.folder / "models/lecture/birnn-2/history.csv")
        assert history.groupby("seed").size().tolist() == [400, 400]
    finally:
        imdb.git("checkout", "--quiet", ".")
        imdb.must("dvc", "checkout")


def test_a_new_seed_trains_alone(imdb: Project) -> None:
    cell, events = "train@lecture-birnn-2", imdb.folder / ".sentiment/events/lecture-birnn-2.jsonl"
    # What is kept must be of these settings, whichever test ran before.
    imdb.must("dvc", "repro", "--single-item", "--force", cell)
    params = imdb.params()
    params["seeds"] = [0, 7, 1]
    try:
        imdb.write_params(params, imdb.folder / "params.yaml")
        imdb.must("sentiment", "run", cell)
        trained = [json.loads(line) for line in events.read_text().splitlines()]
        assert {event["seed"] for event in trained} == {7}
        history = pd.read_csv(imdb.folder / "models/lecture/birnn-2/history.csv")
        assert history.seed.tolist() == [0, 0, 7, 7, 1, 1]
    finally:
        imdb.git("checkout", "--quiet", ".")
        imdb.must("dvc", "checkout")


MINE = '''"""Both ways a GRU, read out by its largest states."""

import keras


def layers(units, return_sequences):
    gru = keras.layers.GRU(units, return_sequences=True)
    return [keras.layers.Bidirectional(gru), keras.layers.GlobalMaxPooling1D()]
'''


def test_an_architecture_in_one_new_file_gets_its_row_its_runs_and_its_place(imdb: Project) -> None:
    file = imdb.folder / "src/sentiment/architectures/mine.py"
    file.write_text(MINE)
    params = imdb.params()
    params["models"]["mine-2"] = {"architecture": "mine", "units": 2}
    params["grid"]["models"].append("mine-2")
    imdb.write_params(params, imdb.folder / "params.yaml")
    before = imdb.lock()
    try:
        ran = imdb.ran(imdb.must("sentiment", "run", "compare", "--single-item", "report"))
        cell = {f"{kind}@lecture-mine-2" for kind in ("train", "evaluate")}
        assert ran == cell | {"describe", "compare", "report"}
        record = json.loads((imdb.folder / "reports/results/lecture/mine-2.json").read_text())
        assert record["engine"] == "keras"
        assert "mine-2" in set(pd.read_csv(imdb.folder / "reports/comparison/comparison.csv").model)
        assert "mine" in (imdb.folder / "reports/index.html").read_text()
        runs = imdb.mlflow_runs()
        own = runs[(runs["params.model"] == "mine-2") & runs["metrics.test/acc"].notna()]
        assert set(own["params.engine"]) == {"keras"}
        assert len(own) == 2
    finally:
        file.unlink()
        imdb.git("checkout", "--quiet", ".")
        imdb.must("dvc", "checkout")
        # What the cell made lies in folders that `compare` and `report` read.
        for made in (
            "reports/results/lecture/mine-2.json",
            "data/probabilities/lecture/mine-2.parquet",
        ):
            (imdb.folder / made).unlink(missing_ok=True)
    assert imdb.lock() == before


@pytest.mark.parametrize(
    ("file", "stale"),
    [
        ("running/progress.py", set()),
        ("settings/sections.py", {"describe"}),
        ("tracking/mirror.py", set()),
        ("architectures/new.py", {"describe"}),
        (
            "baselines/nbsvm.py",
            {"baseline@lecture-majority", "baseline@lecture-nbsvm", "leak@grouped"},
        ),
    ],
)
def test_an_edit_runs_what_the_table_of_costs_says(
    imdb: Project, file: str, stale: set[str]
) -> None:
    path = imdb.folder / "src/sentiment" / file
    existed = path.exists()
    with path.open("a") as edited:
        edited.write("\n# Edited.\n")
    script = (
        "from pathlib import Path; from sentiment.running.costs import cost;"
        f"print(*cost(Path(), 'src/sentiment/{file}').stale)"
    )
    try:
        assert set(imdb.must(sys.executable, "-c", script).split()) == stale
        assert imdb.ran(imdb.must("sentiment", "run")) == stale
    finally:
        if not existed:
            path.unlink()
        imdb.git("checkout", "--quiet", ".")
