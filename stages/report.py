"""Stage `report`: the whole study in one page that needs no network, and its pictures."""

from pathlib import Path

from sentiment import files
from sentiment.reporting.comparison import figures
from sentiment.reporting.study import chapters, render
from sentiment.reporting.study import collected as read
from sentiment.reporting.study import drawings as drawn
from sentiment.running import stage
from sentiment.settings import params


def report(
    records: Path,
    comparison: Path,
    baselines: Path,
    differences: Path,
    flattery: Path,
    data: Path,
    encoding: Path,
    memory: Path,
    benchmarks: Path,
    html: Path,
    pictures: Path,
) -> None:
    """Read RECORDS and the other files, MEMORY and BENCHMARKS if there; write HTML, PICTURES."""
    compared = (comparison, baselines, differences, flattery)
    found = read.load(params.load(), records, compared, data, encoding, memory, benchmarks)
    tested = found.differences
    pairs = tested[(tested.metric == "test_acc") & ~tested.model_a.isin(found.counterparts)]
    shown = {
        "comparison": figures.comparison(found.runs, found.cells),
        "units": figures.by_units(found.runs, found.cells),
        "validation-test": figures.validation_test(found.runs, found.cells),
        "differences": drawn.differences(pairs),
        "curves": drawn.curves(found.histories),
    }
    figures.save_all(shown, pictures)
    paths = {name: pictures / f"{name}.png" for name in shown}
    files.write_text(html, render.page(chapters.of(found, paths)))


if __name__ == "__main__":
    stage.run(report)
