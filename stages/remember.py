"""Stage `remember`: what the networks of one protocol remember, in a page and figures."""

from pathlib import Path

from sentiment import command, files, params
from sentiment.reporting.figures import save
from sentiment.reporting.memory import claims, figures, page, records, wings
from sentiment.reporting.tables import csv as as_csv


def remember(
    protocol: str,
    results: Path,
    cells: Path,
    probed: Path,
    planted: Path,
    reordered: Path,
    markdown: Path,
    csv: Path,
    influence: Path,
    read_outs: Path,
    distances: Path,
    sentences: Path,
    gates: Path,
    orders: Path,
) -> None:
    """Read RESULTS, CELLS and the folders of the probes; write MARKDOWN, CSV and the figures."""
    settings = params.load()
    asked = settings.memory
    main = records.probes(probed, asked.probed)
    others = records.probes(probed, asked.models)
    curves = records.curves([*main, *others])
    summary, gated = claims.summary(curves), records.gates([*main, *others])
    runs = records.read_outs(results, cells, settings)
    fits, scores = records.fits(planted, asked.probed), records.orders(reordered, asked.reordered)
    text = page.markdown(protocol, settings, main, curves, summary, gated, fits, runs, scores)
    files.write_text(markdown, text)
    files.write_text(csv, as_csv(summary))
    first = curves[curves.model.isin([record["model"] for record in main])]
    save(wings.influence(first), influence)
    save(wings.read_outs(curves, runs), read_outs)
    save(figures.planted(fits), distances)
    save(figures.sentences(main, asked.sentences), sentences)
    save(figures.gates(next((r for r in main if r["gates"] > 1), main[-1])), gates)
    save(figures.orders(scores), orders)


if __name__ == "__main__":
    command.run(remember)
