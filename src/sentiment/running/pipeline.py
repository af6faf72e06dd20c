"""Runs stale stages side by side on stock DVC, and ends with a plain `dvc repro`.

`dvc repro` runs one stage after another. `dvc --wait-for-lock repro -s STAGE` may run several
times at once, as long as none of them walks upstream: so each worker gets a stage that is ready.
The last of several gets a plain `dvc repro`, which proves at once that nothing else is left.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from sentiment.errors import UserError
from sentiment.running import first
from sentiment.running.dvc_graph import changed, order_lock, survey
from sentiment.running.quiet import RUNNER
from sentiment.running.schedule import Plan
from sentiment.settings.params import Params

LOGS = Path(".sentiment/logs")
# Seconds that a stage has to stop after each signal.
PATIENCE = 10
DVC = [sys.executable, "-m", "dvc", "--wait-for-lock"]


def run(
    root: Path,
    targets: tuple[str, ...],
    jobs: int,
    watch: Callable[[Plan], None],
    alone: tuple[str, ...] = (),
    settings: Params | None = None,
    tell: Callable[[str], None] = print,
) -> None:
    """Run what is stale with `jobs` workers; `watch` is called several times a second.

    Under `targets` (all stages if none) everything comes up to date. The stages `alone` then run
    on what there is: nothing else under them does. With `settings` a first look comes before all
    other trainings, and `tell` is called with it. An interruption stops the stages under way and
    waits for them; ended ones are kept.
    Raises UserError that names every stage that failed, and its log.
    """
    stages = survey(root, targets, alone)
    early = first.none()
    if settings is not None:
        early = first.plan(root, settings, stages.stale, stages.changed, jobs)
    plan = Plan(stages.stale, stages.changed | set(early.shares), early.shares)
    workers = dict[str, subprocess.Popen[bytes]]()
    try:
        while plan.graph:
            while len(workers) < jobs and (unsure := plan.unsure()):
                plan.settle(unsure, changed(root, unsure))
            for stage in plan.ready()[: jobs - len(workers)]:
                if stage in early.shares:
                    given = early.command(root, stage), root / first.FOLDER, early.environment()
                    workers[stage] = _start(root, stage, *given)
                else:
                    what = _what(plan, stage, targets, alone)
                    workers[stage] = _start(root, stage, [*DVC, "repro", *what], root, {})
                plan.start(stage)
            for stage in [stage for stage, worker in workers.items() if worker.poll() is not None]:
                plan.end(stage, succeeded=workers.pop(stage).returncode == 0)
                if early.ends_with(stage, plan.graph) and not plan.failed():
                    tell(early.table(root))
            watch(plan)
            time.sleep(0.1)
    finally:
        _stop(workers.values())
    if failed := plan.failed():
        raise UserError("\n".join(_explain(root, stage) for stage in failed))
    order_lock(root, stages.order)


def _what(
    plan: Plan, stage: str, targets: tuple[str, ...], alone: tuple[str, ...]
) -> tuple[str, ...]:
    """What `dvc repro` is to run for `stage`: that alone, or the last one with all before it."""
    left = [name for name in plan.graph if name not in alone]
    # After a failure all before it would run what failed once more, and where nothing ran before
    # it the survey has just looked at all of that.
    closing = left == [stage] and plan.ended and not plan.failed()
    return targets if closing else ("-s", stage)


def _start(
    root: Path, name: str, command: list[str], where: Path, more: dict[str, str]
) -> subprocess.Popen[bytes]:
    """`command` in the folder `where`, with `more` in its environment; output goes to a log."""
    (root / LOGS).mkdir(parents=True, exist_ok=True)
    with (root / LOGS / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=where,
            env=_environment() | more,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A session of its own, so that an interruption reaches it once, from `_stop`.
            start_new_session=True,
        )


def _environment() -> dict[str, str]:
    """Stages say `python` and `sentiment`: those beside this Python, activated or not."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, RUNNER: "1"}


def _stop(workers: Iterable[subprocess.Popen[bytes]]) -> None:
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        alive = [worker for worker in workers if worker.poll() is None]
        for worker in alive:
            os.killpg(worker.pid, sent)
        deadline = time.monotonic() + PATIENCE
        while any(worker.poll() is None for worker in alive) and time.monotonic() < deadline:
            time.sleep(0.05)


def _explain(root: Path, stage: str) -> str:
    log = root / LOGS / f"{stage}.log"
    error = _last_error(log.read_text(encoding="utf-8", errors="replace"))
    return f"{stage}: {error} (all of its output: {LOGS / log.name})"


def _last_error(output: str) -> str:
    """The stage's own error with what follows it, or else the last line that is not DVC's."""
    lines = [line for line in output.splitlines() if line.strip()]
    own = [line for line in lines if not line.startswith("ERROR: ")] or lines or ["no output"]
    for number, line in enumerate(own):
        if line.startswith("error: "):
            return "\n".join(own[number:]).removeprefix("error: ")
    return own[-1]
