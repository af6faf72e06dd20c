"""Runs stale stages side by side on stock DVC, and ends with a plain `dvc repro`.

`dvc repro` runs one stage after another. `dvc --wait-for-lock repro -s STAGE` may run several
times at once, as long as none of them walks upstream: so each worker gets a stage that is ready.
The last of several gets a plain `dvc repro`, which proves at once that nothing else is left.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from sentiment.errors import UserError
from sentiment.running import first
from sentiment.running.dvc_graph import Stages, changed, order_lock, survey
from sentiment.running.local import DVC, LOGS, Local, log_of
from sentiment.running.schedule import Plan
from sentiment.settings.params import Params

# The name of the plain `dvc repro` that comes last where other machines ran the last stage.
PROOF = "proof"


class Elsewhere(Protocol):
    """Other machines that run stages; afterwards DVC has their results here."""

    def begin(self, stages: Stages) -> None:
        """Get ready for a run of `stages`. Raises UserError where it cannot be."""

    def may_take(self, stage: str) -> bool:
        """Whether `stage` can run there."""

    def take(self, ready: Sequence[str], expected: Mapping[str, float]) -> list[str]:
        """Start as many stages of `ready` as there is room for, and name them.

        `expected` says how many seconds each is to take.
        """

    def ended(self) -> Iterable[tuple[str, bool]]:
        """Stages that ended since the last call, and whether they succeeded."""

    def stop(self) -> None:
        """Stop all that is under way there."""


def run(
    root: Path,
    targets: tuple[str, ...],
    jobs: int,
    watch: Callable[[Plan], None],
    alone: tuple[str, ...] = (),
    settings: Params | None = None,
    tell: Callable[[str], None] = print,
    elsewhere: Elsewhere | None = None,
) -> None:
    """Run what is stale with `jobs` workers; `watch` is called several times a second.

    Under `targets` (all stages if none) everything comes up to date. The stages `alone` then run
    on what there is: nothing else under them does. With `settings` a first look comes before all
    other trainings, and `tell` is called with it; what can run `elsewhere` does. An interruption
    stops the stages under way and waits for them; ended ones are kept.
    Raises UserError that names every stage that failed, and its log.
    """
    stages = survey(root, targets, alone)
    early = first.none()
    if settings is not None and elsewhere is None:
        early = first.plan(root, settings, stages.stale, stages.changed, jobs)
    plan = Plan(stages.stale, stages.changed | set(early.shares), early.shares)
    local, is_proven = Local(root), not plan.graph
    try:
        if elsewhere and plan.graph:
            elsewhere.begin(stages)
        while plan.graph:
            while (elsewhere or len(local) < jobs) and (unsure := plan.unsure()):
                plan.settle(unsure, changed(root, unsure))
            for stage in elsewhere.take(plan.ready(), plan.expected) if elsewhere else ():
                plan.start(stage)
            here = [s for s in plan.ready() if not (elsewhere and elsewhere.may_take(s))]
            for stage in here[: jobs - len(local)]:
                if stage in early.shares:
                    given = early.command(root, stage), root / first.FOLDER, early.environment()
                    local.start(stage, *given)
                else:
                    what = _what(plan, stage, targets, alone)
                    is_proven |= what == targets
                    local.start(stage, [*DVC, "repro", *what])
                plan.start(stage)
            for stage, succeeded in [*local.ended(), *(elsewhere.ended() if elsewhere else ())]:
                plan.end(stage, succeeded=succeeded)
                if early.ends_with(stage, plan.graph) and not plan.failed():
                    tell(early.table(root))
            watch(plan)
            time.sleep(0.1)
        if elsewhere and not is_proven and not plan.failed():
            _prove(root, local, targets)
    finally:
        local.stop()
        if elsewhere:
            elsewhere.stop()
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


def _prove(root: Path, local: Local, targets: tuple[str, ...]) -> None:
    """Let a plain `dvc repro` look whether anything is left to run, and run it."""
    local.start(PROOF, [*DVC, "repro", *targets])
    while not (ended := local.ended()):
        time.sleep(0.1)
    if ended != [(PROOF, True)]:
        raise UserError(_explain(root, PROOF))


def _explain(root: Path, stage: str) -> str:
    log = log_of(root, stage)
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
