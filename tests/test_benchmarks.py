"""What the benchmarks do beside measuring."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_the_copy_that_is_timed_has_results_beside_what_is_part_of_the_pipeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    benchmark = importlib.import_module("pipeline")
    monkeypatch.setattr(benchmark, "KEPT", ("reports", "dvc.lock"))
    benchmark.copy(ROOT, tmp_path / "project")
    for name in ("reports/benchmarks.json", "reports/memory/README.md", "dvc.lock", "dvc.yaml"):
        assert (tmp_path / "project" / name).read_bytes() == (ROOT / name).read_bytes()
