"""The page's sections about the work itself: what it costs, its data, where numbers come from."""

from typing import Any

import pandas as pd

from sentiment.reporting.study import speed
from sentiment.reporting.study.collected import Records

COMMANDS = """\
```
git log -1 --format=%H -- reports/index.html   # the commit that these results belong to
dvc checkout                                   # data and weights, where DVC's cache has them
sentiment run                                  # whatever is not up to date, and this page
sentiment verify                               # recompute all from the archive on, and compare
```"""


def missing(what: str, command: str) -> str:
    """What stands in the place of something that is not there."""
    return f"> **Missing:** {what}. `{command}` makes it, and this page anew."


def cost(records: Records) -> list[str]:
    """Parameters, and what the benchmarks measured."""
    columns = ["model", "architecture", "units", "parameters"]
    sizes = records.table.drop_duplicates("model")[columns]
    sizes = sizes.assign(parameters=sizes.parameters.map("{:,}".format))
    parts = ["# Weights to train", _table(sizes)]
    if records.benchmarks is None and _is_own(records):
        return parts
    if records.benchmarks is None:
        what = "seconds, memory, and speed beside stock Keras and PyTorch (benchmarks.json)"
        return [*parts, missing(what, "make bench")]
    return [*parts, speed.page(records.benchmarks)]


def data(records: Records) -> list[str]:
    """What `prepare` counted in the archive, and what `encode` lost."""
    parts = []
    for name, counted in records.data.items():
        if isinstance(counted, dict):
            parts += [f"# {_words(name).capitalize()}", _counts(counted)]
    if "left_out" in records.data:
        parts += ["# Rows left out", *_left_out(records.data["left_out"])]
    return [
        *parts,
        "# Tokens",
        "Labelled reviews of each protocol's parts as token ids; a token without a vector is "
        "dropped, and what is longer than the protocol's length is cut.",
        _table(records.encodings),
    ]


def _left_out(problems: list[dict[str, Any]]) -> list[str]:
    """The rows of a table that could not be used, by kind, with the first of their lines."""
    if not problems:
        return ["Every row of the table could be used."]
    rows = [
        {
            "why": problem["kind"],
            "rows": f"{problem['rows']:,}",
            "first lines": ", ".join(line.removeprefix("line ") for line in problem["lines"]),
        }
        for problem in problems
    ]
    return ["Rows of the table that could not be used:", _table(pd.DataFrame(rows))]


def _is_own(records: Records) -> bool:
    return records.data["dataset"] == "table"


def _counts(counted: dict[str, Any]) -> str:
    nested = any(isinstance(value, dict) for value in counted.values())
    rows = counted if nested else {name: {"count": value} for name, value in counted.items()}
    frame = pd.DataFrame(rows).T.map("{:,.10g}".format)
    frame.index = frame.index.map(_words)
    return _table(frame.rename_axis("of").reset_index())


def provenance(records: Records) -> list[str]:
    """Which data, code and machine, how to get the same, and the digest of every file read."""
    seeds = sorted(records.runs.seed.unique())
    named = ", ".join(map(str, seeds))
    codes = ", ".join(f"`{code}`" for code in records.codes) or "not recorded"
    return [
        f"Data set `{records.experiments.params.dataset.name}`, digest of its content "
        f"`{records.data['digest']}`. Digest of the code that trained the networks, their "
        f"architectures aside: {codes}. "
        f"{len(seeds)} seed{'s' * (len(seeds) > 1)}: {named}. The digest of every network's "
        "weights stands in its record.",
        *([] if _is_own(records) else [_machine(records.benchmarks)]),
        "A file cannot name the commit that it is part of; Git does, and DVC and `sentiment` get "
        "the same results from it:",
        COMMANDS,
        "# Files read",
        "With their md5; of what a stage made, dvc.lock has the same.",
        _table(records.files),
    ]


def _machine(benchmarks: dict[str, Any] | None) -> str:
    if benchmarks is None:
        return missing("the machine and the versions (benchmarks.json)", "make bench")
    host = benchmarks["host"]["host"]
    versions = benchmarks["host"]["versions"] | benchmarks.get("versions", {})
    told = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"Machine of the benchmarks: {host['cores']} cores of {host['processor']}, "
        f"{host['memory_gb']} GB, {host['system']}; {told}. What each stage took is "
        "in `reports/times.json`: it differs between runs that give equal results, so this page "
        "does not read it."
    )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _table(frame: pd.DataFrame) -> str:
    return frame.to_markdown(index=False, disable_numparse=True)
