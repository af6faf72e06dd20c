"""What is committed belongs together, whatever lies in the working tree.

These tests ask Git's HEAD in a clone of its own: results of another machine, or of none, may lie
in the folder in which they run.
"""

import math
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT
from mirrored import runs
from ruamel.yaml import YAML

from sentiment import tracking
from sentiment.comparison.results import load, load_baselines
from sentiment.comparison.roles import MEASURED
from sentiment.comparison.statistics import COMPARED
from sentiment.reporting.comparison import document, tables
from sentiment.reporting.comparison.wording import Wording
from sentiment.reporting.readme import documents, parts
from sentiment.reporting.study import collected, render
from sentiment.reporting.study.chapters import of as sections_of
from sentiment.running import verification
from sentiment.settings import params

pytestmark = [
    pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated"),
    # DVC asks a library for what that will not give for long.
    pytest.mark.filterwarnings("ignore:_NoneStep.value will soon raise:DeprecationWarning"),
]
# What the committed results were made with.
CODE = ("src", "stages", "dvc.yaml")
DRAWN = ("comparison", "units", "validation-test", "threshold", "calibration")
PICTURES = dict.fromkeys(DRAWN, "comparison")
PICTURES |= dict.fromkeys(("differences", "curves", "read-outs", "losses"), "figures")


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of HEAD, without data.

    Skipped where there is no telling: without Git, with other code than that of HEAD, and where
    DVC itself says that the committed results are to be made anew.
    """
    top = git("rev-parse", "--show-toplevel")
    if top.returncode or Path(top.stdout.strip()).resolve() != ROOT.resolve():
        pytest.skip("no Git here, or this folder is not the top of what it versions")
    if git("diff", "--quiet", "HEAD", "--", *CODE).returncode:
        pytest.skip("the code here is not the committed code")
    clone = tmp_path_factory.mktemp("head") / "clone"
    assert git("clone", "--quiet", "--shared", str(ROOT), str(clone)).returncode == 0
    if stale := out_of_date(clone):
        pytest.skip(f"DVC would make committed results anew: {stale}")
    return clone


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def out_of_date(clone: Path) -> str:
    """What DVC says of the first stage in `clone` that its dvc.lock is not of; empty if none."""
    dvc = [sys.executable, "-m", "dvc", "--cd", str(clone)]
    command = [*dvc, "repro", "--dry", "--allow-missing"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).splitlines()
    return next((line for line in said if "Running stage" in line or "ERROR" in line), "")


def test_the_page_is_that_of_the_records(head: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(head)
    reports = Path("reports")
    found = collected.load(params.load(), reports)
    pictures = {name: reports / place / f"{name}.png" for name, place in PICTURES.items()}
    expected = render.page(sections_of(found, pictures), params.load().dataset)
    assert (reports / "index.html").read_text() == expected, "stale: force stage `report`"


def test_documents_show_the_results(head: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # DVC names stages as seen from where it is called.
    monkeypatch.chdir(head)
    for path, text in documents.filled(Path(), parts.parts(Path())).items():
        assert path.read_text(encoding="utf-8") == text, f"{path} is stale: run `sentiment readme`"


def test_what_verify_takes_for_equal_is_less_than_any_difference_beyond_chance(head: Path) -> None:
    differences = pd.read_csv(head / "reports/comparison/differences.csv")
    asked = differences[differences.metric.isin(["val_acc", "test_acc"])]
    beyond_chance = asked[asked.verdict.isin(COMPARED)]
    assert beyond_chance.difference.abs().min() > verification.TOLERANCE


def test_the_artifact_is_the_champion(head: Path) -> None:
    table = pd.read_csv(head / "reports/comparison/comparison.csv")
    cells = table[table.protocol == MEASURED].set_index("model")
    champion = cells.val_acc_mean.idxmax()
    artifacts = YAML(typ="safe").load(head / "dvc.yaml")["artifacts"]
    assert artifacts["champion"]["path"] == f"models/{MEASURED}/{champion}"
    explored = params.load(head / "params.yaml").explore.networks["champion"]
    assert (explored.protocol, explored.model) == (MEASURED, champion)


def test_the_page_that_runs_networks_is_small_enough_to_be_sent(head: Path) -> None:
    assert (head / "reports/explore.html").stat().st_size <= 5_000_000


def test_the_results_are_in_mlflow_and_make_the_tables(
    head: Path, tmp_path: Path, empty_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copytree(head / "reports", tmp_path / "reports")
    for name in ("params.yaml", "dvc.lock"):
        shutil.copy(head / name, tmp_path)
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    assert tracking.sync(tmp_path).skipped == [], "the committed results are not up to date"
    settings = params.load(head / "params.yaml")
    cells = mirrored(tmp_path, load(tmp_path / "reports/results", settings), ["model", "seed"])
    table = tables.comparison(cells)
    assert tables.csv(table) == (head / "reports/comparison/comparison.csv").read_text(
        encoding="utf-8"
    )
    simple = load_baselines(tmp_path / "reports/results", settings)
    simple = tables.baselines(mirrored(tmp_path, simple, ["baseline"]))
    assert tables.csv(simple) == (head / "reports/comparison/baselines.csv").read_text(
        encoding="utf-8"
    )
    # What is tested review by review is not in MLflow.
    others = (
        pd.read_csv(head / f"reports/comparison/{name}.csv")
        for name in ("differences", "contrasts", "gaps")
    )
    said = {
        protocol: pd.read_parquet(head / f"reports/comparison/ensembles-{protocol}.parquet")
        for protocol in settings.grid.protocols
    }
    shares = {protocol: float(one.label.mean()) for protocol, one in said.items()}
    words = Wording(settings.dataset.classes, shares)
    text = document.markdown(table, simple, *others, cells, settings.questions, words)
    assert text == (head / "reports/comparison.md").read_text(encoding="utf-8")


def mirrored(root: Path, results: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """`results` with its numbers as MLflow has them; they must be equal, and no run more or less.

    `names` are the columns that tell runs of a protocol apart, that of their kind first.
    """
    shown = {}
    for run in runs(root):
        # What is asked about memory stands in a table of its own.
        asked = run.data.tags["dvc.stage"].startswith("train-memory")
        if run.data.params["kind"] == names[0] and not asked:
            key = tuple(run.data.params[name] for name in ["protocol", *names])
            metrics = run.data.metrics.items()
            shown[key] = {k.removeprefix("train/").replace("/", "_"): v for k, v in metrics}
    changed = results.copy()
    for at, values in results.to_dict("index").items():
        found = shown.pop(tuple(str(values[name]) for name in ["protocol", *names]))
        for name, value in values.items():
            if isinstance(value, float) and not math.isnan(value):
                # The validation loss of an epoch and of the evaluation are sums of other orders.
                assert found[name] == value or name == "val_loss"
                assert math.isclose(found[name], value, rel_tol=1e-6)
                changed.loc[at, name] = found[name]
    assert not shown
    return changed
