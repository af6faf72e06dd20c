"""The real pipeline, with real DVC, Git and MLflow, on sixty reviews made here.

Each project stands in a folder of its own and runs its own copy of the code.
"""

import contextlib
import copy
import fcntl
import hashlib
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import archives
import pandas as pd
import pytest
from ruamel.yaml import YAML

from sentiment.files import sha256
from sentiment.running import workspace
from sentiment.running.quiet import TENSORFLOW

ROOT = Path(__file__).parents[1]
MODELS = {"birnn-2": ("birnn", 2), "lstm-3": ("lstm", 3)}
# On vectors from a file, beside the grid.
OTHER = {"lstm-3-file": ("lstm", 3)}
pytestmark = pytest.mark.timeout(900)


class Project:
    """A checkout with parameters for sixty reviews, and the commands a person would type there."""

    def __init__(self, folder: Path, raw: Path, dataset: str, download: dict[str, Any]) -> None:
        self.folder = folder
        self.shown: list[str] = []
        params = YAML().load(ROOT / "params.yaml")
        protocol = {"imdb": "lecture", "snippets": "snippets"}[dataset]
        params["dataset"] = dataset
        params["download"] = {"file": raw.name, "sources": [str(raw)], **download}
        params["protocols"] = {protocol: {"seed": 1, "validation": 0.2, "length": 12}}
        words = {word: [number, *range(7)] for number, word in enumerate(archives.NEUTRAL.split())}
        archives.write_word2vec(raw.with_suffix(".bin"), words)
        params["vectors"] |= {"dimensions": 8, "min_count": 1, "epochs": 2}
        params["vectors"]["path"] = str(raw.with_suffix(".bin"))
        params["models"] = {
            name: {"architecture": architecture, "units": units}
            for name, (architecture, units) in {**MODELS, **OTHER}.items()
        }
        params["train"] |= {"epochs": 2, "batch_size": 8}
        baselines = ["majority", "nbsvm"]
        params["grid"] = {
            "protocols": [protocol],
            "models": list(MODELS),
            "baselines": baselines,
        }
        params["ablation"] = {"vectors": "googlenews", "models": list(OTHER)}
        nothing: list[str] = []
        params["memory"] |= dict.fromkeys(("protocols", "models", "probed", "reordered"), nothing)
        params["seeds"] = [0, 1]
        self.write_params(params, folder.with_suffix(".yaml"))
        workspace.create(ROOT, folder, folder.with_suffix(".yaml"))
        (folder / ".dvc" / "config").write_text("[core]\n    analytics = false\n")
        shutil.copyfile(ROOT / ".gitignore", folder / ".gitignore")
        self.git("init", "--quiet")
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", "Begin")

    def at(self, folder: Path) -> "Project":
        """The same commands in a clone of this project."""
        clone = copy.copy(self)
        clone.folder = folder
        return clone

    @staticmethod
    def write_params(params: Any, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            YAML().dump(params, file)

    def params(self) -> Any:
        return YAML().load(self.folder / "params.yaml")

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=self.folder, check=True)

    def environment(self) -> dict[str, str]:
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.folder / "src"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "SENTIMENT_ARCHIVE": "",
        }
        # As where a person types, who has not told TensorFlow to be silent.
        of_tests = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "COLUMNS", "LINES")
        for name in ("MLFLOW_TRACKING_URI", *of_tests, *TENSORFLOW):
            environment.pop(name, None)
        return environment

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        # A background job of a shell ignores SIGINT and hands that down.
        heeding = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.default_int_handler)}
        where = {"cwd": self.folder, "env": self.environment()}
        return subprocess.Popen(command, **where, **quiet, **heeding)

    def call(self, *command: str) -> subprocess.CompletedProcess[str]:
        where = {"cwd": self.folder, "env": self.environment()}
        return subprocess.run(command, **where, capture_output=True, text=True, check=False)

    def must(self, *command: str) -> str:
        result = self.call(*command)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout + result.stderr

    def on_a_terminal(self, *command: str) -> list[str]:
        """What a terminal of 140 columns shows while a command runs, line by line.

        A line that was drawn over is there too.
        """
        screen, end = pty.openpty()
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
        where = {"cwd": self.folder, "env": self.environment() | {"TERM": "xterm-256color"}}
        with subprocess.Popen(command, **where, stdin=end, stdout=end, stderr=end) as process:
            os.close(end)
            shown = b""
            # Linux raises when nothing has the other end any more.
            with contextlib.suppress(OSError):
                while part := os.read(screen, 65536):
                    shown += part
        os.close(screen)
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
        assert process.returncode == 0, text
        return [line.strip() for line in re.split(r"[\r\n]+", text) if line.strip()]

    def ran(self, output: str) -> set[str]:
        """Stages that a `sentiment run` without a terminal says it started."""
        lines = (line for line in output.splitlines() if line.endswith(" started"))
        return {line.removesuffix(" started") for line in lines}

    def lock(self) -> str:
        return (self.folder / "dvc.lock").read_text()

    def mlflow_runs(self) -> pd.DataFrame:
        script = (
            "import mlflow; mlflow.set_tracking_uri('sqlite:///mlflow.db');"
            "mlflow.search_runs(search_all_experiments=True).to_json('runs.json')"
        )
        self.must(sys.executable, "-W", "ignore", "-c", script)
        return pd.read_json(self.folder / "runs.json")


LEFT = r"\d+ of \d+, about (\d+ min )?\d+ s left"
# All that a run may show: its table, what ended, and what MLflow got.
SHOWN = re.compile(
    r"stage +time +seed +epoch +step +acc +val acc"
    r"|[\w@-]+ +(\d+ min )?\d+ s( +\d+)*( +\d+ / \d+)?( +\d\.\d{4})*"
    rf"|{LEFT}"
    rf"|[\w@-]+ done in (\d+ min )?\d+ s(, val acc \d\.\d{{4}})? \({LEFT}\)"
    r"|MLflow runs: \d+ created, \d+ completed, \d+ unchanged"
)


@pytest.fixture(scope="module")
def imdb(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that has run once, two stages at a time, on a terminal."""
    folder = tmp_path_factory.mktemp("imdb")
    raw = folder / "aclImdb.tar.gz"
    folders = archives.write_imdb(raw, reviews=60)
    known = {"folders": folders, "files": archives.file_facts(archives.imdb_files(60))}
    project = Project(folder / "project", raw, "imdb", {"sha256": None, **known})
    project.shown = project.on_a_terminal("sentiment", "run", "--jobs", "2")
    project.git("add", ".")
    project.git("commit", "--quiet", "--message", "Run")
    return project


def test_a_terminal_shows_the_stages_and_nothing_else(imdb: Project) -> None:
    assert [line for line in imdb.shown if not SHOWN.fullmatch(line)] == []
    done = {line.split()[0] for line in imdb.shown if " done in " in line}
    both = {f"{kind}@lecture-lstm-3" for kind in ("train", "evaluate")}
    assert {"download", "describe", *both, "engines", "report"} <= done
    assert any(line.startswith("train@") and " done " not in line for line in imdb.shown)


def test_a_run_ends_with_a_row_for_every_model(imdb: Project) -> None:
    table = pd.read_csv(imdb.folder / "reports/comparison/comparison.csv")
    assert list(table.model) == [*MODELS, *OTHER]
    assert table.seeds.tolist() == [2, 2, 2]
    assert table[["acc_mean", "val_acc_mean", "test_acc_mean"]].stack().between(0, 1).all()
    differences = pd.read_csv(imdb.folder / "reports/comparison/differences.csv")
    assert set(differences.metric) == {"acc", "val_acc", "test_acc", "ensemble_test_acc"}
    assert set(differences.model_b) == {"lstm-3", "majority", "nbsvm"}


def test_the_ablation_trains_on_its_own_vectors_alone(imdb: Project) -> None:
    results = imdb.folder / "reports/results/lecture"
    sources = {
        path.stem: json.loads(path.read_text())["vectors"] for path in results.glob("*.json")
    }
    assert sources == {**dict.fromkeys(MODELS, "reviews"), "lstm-3-file": "googlenews"}
    found = {
        source: json.loads((imdb.folder / f"reports/encoding/lecture/{source}.json").read_text())
        for source in ("reviews", "googlenews")
    }
    assert found["googlenews"]["dropped_share"] > found["reviews"]["dropped_share"]
    weights = [imdb.folder / f"models/lecture/{m}/seed-0.weights.h5" for m in ("lstm-3", *OTHER)]
    assert len({sha256(path) for path in weights}) == 2


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
    assert stages == done
    assert all({"host", "versions", "seconds", "peak_mb"} <= info.keys() for info in infos)
    (cell,) = [info for info in infos if info["stage"] == "train@lecture-lstm-3"]
    for seed in cell["seeds"]:
        assert {"host", "versions", "code", "weights", "started", "ended"} <= seed.keys()


def test_vectors_that_change_places_are_not_made_again(imdb: Project) -> None:
    params = imdb.params()
    params["vectors"]["source"], params["ablation"]["vectors"] = "googlenews", "reviews"
    imdb.write_params(params, imdb.folder / "params.yaml")
    script = "from pathlib import Path; from sentiment.running.dvc_graph import survey;"
    try:
        stale = imdb.must(sys.executable, "-c", script + "print(*survey(Path(), ()).stale)").split()
    finally:
        imdb.git("checkout", "--quiet", ".")
    groups = {name.partition("@")[0] for name in stale}
    both = {f"{kind}{group}" for kind in ("train", "evaluate") for group in ("", "-ablation")}
    assert groups == both | {"baseline", "compare", "engines", "report"}


def test_a_run_ends_with_a_page_that_says_what_was_not_asked(imdb: Project) -> None:
    page = (imdb.folder / "reports/index.html").read_text()
    assert "lstm-3" in page
    assert "<code>memory.protocols</code> in params.yaml names no protocol" in page


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
    before = imdb.lock()
    clone = imdb.at(serial)
    (serial / "dvc.lock").unlink()
    said = clone.must("dvc", "repro")
    assert clone.lock() == before
    assert "Running stage 'train@lecture-lstm-3'" in said
    # Neither TensorFlow nor anything else introduces itself.
    assert not re.search(r"absl|oneDNN|This TensorFlow binary|Warning", said)
    for cached in ("models", "data", ".dvc/cache", ".sentiment", "dvc.lock"):
        path = serial / cached
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    clone.must("sentiment", "run", "--jobs", "1")
    assert clone.lock() == before
    # When and where it ran changes nothing that is versioned.
    assert clone.must("git", "status", "--porcelain") == ""
    # What was trained here, of what is committed from elsewhere.
    runs = clone.mlflow_runs()
    current = runs[runs["tags.current"].astype(str).str.lower() == "true"]
    assert (runs.end_time >= runs.start_time).all()
    models = current[current["params.kind"] == "model"]
    assert len(models) == 6
    assert models["tags.reproduces"].notna().all()


def test_another_size_of_one_model_trains_that_model_alone(imdb: Project) -> None:
    params = imdb.params()
    params["models"]["lstm-3"]["units"] = 4
    imdb.write_params(params, imdb.folder / "params.yaml")
    try:
        output = imdb.must("sentiment", "run")
        cell = {f"{kind}@lecture-lstm-3" for kind in ("train", "evaluate")}
        assert imdb.ran(output) == cell | {"describe", "compare", "engines", "report"}
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
    assert kinds == {"model": 6, "baseline": 2, "comparison": 1}
    models = before[before["params.kind"] == "model"]
    other = models["params.model"].isin(OTHER)
    assert set(models["params.vectors"][other]) == {"googlenews"}
    assert set(models["params.vectors"][~other]) == {"reviews"}
    for file in imdb.folder.glob("mlflow.db*"):
        file.unlink()
    pd.testing.assert_frame_equal(shown(), before)


def test_an_interruption_loses_only_the_seed_under_way(imdb: Project) -> None:
    params = imdb.params()
    params["train"]["epochs"] = 1000
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
        assert history.groupby("seed").size().tolist() == [1000, 1000]
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


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


MAKE = ("make", "-o", ".venv/installed")


def test_the_demo_shows_its_stages_and_its_tables_and_nothing_else(tmp_path: Path) -> None:
    wheel = tmp_path / "snippets-1.0-py3-none-any.whl"
    archives.write_snippets_wheel(wheel, rows=60)
    digest = {"sha256": archives.sha256(wheel), "folders": {}, "files": {}}
    project = Project(tmp_path / "project", wheel, "snippets", digest)
    shutil.copy(ROOT / "Makefile", project.folder)
    (project.folder / "params.yaml").rename(project.folder / "params.demo.yaml")
    shown = project.on_a_terminal(*MAKE, "demo")
    reports = project.folder / "demo/reports"
    tables = (reports / "comparison.md").read_text(encoding="utf-8")
    lines = [line.strip() for line in tables.splitlines()]
    others = [line for line in shown if not SHOWN.fullmatch(line) and line not in lines]
    assert len(others) == 3
    assert others[0].startswith("Done in ")
    assert "demo/reports/index.html" in others[1]
    header = (reports / "comparison/comparison.csv").read_text().splitlines()[0]
    assert "test_acc_mean" in header
    assert "lecture" not in header
    assert (reports / "results/snippets/lstm-3-file.json").is_file()
    assert "lstm-3" in (reports / "index.html").read_text()
    assert "25,000" not in tables


@pytest.fixture
def elsewhere(imdb: Project, tmp_path: Path) -> Project:
    """A clone of a project whose committed results another machine made: a last digit differs.

    Data and weights are there, but for what the differing stage made.
    """
    there = imdb.at(tmp_path / "there")
    imdb.must("git", "clone", "--quiet", ".", str(there.folder))
    shutil.copytree(imdb.folder / ".dvc/cache/files", there.folder / ".dvc/cache/files")
    documents = ("CONTRIBUTING.md", "README.md")
    for name in (*documents, "Makefile", "pyproject.toml", "reports/benchmarks.json"):
        shutil.copy(ROOT / name, there.folder / name)
    shutil.copytree(ROOT / "tests", there.folder / "tests", ignore=NO_CACHE)
    there.must("dvc", "checkout", "--quiet")
    record = there.folder / "reports/results/lecture/lstm-3.json"
    results = json.loads(record.read_text())
    first = results["seeds"][0]
    first |= {"test_brier": first["test_brier"] + 1e-7, "weights": first["weights"][::-1]}
    record.write_text(json.dumps(results, indent=1) + "\n")
    there.must("dvc", "commit", "--force", "evaluate@lecture-lstm-3")
    there.must("dvc", "repro", "compare")
    there.must("dvc", "repro", "--single-item", "report")
    there.must("sentiment", "times")
    there.must("sentiment", "readme")
    there.git("add", ".")
    there.git("commit", "--quiet", "--message", "Run elsewhere")
    here = imdb.at(tmp_path / "here")
    there.must("git", "clone", "--quiet", ".", str(here.folder))
    shutil.copytree(there.folder / ".dvc/cache/files", here.folder / ".dvc/cache/files")
    here.must("dvc", "checkout", "--quiet")
    made = here.folder / "data/probabilities/lecture/lstm-3.parquet"
    digest = hashlib.md5(made.read_bytes(), usedforsecurity=False).hexdigest()
    made.unlink()
    (here.folder / f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}").unlink()
    return here


NO_CACHE = shutil.ignore_patterns("__pycache__")
# The champion of this small study is another than that of dvc.yaml.
COMMITTED = (
    *(sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "tests/test_committed.py"),
    *("--deselect", "tests/test_committed.py::test_the_artifact_is_the_champion"),
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
        ("baselines/nbsvm.py", {"baseline@lecture-majority", "baseline@lecture-nbsvm"}),
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
