"""Stage `encode`: the labelled reviews of one protocol as token ids."""

from pathlib import Path

from sentiment.data import encoding, reviews, vectors
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files


def encode(protocol: str, table: Path, folder: Path, losses: Path) -> None:
    """Read TABLE and FOLDER/vocabulary.txt; write FOLDER/tokens and LOSSES (JSON).

    LOSSES says what was dropped or cut.
    """
    given = params.load()
    settings, of_two = given.protocols[protocol], given.dataset.outputs == 1
    labelled = encoding.labelled(protocol, settings, reviews.load(table))
    vocabulary = vectors.load_vocabulary(folder / "vocabulary.txt")
    texts = reviews.Texts(table, labelled.index)
    encoded, lost = encoding.tokens(settings, labelled, texts, vocabulary)
    encoded.save(folder / "tokens")
    counts = {
        str(part): {"reviews": len(labels), **({"positive": int(labels.sum())} if of_two else {})}
        for part, labels in labelled.groupby("part").label
    }
    files.write_json(losses, {"protocol": protocol, "parts": counts, **lost})


if __name__ == "__main__":
    stage.run(encode)
