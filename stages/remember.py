"""Stage `remember`: what the networks of one protocol remember, in a page and figures."""

from pathlib import Path

from sentiment import files
from sentiment.comparison import remeasured
from sentiment.reporting.comparison.figures import save_all
from sentiment.reporting.comparison.tables import csv as as_csv
from sentiment.reporting.memory import account, claims, measured, panels, wings
from sentiment.running import stage
from sentiment.settings import params


def remember(
    protocol: str,
    results: Path,
    cells: Path,
    probed: Path,
    planted: Path,
    reordered: Path,
    markdown: Path,
    csv: Path,
    asked_of: Path,
    pictures: Path,
) -> None:
    """Read RESULTS, CELLS and the probes' folders; write MARKDOWN, CSV, ASKED_OF and PICTURES."""
    settings = params.load()
    asked = settings.memory
    main = measured.probes(probed, asked.probed)
    others = measured.probes(probed, asked.models)
    curves = measured.curves([*main, *others])
    summary, gated = claims.summary(curves), measured.gates([*main, *others])
    runs = measured.read_outs(results, cells, settings)
    fits, scores = measured.fits(planted, asked.probed), measured.orders(reordered, asked.reordered)
    page = account.markdown(protocol, settings, main, curves, summary, gated, fits, runs, scores)
    files.write_text(markdown, page)
    files.write_text(csv, as_csv(summary))
    known = {*asked.probed, *asked.reordered, *runs.model, *asked.models}
    present = remeasured.present(results, cells)
    files.write_text(asked_of, as_csv(present[present.model.isin(known)]))
    first = curves[curves.model.isin([record["model"] for record in main])]
    gated_or_not = next((record for record in main if record["gates"] > 1), main[-1])
    save_all(
        {
            "influence": wings.influence(first),
            "read-outs": wings.read_outs(curves, runs),
            "planted": panels.planted(fits),
            "sentences": panels.sentences(main, asked.sentences),
            "gates": panels.gates(gated_or_not),
            "orders": panels.orders(scores),
        },
        pictures,
    )


if __name__ == "__main__":
    stage.run(remember)
