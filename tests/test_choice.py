"""The champion is whoever validates best in bymovie; any cell can be named."""

from pathlib import Path
from typing import Any

import cells
import pytest
from conftest import Workplace

from sentiment.errors import UserError
from sentiment.prediction.choice import Choice, choose
from sentiment.settings import params
from sentiment.storage.files import read_json, write_json

pytestmark = pytest.mark.usefixtures("trained")
BYMOVIE = Path("models/bymovie")
SHUFFLED = cells.PROTOCOL | {"split": "shuffled"}


def chosen(name: str = "champion") -> Choice:
    return choose(Path(), name, params.load())


def change_results(path: str, **values: Any) -> None:
    """Set these values of every seed."""
    record = read_json(Path(path))
    record["seeds"] = [run | values for run in record["seeds"]]
    write_json(Path(path), record)


def test_the_champion_has_the_best_mean_in_bymovie_and_its_best_seed() -> None:
    found = chosen()
    assert (found.cell, found.seed) == ("bymovie-lstm-2", 1)
    assert (found.val_acc, found.mean_val_acc) == (0.81, pytest.approx(0.805))
    assert found.weights == BYMOVIE / "lstm-2/seed-1.weights.h5"
    assert found.predictor().predict(["good film"])[0].tokens == ["good", "film"]


def test_test_accuracy_chooses_nothing() -> None:
    before = chosen()
    change_results("reports/results/bymovie/birnn-3.json", test_acc=1.0)
    assert chosen() == before


def test_any_cell_can_be_named_whatever_the_others_are() -> None:
    Path("reports/results/bymovie/lstm-2.json").unlink()
    found = chosen("lecture-birnn-3")
    assert (found.cell, found.seed, found.kind.protocol) == ("lecture-birnn-3", 1, "lecture")
    with pytest.raises(UserError, match="bymovie lstm-2 has no results: run `sentiment run`"):
        chosen()


def test_an_unknown_name_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UserError, match=r"^lstm-2: no such model: .* bymovie-lstm-2"):
        chosen("lstm-2")


def test_without_bymovie_there_is_no_champion(trained: Workplace) -> None:
    trained.set(grid={"protocols": ["lecture"]}, protocols={"lecture": SHUFFLED})
    with pytest.raises(UserError, match="champion: chosen in bymovie, which is not in grid"):
        chosen()
    assert chosen("lecture-lstm-2").cell == "lecture-lstm-2"


def test_of_other_data_the_first_protocol_that_shares_no_text_chooses(trained: Workplace) -> None:
    trained.set(grid={"protocols": ["lecture"]})
    assert chosen().cell == "lecture-birnn-3"


def test_files_that_are_missing_or_of_other_results_are_named() -> None:
    other, path = BYMOVIE / "lstm-2/seed-0.weights.h5", BYMOVIE / "lstm-2/seed-1.weights.h5"
    path.write_bytes(other.read_bytes())
    with pytest.raises(UserError, match=f"^{path}: not the weights that the results"):
        chosen()
    path.unlink()
    with pytest.raises(UserError, match=f"^{path}: not found: run `sentiment run`"):
        chosen()
