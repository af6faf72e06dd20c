"""Stage `compare`: all cells and baselines in tables and figures, and their differences tested."""

import gc
from pathlib import Path

from sentiment import files
from sentiment.comparison import doubtful, gaps, results, tested
from sentiment.reporting.comparison import document, figures, tables, views
from sentiment.running import stage
from sentiment.settings import params


def compare(
    records: Path,
    probabilities: Path,
    csv: Path,
    markdown: Path,
    figure: Path,
    baselines: Path,
    differences: Path,
    flattery: Path,
    units: Path,
    scatter: Path,
    confusion: Path,
    curves: Path,
    metrics: Path,
) -> None:
    """Read RECORDS and PROBABILITIES; write CSV, MARKDOWN and the other tables and figures."""
    # statsmodels collects garbage whenever it corrects p-values: not what the imports made.
    gc.freeze()
    settings = params.load()
    runs, simple = results.load(records, settings), results.load_baselines(records, settings)
    reviews = results.load_reviews(probabilities, settings)
    if without := doubtful.load(Path(settings.evaluation.doubtful)):
        runs = doubtful.rescore(runs, ["protocol", "model", "seed"], reviews, without)
        simple = doubtful.rescore(simple, ["protocol", "baseline"], reviews, without)
    table, simple = tables.comparison(runs), tables.baselines(simple)
    ablated = tables.counterparts(table, settings.ablation.models)
    grid, main = (frame[~frame.model.isin(ablated)] for frame in (runs, table))
    found = tested.differences(runs, reviews, ablated)
    flattered = gaps.measure(grid, results.count(reviews)).round(6)
    written = {csv: table, baselines: simple, differences: found, flattery: flattered}
    written |= {
        confusion: views.confusion(runs, reviews),
        curves: results.histories(records, settings),
    }
    for path, frame in written.items():
        files.write_text(path, tables.csv(frame))
    views.write_metrics(metrics, main)
    files.write_text(markdown, document.markdown(table, ablated, simple, found, flattered, grid))
    figures.save(figures.comparison(grid, main), figure)
    figures.save(figures.by_units(grid, main), units)
    figures.save(figures.validation_test(grid, main), scatter)


if __name__ == "__main__":
    stage.run(compare)
