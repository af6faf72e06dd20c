"""What the benchmarks do beside measuring."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from sentiment.networks import runtime

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
