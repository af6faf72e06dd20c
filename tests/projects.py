"""Small projects that run the real pipeline, with real DVC, Git and MLflow, on reviews made here.

Each stands in a folder of its own and runs its own copy of the code.
"""

import contextlib
import copy
import fcntl
import os
import pickle
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import archives
import pandas as pd
import pytest
from filelock import FileLock
from numba.core.caching import UserProvidedCacheLocator
from ruamel.yaml import YAML

from sentiment.running import workspace
from sentiment.running.quiet import TENSORFLOW

ROOT = Path(__file__).parents[1]
COMPILED = Path(".sentiment/numba")
MODELS = {"birnn-2": ("birnn", 2), "lstm-3": ("lstm", 3)}


class Project:
    """A checkout with parameters for sixty reviews, and the commands a person would type there."""

    def __init__(self, folder: Path, raw: Path, dataset: str, download: dict[str, Any]) -> None:
        self.folder = folder
        self.shown: list[str] = []
        params = YAML().load(ROOT / "params.yaml")
        protocol = {"imdb": "lecture", "snippets": "snippets"}[dataset]
        params["dataset"] |= {"name": dataset, "format": dataset}
        params["download"] = {"file": raw.name, "sources": [str(raw)], **download}
        params["protocols"] = {
            protocol: {
                **{"split": "shuffled", "seed": 1, "test": None, "validation": 0.2},
                **{"tokens": "treebank", "length": 12, "unknown": None},
            }
        }
        if dataset == "snippets":
            params["protocols"][protocol] |= {"split": "random", "test": 0.2, "tokens": "words"}
        words = {word: [number, *range(7)] for number, word in enumerate(archives.NEUTRAL.split())}
        archives.write_word2vec(raw.with_suffix(".bin"), words)
        params["vectors"] |= {"dimensions": 8, "min_count": 1, "epochs": 2}
        params["vectors"]["path"] = str(raw.with_suffix(".bin"))
        params["models"] = {
            name: {"architecture": architecture, "units": units}
            for name, (architecture, units) in MODELS.items()
        }
        params["train"] |= {"epochs": 2, "batch_size": 8}
        baselines = ["majority", "nbsvm"]
        params["grid"] = {
            "protocols": [protocol],
            "models": list(MODELS),
            "baselines": baselines,
        }
        contrasts = {"Is the LSTM better?": [["lstm-3", "birnn-2"], ["lstm-3", "nbsvm"]]}
        params["questions"] |= {"contrasts": contrasts, "trends": {}}
        params["inputs"] |= {"protocol": protocol, "models": ["birnn-2"], "seeds": [0]}
        params["inputs"]["variants"] = {"all-tokens": [None, 1.0]} if dataset == "imdb" else {}
        params["width"] |= {"protocol": protocol, "seeds": [0]}
        params["width"]["trainings"] = {"longer": {"epochs": 3, "models": ["birnn-2"]}}
        params["resplit"] |= {"protocol": protocol, "models": ["birnn-2"], "seeds": [0]}
        params["resplit"]["draws"] = {"vectors-2": {"split": 1, "vectors": 2}}
        params["leak"] |= {"protocol": protocol, "models": ["birnn-2"], "seeds": [0], "folds": 2}
        params["leak"] |= {"kinds": ["grouped"], "baselines": ["nbsvm"]}
        if dataset != "imdb":
            params["resplit"]["draws"], params["leak"]["kinds"] = {}, []
            params["width"]["trainings"] = {}
        nothing: list[str] = []
        params["memory"] |= dict.fromkeys(("protocols", "models", "probed", "reordered"), nothing)
        params["explore"] |= {"words": 20, "sentences": [], "hints": []}
        params["explore"]["networks"] = {"lstm-3": {"protocol": protocol, "model": "lstm-3"}}
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


def cloned(project: Project, folder: Path, remote: str = "") -> Project:
    """A clone of what is committed, with `remote` as DVC's remote if one is named."""
    subprocess.run(["git", "clone", "--quiet", project.folder, folder], check=True)
    clone = project.at(folder)
    if remote:
        clone.must("dvc", "remote", "add", "--quiet", "--default", "shared", remote)
        clone.git("commit", "--quiet", "--all", "--message", "Share")
    return clone


SCORED = r"\d\.\d{4}(, one seed| \[-?\d\.\d{4}, \d\.\d{4}\], \d+ seeds)"
LEFT = r"\d+ of \d+, about (\d+ min )?\d+ s left"
# All that a run may show: its table, the first look, what ended, and what MLflow got.
SHOWN = re.compile(
    r"stage +time +seed +epoch +step +acc +val acc +seeds so far"
    rf"|[\w@-]+ +(\d+ min )?\d+ s( +\d+)*( +\d+ / \d+)?( +\d\.\d{{4}})*( +{SCORED})?"
    r"|\d+ jobs, not \d+: no more fit this machine's cores and memory"
    rf"|{LEFT}"
    r"|A first look: one seed of each model, protocol `\w+`\. .*|\|.*\|"
    rf"|[\w@-]+ done in (\d+ min )?\d+ s(, val acc {SCORED})? \({LEFT}\)"
    r"|MLflow runs: \d+ created, \d+ completed, \d+ unchanged"
)


def of_sixty_reviews(factory: pytest.TempPathFactory) -> Project:
    """A project that has run once, two stages at a time, on a terminal.

    It runs once for all workers; each caller has a copy, with a store of its own.
    """
    run = _run_of_all(factory)
    with FileLock(run.with_suffix(".lock")):
        if not (run / "project.pickle").exists():
            run.mkdir()
            (run / "project.pickle").write_bytes(pickle.dumps(_run_once(run)))
    project = pickle.loads((run / "project.pickle").read_bytes()).at(factory.mktemp("imdb") / "own")
    # Where artifacts lie stands in the store.
    unlike = shutil.ignore_patterns("mlflow.db*", "mlartifacts")
    shutil.copytree(run / "project", project.folder, symlinks=True, ignore=unlike)
    move_compiled(project.folder)
    project.must("sentiment", "sync")
    return project


def share_compiled(run: Path, folder: Path) -> None:
    """Give the project in `folder` what the one in `run` compiled."""
    shutil.copytree(run / COMPILED, folder / COMPILED)
    move_compiled(folder)


def move_compiled(folder: Path) -> None:
    """Name what a copied project compiled as Numba looks for it: with the place of the code."""
    for room in folder.glob(f"{COMPILED}/*/*"):
        source = folder / "src/sentiment" / room.name.split("_")[0] / "any.py"
        name = UserProvidedCacheLocator.get_suitable_cache_subpath(str(source))
        room.rename(room.with_name(name))


def bring_compiled(factory: pytest.TempPathFactory, folder: Path) -> None:
    """The same with what the project of sixty reviews compiled, if it has run."""
    run = _run_of_all(factory)
    if (run / "project.pickle").exists():
        share_compiled(run / "project", folder)


def _run_of_all(factory: pytest.TempPathFactory) -> Path:
    is_one_of_several = "PYTEST_XDIST_WORKER" in os.environ
    base = factory.getbasetemp().parent if is_one_of_several else factory.getbasetemp()
    return base / "sixty-reviews"


def not_yet_run(folder: Path) -> Project:
    """A project on sixty reviews made here, committed, of which nothing has run."""
    raw = folder / "aclImdb.tar.gz"
    folders = archives.write_imdb(raw, reviews=60)
    known = {"folders": folders, "files": archives.file_facts(archives.imdb_files(60))}
    return Project(folder / "project", raw, "imdb", {"sha256": None, **known})


def _run_once(folder: Path) -> Project:
    project = not_yet_run(folder)
    project.shown = project.on_a_terminal("sentiment", "run", "--jobs", "2")
    project.git("add", ".")
    project.git("commit", "--quiet", "--message", "Run")
    return project
