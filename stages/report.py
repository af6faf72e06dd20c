"""Stage `report`: the whole study in one page that needs no network, and its pictures."""

from pathlib import Path

from sentiment.comparison.statistics import DECISIVE
from sentiment.reporting.comparison import figures
from sentiment.reporting.study import chapters, collected, drawings, render, wide
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files

# Pictures that stage `compare` draws.
PICTURES = ("comparison", "units", "validation-test", "threshold", "calibration")


def report(reports: Path) -> None:
    """Read what the other stages wrote to REPORTS; write index.html there, and figures."""
    settings = params.load()
    found = collected.load(settings, reports)
    tested = found.differences
    pairs = tested[tested.metric == DECISIVE]
    drawn = {
        "differences": drawings.differences(pairs),
        "curves": drawings.curves(found.histories),
    }
    widths = found.experiments.widths
    if not widths.read_outs.empty:
        drawn["read-outs"] = wide.by_units(widths.read_outs)
    if not widths.longer.empty:
        drawn["losses"] = wide.losses(widths.longer)
    figures.save_all(drawn, reports / "figures")
    paths = {name: reports / f"comparison/{name}.png" for name in PICTURES}
    paths |= {name: reports / f"figures/{name}.png" for name in drawn}
    files.write_text(
        reports / "index.html", render.page(chapters.of(found, paths), settings.dataset)
    )


if __name__ == "__main__":
    stage.run(report)
