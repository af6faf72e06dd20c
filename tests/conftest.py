import gc
import os
import runpy
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sentiment.running.quiet import TENSORFLOW

# Before anything imports it.
os.environ |= TENSORFLOW

import archives
import cells
import pytest
from hypothesis import settings
from mirrored import write_project, write_rest
from ruamel.yaml import YAML

from sentiment.settings import params
from sentiment.tracking.store import Store

ROOT = Path(__file__).parents[1]
settings.register_profile("tests", deadline=None, max_examples=20, derandomize=True, database=None)
settings.load_profile("tests")


# Files of few tests that run whole pipelines: side by side from the beginning.
SLOWEST = ("test_pipeline", "test_changes", "test_tutorial")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Only who names them runs tests of servers and faults: `make test-services`, `make faults`."""
    if collection_path.name not in ("services", "faults"):
        return None
    is_named = any(collection_path.name in Path(argument).parts for argument in config.args)
    return None if is_named else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with SLOWEST, so that no worker is left with one of them at the end."""
    places = {name: place for place, name in enumerate(SLOWEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(SLOWEST)))


class Workplace:
    """An empty project folder, and the stages run in it as DVC runs them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.values: dict[str, Any] = YAML(typ="safe", pure=True).load(ROOT / "params.yaml")

    def set(self, **sections: Mapping[str, Any] | list[int] | str) -> None:
        """Write params.yaml with these keys changed."""
        grid = {**self.values["grid"], **sections.get("grid", {})}
        if "grid" in sections and "explore" not in sections:
            # Its networks are cells of the grid.
            first = {"protocol": grid["protocols"][0], "model": grid["models"][0]}
            self.values["explore"] = {**self.values["explore"], "networks": {"first": first}}
        for name, change in sections.items():
            old = self.values[name]
            self.values[name] = {**old, **change} if isinstance(change, Mapping) else change
        with (self.folder / "params.yaml").open("w", encoding="utf-8") as file:
            YAML(typ="safe", pure=True).dump(self.values, file)

    def stage(self, name: str, *arguments: str | Path) -> str | None:
        """Run a stage; the error it ended with, or None."""
        old, sys.argv = sys.argv, [name, *map(str, arguments)]
        try:
            runpy.run_path(str(ROOT / "stages" / f"{name}.py"), run_name="__main__")
        except SystemExit as end:
            return str(end.code) if end.code else None
        finally:
            sys.argv = old
        return None

    def refuses(self, name: str, *arguments: str | Path) -> str:
        """Run a stage that must fail and leave all files as they were; its error."""
        before = self.files()
        error = self.stage(name, *arguments)
        assert error is not None
        assert error.startswith("error: ")
        assert self.files() == before
        assert not list(self.folder.rglob(".writing-*"))
        return error

    def files(self) -> dict[Path, bytes | None]:
        """Content of every file in the folder, temporary ones included."""
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True, scope="module")
def _few_objects_to_collect() -> Iterator[None]:
    """Statsmodels' Holm collects garbage at every call: a second with all libraries loaded."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workplace]:
    """A project folder of its own; temporary files land there too."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    for name in ("SENTIMENT_ARCHIVE", "DVC_STAGE"):
        monkeypatch.delenv(name, raising=False)
    place = Workplace(tmp_path)
    place.set(vectors={"dimensions": 8, "min_count": 1, "epochs": 2}, download={"files": {}})
    yield place
    assert not list((tmp_path / "tmp").iterdir())


@pytest.fixture
def trained(workplace: Workplace) -> Workplace:
    """Two protocols, two models each, two seeds each: lstm-2 is best in bymovie, by its mean."""
    models = {"birnn-3": ("birnn", 3), "lstm-2": ("lstm", 2)}
    described = {name: {"architecture": a, "units": u} for name, (a, u) in models.items()}
    protocol = cells.PROTOCOL
    workplace.set(
        protocols={"lecture": protocol, "bymovie": protocol},
        models=described,
        grid={"protocols": ["lecture", "bymovie"], "models": list(models)},
        inputs={"variants": {}},
        resplit={"draws": {}},
        leak={"kinds": []},
        width={"trainings": {}},
        memory={"protocols": [], "models": [], "probed": [], "reordered": [], "contrasts": []},
        train={"dropout": cells.DROPOUT},
        seeds=[0, 1],
    )
    for name, models_of_it in {
        "lecture": {"birnn-3": [0.8, 0.99], "lstm-2": [0.7, 0.7]},
        "bymovie": {"birnn-3": [0.6, 0.9], "lstm-2": [0.8, 0.81]},
    }.items():
        cells.write_words(workplace.folder / "data" / name / "reviews")
        for model, val_accs in models_of_it.items():
            cells.write_cell(workplace.folder, name, model, val_accs)
    return workplace


@pytest.fixture(scope="session")
def recipe() -> Callable[..., Any]:
    """`recipe("vectors", epochs=1)`: that section of the committed params.yaml, changed."""
    committed = params.load(ROOT / "params.yaml")
    sections = {"protocol": committed.protocols["lecture"]}

    def change(section: str, **values: Any) -> Any:
        base = sections.get(section) or getattr(committed, section)
        return type(base).model_validate({**base.model_dump(), **values})

    return change


@pytest.fixture(scope="session")
def imdb(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """An archive of sixty reviews, and what `download.folders` must say of it."""
    path = tmp_path_factory.mktemp("imdb") / "imdb.tar.gz"
    return path, archives.write_imdb(path)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store's file, the tables in it empty."""
    root = tmp_path_factory.mktemp("store")
    Store(root)
    return root / "mlflow.db"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without a store, both cells versioned."""
    write_project(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def complete(bare: Path) -> Path:
    """The same with a baseline and a comparison."""
    write_rest(bare)
    return bare


@pytest.fixture
def project(bare: Path, empty_store: Path) -> Path:
    """A project with an empty store, both cells versioned."""
    shutil.copy(empty_store, bare / "mlflow.db")
    return bare
