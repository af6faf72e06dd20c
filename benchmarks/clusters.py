"""What more machines cost: a small grid on Ray clusters of several sizes, and a grid of many cells.

A head and its workers are processes of their own on this computer. Needs Ray, `pip install
'.[cluster]'`. Writes scaling.json, and the page beside it.
"""

import argparse
import contextlib
import copy
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from dvc.utils.serialize import dump_yaml, load_yaml, modify_yaml
from ruamel.yaml import YAML
from scaling import update
from tqdm import tqdm

from sentiment.cluster import shares
from sentiment.running import dvc_graph, times
from sentiment.running.schedule import Plan

WORKERS = (1, 2, 4)
CELLS = 1000
TARGET = "evaluate"
HERE = Path(sys.executable).parent


def main() -> None:
    """Measure, write."""
    asked = arguments()
    runs = []
    with tempfile.TemporaryDirectory(dir=asked.scratch) as folder:
        place = Path(folder)
        small = clone(Path.cwd(), place / "small")
        write_small_grid(small)
        commit(small)
        for workers in tqdm(asked.workers, unit=" clusters", disable=None):
            runs.append(run(small, place / f"on-{workers}", workers))
            print(runs[-1], flush=True)
            update(asked.output, runs=runs)
        each = seconds_a_stage(place / f"on-{asked.workers[0]}", place / "again")
        many = of_many(clone(Path.cwd(), place / "many"), asked.cells)
    update(asked.output, runs=runs, many={**many, "stage_seconds": each})


def run(project: Path, folder: Path, workers: int) -> dict[str, Any]:
    """The grid on a cluster of so many workers: seconds, and those that its stages ran."""
    place = clone(project, folder / "project")
    (folder / "store").mkdir()
    call(place, "dvc", "remote", "add", "--quiet", "--default", "shared", str(folder / "store"))
    commit(place)
    with cluster(workers, folder) as address:
        options = ("--engine", "ray", "--address", address)
        taken = seconds(lambda: call(place, "sentiment", "run", TARGET, *options))
    infos = (place / times.RUNINFO).glob("*.json")
    ran = {path.stem: json.loads(path.read_text()) for path in infos}
    surveyed = survey(place)
    elsewhere = shares.movable(surveyed.graph, surveyed.files) & set(ran)
    return {
        "workers": workers,
        "seconds": round(taken, 1),
        "stages": len(elsewhere),
        "stage_seconds": round(sum(ran[name]["seconds"] for name in elsewhere), 1),
        "head_seconds": round(sum(ran[name]["seconds"] for name in set(ran) - elsewhere), 1),
    }


@contextlib.contextmanager
def cluster(workers: int, folder: Path) -> Iterator[str]:
    """Yield the address of a head without processors, with workers that have one each."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    try:
        ray(folder, "--head", "--port", str(port), "--num-cpus", "0", "--include-dashboard=false")
        for number in range(workers):
            ray(folder / f"worker-{number}", "--address", address, "--num-cpus", "1")
        yield address
    finally:
        subprocess.run([HERE / "ray", "stop", "--force"], capture_output=True, check=False)


def ray(scratch: Path, *options: str) -> None:
    """Start a node of Ray, whose clones are in `scratch`."""
    variables = {"RAY_USAGE_STATS_ENABLED": "0", "SENTIMENT_SCRATCH": str(scratch)}
    command = [HERE / "ray", "start", *options, "--disable-usage-stats"]
    subprocess.run(command, env=os.environ | variables, capture_output=True, check=True)


def seconds_a_stage(folder: Path, again: Path) -> float:
    """What the head takes to take up one stage more, from the remote of a run that has ended."""
    place = clone(folder / "project", again)
    graph = survey(place).graph
    store = folder / "store"
    call(place, "dvc", "remote", "add", "--quiet", "--default", "shared", str(store), "--force")
    (place / "dvc.lock").unlink(missing_ok=True)
    call(place, "sentiment", "run", "encode", "describe")
    trains = sorted(name for name in graph if name.startswith("train@"))
    command = (sys.executable, "-m", "sentiment.running.dvc_results")
    one = seconds(lambda: call(place, *command, trains[0]))
    others = seconds(lambda: call(place, *command, *trains[1:]))
    return round((others - one) / (len(trains) - 2), 3)


def of_many(project: Path, cells: int) -> dict[str, Any]:
    """What the head does for a grid of so many cells before and after it runs."""
    yaml = YAML(typ="safe", pure=True)
    params = yaml.load(project / "params.yaml")
    protocols = params["grid"]["protocols"]
    names = [f"birnn-{units}" for units in range(1, cells // len(protocols) + 1)]
    added = {name: {"architecture": "birnn", "units": int(name[6:])} for name in names}
    params["models"] |= added
    params["grid"]["models"] = [*dict.fromkeys([*params["grid"]["models"], *names])]
    dump_yaml(project / "params.yaml", params)
    surveyed: list[dvc_graph.Stages] = []
    looked = seconds(lambda: surveyed.append(survey(project)))
    planned = seconds(lambda: Plan(surveyed[0].stale, surveyed[0].changed).ready())
    write_lock(project / "dvc.lock", surveyed[0].order)

    def rewrite() -> None:
        with modify_yaml(project / "dvc.lock"):
            pass

    return {
        "cells": cells,
        "stages": len(surveyed[0].order),
        "survey_seconds": round(looked, 1),
        "plan_seconds": round(planned, 2),
        "lock_bytes": (project / "dvc.lock").stat().st_size,
        "lock_seconds": round(seconds(rewrite), 1),
        "cell_seconds": round(seconds_a_cell(project), 1),
    }


def survey(project: Path) -> dvc_graph.Stages:
    """All stages; DVC names them from the working directory."""
    with contextlib.chdir(project):
        return dvc_graph.survey(Path(), ())


def write_lock(path: Path, order: list[str]) -> None:
    """A dvc.lock of all stages: what there is of a kind stands for all of that kind."""
    lock = load_yaml(path)
    known = {name.partition("@")[0]: entry for name, entry in lock["stages"].items()}
    kinds = {name: name.partition("@")[0] for name in order}
    # Copies, or YAML would write an entry once and refer to it.
    lock["stages"] = {n: copy.deepcopy(known[kind]) for n, kind in kinds.items() if kind in known}
    dump_yaml(path, lock)


def seconds_a_cell(project: Path) -> float:
    """Of the study's cells, training and evaluation, on average."""
    took = times.recorded(project)
    trained = [stage["seconds"] for name, stage in took.items() if name.startswith("train@")]
    scored = [stage["seconds"] for name, stage in took.items() if name.startswith("evaluate@")]
    return sum(trained) / len(trained) + sum(scored) / len(scored)


def write_small_grid(project: Path) -> None:
    """The demo's grid, with two seeds."""
    yaml = YAML(typ="safe", pure=True)
    params = yaml.load(project / "params.demo.yaml")
    params["seeds"] = [0, 1]
    dump_yaml(project / "params.yaml", params)
    (project / "dvc.lock").unlink()


def clone(project: Path, folder: Path) -> Path:
    """A clone of what is committed."""
    subprocess.run(["git", "clone", "--quiet", str(project), str(folder)], check=True)
    return folder


def commit(project: Path) -> None:
    """Commit all that changed."""
    identity = ["-c", "user.name=benchmark", "-c", "user.email=benchmark@example.org"]
    command = ["git", *identity, "commit", "--quiet", "--all", "--message", "Change"]
    subprocess.run(command, cwd=project, check=True)


def call(project: Path, *command: str) -> None:
    """Run a command with the project's own code; ends with its output if it fails."""
    paths = {"PYTHONPATH": str(project / "src"), "PATH": f"{HERE}{os.pathsep}{os.environ['PATH']}"}
    given = {"cwd": project, "env": os.environ | paths, "capture_output": True, "text": True}
    done = subprocess.run(command, **given, check=False)
    if done.returncode:
        sys.exit(f"error: {' '.join(command)}: {done.stdout}{done.stderr}")


def seconds(work: Callable[[], Any]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    parser.add_argument("--cells", type=int, default=CELLS)
    parser.add_argument("--scratch", type=Path, help="where clones and clusters are put")
    parser.add_argument("--output", type=Path, default=Path("reports"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
