"""Time left is learnt from the run under way, and is that of the longest way through the rest."""

import networkx as nx
import pytest

from sentiment.running import pace, schedule
from sentiment.running.schedule import Plan

EXPECTED = {"prepare": 30.0, "train@a": 100.0, "train@b": 100.0, "train@c": 100.0, "compare": 5.0}


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    return clock


@pytest.fixture
def plan(monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Three trainings between preparation and comparison."""
    monkeypatch.setattr(schedule, "_last_seconds", EXPECTED.get)
    cells = ("train@a", "train@b", "train@c")
    return Plan(nx.DiGraph([(c, "prepare") for c in cells] + [("compare", c) for c in cells]))


def run_one(plan: Plan, clock: Clock, stage: str, seconds: float) -> None:
    plan.start(stage)
    clock.now += seconds
    plan.end(stage, succeeded=True)


def test_before_anything_ran_it_is_what_is_expected(plan: Plan) -> None:
    assert pace.seconds_left(plan, 1, {}) == pytest.approx(335)
    # Three trainings on two workers take as long as two of them, and nothing runs beside the ends.
    assert pace.seconds_left(plan, 2, {}) == pytest.approx(235)
    assert pace.seconds_left(plan, 9, {}) == pytest.approx(135)


def test_stages_that_take_longer_than_expected_make_the_rest_longer(
    plan: Plan, clock: Clock
) -> None:
    run_one(plan, clock, "prepare", 30)
    run_one(plan, clock, "train@a", 300)
    left = pace.seconds_left(plan, 1, {})
    # Two more that take nearly as long, not the 205 s expected.
    assert 500 < left < 620


def test_stages_that_are_done_at_once_make_the_rest_shorter(plan: Plan, clock: Clock) -> None:
    run_one(plan, clock, "prepare", 30)
    run_one(plan, clock, "train@a", 3)
    assert pace.seconds_left(plan, 1, {}) < 80


def test_one_short_stage_says_little_of_long_ones(plan: Plan, clock: Clock) -> None:
    plan.expected["prepare"] = 1.0
    run_one(plan, clock, "prepare", 3)
    assert pace.seconds_left(plan, 1, {}) == pytest.approx(305, rel=0.1)


def test_the_share_that_is_done_of_a_training_says_when_it_ends(plan: Plan, clock: Clock) -> None:
    run_one(plan, clock, "prepare", 30)
    plan.start("train@a")
    clock.now += 60
    # After 10 s of starting up a fifth in 50 s: 200 s are left of this one, and the others follow.
    done = {"train@a": pace.Done(0.2, 50)}
    assert 200 + 5 <= pace.seconds_left(plan, 3, done) < 260 + 5


def test_a_stage_past_its_time_is_never_said_to_end_at_once(plan: Plan, clock: Clock) -> None:
    run_one(plan, clock, "prepare", 30)
    for stage in ("train@a", "train@b", "train@c"):
        plan.start(stage)
    clock.now += 1000
    assert pace.seconds_left(plan, 3, {}) > 150


def test_what_never_ran_has_an_expectation_too(clock: Clock) -> None:
    plan = Plan(nx.DiGraph({"new@a": {}, "new@b": {}}))
    run_one(plan, clock, "new@a", 500)
    assert 200 < pace.seconds_left(plan, 1, {}) < 500
