"""What a worker does for the head: clone, pull what the stages read, run them, push what they made.

No engine is in it: Ray calls it, and so does a job of SLURM. DVC on the head takes from the remote
only what belongs to its code, parameters and inputs, so a worker cannot give it a wrong
result.
"""

import contextlib
import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from configobj import ConfigObj

from sentiment.cluster import calls, places
from sentiment.cluster.news import News, Tail
from sentiment.errors import UserError
from sentiment.networks import runtime
from sentiment.running import apart, dvc_graph, dvc_results, host, secrets, times
from sentiment.running.local import DVC, environment, stop
from sentiment.running.quiet import ELSEWHERE, RUNNER, STAGE
from sentiment.settings import params
from sentiment.settings.cells import Cell
from sentiment.storage.files import atomic_path

# Seconds between two looks at a stage that runs.
LOOK = 0.5


class Part(NamedTuple):
    """One seed of a cell, trained apart from the cell's stage (see `running.apart`)."""

    cell: Cell
    seed: int


@dataclass(frozen=True)
class Task:
    """Stages for one worker, and all that it needs to run them as the head would.

    With a `part` it trains that alone, and the stage is the part's.
    """

    stages: list[str]  # in an order in which they can run
    inputs: list[str]  # stages whose outputs they read
    commit: str
    lock: str  # the head's dvc.lock
    remote: dict[str, str]  # name, url and other settings of DVC's remote
    versions: dict[str, str]  # of what decides a result
    variables: dict[str, str] = field(default_factory=dict)  # of the environment
    part: Part | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a task's stages."""

    ended: list[str]
    failed: list[str]
    output: str
    runinfo: dict[str, Any] = field(default_factory=dict)  # by stage what it took, and where
    kept: dict[str, bytes] = field(default_factory=dict)  # files of a part that was trained


def do(repository: str, task: Task, tell: Callable[[list[News]], None]) -> Outcome:
    """Run the task in a clone of `repository`; what stages made is then in the remote.

    `tell` is called with what trainings say. Raises UserError where other versions are installed
    here, and where clone, pull or push fail.
    """
    _check_versions(task.versions)
    with places.taken(task.commit) as place:
        clone = place / "clone"
        _clone(repository, task.commit, clone)
        (clone / "dvc.lock").write_text(task.lock, encoding="utf-8")
        _configure(clone, task.remote, place.parent / "cache")
        if task.inputs:
            calls.dvc(clone, task.remote, "pull", "--quiet", "--force", *task.inputs)
        run = _train_part if task.part else _run_stages
        outcome = run(clone, task, tell)
    return replace(outcome, output=secrets.hide(outcome.output, task.remote))


def _run_stages(clone: Path, task: Task, tell: Callable[[list[News]], None]) -> Outcome:
    """Stages that fail leave the others to run, and what these made is pushed."""
    began = time.time()
    command = [*DVC, "repro", "--pull", "--keep-going", "--single-item", *task.stages]
    code, output = _watched(command, clone, _environment(clone, task), tell)
    # DVC takes names of stages for those of the working directory's dvc.yaml.
    with contextlib.chdir(clone):
        failed = dvc_graph.changed(clone, task.stages) if code else set[str]()
        ended = [stage for stage in task.stages if stage not in failed]
        if ended:
            dvc_results.keep_runs(clone, ended)
            calls.dvc(clone, task.remote, "push", "--quiet", "--run-cache", *ended)
            dvc_results.push_kept_by_git(clone, ended)
    return Outcome(ended, sorted(failed), output, _runinfo(clone, ended, began))


def _train_part(clone: Path, task: Task, tell: Callable[[list[News]], None]) -> Outcome:
    """The seed comes back with the outcome; it is small, and no stage has made it."""
    assert task.part
    cell, seed = task.part
    folder = clone / ".sentiment" / "part"
    apart.furnish(clone, folder, seed)
    target = params.load(clone / "params.yaml").train.target
    variables = _environment(clone, task) | runtime.environment(target) | STAGE

    def add(news: list[News]) -> None:
        # Other seeds of the cell say something at the same time.
        tell([one._replace(anew=False) for one in news])

    code, output = _watched(apart.command(clone, [cell]), folder, variables, add)
    if code:
        return Outcome([], task.stages, output)
    place = clone / apart.SEEDS
    found = place.glob(f"{cell.name}/*/seed-{seed}/*")
    kept = {path.relative_to(place).as_posix(): path.read_bytes() for path in found}
    return Outcome(task.stages, [], output, kept=kept)


def _check_versions(wanted: dict[str, str]) -> None:
    here = host.describe()["versions"]
    other = [f"{n} {here[n]}, not {wanted[n]}" for n in wanted if here[n] != wanted[n]]
    if other:
        raise UserError(
            f"{socket.gethostname()} has {'; '.join(other)}: results would differ: install "
            "requirements.lock there as on the head"
        )


def _clone(repository: str, commit: str, clone: Path) -> None:
    if not clone.is_dir():
        with atomic_path(clone) as made:
            calls.git(made.parent, "clone", "--quiet", repository, str(made))
            calls.git(made, "checkout", "--quiet", commit)


def _configure(clone: Path, remote: dict[str, str], cache: Path) -> None:
    """DVC's local settings, which Git does not keep and only their owner can read."""
    path = clone / ".dvc" / "config.local"
    path.touch(mode=0o600)
    settings = ConfigObj()
    settings["core"] = {"remote": remote["name"], "analytics": "false", "check_update": "false"}
    settings["cache"] = {"dir": str(cache)}
    options = {option: value for option, value in remote.items() if option != "name"}
    settings[f'remote "{remote["name"]}"'] = options
    with path.open("wb") as file:
        settings.write(file)


def _watched(
    command: Sequence[str],
    where: Path,
    variables: Mapping[str, str],
    tell: Callable[[list[News]], None],
) -> tuple[int, str]:
    """Exit code and output of a command in whose folder trainings say how far they are."""
    tail = Tail(where)
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command,
            cwd=where,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while process.poll() is None:
                time.sleep(LOOK)
                if news := list(tail.new()):
                    tell(news)
        finally:
            stop([process])
        output.seek(0)
        return process.returncode, output.read()


def _environment(clone: Path, task: Task) -> dict[str, str]:
    own = {"PYTHONPATH": str(clone / "src"), RUNNER: ELSEWHERE, "DVC_NO_ANALYTICS": "1"}
    return environment() | own | task.variables


def _runinfo(clone: Path, stages: Sequence[str], began: float) -> dict[str, Any]:
    """What each stage that ran left; one that came from DVC's cache left nothing now."""
    paths = {stage: clone / times.RUNINFO / f"{stage}.json" for stage in stages}
    fresh = {s: path for s, path in paths.items() if path.is_file()}
    return {
        stage: json.loads(path.read_text(encoding="utf-8"))
        for stage, path in fresh.items()
        if path.stat().st_mtime >= began
    }
