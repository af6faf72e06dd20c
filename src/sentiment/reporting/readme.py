"""Fills the generated parts of the README, each between two markers."""

from pathlib import Path
from typing import Any

import pandas as pd

from sentiment import params
from sentiment.errors import UserError
from sentiment.files import read_json
from sentiment.reporting import answers, page, speed


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
    """What stands between the markers, from the committed reports alone."""
    names = ("comparison", "baselines", "differences", "gaps")
    table, simple, tested, gaps = (pd.read_csv(root / f"reports/{name}.csv") for name in names)
    grid = table[~table.model.isin(params.load(root / "params.yaml").ablation.models)]
    numbers = {
        protocol: answers.Numbers(cells, _of(simple, protocol), _of(tested, protocol))
        for protocol, cells in grid.groupby("protocol", sort=False)
    }
    # One level below the heading that the README puts over them.
    shown = ["#" + page.networks(here.cells, here.baselines) for here in numbers.values()]
    runinfo = [read_json(path) for path in sorted((root / "reports/runinfo").glob("*.json"))]
    return {
        "answers": answers.text(numbers, gaps),
        "tables": "\n\n".join(shown) + "\n",
        "times": times(runinfo),
        "speed": speed.markdown(read_json(root / "reports/benchmarks.json")["records"]),
    }


def _of(table: pd.DataFrame, protocol: str) -> pd.DataFrame:
    return table[table.protocol == protocol]


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
