"""Runs a stage with MLflow watching from beside it; tracking never fails or delays a stage."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sentiment.errors import UserError
from sentiment.networks import runtime
from sentiment.running import host, progress
from sentiment.running.quiet import ELSEWHERE, RUNNER, STAGE
from sentiment.settings import params
from sentiment.settings.cells import Cell
from sentiment.tracking.lease import process_name
from sentiment.tracking.mirror import EPOCH, adopt, epoch_points, now, publish
from sentiment.tracking.record import Training
from sentiment.tracking.records import Recorder, evaluated, trained
from sentiment.tracking.store import Store
from sentiment.tracking.tree import Tree
from sentiment.tracking.trouble import reason

# Seconds that a finished stage waits at most for tracking to finish as well.
PATIENCE = 60


def track(command: list[str]) -> int:
    """Run `command`, mirror what it does when it is a `train` or `evaluate` stage of DVC.

    Returns the command's exit code; 128 + the signal that ended it, 127 when there is no such
    command. Output is the command's own; a tracking failure adds one line to standard error.
    """
    group, _, cell = os.environ.get("DVC_STAGE", "").split(":")[-1].partition("@")
    kind, _, _ = group.partition("-")
    # The runner mirrors evaluations itself: they are over before MLflow is imported here.
    if kind not in ("train", "evaluate") or (kind == "evaluate" and RUNNER in os.environ):
        return _run(command)
    # Nobody reads a store of another machine's own; the head mirrors what comes from there.
    if os.environ.get(RUNNER) == ELSEWHERE and "MLFLOW_TRACKING_URI" not in os.environ:
        return _run(command)
    mirror = Mirror(kind, cell)
    code = _run(command, mirror.start)
    mirror.finish(code)
    return code


class Mirror(threading.Thread):
    """Follows one stage and publishes its cell when it is done."""

    def __init__(self, kind: str, cell: str) -> None:
        """`kind` is train or evaluate; `cell` protocol-model."""
        super().__init__(daemon=True)
        self.kind, self.cell = kind, cell
        self.over, self.code = threading.Event(), 0
        # What an earlier training said is not news.
        with contextlib.suppress(OSError):
            (progress.FOLDER / f"{cell}.jsonl").unlink(missing_ok=True)

    def run(self) -> None:
        """Mirror; whatever goes wrong is one warning."""
        try:
            self._mirror()
        except Exception as error:
            _warn(reason(error))

    def finish(self, code: int) -> None:
        """Say with which code the stage ended, and wait until it is mirrored."""
        self.code = code
        self.over.set()
        with contextlib.suppress(KeyboardInterrupt):
            self.join(PATIENCE)
        if self.is_alive():
            _warn("no answer")

    def _mirror(self) -> None:
        tree = Tree(Path())
        cell = tree.cells[self.cell]
        store = Store(tree.root)
        if self.kind == "train":
            self._follow(Live(store, Recorder(tree, cell)), cell)
        self.over.wait()
        if self.code == 0:
            records = (trained if self.kind == "train" else evaluated)(tree, cell)
            publish(store, tree.dataset, records, stage=cell.stage("train"))

    def _follow(self, live: "Live", cell: Cell) -> None:
        follower = progress.Follower(cell.protocol, cell.model)
        over = False
        while not over:
            # Asked first, so that what came in before the end is read after it.
            over = self.over.wait(1)
            for event in follower.new():
                live.see(event)
        live.close("KILLED" if self.code > 128 else "FAILED")


class Live:
    """Live runs of one cell, a seed each."""

    def __init__(self, store: Store, recorder: Recorder) -> None:
        """Nothing is written before the first event."""
        self.store, self.recorder = store, recorder
        self.runs: dict[int, str] = {}
        self.started: dict[int, int] = {}
        self.epochs: dict[int, list[dict[str, Any]]] = {}
        self.seconds: dict[int, list[float]] = {}
        self.machine = host.describe()

    def see(self, event: dict[str, Any]) -> None:
        """Write one event (see `progress.Events`) to the run of its seed."""
        seed = event["seed"]
        if seed not in self.runs:
            self.runs[seed] = self._start(seed)
        if event["event"] == "epoch":
            epoch = {name: event[name] for name in ("epoch", *EPOCH)}
            self.epochs.setdefault(seed, []).append(epoch)
            self.seconds.setdefault(seed, []).append(event["seconds"])
            self.store.log(self.runs[seed], epoch_points([epoch], [now()]))
        if event["event"] == "seed":
            entry = {"seed": seed, "weights": event["weights"], "history": self.epochs[seed]}
            run_id, ended = self.runs.pop(seed), now()
            # As runinfo will have it when the stage ends, but for the start and the memory.
            took = Training.measured(self.started[seed], ended, self.seconds[seed], self.machine)
            adopt(self.store, run_id, self.recorder.record(entry, ended, took))

    def _start(self, seed: int) -> str:
        # No key: that takes the weights.
        tags = {"dvc.stage": self.recorder.stage, "current": "true", "live": process_name()}
        experiment = self.store.experiment(self.recorder.dataset)
        self.started[seed] = now()
        named = self.recorder.name(seed), tags, self.started[seed]
        return self.store.create(experiment, *named).info.run_id

    def close(self, status: str) -> None:
        """End the runs whose seed did not finish."""
        for run_id in self.runs.values():
            self.store.close(run_id, status)


def _run(command: list[str], started: Callable[[], None] = lambda: None) -> int:
    """Run `command`, call `started`, pass signals on, return the exit code as a shell would.

    Libraries that the command imports say nothing of themselves.
    """
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _: Any) -> None:
        if child:
            child.send_signal(number)
        else:
            early.append(number)

    # Before there is a child: one that comes while it starts must reach it too.
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, pass_on) for number in numbers}
    try:
        try:
            # A group of its own: Ctrl-C reaches it once, through here, however it was sent.
            child = subprocess.Popen(command, env=_environment(), process_group=0)
        except OSError as error:
            sys.stderr.write(f"error: {command[0]}: {error.strerror}\n")
            return 127
        for number in early:
            child.send_signal(number)
        started()
        code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def _environment() -> dict[str, str]:
    """What a stage's process finds: silent libraries, and the target of params.yaml."""
    try:
        target = params.load().train.target
    except UserError:
        # The stage says itself what is wrong with params.yaml.
        return os.environ | STAGE
    return os.environ | STAGE | runtime.environment(target)


def _warn(why: str) -> None:
    sys.stderr.write(f"warning: not tracked in MLflow: {why}; `sentiment sync` catches up\n")
