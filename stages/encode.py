"""Stage `encode`: the labelled reviews of one protocol as token ids."""

from pathlib import Path

from sentiment import files
from sentiment.data import encoding, protocols, reviews, vectors
from sentiment.running import stage
from sentiment.settings import params


def encode(protocol: str, table: Path, folder: Path, losses: Path) -> None:
    """Read TABLE and FOLDER/vocabulary.txt; write FOLDER/tokens and LOSSES (JSON).

    LOSSES says what was dropped or cut.
    """
    settings = params.load().protocols[protocol]
    frame = reviews.load(table)
    frame["part"] = protocols.split(protocol, frame, settings)
    labelled = frame[frame.part.isin([protocols.TRAIN, protocols.VALIDATION, protocols.TEST])]
    encoded, lost = encoding.encode(
        labelled.text.tolist(),
        protocols.rules(protocol).tokenize,
        vectors.load_vocabulary(folder / "vocabulary.txt"),
        settings.length,
    )
    packed = encoding.pack(
        labelled.id.tolist(),
        labelled.part.tolist(),
        labelled.label.tolist(),
        encoded,
        settings.length,
    )
    packed.save(folder / "tokens")
    sizes = labelled.groupby("part").label.agg(["size", "sum"])
    counts = {part: {"reviews": int(n), "positive": int(k)} for part, n, k in sizes.itertuples()}
    files.write_json(losses, {"protocol": protocol, "parts": counts, **lost})


if __name__ == "__main__":
    stage.run(encode)
