"""Shows a run while it goes on: a live table on a terminal, plain lines elsewhere."""

import math
import time
from collections.abc import Collection, Sequence
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from sentiment.running import first, pace
from sentiment.running.progress import Follower
from sentiment.running.schedule import Ended, Plan


class View:
    """What the runner tells a person; `with` it for as long as stages run."""

    def __init__(self, jobs: int, seeds: Sequence[int], epochs: int) -> None:
        """`jobs` stages run at most at a time; a training takes `seeds`, each for `epochs`."""
        self.jobs, self.seeds, self.epochs = jobs, seeds, epochs
        self.console = Console(stderr=True)
        self.live = Live(console=self.console, auto_refresh=False, transient=True)
        self.followers: dict[str, Follower] = {}
        self.latest: dict[str, dict[str, Any]] = {}
        self.told = 0
        # Stage -> seed -> validation accuracy after its last epoch, of seeds trained in this run.
        self.scores: dict[str, dict[int, float]] = {}
        # Stage -> the seed that its training began with, and when that was heard of.
        self.first: dict[str, tuple[int, float]] = {}
        self.left, self.estimated = "", -math.inf

    def __enter__(self) -> Self:
        """Take the terminal, if there is one."""
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give the terminal back."""
        self.live.stop()

    def update(self, plan: Plan) -> None:
        """Say what started and ended since the last call, and redraw."""
        for stage in plan.running:
            if stage not in self.latest:
                self._begin(stage, plan)
        for stage, follower in self.followers.items():
            for event in follower.new():
                self.latest[stage] |= event
                self._score(stage, event)
                if stage not in self.first:
                    self.first[stage] = event["seed"], time.monotonic()
                    plan.expect_share(stage, self._untrained(event["seed"]))
        for ended in plan.ended[self.told :]:
            self._end(ended, plan)
        if self.console.is_terminal:
            self.live.update(self._table(plan), refresh=True)

    def _begin(self, stage: str, plan: Plan) -> None:
        self.latest[stage] = {}
        group, _, cell = stage.partition("@")
        if group.partition("-")[0] == "train":
            protocol, model = cell.split("-", 1)
            self.followers[stage] = Follower(protocol, model)
            self.followers[stage].skip()
            if any(ended.stage.startswith(first.PREFIX) for ended in plan.ended):
                for event in Follower(protocol, model, first.FOLDER).new():
                    self._score(stage, event)
        if not self.console.is_terminal:
            self.say(f"{stage} started")

    def _score(self, stage: str, event: dict[str, Any]) -> None:
        if event["event"] == "epoch" and event["epoch"] == self.epochs:
            self.scores.setdefault(stage, {})[event["seed"]] = event["val_acc"]

    def _end(self, ended: Ended, plan: Plan) -> None:
        self.told += 1
        self.followers.pop(ended.stage, None)
        self.estimated = -math.inf
        scored = _mean(self.scores.get(ended.stage, {}).values())
        accuracy = f", val acc {scored}" if scored else ""
        how = f"done in {_duration(ended.seconds)}{accuracy}" if ended.succeeded else "FAILED"
        self.say(f"{ended.stage} {how} ({self._count(plan)})")

    def _table(self, plan: Plan) -> Group:
        table = Table(box=None, pad_edge=False)
        for column in ("stage", "time", "seed", "epoch", "step", "acc", "val acc", "seeds so far"):
            table.add_column(column)
        for stage, start in plan.running.items():
            event = self.latest[stage]
            table.add_row(
                stage,
                _duration(time.monotonic() - start),
                *(str(event.get(key, "")) for key in ("seed", "epoch")),
                f"{event['step']} / {event['steps']}" if "step" in event else "",
                *(f"{event[key]:.4f}" if key in event else "" for key in ("acc", "val_acc")),
                _mean(self.scores.get(stage, {}).values()),
            )
        return Group(table, self._count(plan))

    def _count(self, plan: Plan) -> str:
        # Once a second, and when a stage ended: the table is drawn more often.
        if time.monotonic() - self.estimated >= 1:
            done = {stage: self._done(stage) for stage in self.first if stage in self.followers}
            self.left = _duration(pace.seconds_left(plan, self.jobs, done))
            self.estimated = time.monotonic()
        return f"{len(plan.ended)} of {plan.total}, about {self.left} left"

    def _done(self, stage: str) -> pace.Done:
        """How much of a training is done since its first seed: those before it were kept."""
        event, (seed, since) = self.latest[stage], self.first[stage]
        seconds = time.monotonic() - since
        if "epoch" not in event or not {event["seed"], seed} <= set(self.seeds):
            return pace.Done(0.0, seconds)
        seeds = self.seeds.index(event["seed"]) - self.seeds.index(seed)
        of_epoch = event["step"] / event["steps"] if event["event"] == "step" else 1
        epochs = (event["epoch"] - 1 + of_epoch) / self.epochs
        total = self._untrained(seed) * len(self.seeds)
        return pace.Done((seeds + epochs) / total, seconds)

    def _untrained(self, first: int) -> float:
        """Share of the seeds that train, if `first` is the first of them; 1 if it is not known."""
        kept = self.seeds.index(first) if first in self.seeds else 0
        return 1 - kept / len(self.seeds)

    def say(self, text: str) -> None:
        """Print lines that stay."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)


def _mean(values: Collection[float]) -> str:
    """Mean of seeds with its 95 % interval, and how many they are; empty for none."""
    if not values:
        return ""
    # Not sooner: it takes two seconds, and a run in which nothing trains is to be quick.
    from sentiment.comparison.statistics import mean_interval

    low, high = mean_interval(list(values))
    shown = f"{sum(values) / len(values):.4f}"
    if len(values) == 1:
        return f"{shown}, one seed"
    return f"{shown} [{low:.4f}, {high:.4f}], {len(values)} seeds"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
