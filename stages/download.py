"""Stage `download`: the archive, from the first source that has it, verified by its content."""

from pathlib import Path

from sentiment.data import sources
from sentiment.running import stage
from sentiment.settings import params


def download(archive: Path) -> dict[str, str]:
    """Put the verified archive at ARCHIVE."""
    return {"source": sources.fetch(archive, params.load().download)}


if __name__ == "__main__":
    stage.run(download)
