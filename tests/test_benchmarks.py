"""What the benchmarks do beside measuring."""

import importlib
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from sentiment.data import reviews
from sentiment.networks import runtime
from sentiment.running import host

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "benchmarks"


def benchmark(name: str, patch: pytest.MonkeyPatch) -> ModuleType:
    """A file of benchmarks/, with the others beside it."""
    patch.syspath_prepend(FOLDER)
    return importlib.import_module(name)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_every_benchmark_finds_what_it_imports(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert benchmark(file.stem, monkeypatch).__doc__


def test_the_copy_that_is_timed_has_results_beside_what_is_part_of_the_pipeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = benchmark("pipeline", monkeypatch)
    monkeypatch.setattr(pipeline, "KEPT", ("reports", "dvc.lock"))
    pipeline.copy(ROOT, tmp_path / "project")
    for name in ("reports/benchmarks.json", "reports/memory/README.md", "dvc.lock", "dvc.yaml"):
        assert (tmp_path / "project" / name).read_bytes() == (ROOT / name).read_bytes()
    assert (tmp_path / "project" / pipeline.REPORT).is_file()


@pytest.mark.parametrize(("name", "target"), [("ours", "portable"), ("ours-native", "native")])
def test_a_process_of_ours_has_the_environment_of_a_stage_of_its_target(
    name: str, target: runtime.Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = benchmark("processes", monkeypatch)
    wanted, other = runtime.environment(target), runtime.environment("portable")
    # Whatever the process that starts it has.
    for key in other:
        monkeypatch.setenv(key, "another")
    tuned = processes.environment(name, "tuned")
    assert wanted.items() <= tuned.items()
    assert not (other.keys() - wanted.keys()) & tuned.keys()
    assert not runtime.ALLOCATOR.keys() & processes.environment(name, "default").keys()
    peer = processes.environment("keras", "tuned")
    assert peer.keys() & other.keys() == runtime.ALLOCATOR.keys()


def test_a_corpus_so_many_times_as_large_has_every_review_so_often_and_no_text_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpora = benchmark("corpora", monkeypatch)
    rows = [
        {"id": f"train/{number}", "split": "train", "label": number % 2, "rating": None}
        | {"group": "tt1", "text": " ".join(f"{word}-{number}" for word in range(9))}
        for number in range(7)
    ]
    reviews.write_sorted(rows, tmp_path / "reviews.parquet")
    counted = corpora.grow(tmp_path / "reviews.parquet", 3, tmp_path / "corpus.parquet")
    found = pd.read_parquet(tmp_path / "corpus.parquet")
    assert counted == (21, found.text.str.len().sum())
    assert found.text.nunique() == found.name.nunique() == 21
    words = found.text.map(lambda text: " ".join(sorted(text.split())))
    assert words.value_counts().tolist() == [3] * 7
    assert found.movie.nunique() == 3


def test_the_model_of_many_machines_is_given_two_runs_and_foretells_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scaling = benchmark("scaling", monkeypatch)
    run = {"workers": 1, "seconds": 110.0, "head_seconds": 10.0}
    run |= {"stage_seconds": 60.0, "stages": 20}
    runs = [run, {**run, "workers": 2, "seconds": 60.0, "stage_seconds": 60.0}]
    assert scaling.fixed(runs) == 10
    assert [scaling.modelled(runs, workers, cores=2) for workers in (1, 2)] == [110, 60]
    # More workers than there are cores gain nothing.
    assert scaling.modelled(runs, 4, cores=2) == 60
    assert scaling.overhead(runs) == 2
    # What the second worker compiles as well is no part of what a stage costs.
    runs[1]["stage_seconds"] = 80.0
    assert scaling.overhead(runs) == 3
    many = {"cells": 1000, "stages": 2000, "survey_seconds": 10.0, "plan_seconds": 0.5}
    many |= {"lock_bytes": 4e6, "lock_seconds": 30.0, "stage_seconds": 0.1, "cell_seconds": 60.0}
    page = scaling.page({**host.describe(), "runs": runs, "many": many})
    assert "| 1 | 18.3 h | 18.3 h |" in page
    assert "| 256 | 4 min | 9 min |" in page
