"""One record becomes one run, any number of times, by any number of processes."""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sentiment.tracking.record import Record
from sentiment.tracking.store import Point, Store

EPOCH = {"acc": "train/acc", "loss": "train/loss", "val_acc": "val/acc", "val_loss": "val/loss"}
# Milliseconds after a training in which a live run of it may still begin: opening a store takes
# seconds, and a small network not many more.
LATE = 60_000


@dataclass
class Summary:
    """What a sync did: numbers of runs, and one line on each result that is not mirrored."""

    created: int = 0
    completed: int = 0
    unchanged: int = 0
    skipped: list[str] = field(default_factory=list)

    def __add__(self, other: "Summary") -> "Summary":
        """Both together."""
        return Summary(
            self.created + other.created,
            self.completed + other.completed,
            self.unchanged + other.unchanged,
            self.skipped + other.skipped,
        )

    def __str__(self) -> str:
        """Lines for a terminal."""
        runs = f"{self.created} created, {self.completed} completed, {self.unchanged} unchanged"
        return "\n".join([f"MLflow runs: {runs}", *(f"skipped: {line}" for line in self.skipped)])


def publish(
    store: Store,
    dataset: str,
    records: Sequence[Record],
    *,
    stage: str | None = None,
    keep: bool = False,
) -> Summary:
    """Make the runs of the data set's experiment, or of one `stage` of it, those of `records`.

    Runs of other records stay, no longer current, and so do those of other trainings that gave
    the same. With `keep`, for records of another revision, runs keep the values they have and none
    changes whether it is current. Can be called any number of times, by any number of processes,
    and be killed at any moment.
    """
    summary = Summary()
    with store.lock:
        experiment = store.experiment(dataset)
        runs = store.runs(experiment, stage)
        for record in records:
            outcome = write(store, experiment, record, _take(runs, record), keep)
            setattr(summary, outcome, getattr(summary, outcome) + 1)
        for run in itertools.chain(*runs.values()) if not keep else ():
            if run.data.tags.get("current") != "false":
                store.log(run.info.run_id, tags={"current": "false"})
    return summary


def _take(runs: dict[str, list[Any]], record: Record) -> Any:
    """Take the record's run out of `runs`, which are listed by key; None if it is not there.

    Equal trainings on another day or machine have one key and a run each. Where the record knows
    its times, its run is the one that began during the training or at most LATE after it.
    """
    found = runs.get(record.key, [])
    for run in found:
        start = run.info.start_time
        if not record.timed or record.started <= start <= record.ended + LATE:
            found.remove(run)
            return run
    return None


def adopt(store: Store, run_id: str, record: Record) -> None:
    """Turn a live run into the run of `record`."""
    with store.lock:
        experiment = store.experiment(record.dataset)
        write(store, experiment, record, store.client.get_run(run_id))


def write(store: Store, experiment: str, record: Record, run: Any, keep: bool = False) -> str:
    """Make `run`, an MLflow Run or None, equal to `record`; caller holds the lock.

    With `keep`, values that the run has stay as they are and only missing ones are added.
    Returns what became of the run: created, completed or unchanged.
    """
    outcome = "completed" if run else "created"
    if run and not keep and (_began_late(run, record) or _changed(record.params, run.data.params)):
        # MLflow changes neither a param nor a start, so this run gives way to a new one.
        store.client.delete_run(run.info.run_id)
        run = None
    if run is None:
        run = store.create(experiment, record.name, {"dvc.key": record.key}, record.started)
    wrote = [
        _write_values(store, record, run, keep),
        _write_dataset(store, record, run),
        _write_artifacts(store, record, run),
        _write_end(store, record, run, keep),
    ]
    return outcome if any(wrote) else "unchanged"


def _began_late(run: Any, record: Record) -> bool:
    """Whether a live run missed more than a quarter of the training, and tells its time wrongly."""
    missed = run.info.start_time - record.started
    return record.timed and missed > (record.ended - record.started) / 4


def epoch_points(history: Sequence[dict[str, Any]], times: Sequence[int]) -> list[Point]:
    """The four curves of a run; `times` says when each epoch ended."""
    return [
        Point(metric, float(epoch[name]), time, int(epoch["epoch"]))
        for epoch, time in zip(history, times, strict=True)
        for name, metric in EPOCH.items()
    ]


def now() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)


def _write_values(store: Store, record: Record, run: Any, keep: bool) -> bool:
    has = run.data
    wanted = {"dvc.key": record.key, "dvc.stage": record.stage}
    wanted |= {"current": "false" if keep else "true"}
    wanted |= {"git.commit": record.commit} if record.commit else {}
    wanted |= record.tags
    tags = {name: value for name, value in wanted.items() if name not in has.tags}
    tags |= {} if keep else _changed(wanted, has.tags)
    params = {name: value for name, value in record.params.items() if name not in has.params}
    points = _lacking(store, record, run, keep)
    store.log(run.info.run_id, points, params, tags)
    over = not keep and "reproduces" in has.tags.keys() - wanted.keys()
    if over:
        store.client.delete_tag(run.info.run_id, "reproduces")
    return bool(points or params or tags or over)


def _write_dataset(store: Store, record: Record, run: Any) -> bool:
    if record.digest is None or (run.inputs and run.inputs.dataset_inputs):
        return False
    store.log_dataset(run.info.run_id, record.dataset, record.digest, "data/reviews.parquet")
    return True


def _write_artifacts(store: Store, record: Record, run: Any) -> bool:
    if not record.artifacts:
        return False
    # Where the writing was cut off, a file of the right size need not be the right one.
    whole = run.info.status == "FINISHED"
    sizes = store.artifacts(run.info.run_id) if whole else {}
    lacking = {n: c for n, c in record.artifacts.items() if sizes.get(n) != len(c)}
    store.log_artifacts(run.info.run_id, lacking)
    return bool(lacking)


def _write_end(store: Store, record: Record, run: Any, keep: bool) -> bool:
    if "live" in run.data.tags:
        store.client.delete_tag(run.info.run_id, "live")
    # No file knows when a run ended that began after it was written.
    ended = max(record.ended, run.info.start_time)
    right = run.info.end_time == ended or keep or not record.timed
    if run.info.status == "FINISHED" and right:
        return False
    store.client.set_terminated(run.info.run_id, "FINISHED", ended)
    return True


def _lacking(store: Store, record: Record, run: Any, keep: bool) -> list[Point]:
    """Points of the record that the run does not have, or has with another value."""
    latest, run_id = run.data.metrics, run.info.run_id
    points = epoch_points(record.history, record.epochs_ended)
    points += [Point(name, float(v), record.ended, 0) for name, v in record.metrics.items()]
    logged = {(point.name, point.step) for point in points if point.name in latest}
    if run.info.status != "FINISHED":
        # A run that was cut off may have its first epochs only.
        histories = [store.client.get_metric_history(run_id, name) for name in latest]
        logged = {(entry.key, entry.step) for history in histories for entry in history}
    lacking = [point for point in points if (point.name, point.step) not in logged]
    for point in {point.name: point for point in points if not keep}.values():
        # As text: not a number differs from itself.
        present = (point.name, point.step) in logged
        if present and repr(latest[point.name]) != repr(point.value):
            history = store.client.get_metric_history(run_id, point.name)
            # Of the values of a step MLflow shows the latest.
            lacking.append(point._replace(time=max(e.timestamp for e in history) + 1))
    return lacking


def _changed(wanted: dict[str, str], present: dict[str, str]) -> dict[str, str]:
    return {name: v for name, v in wanted.items() if present.get(name, v) != v}
