"""What the commands do on a small project, beside results of others and in any order."""

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

import archives
import pandas as pd
import pytest
from documents import TYPED
from projects import MODELS, ROOT, SHOWN, Project, bring_compiled, of_sixty_reviews, share_compiled
from ruamel.yaml import YAML

from sentiment.running.times import RUNINFO

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def imdb(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that has run once, two stages at a time, on a terminal."""
    return of_sixty_reviews(tmp_path_factory)


def test_a_terminal_shows_the_stages_and_nothing_else(imdb: Project) -> None:
    assert [line for line in imdb.shown if not SHOWN.fullmatch(line)] == []
    done = {line.split()[0] for line in imdb.shown if " done in " in line}
    both = {f"{kind}@lecture-lstm-3" for kind in ("train", "evaluate")}
    assert {"download", "describe", *both, "engines", "report"} <= done
    assert any(line.startswith("train@") and " done " not in line for line in imdb.shown)


def test_a_run_ends_with_a_row_for_every_model(imdb: Project) -> None:
    table = pd.read_csv(imdb.folder / "reports/comparison/comparison.csv")
    assert list(table.model) == list(MODELS)
    assert table.seeds.tolist() == [2, 2]
    assert table[["acc_mean", "val_acc_mean", "test_acc_mean"]].stack().between(0, 1).all()
    differences = pd.read_csv(imdb.folder / "reports/comparison/differences.csv")
    assert {"acc", "test_auc", "test_tuned_acc", "ensemble_test_auc"} < set(differences.metric)
    assert set(differences.model_b) == {"lstm-3", "majority", "nbsvm"}


def test_every_cell_says_that_the_same_code_made_it(imdb: Project) -> None:
    records = (imdb.folder / "reports/results/lecture").glob("*.json")
    (code,) = {json.loads(path.read_text())["code"] for path in records}
    assert len(code) == 64


def test_both_engines_train_every_model_of_the_grid_nearly_alike(imdb: Project) -> None:
    record = json.loads((imdb.folder / "reports/engines.json").read_text())
    assert [model["model"] for model in record["models"]] == list(MODELS)
    for model in record["models"]:
        assert model["engines"] == ["numba", "keras"]
        # They round differently, and no more.
        assert 0 < model["probability"] < 1e-3


def test_a_run_leaves_its_times_beside_what_is_versioned(imdb: Project) -> None:
    assert imdb.must("git", "ls-files", ".sentiment", "reports/runinfo", "reports/times.json") == ""
    infos = [json.loads(path.read_text()) for path in imdb.folder.glob(".sentiment/runinfo/*.json")]
    stages = {info["stage"] for info in infos}
    done = {line.split()[0] for line in imdb.shown if " done in " in line}
    assert stages == {name for name in done if not name.startswith("first@")}
    assert all({"host", "versions", "seconds", "peak_mb"} <= info.keys() for info in infos)
    (cell,) = [info for info in infos if info["stage"] == "train@lecture-lstm-3"]
    for seed in cell["seeds"]:
        assert {"host", "versions", "code", "weights", "started", "ended"} <= seed.keys()


def test_experiments_train_beside_the_grid_and_leave_a_record_each(imdb: Project) -> None:
    inputs, draw, wide = (
        json.loads((imdb.folder / f"reports/{name}.json").read_text())
        for name in ("inputs/all-tokens", "resplit/vectors-2", "width/longer")
    )
    assert [run["norm"] for run in inputs["runs"]] == [None, 1.0]
    assert [epoch["epoch"] for epoch in wide["runs"][0]["history"]] == [1, 2, 3]
    weights = {run["weights"] for run in (*inputs["runs"], *draw["runs"], *wide["runs"])}
    assert len(weights) == 4
    folded = pd.read_parquet(imdb.folder / "reports/leak/grouped.parquet")
    assert folded.groupby("movie").fold.nunique().max() == 1
    assert {"birnn-2 0", "nbsvm", "nbsvm predicted"} <= set(folded)


def test_a_run_ends_with_a_page_that_says_what_was_not_asked(imdb: Project) -> None:
    page = (imdb.folder / "reports/index.html").read_text()
    assert "lstm-3" in page
    assert "<code>memory.protocols</code> in params.yaml names no protocol" in page
    assert 'href="explore.html"' in page
    assert '"name":"lstm-3"' in (imdb.folder / "reports/explore.html").read_text()


def test_nothing_runs_twice(imdb: Project) -> None:
    assert imdb.ran(imdb.must("sentiment", "run")) == set()
    assert "Running stage" not in imdb.must("dvc", "repro")


def test_a_fresh_clone_needs_no_stage_to_run(imdb: Project, tmp_path: Path) -> None:
    imdb.must("git", "clone", "--quiet", ".", str(tmp_path / "clone"))
    output = imdb.must("dvc", "--cd", str(tmp_path / "clone"), "repro", "--dry", "--allow-missing")
    assert "Running stage" not in output


def test_jobs_do_not_change_a_byte_of_the_lock(imdb: Project, tmp_path: Path) -> None:
    serial = tmp_path / "serial"
    imdb.must("git", "clone", "--quiet", ".", str(serial))
    clone = imdb.at(serial)
    (serial / "dvc.lock").unlink()
    share_compiled(imdb.folder, serial)
    said = clone.must("dvc", "repro", "train@lecture-lstm-3")
    assert "Running stage 'train@lecture-lstm-3'" in said
    # Neither TensorFlow nor anything else introduces itself.
    assert not re.search(r"absl|oneDNN|This TensorFlow binary|Warning", said)
    clone.must("sentiment", "run", "--jobs", "1", "compare")
    before, after = (YAML(typ="safe").load(project.lock())["stages"] for project in (imdb, clone))
    assert {"train@lecture-birnn-2", "evaluate@lecture-lstm-3", "compare"} < set(after)
    assert after == {name: before[name] for name in after}
    # When and where it ran changes nothing that is versioned.
    assert clone.must("git", "status", "--porcelain").split() == ["M", "dvc.lock"]
    # What was trained here, of what is committed from elsewhere.
    runs = clone.mlflow_runs()
    current = runs[runs["tags.current"].astype(str).str.lower() == "true"]
    assert (runs.end_time >= runs.start_time).all()
    models = current[current["params.kind"] == "model"]
    assert len(models) == 4
    assert models["tags.reproduces"].notna().all()


MAKE = ("make", "-o", ".venv/installed")


def test_the_demo_shows_its_stages_and_its_tables_and_nothing_else(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    wheel = tmp_path / "snippets-1.0-py3-none-any.whl"
    archives.write_snippets_wheel(wheel, rows=60)
    digest = {"sha256": archives.sha256(wheel), "folders": {}, "files": {}}
    project = Project(tmp_path / "project", wheel, "snippets", digest)
    shutil.copy(ROOT / "Makefile", project.folder)
    (project.folder / "params.yaml").rename(project.folder / "params.demo.yaml")
    bring_compiled(tmp_path_factory, project.folder / "demo")
    shown = project.on_a_terminal(*MAKE, "demo")
    reports = project.folder / "demo/reports"
    tables = (reports / "comparison.md").read_text(encoding="utf-8")
    lines = [line.strip() for line in tables.splitlines()]
    others = [line for line in shown if not SHOWN.fullmatch(line) and line not in lines]
    assert len(others) == 5
    assert others[0].startswith("Done in ")
    assert "demo/reports/index.html" in others[2]
    assert "explore.html" in others[3]
    header = (reports / "comparison/comparison.csv").read_text().splitlines()[0]
    assert "test_acc_mean" in header
    assert "lecture" not in header
    assert "lstm-3" in (reports / "index.html").read_text()
    assert "25,000" not in tables


@pytest.fixture
def there(imdb: Project, tmp_path: Path) -> Project:
    """A clone of the project with all that was made, the documents and their commands."""
    there = imdb.at(tmp_path / "there")
    imdb.must("git", "clone", "--quiet", ".", str(there.folder))
    shutil.copytree(imdb.folder / ".dvc/cache/files", there.folder / ".dvc/cache/files")
    documents = ("CONTRIBUTING.md", "README.md")
    for name in (*documents, "Makefile", "pyproject.toml", "reports/benchmarks.json"):
        shutil.copy(ROOT / name, there.folder / name)
    shutil.copytree(ROOT / "docs", there.folder / "docs")
    shutil.copytree(ROOT / "tests", there.folder / "tests", ignore=NO_CACHE)
    share_compiled(imdb.folder, there.folder)
    there.must("dvc", "checkout", "--quiet")
    return there


# The environment of these tests is that of the commands.
IN_PLACE = 'make() { command make -o .venv/installed "$@"; }; '


def test_commands_that_the_documents_print_end_well(
    imdb: Project, there: Project, tmp_path: Path
) -> None:
    # Its page shows the benchmarks that came with the documents.
    there.must("dvc", "repro")
    there.git("add", ".")
    there.git("commit", "--quiet", "--message", "Bring documents")
    (there.folder / "texts.txt").write_text("A good film.\nA bad film.\n")
    # As where the study ran.
    shutil.copytree(imdb.folder / RUNINFO, there.folder / RUNINFO, dirs_exist_ok=True)
    for line in TYPED:
        here = re.sub(r"birnn-\d+", "birnn-2", line).replace("units=2", "units=1")
        said = there.must("bash", "-c", f"{IN_PLACE}{here.replace('/srv', str(tmp_path))}")
        assert "Traceback" not in said, line
        # An experiment alone has something to do.
        assert ("Running stage" in said) == ("exp run" in line), line


@pytest.fixture
def elsewhere(imdb: Project, there: Project, tmp_path: Path) -> Project:
    """A clone of a project whose committed results another machine made: a last digit differs.

    Data and weights are there, but for what the differing stage made.
    """
    record = there.folder / "reports/results/lecture/lstm-3.json"
    results = json.loads(record.read_text())
    first = results["seeds"][0]
    first |= {"test_brier": first["test_brier"] + 1e-7, "weights": first["weights"][::-1]}
    record.write_text(json.dumps(results, indent=1) + "\n")
    there.must("dvc", "commit", "--force", "evaluate@lecture-lstm-3")
    there.must("dvc", "repro", "compare", "export")
    there.must("dvc", "repro", "--single-item", "report", "explore")
    there.must("sentiment", "times")
    there.must("sentiment", "readme")
    there.git("add", ".")
    there.git("commit", "--quiet", "--message", "Run elsewhere")
    here = imdb.at(tmp_path / "here")
    there.must("git", "clone", "--quiet", ".", str(here.folder))
    shutil.copytree(there.folder / ".dvc/cache/files", here.folder / ".dvc/cache/files")
    share_compiled(imdb.folder, here.folder)
    here.must("dvc", "checkout", "--quiet")
    made = here.folder / "data/probabilities/lecture/lstm-3.parquet"
    digest = hashlib.md5(made.read_bytes(), usedforsecurity=False).hexdigest()
    made.unlink()
    (here.folder / f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}").unlink()
    return here


NO_CACHE = shutil.ignore_patterns("__pycache__")
# The champion of this small study is another than that of dvc.yaml; of its
# differences, no tolerance is to be held against any.
COMMITTED = (
    *(sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "tests/test_committed.py"),
    *("--deselect", "tests/test_committed.py::test_the_artifact_is_the_champion"),
    *("-k", "not test_what_verify_takes_for_equal"),
)


def test_results_and_tests_pass_in_any_order_beside_results_of_another_machine(
    elsewhere: Project,
) -> None:
    assert "4 passed" in elsewhere.must(*COMMITTED)
    elsewhere.must(*MAKE, "results")
    changed = elsewhere.must("git", "status", "--porcelain")
    assert " M reports/results/lecture/lstm-3.json" in changed
    assert " M reports/index.html" in changed
    assert "4 passed" in elsewhere.must(*COMMITTED)
    # What is not of HEAD's own code, or not up to date in HEAD itself, is not held against it.
    elsewhere.git("commit", "--quiet", "--message", "A record alone", "reports/results")
    assert "4 skipped" in elsewhere.must(*COMMITTED)
