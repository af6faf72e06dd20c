"""One run as Git and DVC hold it, before MLflow hears of it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Record:
    """One run as it is versioned; times are milliseconds since 1970, as MLflow counts them.

    With `timed` they are those of the work itself, without it those of the file with its results.
    """

    key: str
    name: str
    stage: str
    dataset: str
    digest: str | None
    params: dict[str, str]
    history: list[dict[str, float]]
    epochs_ended: list[int]
    metrics: dict[str, float]
    tags: dict[str, str]
    started: int
    ended: int
    timed: bool
    commit: str | None
    artifacts: dict[str, bytes] = field(default_factory=dict)


class Training(NamedTuple):
    """One training of a seed: when, in milliseconds since 1970, what it took, and on what."""

    started: int
    ended: int
    epochs_ended: list[int]
    metrics: dict[str, float]
    machine: dict[str, str]

    @classmethod
    def measured(
        cls, started: int, ended: int, epoch_seconds: Sequence[float], machine: dict[str, Any]
    ) -> "Training":
        """Build it from times; `machine` is as `host.describe` gives it, with peak_mb if known."""
        passed = [float(seconds) for seconds in accumulate(epoch_seconds)]
        metrics = {"fit/seconds": passed[-1], "fit/seconds_per_epoch": passed[-1] / len(passed)}
        if "peak_mb" in machine:
            metrics["fit/peak_mb"] = float(machine["peak_mb"])
        ends = [started + round(1000 * seconds) for seconds in passed]
        return cls(started, ended, ends, metrics, _machine(machine))


def canonical(settings: dict[str, Any]) -> dict[str, Any]:
    """The same settings with 1.0 and 1 alike, as they are for DVC."""
    return json.loads(json.dumps(settings), parse_float=_number)


def fingerprint(content: dict[str, Any]) -> str:
    """Hex sha256 over the content, whatever the order of its keys."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def milliseconds(moment: str) -> int:
    """ISO 8601 to milliseconds since 1970."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value


def _machine(runinfo: dict[str, Any]) -> dict[str, str]:
    """Tags that say what a training ran on: processor, cores, and a version of each package."""
    shown = {name: runinfo["host"][name] for name in ("processor", "cores")}
    shown |= {f"version.{package}": version for package, version in runinfo["versions"].items()}
    return {name: str(value) for name, value in shown.items()}
