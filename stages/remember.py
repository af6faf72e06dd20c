"""Stage `remember`: what the networks of one protocol remember, in a page and figures."""

from pathlib import Path

from sentiment.comparison import remeasured
from sentiment.reporting.comparison.figures import save_all
from sentiment.reporting.comparison.tables import csv
from sentiment.reporting.memory import account, gathered, panels, wings
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files


def remember(
    protocol: str, results: Path, memory: Path, networks: Path, probabilities: Path
) -> None:
    """Write MEMORY/answers: a page, tables and figures.

    RESULTS and MEMORY have the records of the grid and of memory; NETWORKS and PROBABILITIES what
    models of memory, and models of the grid and baselines, say of each review.
    """
    settings = params.load()
    found = gathered.load(protocol, settings, results, memory, networks, probabilities)
    present = remeasured.present(results, memory / "cells")
    asked = [record["model"] for record in found.probed]
    first = found.curves[found.curves.model.isin(asked)]
    written = {
        "influence": found.summary,
        "norms": found.norms,
        "linear": found.linear,
        "weights": present[present.model.isin(found.models)],
    }
    with_gates = (record for record in found.probed if record["gates"] > 1)
    shown = {
        "influence": wings.influence(first),
        "read-outs": wings.read_outs(found.curves, found.runs),
        "planted": panels.planted(found.fits),
        "sentences": panels.sentences(found.probed, settings.memory.sentences),
        "gates": panels.gates(next(with_gates, found.probed[-1])),
        "orders": panels.orders(found.scores),
    }
    with files.atomic_path(memory / "answers") as folder:
        files.write_text(folder / "memory.md", account.markdown(found))
        for name, table in written.items():
            if not table.empty:
                files.write_text(folder / f"{name}.csv", csv(table))
        if found.answers:
            found.answers.save(folder / "ensembles.parquet")
        save_all(shown, folder / "figures")


if __name__ == "__main__":
    stage.run(remember)
