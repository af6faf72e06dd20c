"""Gives stages to other machines and takes up what they made, by DVC's own keys."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from sentiment.cluster import calls, news, preparation, shares
from sentiment.cluster.news import News
from sentiment.cluster.seedwise import Parts
from sentiment.cluster.work import Outcome, Part, Task
from sentiment.errors import UserError
from sentiment.running import dvc_graph, remotes, secrets, times
from sentiment.running.dvc_graph import Stages
from sentiment.running.local import DVC, Local, log_of
from sentiment.settings.params import Params

# What the head runs beside stages, by the names of their logs.
PUSH, TAKE_UP = "push", "take-up"
TAKING_UP = [sys.executable, "-m", "sentiment.running.dvc_results"]
# Variables that workers get from the head, where MLflow is a server that they can reach.
TRACKING = [
    f"MLFLOW_TRACKING_{name}" for name in ("URI", "USERNAME", "PASSWORD", "TOKEN", "INSECURE_TLS")
]


class Lost(Exception):
    """A task whose worker is gone, and could not be replaced."""


class Engine(Protocol):
    """What runs tasks on other machines."""

    def begin(self, repository: bytes) -> None:
        """Get ready; `repository` is a tar archive of a bare repository."""

    def slots(self) -> int:
        """How many tasks can run at once."""

    def submit(self, task: Task) -> Any:
        """Start a task, now or when a slot is free."""

    def result(self, handle: Any) -> Outcome | None:
        """What came of a task, None while it is under way.

        Raises Lost, and UserError with what the worker says that it lacks.
        """

    def news(self) -> list[News]:
        """What trainings said since the last call."""

    def stop(self, handles: Iterable[Any]) -> None:
        """Stop these tasks, and leave."""


class Head:
    """Runs stages on an engine's machines; what they made comes here through DVC's remote."""

    def __init__(
        self, root: Path, settings: Params, engine: Engine, say: Callable[[str], None]
    ) -> None:
        """`root` is the project; `say` is told what a person should know."""
        self.root, self.engine, self.say = root, engine, say
        self.local, self.parts = Local(root), Parts(root, settings)
        self.pushed: set[str] = set()
        self.pushing: set[str] = set()
        # Stages of tasks whose inputs are still to be pushed, and of those under way.
        self.waiting: list[tuple[list[str], Part | None]] = []
        self.handles: dict[Any, tuple[list[str], Part | None]] = {}
        self.made: list[str] = []  # stages to be taken up here
        self.in_remote: set[str] = set()
        self.taking_up: list[str] = []
        self.over: list[tuple[str, bool]] = []

    def begin(self, stages: Stages) -> None:
        """Look whether a cluster can run `stages`, and give it this commit.

        Raises UserError for changes that are not committed, and without a remote.
        """
        self.graph = stages.graph
        self.movable = shares.movable(stages.graph, stages.files)
        preparation.refuse_changes(self.root, stages.files)
        self.remote = preparation.remote(self.root)
        self.commit = calls.git(self.root, "rev-parse", "HEAD").strip()
        self.versions = preparation.versions()
        self.engine.begin(preparation.packed(self.root))

    def may_take(self, stage: str) -> bool:
        """Whether `stage` reads what others made, all of it from DVC's cache or Git."""
        return stage in self.movable

    def take(self, ready: Sequence[str], expected: Mapping[str, float]) -> list[str]:
        """Start what there is room for."""
        free = self.engine.slots() - len(self.handles) - len(self.waiting)
        tasks = shares.share([s for s in ready if s in self.movable], expected, free)
        self.waiting += self.parts.deal(tasks, expected, free - len(tasks))
        return [stage for stages in tasks for stage in stages]

    def ended(self) -> list[tuple[str, bool]]:
        """Move every task one step on; the stages that ended by that."""
        news.write(self.root, self.engine.news())
        self._push()
        for name, succeeded in self.local.ended():
            self._after(name, succeeded)
        for handle in list(self.handles):
            self._ask(handle)
        self._take_up()
        over, self.over = self.over, []
        return over

    def stop(self) -> None:
        """Stop all tasks."""
        self.local.stop()
        self.engine.stop(self.handles)

    def _push(self) -> None:
        """Put what waiting tasks read into the remote, and send those that have all they read."""
        for stages, part in list(self.waiting):
            if self._inputs(stages) <= self.pushed:
                self.waiting.remove((stages, part))
                self.handles[self.engine.submit(self._task(stages, part))] = stages, part
        inputs = (self._inputs(stages) for stages, _ in self.waiting)
        wanted = set().union(*inputs) - self.pushed
        if wanted and not self.pushing:
            self.pushing = wanted
            self.local.start(PUSH, [*DVC, "push", "--quiet", *sorted(wanted)])

    def _take_up(self) -> None:
        """Let DVC here take over what is in the remote: it runs nothing that it finds there."""
        if self.made and not self.taking_up:
            self.taking_up, self.made = self.made, []
            self.local.start(TAKE_UP, [*TAKING_UP, *self.taking_up])

    def _after(self, name: str, succeeded: bool) -> None:
        log = log_of(self.root, name)
        said = secrets.hide(log.read_text(encoding="utf-8", errors="replace"), self.remote)
        log.write_text(said, encoding="utf-8")
        if name == PUSH:
            if not succeeded:
                raise UserError(f"dvc push: {remotes.last_line(said)}")
            self.pushed |= self.pushing
            self.pushing = set()
            return
        failed = set() if succeeded else dvc_graph.changed(self.root, self.taking_up)
        for stage in failed:
            log_of(self.root, stage).write_text(said, encoding="utf-8")
        self.pushed |= self.in_remote
        self.over += [(stage, stage not in failed) for stage in self.taking_up]
        self.taking_up = []

    def _ask(self, handle: Any) -> None:
        """Look whether a task is over, and note what it made."""
        stages, part = self.handles[handle]
        try:
            outcome = self.engine.result(handle)
        except Lost as error:
            self.say(f"{', '.join(stages)}: its worker is lost ({error}), so it runs here")
            outcome = Outcome(stages, [], "")
        except UserError as error:
            outcome = Outcome([], stages, f"error: {error}")
        else:
            self.in_remote |= set(outcome.ended) if outcome and not part else set()
        if outcome is None:
            return
        del self.handles[handle]
        for stage in stages:
            log_of(self.root, stage).parent.mkdir(parents=True, exist_ok=True)
            log_of(self.root, stage).write_text(outcome.output, encoding="utf-8")
        for info in outcome.runinfo.values():
            times.leave(info, self.root)
        ended, failed = outcome.ended, outcome.failed
        if part:
            ended = [s for s in ended if self.parts.end(s, part, outcome.kept)]
            failed = [s for s in failed if self.parts.fail(s)]
        self.made += ended
        self.over += [(stage, False) for stage in failed]

    def _inputs(self, stages: Sequence[str]) -> set[str]:
        return shares.inputs(self.graph, stages)

    def _task(self, stages: list[str], part: Part | None) -> Task:
        lock = (self.root / "dvc.lock").read_text(encoding="utf-8")
        is_server = os.environ.get("MLFLOW_TRACKING_URI", "").startswith("http")
        names = TRACKING if is_server else []
        variables = {name: os.environ[name] for name in names if name in os.environ}
        inputs = sorted(self._inputs(stages))
        return Task(stages, inputs, self.commit, lock, self.remote, self.versions, variables, part)
