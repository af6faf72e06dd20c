"""Fills the generated parts of the README, each between two markers."""

from pathlib import Path
from typing import Any

import pandas as pd

from sentiment.errors import UserError
from sentiment.files import read_json


def fill(readme: str, parts: dict[str, str]) -> str:
    """`readme` with the text between `<!-- name -->` and `<!-- /name -->` replaced, a part each.

    Raises UserError for a part whose markers are not there.
    """
    for name, text in parts.items():
        head, start, rest = readme.partition(f"<!-- {name} -->\n")
        _, end, tail = rest.partition(f"<!-- /{name} -->")
        if not (start and end):
            raise UserError(f"README.md: no markers for '{name}': put <!-- {name} --> back")
        readme = head + start + text + end + tail
    return readme


def parts(root: Path) -> dict[str, str]:
    """What stands between the markers, from the committed reports."""
    table = (root / "reports/comparison.md").read_text(encoding="utf-8")
    runinfo = [read_json(path) for path in sorted((root / "reports/runinfo").glob("*.json"))]
    return {"table": table, "times": times(runinfo)}


def times(runinfo: list[dict[str, Any]]) -> str:
    """Time and memory of each kind of stage, the longest-lasting first, and on which machine."""
    frame = pd.DataFrame(runinfo, columns=["stage", "seconds", "peak_mb", "host"])
    kinds = frame.groupby(frame.stage.str.partition("@")[0])
    shown = kinds.agg(
        runs=("stage", "size"),
        minutes=("seconds", lambda seconds: seconds.sum() / 60),
        longest=("seconds", lambda seconds: seconds.max() / 60),
        memory=("peak_mb", "max"),
    ).sort_values("minutes", ascending=False)
    shown.index.name = "stage"
    shown.columns = ["stages", "minutes in all", "longest, minutes", "peak memory, MB"]
    host = frame.host.dropna().iloc[0]
    table = shown.reset_index().to_markdown(index=False, floatfmt=".1f")
    machine = f"{host['cores']} cores of {host['processor']}, {host['memory_gb']} GB"
    return f"{table}\n\nMeasured by the stages themselves on {machine}, side by side.\n"
