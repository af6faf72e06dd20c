"""Stage `compare`: all cells and baselines in tables and figures, and their differences tested."""

from pathlib import Path

from sentiment.comparison import by_review, calibration, doubtful, gaps, results, tested
from sentiment.reporting.comparison import document, figures, measures, tables, views
from sentiment.reporting.comparison.wording import Wording
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files


def compare(records: Path, probabilities: Path, reports: Path) -> None:
    """Read RECORDS and PROBABILITIES; write comparison.md, metrics.json and more to REPORTS."""
    settings = params.load()
    runs, simple = results.load(records, settings), results.load_baselines(records, settings)
    reviews = results.load_reviews(probabilities, settings)
    if without := doubtful.load(Path(settings.evaluation.doubtful)):
        runs = doubtful.rescore(runs, ["protocol", "model", "seed"], reviews, without)
        simple = doubtful.rescore(simple, ["protocol", "baseline"], reviews, without)
    table, simple = tables.comparison(runs), tables.baselines(simple)
    said = {protocol: by_review.answers(cells) for protocol, cells in reviews.items()}
    asked, counts = settings.questions, results.count(reviews)
    shares = {protocol: float((one.labels == 1).mean()) for protocol, one in said.items()}
    words = Wording(settings.dataset.classes, shares)
    found = tested.differences(runs, said, asked.margin)
    answered = tested.contrasts(runs, said, asked)
    flattered = gaps.measure(runs, counts, asked.margin).round(6)
    written = {
        "comparison": table,
        "runs": tables.runs(runs),
        "baselines": simple,
        "differences": found,
        "contrasts": answered,
        "gaps": flattered,
        "calibration": calibration.bins(reviews),
        "confusion": views.confusion(runs, reviews, settings.dataset.classes),
        "curves": results.histories(records, settings),
    }
    shown = {
        "comparison": figures.comparison(runs, table),
        "units": figures.by_units(runs, table),
        "validation-test": figures.validation_test(runs, table),
        "calibration": measures.calibration(written["calibration"], words),
    }
    if words.second is not None:
        shown["threshold"] = measures.threshold(runs, words)
    with files.atomic_path(reports / "comparison") as folder:
        tables.save_all(written, folder)
        for protocol, answers in said.items():
            answers.save(folder / f"ensembles-{protocol}.parquet")
        figures.save_all(shown, folder)
    told = document.markdown(table, simple, found, answered, flattered, runs, asked, words)
    files.write_text(reports / "comparison.md", told)
    views.write_metrics(reports / "metrics.json", table)


if __name__ == "__main__":
    stage.run(compare)
