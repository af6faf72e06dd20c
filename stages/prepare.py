"""Stage `prepare`: the archive as one table of reviews, and the facts about it."""

from pathlib import Path
from typing import Any

from sentiment.data import formats, reviews
from sentiment.running import stage
from sentiment.settings import params
from sentiment.settings.sections import Dataset
from sentiment.storage import files
from sentiment.tables import labelled


def prepare(archive: Path, table: Path, facts: Path) -> None:
    """Read ARCHIVE as a stream; write TABLE (parquet) and FACTS (JSON)."""
    dataset = params.load().dataset
    if dataset.format == "table":
        found = _from_table(dataset, archive, table)
    else:
        formats.write(dataset.format, archive, table)
        found = reviews.facts(table)
    about = {"dataset": dataset.format, "digest": files.sha256(table)}
    files.write_json(facts, {**about, **found})


def _from_table(dataset: Dataset, given: Path, table: Path) -> dict[str, Any]:
    """Write the reviews of somebody's own table; what is known of them, and of rows left out."""
    left_out = labelled.write(dataset, given, table)
    found = reviews.facts(table, dataset.classes, "groups")
    twice = found["duplicate_texts"]
    twice["with_several_labels"] = twice.pop("with_both_labels")
    if dataset.columns is None or dataset.columns.group is None:
        found.pop("groups")
    return {"left_out": left_out, **found}


if __name__ == "__main__":
    stage.run(prepare)
