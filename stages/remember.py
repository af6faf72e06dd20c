"""Stage `remember`: what the networks of one protocol remember, in a page and figures."""

from pathlib import Path

from sentiment import command, files, params
from sentiment.reporting.figures import save_all
from sentiment.reporting.memory import claims, figures, page, records, weights, wings
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
    asked_of: Path,
    pictures: Path,
) -> None:
    """Read RESULTS, CELLS and the probes' folders; write MARKDOWN, CSV, ASKED_OF and PICTURES."""
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
    known = {*asked.probed, *asked.reordered, *runs.model, *asked.models}
    present = weights.present(results, cells)
    files.write_text(asked_of, as_csv(present[present.model.isin(known)]))
    first = curves[curves.model.isin([record["model"] for record in main])]
    gated_or_not = next((record for record in main if record["gates"] > 1), main[-1])
    save_all(
        {
            "influence": wings.influence(first),
            "read-outs": wings.read_outs(curves, runs),
            "planted": figures.planted(fits),
            "sentences": figures.sentences(main, asked.sentences),
            "gates": figures.gates(gated_or_not),
            "orders": figures.orders(scores),
        },
        pictures,
    )


if __name__ == "__main__":
    command.run(remember)
