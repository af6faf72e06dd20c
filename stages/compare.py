"""Stage `compare`: all cells of the grid in one table and one figure."""

from pathlib import Path

from sentiment import command, files, params
from sentiment.reporting import figures, results, tables


def compare(folder: Path, csv: Path, markdown: Path, figure: Path) -> None:
    """Read the cells' records in FOLDER; write CSV, MARKDOWN and FIGURE (PNG)."""
    runs = results.load(folder, params.load())
    table = tables.comparison(runs)
    files.write_text(csv, tables.csv(table))
    files.write_text(markdown, tables.markdown(table))
    figures.save(figures.comparison(runs, table), figure)


if __name__ == "__main__":
    command.run(compare)
