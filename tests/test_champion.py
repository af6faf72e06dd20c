"""The champion in MLflow: registered once, of plain files, and served without this project."""

import copy
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cells
import pytest
from conftest import Workplace
from mlflow import MlflowClient
from served import Server, served
from test_dvc_yaml import ROOT, imported_modules, imported_names, is_in, module_file

from sentiment.errors import UserError
from sentiment.prediction.choice import choose
from sentiment.settings import params
from sentiment.tracking.champion import ALIAS, CARRIED, NAME, PACKAGES, SCRIPT, register

pytestmark = [
    # MLflow says the second when it is imported, and does what the others are about.
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated"),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType"),
    pytest.mark.filterwarnings("ignore:Operation with range is deprecated"),
]


@pytest.fixture
def store(trained: Workplace, monkeypatch: pytest.MonkeyPatch) -> MlflowClient:
    scratch = trained.folder / "scratch"
    scratch.mkdir()
    # MLflow leaves files behind.
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("TMPDIR", str(scratch))
    uri = f"sqlite:///{trained.folder / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    return MlflowClient(uri)


def register_champion() -> str:
    return register(Path.cwd(), choose(Path(), "champion", params.load()), "imdb")


def test_what_the_model_carries_is_what_it_imports() -> None:
    needed, waiting = set(), imported_modules(SCRIPT)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting |= imported_modules(module_file(name))
    places = [f"src/sentiment/{name}" for name in CARRIED]
    paths = {module_file(name).relative_to(ROOT).as_posix() for name in needed}
    assert [path for path in sorted(paths) if not is_in(path, places)] == []
    assert [place for place in places if not any(is_in(path, [place]) for path in paths)] == []
    names = {name for path in paths for name in imported_names(ROOT / path)}
    tops = {name.partition(".")[0] for name in names | imported_names(SCRIPT)}
    assert tops - set(sys.stdlib_module_names) - {"sentiment"} == set(PACKAGES)


def test_a_champion_is_registered_once_and_the_alias_follows(store: MlflowClient) -> None:
    first = register_champion()
    assert first.startswith("models:/sentiment@champion is version 1: bymovie-lstm-2, seed 1")
    assert register_champion() == first
    cells.write_cell(Path(), "bymovie", "birnn-3", [0.9, 0.91])
    assert "is version 2: bymovie-birnn-3" in register_champion()
    assert len(store.search_model_versions(f"name = '{NAME}'")) == 2
    assert int(store.get_model_version_by_alias(NAME, ALIAS).version) == 2
    cells.write_cell(Path(), "bymovie", "birnn-3", [0.1, 0.1])
    assert register_champion() == first
    assert int(store.get_model_version_by_alias(NAME, ALIAS).version) == 1
    files = [path for path in Path("mlartifacts").rglob("*") if path.is_file()]
    endings = {"", ".py", ".txt", ".npy", ".h5", ".json", ".yaml"}
    assert {path.suffix for path in files} == endings
    assert {path.name for path in files if not path.suffix} == {"MLmodel"}


def test_a_store_that_cannot_be_used_is_one_line(
    trained: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (trained.folder / "mlflow.db").write_text("no database")
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(UserError, match=r"^mlflow\.db: .*file is not a database: mend its perm"):
        register_champion()


@pytest.fixture
def server(store: MlflowClient, tmp_path: Path) -> Iterator[Server]:
    """MLflow's own server, which finds this project nowhere but in the model."""
    register_champion()
    with served(store.tracking_uri, tmp_path) as found:
        yield found


def test_the_champion_answers_over_http_whatever_it_was_asked_before(server: Server) -> None:
    wanted = choose(Path(), "champion", params.load()).predictor().predict(["good film", "dull"])
    first = server.texts("good film", "dull")
    assert first[0] == 200
    for found, expected in zip(copy.deepcopy(first[1]["predictions"]), wanted, strict=True):
        assert found.pop("probability") == pytest.approx(expected.probability, abs=1e-6)
        assert found == {"label": expected.label, "tokens": expected.tokens}
    assert server.texts() == (200, {"predictions": []})
    for texts, said in {
        ("good", ""): "text 2: empty",
        (None,): "text 1: empty, or not a text",
        (3,): "text 1: empty, or not a text",
        ("qqqq",): "text 1: none of its words is known",
    }.items():
        status, answer = server.texts(*texts)
        assert status == 400
        assert said in answer["message"]
    wrong = {"dataframe_split": {"columns": ["review"], "data": [["good"]]}}
    for body in (wrong, {"texts": ["good"]}, [], {"dataframe_records": []}, b"\xff", b"good"):
        assert server.answer(body)[0] == 400
    assert server.texts("good film " * 100_000)[0] == 200
    assert server.texts("good film", "dull") == first
