"""Stage `compare`: all cells and baselines of the grid in tables and one figure."""

from pathlib import Path

import pandas as pd

from sentiment import command, ensembles, files, params, statistics
from sentiment.reporting import figures, results, tables


def compare(
    records: Path, probabilities: Path, csv: Path, markdown: Path, figure: Path, differences: Path
) -> None:
    """Read RECORDS and PROBABILITIES; write CSV, MARKDOWN, FIGURE (PNG) and DIFFERENCES (CSV)."""
    settings = params.load()
    runs = results.load(records, settings)
    table = tables.comparison(runs)
    simple = results.load_baselines(records, settings)
    files.write_text(csv, tables.csv(table))
    files.write_text(markdown, tables.markdown(table, simple, tables.printed_runs(runs)))
    figures.save(figures.comparison(runs, table), figure)
    by_review = results.load_ensembles(probabilities, settings)
    tested = [statistics.differences(runs)]
    tested += [ensembles.differences(protocol, cells) for protocol, cells in by_review.items()]
    files.write_text(differences, tables.csv(pd.concat(tested)))


if __name__ == "__main__":
    command.run(compare)
