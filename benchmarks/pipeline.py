"""How long the pipeline takes when nothing, the report, or one model changed, and for the lesson.

Measured in a copy of the checkout, data and DVC's cache included, whose results must be up to
date. Adds its times to benchmarks.json, and to the page beside it; beside the lesson's what stock
Keras would take, multiplied from the trainings that `fits.py` measured.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from steps import write

from sentiment.running import dvc_graph, seeds, workspace
from sentiment.running.times import RUNINFO
from sentiment.settings import params
from sentiment.storage.files import read_json

# Not .dvc/cache/runs, from which DVC would take what is to be trained, and not mlflow.db, which
# says that artifacts belong into the checkout.
KEPT = (
    *(".git", ".gitignore", ".dvc/config", ".dvc/cache/files"),
    *("data", "models", "reports", "dvc.lock", RUNINFO.as_posix()),
)
REPORT = Path("src/sentiment/reporting/comparison/tables.py")
REPEATS = 3
SEEDS = 5
LESSON = f"lecture alone, {SEEDS} seeds"


def main() -> None:
    """Copy, measure, write."""
    asked = arguments()
    root, path = Path.cwd(), asked.output / "benchmarks.json"
    report = read_json(path) if path.exists() else {}
    with tempfile.TemporaryDirectory(dir=asked.scratch) as folder:
        place = Path(folder) / "project"
        # Nothing outside the copy is written: neither DVC's notes nor somebody's MLflow.
        os.environ["DVC_SITE_CACHE_DIR"] = str(Path(folder) / "site")
        os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{place / 'mlflow.db'}"
        copy(root, place)
        # DVC has not seen the copied files: it computes their hashes here, once.
        if found := stale(place, asked.targets):
            sys.exit(f"error: not up to date: {', '.join(found)}: run `make results` first")
        run(place, asked.targets)
        measured = [nothing(place, asked.targets), report_only(place, asked.targets)]
        measured.append(one_model(place, asked.targets, asked.model))
        measured += [lesson(place), *stock(report.get("fits", []))]
    for entry in measured:
        print(f"{entry['command']}, {entry['after']}: {entry['seconds']:.1f} s")
    if report:
        write(asked.output, {**report, "pipeline": measured})


def nothing(place: Path, targets: list[str]) -> dict[str, Any]:
    """`dvc repro` with nothing to do, the median of a few."""
    command = [sys.executable, "-m", "dvc", "repro", *targets]
    times = sorted(
        seconds(lambda: subprocess.run(command, cwd=place, check=True, capture_output=True))
        for _ in range(REPEATS)
    )
    return entry("dvc repro", "no change", times[REPEATS // 2], [])


def report_only(place: Path, targets: list[str]) -> dict[str, Any]:
    """`sentiment run` after a line was added to the module that writes the tables."""
    with (place / REPORT).open("a", encoding="utf-8") as module:
        module.write("# changed\n")
    taken, stages = run(place, targets)
    return entry("sentiment run", "report changed", taken, stages)


def one_model(place: Path, targets: list[str], model: str) -> dict[str, Any]:
    """`sentiment run` after `model` got one unit more: it trains again with every seed."""
    with changed(place) as content:
        content["models"][model]["units"] += 1
    taken, stages = run(place, targets)
    return entry("sentiment run", f"{model} changed, {len(content['seeds'])} seeds", taken, stages)


def lesson(place: Path) -> dict[str, Any]:
    """`sentiment run compare` for the lesson's models alone, data being prepared."""
    with changed(place) as content:
        content["grid"]["protocols"] = ["lecture"]
        content["inputs"]["variants"], content["resplit"]["draws"] = {}, {}
        content["leak"]["kinds"] = []
        content["memory"]["protocols"] = []
        content["seeds"] = list(range(SEEDS))
    # Nothing is taken from the trainings before.
    shutil.rmtree(place / seeds.FOLDER, ignore_errors=True)
    taken, stages = run(place, ["compare"])
    kinds = Counter(name.split("@")[0] for name in stages)
    shown = [f"{count} {kind}" for kind, count in kinds.items()]
    return entry("sentiment run compare", LESSON, taken, shown)


def stock(fits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What stock Keras' `fit` takes for the lesson's trainings, one after another on one core.

    Multiplied from one training of each architecture: the models of an architecture count as the
    one that was measured. Empty where an architecture was not.
    """
    settings = params.load()
    kind = {name: model.architecture for name, model in settings.models.items()}
    measured = {kind[fit["model"]]: fit for fit in fits if fit["implementation"] == "keras"}
    counts = Counter(kind[name] for name in settings.grid.models)
    if lacking := counts.keys() - measured.keys():
        print(f"stock Keras left out: no fit of {', '.join(sorted(lacking))}: run fits.py first")
        return []
    taken = SEEDS * sum(count * measured[name]["seconds"] for name, count in counts.items())
    shown = [f"{SEEDS * count} x {measured[name]['model']}" for name, count in counts.items()]
    return [entry("stock Keras' fit, multiplied", LESSON, taken, shown)]


@contextlib.contextmanager
def changed(place: Path) -> Iterator[dict[str, Any]]:
    """The content of params.yaml, written back as it is at the end."""
    yaml, path = YAML(), place / "params.yaml"
    content = yaml.load(path)
    yield content
    yaml.dump(content, path)


def entry(command: str, after: str, taken: float, stages: list[str]) -> dict[str, Any]:
    """A measurement; `stages` are those that ran."""
    return {"command": command, "after": after, "seconds": taken, "stages": ", ".join(stages)}


def copy(root: Path, place: Path) -> None:
    """The checkout's pipeline and what it made so far."""
    place.mkdir()
    workspace.create(root, place, root / "params.yaml")
    for name in KEPT:
        source, target = root / name, place / name
        if source.is_dir():
            # A few files of `reports` are part of the pipeline and there already.
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            shutil.copyfile(source, target)


def run(place: Path, targets: list[str]) -> tuple[float, list[str]]:
    """Seconds of `sentiment run`, which must succeed, and the stages that ran."""
    began, started = time.time(), time.perf_counter()
    if workspace.run(place, "run", *targets):
        sys.exit("error: `sentiment run` failed in the copy: see above")
    taken = time.perf_counter() - started
    # Not those that were stale: of what waits for a stage that changed, not all must run.
    left = (place / RUNINFO).glob("*.json")
    return taken, sorted(path.stem for path in left if path.stat().st_mtime >= began)


def stale(place: Path, targets: list[str]) -> list[str]:
    """Stages that are stale there, or that wait for one that is."""
    # DVC names stages as seen from where it is called.
    with contextlib.chdir(place):
        return sorted(dvc_graph.survey(Path(), targets).stale)


def seconds(call: Callable[[], Any]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def arguments() -> argparse.Namespace:
    """The command line; without targets it is the whole graph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", help="stages, such as compare")
    parser.add_argument("--model", default="birnn-20", help="to change and train again")
    parser.add_argument("--scratch", type=Path, help="where to put the copy (some GB)")
    parser.add_argument("--output", type=Path, default=Path("reports"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
