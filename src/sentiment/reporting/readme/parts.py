"""The generated parts of README.md and of the pages in docs/."""

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sentiment.comparison import remeasured, results
from sentiment.reporting.comparison import document
from sentiment.reporting.memory import claims, measured, norms, rows, scored
from sentiment.reporting.readme import both_engines, commands, headline, stages
from sentiment.reporting.study import answers, beside, collected, experiments, speed, wide
from sentiment.reporting.study.questions import by_protocol
from sentiment.settings import params
from sentiment.settings.params import Params
from sentiment.storage.files import read_json

PICTURES = {name: f"reports/figures/{name}.png" for name in ("read-outs", "losses")}


def parts(root: Path) -> dict[str, str]:
    """What stands between the markers, from the committed reports alone."""
    table, simple, _, contrasts, gaps = (
        pd.read_csv(root / f"reports/comparison/{name}.csv") for name in collected.COMPARED
    )
    settings = params.load(root / "params.yaml")
    margin = settings.questions.margin
    numbers = by_protocol(table, simple, contrasts)
    runs = results.load(root / "reports/results", settings)
    found = experiments.load(settings, root / "reports", runs)
    # One level below the heading that the README puts over them.
    shown = ["#" + document.networks(here.cells, here.baselines) for here in numbers.values()]
    # `make results` leaves the questions of memory out.
    memories = {name: root / f"reports/memory/{name}/answers" for name in settings.memory.protocols}
    remembered = [protocol for protocol, path in memories.items() if path.is_dir()]
    pipeline, recorded = stages.load(root), read_json(root / "reports/times.json")
    return {
        "commands": commands.table(root / "reports/commands.json"),
        "headline": headline.table(numbers),
        "findings": answers.findings(numbers, gaps, found),
        "answers": answers.text(numbers, gaps, margin, found),
        "lesson": f"{beside.counted(found)}\n",
        "inputs": _paragraphs(beside.inputs(found)),
        "further": _paragraphs(beside.further_runs(found)),
        "width": _paragraphs(_below(wide.sections(found.widths, PICTURES, margin))),
        "leak": _paragraphs(beside.leak(found)),
        "memory": "\n".join(map(partial(memory, root, settings), remembered)),
        "tables": "\n\n".join(shown) + "\n",
        "graph": stages.diagram(*pipeline),
        "stages": stages.table(pipeline[0]),
        "engines": both_engines.sentence(root / "reports/engines.json", recorded["stages"]),
        "times": times(recorded),
        "speed": speed.markdown(read_json(root / "reports/benchmarks.json")["records"]),
    }


def _below(told: list[str]) -> list[str]:
    """With headings two levels further down."""
    return [f"##{part}" if part.startswith("# ") else part for part in told]


def _paragraphs(told: list[str]) -> str:
    return "\n\n".join(told) + "\n"


def memory(root: Path, settings: Params, protocol: str) -> str:
    """What the networks of one protocol remember: the main tables of its page, and verdicts."""
    folder, asked = root / f"reports/memory/{protocol}", settings.memory
    probed = measured.probes(folder / "probes", asked.probed)
    summary = claims.summary(measured.curves(probed))
    gated = [record["model"] for record in probed if record["gates"] > 1]
    epochs = settings.train.epochs
    planted = measured.fits(folder / "planted", asked.probed)
    fits = measured.planted(planted, dict.fromkeys((epochs, asked.planted.epochs)))
    rescaled = measured.rescaled(folder / "rescaled", asked.probed)
    by_norm = norms.by_norm(settings.vectors.norm, (probed, planted), rescaled, epochs)
    results = root / f"reports/results/{protocol}"
    runs = measured.read_outs(results, folder / "cells", settings)
    outdated = remeasured.changed(folder / "answers/weights.csv", results, folder / "cells")
    parts = [
        *filter(None, [remeasured.note(outdated)]),
        f"Left of a word's effect on the state, {asked.reviews:,} test reviews of `{protocol}`:",
        rows.influence(summary, "jacobian"),
        "\n".join(rows.verdicts(summary, gated)),
        *(
            []
            if by_norm.empty
            else [
                "At other norms of the vectors, where a tanh is more or less saturated:",
                "\n".join(norms.verdicts(by_norm, gated)),
            ]
        ),
        "Right answers when one word, so many words before the end, decides the label and the last "
        "state alone is read out:",
        rows.planted(fits, rows.steps(settings)),
        "The same layers with other read-outs, and without recurrence:",
        scored.read_outs(runs),
        f"[The page of memory](reports/memory/{protocol}/answers/memory.md) has the rest: "
        "exchanged words, the lesson's sentences, gates, and reviews whose words change places.",
    ]
    return "\n\n".join(parts) + "\n"


def times(record: dict[str, Any]) -> str:
    """Time and memory of each kind of stage, the longest-lasting first, and on which machine."""
    frame = pd.DataFrame.from_dict(record["stages"], orient="index")
    kinds = frame.groupby(frame.index.str.partition("@").get_level_values(0))
    shown = kinds.agg(
        runs=("seconds", "size"),
        minutes=("seconds", lambda seconds: seconds.sum() / 60),
        longest=("seconds", lambda seconds: seconds.max() / 60),
        memory=("peak_mb", "max"),
    ).sort_values("minutes", ascending=False)
    shown.index.name = "stage"
    shown.columns = ["stages", "minutes in all", "longest, minutes", "peak memory, MB"]
    host = record["host"]
    table = shown.reset_index().to_markdown(index=False, floatfmt=".1f")
    machine = f"{host['cores']} cores of {host['processor']}, {host['memory_gb']} GB"
    return f"{table}\n\nMeasured by the stages themselves on {machine}, side by side.\n"
