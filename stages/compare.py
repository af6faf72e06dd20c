"""Stage `compare`: all cells and baselines in tables and figures, and their differences tested."""

import gc
from pathlib import Path

from sentiment import files
from sentiment.comparison import doubtful, gaps, results, tested
from sentiment.reporting.comparison import document, figures, tables, views
from sentiment.running import stage
from sentiment.settings import params


def compare(records: Path, probabilities: Path, reports: Path) -> None:
    """Read RECORDS and PROBABILITIES; write to REPORTS.

    The folder comparison holds all tables and figures; comparison.md and metrics.json what is read
    first.
    """
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
    written = {
        "comparison": table,
        "baselines": simple,
        "differences": found,
        "gaps": flattered,
        "confusion": views.confusion(runs, reviews),
        "curves": results.histories(records, settings),
    }
    shown = {
        "comparison": figures.comparison(grid, main),
        "units": figures.by_units(grid, main),
        "validation-test": figures.validation_test(grid, main),
    }
    with files.atomic_path(reports / "comparison") as folder:
        for name, frame in written.items():
            files.write_text(folder / f"{name}.csv", tables.csv(frame))
        figures.save_all(shown, folder)
    page = document.markdown(table, ablated, simple, found, flattered, grid)
    files.write_text(reports / "comparison.md", page)
    views.write_metrics(reports / "metrics.json", main)


if __name__ == "__main__":
    stage.run(compare)
