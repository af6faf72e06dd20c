"""Stage `prepare`: the archive as one table of reviews, and the facts about it."""

from pathlib import Path

from sentiment.data import reviews
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files
from sentiment.tables import labelled


def prepare(archive: Path, table: Path, facts: Path) -> None:
    """Read ARCHIVE as a stream; write TABLE (parquet) and FACTS (JSON)."""
    dataset = params.load().dataset
    if dataset.format == "table":
        read, left_out = labelled.read(dataset, archive)
        reviews.save(read, table)
        del read
        counted = reviews.facts(reviews.load(table), dataset.classes, "groups")
        twice = counted["duplicate_texts"]
        twice["with_several_labels"] = twice.pop("with_both_labels")
        found = {"left_out": left_out, **counted}
    else:
        reviews.save(reviews.read(dataset.format, archive), table)
        found = reviews.facts(reviews.load(table))
    about = {"dataset": dataset.format, "digest": files.sha256(table)}
    files.write_json(facts, {**about, **found})


if __name__ == "__main__":
    stage.run(prepare)
