"""The first look trains one seed of each model of the table, before all else and only once."""

from pathlib import Path

import networkx as nx
import pytest
from conftest import Workplace

from sentiment.reporting.terminal import look
from sentiment.running import apart, first, times
from sentiment.running.schedule import Plan
from sentiment.settings.params import load

GRID = {"protocols": ["bymovie", "lecture"], "models": ["rnn-50", "birnn-5", "lstm-50"]}


@pytest.fixture
def root(workplace: Workplace) -> Path:
    workplace.set(grid=GRID, seeds=[3, 4], memory={"protocols": []})
    return Path()


def graph() -> nx.DiGraph:
    """Trainings of both protocols behind their tokens; edges go to what must end before."""
    found = nx.DiGraph()
    for protocol in GRID["protocols"]:
        for model in GRID["models"]:
            stage = f"train@{protocol}-{model}"
            found.add_edge(stage, f"encode@{protocol}")
            found.add_edge("compare", stage)
    return found


@pytest.fixture(autouse=True)
def expected(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = {
        f"train@lecture-{name}": took for name, took in (("lstm-50", 60.0), ("rnn-50", 20.0))
    }
    monkeypatch.setattr(times, "last", lambda _, stage: seconds.get(stage, 10.0))


def test_models_of_the_lessons_protocol_are_shared_out_and_come_first(root: Path) -> None:
    stages = graph()
    found = first.plan(root, load(), stages, set(stages), jobs=2)
    shares = {worker: [cell.name for cell in share] for worker, share in found.shares.items()}
    assert shares == {
        "first@1": ["lecture-lstm-50"],
        "first@2": ["lecture-rnn-50", "lecture-birnn-5"],
    }
    plan = Plan(stages, stages, found.shares)
    # What they wait for goes before the tokens of the other protocol.
    assert plan.ready()[0] == "encode@lecture"
    for stage in ("encode@lecture", "encode@bymovie"):
        plan.start(stage)
        plan.end(stage, succeeded=True)
    assert sorted(plan.ready()[:2]) == ["first@1", "first@2"]
    assert "train@lecture-birnn-5" not in plan.ready()
    plan.start("first@2")
    plan.end("first@2", succeeded=True)
    assert not found.ends_with("first@2", plan.graph)
    assert "train@lecture-birnn-5" in plan.ready()
    plan.start("first@1")
    plan.end("first@1", succeeded=True)
    assert found.ends_with("first@1", plan.graph)


def test_only_models_that_the_lesson_has_are_looked_at_where_the_grid_has_some(
    workplace: Workplace,
) -> None:
    def looked_at(*models: str) -> list[str]:
        workplace.set(grid=GRID | {"models": list(models)}, memory={"protocols": []})
        trained = [f"train@lecture-{name}" for name in models]
        stages = nx.DiGraph([(stage, "encode@lecture") for stage in trained])
        return [cell.model for cell in first.plan(Path(), load(), stages, set(stages), 2).cells]

    assert looked_at("birnn-25", "lstm-50") == ["lstm-50"]
    assert looked_at("birnn-25", "lstm-22") == ["birnn-25", "lstm-22"]
    # After the look nothing is looked at: the others have nothing beside them.
    (apart.SEEDS / "lecture-lstm-50" / "digest" / "seed-3").mkdir(parents=True)
    assert looked_at("birnn-25", "lstm-50") == []


def test_what_was_kept_before_has_no_first_seed(root: Path) -> None:
    for model in ("rnn-50", "birnn-5"):
        (apart.SEEDS / f"lecture-{model}" / "digest" / "seed-3").mkdir(parents=True)
    found = first.plan(root, load(), graph(), set(graph()), 2)
    assert [cell.model for share in found.shares.values() for cell in share] == ["lstm-50"]
    (apart.SEEDS / "lecture-lstm-50" / "digest" / "seed-3").mkdir(parents=True)
    assert first.plan(root, load(), graph(), set(graph()), 2).shares == {}


def test_what_is_added_to_trained_models_is_not_looked_at_alone(root: Path) -> None:
    stages, changed = graph(), set(graph()) - {"train@lecture-birnn-5"}
    assert first.plan(root, load(), stages, changed, 2).shares == {}
    assert set(stages) == set(graph())


def test_its_folder_has_one_seed_and_keeps_it_where_the_stages_look(root: Path) -> None:
    stages = graph()
    first.plan(root, load(), stages, set(stages), jobs=2)
    own = load(first.FOLDER / "params.yaml")
    assert own.seeds == (3,)
    assert own.train == load().train
    (first.FOLDER / apart.SEEDS / "cell").mkdir()
    assert (apart.SEEDS / "cell").is_dir()


def test_its_table_stands_beside_the_lesson_and_says_that_it_is_no_result(tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_text("seed,epoch,acc,loss,val_acc,val_loss\n3,1,0.7,1,0.6,1\n3,2,0.82,1,0.8,1\n")
    said = look.table("lecture", {"birnn-5": history, "lstm-7": history})
    assert "It is no result yet" in said
    rows = [line.split("|")[1:-1] for line in said.splitlines()[3:]]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["birnn-5", "0.8200", "0.8000", "0.7973", "0.8006"],
        ["lstm-7", "0.8200", "0.8000", "", ""],
    ]
    assert "lesson" not in look.table("bymovie", {"birnn-5": history})


def test_its_table_has_the_order_of_the_table(root: Path) -> None:
    stages = graph()
    found = first.plan(root, load(), stages, set(stages), jobs=2)
    for model in GRID["models"]:
        history = first.FOLDER / "models/lecture" / model / "history.csv"
        history.parent.mkdir(parents=True)
        history.write_text("seed,epoch,acc,loss,val_acc,val_loss\n3,2,0.8,1,0.8,1\n")
    models = [line.split()[1] for line in found.table(root).splitlines()[3:]]
    assert models == GRID["models"]
