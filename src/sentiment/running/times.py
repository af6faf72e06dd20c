"""What the stages took, and on which machine: beside the results, and only recorded if asked."""

from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sentiment.errors import UserError
from sentiment.running import host
from sentiment.storage.files import read_json, write_json

# Each stage's own, as it last ran here.
RUNINFO = Path(".sentiment/runinfo")
# Those of the study, which `record` alone renews.
RECORD = Path("reports/times.json")


def leave(info: dict[str, Any], root: Path = Path()) -> None:
    """Keep what a stage of the project `root` took, in place of what it took before.

    Trainings that gave other weights stay known: those weights may come back from DVC's cache.
    """
    path = root / RUNINFO / f"{info['stage']}.json"
    try:
        before = read_json(path)
    except (OSError, ValueError):
        before = {}
    present = {seed["weights"] for seed in info.get("seeds", ())}
    known = [{"peak_mb": before["peak_mb"], **seed} for seed in before.get("seeds", ())]
    known += before.get("earlier", [])
    earlier = [seed for seed in known if seed["weights"] not in present]
    write_json(path, info | ({"earlier": earlier} if earlier else {}))


def record(root: Path) -> int:
    """Write `reports/times.json` from what the stages left here; how many there are.

    Seconds and peak memory in MB of each stage, this machine and its versions. What was recorded on
    such a machine before stays for a stage of dvc.lock that did not run here, or that took seeds
    which were kept from an earlier run. UserError where no stage has run, or where some of them ran
    on another machine or with other versions.
    """
    found = [read_json(path) for path in sorted((root / RUNINFO).glob("*.json"))]
    if not found:
        raise UserError(f"{RUNINFO}: no stage has run here: `make study` runs them all")
    here = host.describe()
    for info in found:
        if any(info[key] != here[key] for key in here):
            raise UserError(
                f"{info['stage']}: it ran on another machine or with other versions: run it here"
            )
    taken = {info["stage"]: _kept(info) for info in found}
    whole = {info["stage"]: taken[info["stage"]] for info in found if _trained_all(info)}
    stages = taken | _earlier(root, here) | whole
    write_json(root / RECORD, {**here, "stages": dict(sorted(stages.items()))})
    return len(stages)


def _earlier(root: Path, here: dict[str, Any]) -> dict[str, Any]:
    """What was recorded of stages that there still are, on a machine such as this."""
    try:
        before = read_json(root / RECORD)
    except (OSError, ValueError):
        return {}
    if any(before.get(key) != here[key] for key in here):
        return {}
    locked = YAML(typ="safe").load(root / "dvc.lock")["stages"]
    return {name: took for name, took in before["stages"].items() if name in locked}


def _trained_all(info: dict[str, Any]) -> bool:
    """Whether each seed of the stage was trained in that very run."""
    begun = [datetime.fromisoformat(seed["started"]) for seed in info.get("seeds", ())]
    return all(start >= datetime.fromisoformat(info["started"]) for start in begun)


def _kept(info: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {
        key: info[key] for key in ("seconds", "peak_mb", "epoch_seconds") if key in info
    }
    if seeds := info.get("seeds"):
        kept["first_seed_seconds"] = round(sum(seeds[0]["epoch_seconds"]), 2)
    return kept


def last(root: Path, stage: str) -> float | None:
    """Seconds that `stage` took here, or else in the study; None where neither is known."""
    try:
        return float(read_json(root / RUNINFO / f"{stage}.json")["seconds"])
    except (OSError, ValueError, KeyError):
        return recorded(root).get(stage, {}).get("seconds")


def recorded(root: Path) -> dict[str, Any]:
    """Seconds and peak memory in MB of each stage of the study; empty without a record."""
    try:
        return read_json(root / RECORD)["stages"]
    except (OSError, ValueError, KeyError):
        return {}
