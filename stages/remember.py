"""Stage `remember`: what the networks of one protocol remember, in a page and figures."""

from pathlib import Path

from sentiment import files
from sentiment.comparison import remeasured
from sentiment.reporting.comparison.figures import save_all
from sentiment.reporting.comparison.tables import csv
from sentiment.reporting.memory import account, claims, measured, panels, wings
from sentiment.running import stage
from sentiment.settings import params


def remember(protocol: str, results: Path, memory: Path) -> None:
    """Read RESULTS and the records in MEMORY; write MEMORY/answers: a page, tables and figures."""
    settings = params.load()
    asked, cells = settings.memory, memory / "cells"
    main = measured.probes(memory / "probes", asked.probed)
    others = measured.probes(memory / "probes", asked.models)
    curves = measured.curves([*main, *others])
    summary, gated = claims.summary(curves), measured.gates([*main, *others])
    runs = measured.read_outs(results, cells, settings)
    fits = measured.fits(memory / "planted", asked.probed)
    scores = measured.orders(memory / "reordered", asked.reordered)
    page = account.markdown(protocol, settings, main, curves, summary, gated, fits, runs, scores)
    known = {*asked.probed, *asked.reordered, *runs.model, *asked.models}
    present = remeasured.present(results, cells)
    first = curves[curves.model.isin([record["model"] for record in main])]
    gated_or_not = next((record for record in main if record["gates"] > 1), main[-1])
    shown = {
        "influence": wings.influence(first),
        "read-outs": wings.read_outs(curves, runs),
        "planted": panels.planted(fits),
        "sentences": panels.sentences(main, asked.sentences),
        "gates": panels.gates(gated_or_not),
        "orders": panels.orders(scores),
    }
    with files.atomic_path(memory / "answers") as folder:
        files.write_text(folder / "memory.md", page)
        files.write_text(folder / "influence.csv", csv(summary))
        files.write_text(folder / "weights.csv", csv(present[present.model.isin(known)]))
        save_all(shown, folder / "figures")


if __name__ == "__main__":
    stage.run(remember)
