"""Stage `prepare`: the archive as one table of reviews, and the facts about it."""

from pathlib import Path

from sentiment.data import reviews
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files


def prepare(archive: Path, table: Path, facts: Path) -> None:
    """Read ARCHIVE as a stream; write TABLE (parquet) and FACTS (JSON)."""
    form = params.load().dataset.format
    reviews.save(reviews.read(form, archive), table)
    found = reviews.facts(reviews.load(table))
    files.write_json(facts, {"dataset": form, "digest": files.sha256(table), **found})


if __name__ == "__main__":
    stage.run(prepare)
