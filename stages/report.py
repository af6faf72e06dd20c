"""Stage `report`: the whole study in one page that needs no network, and its pictures."""

from pathlib import Path

from sentiment import command, files, params
from sentiment.reporting import figures
from sentiment.reporting.html import figures as drawn
from sentiment.reporting.html import records as read
from sentiment.reporting.html import render, sections


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
    files.write_text(html, render.page(sections.of(found, paths)))


if __name__ == "__main__":
    command.run(report)
