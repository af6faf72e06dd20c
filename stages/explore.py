"""Stage `explore`: a page that runs trained networks in the reader's browser."""

from pathlib import Path

from sentiment.reporting.explorer import assembled, presets
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files


def explore(networks: Path, memory: Path, page: Path) -> None:
    """Write PAGE from what was exported to NETWORKS and what was measured in MEMORY."""
    settings = params.load()
    held = {name: files.read_json(networks / f"{name}.json") for name in settings.explore.networks}
    files.write_text(page, assembled.page(held, presets.sentences(settings, memory)))


if __name__ == "__main__":
    stage.run(explore)
