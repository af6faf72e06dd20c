"""Stage `encode`: the labelled reviews of one protocol as token ids."""

from pathlib import Path

from sentiment import command, encoding, files, params, protocols, reviews, vectors


def encode(protocol: str, table: Path, vocabulary: Path, tokens: Path, losses: Path) -> None:
    """Read TABLE and VOCABULARY; write TOKENS (npz) and LOSSES (JSON: what was dropped or cut)."""
    settings = params.load().protocols[protocol]
    frame = reviews.load(table)
    frame["part"] = protocols.split(protocol, frame, settings)
    labelled = frame[frame.part.isin([protocols.TRAIN, protocols.VALIDATION, protocols.TEST])]
    encoded, lost = encoding.encode(
        labelled.text.tolist(),
        protocols.rules(protocol).tokenize,
        vectors.load_vocabulary(vocabulary),
        settings.length,
    )
    packed = encoding.pack(
        labelled.id.tolist(),
        labelled.part.tolist(),
        labelled.label.tolist(),
        encoded,
        settings.length,
    )
    packed.save(tokens)
    sizes = labelled.groupby("part").label.agg(["size", "sum"])
    counts = {part: {"reviews": int(n), "positive": int(k)} for part, n, k in sizes.itertuples()}
    files.write_json(losses, {"protocol": protocol, "parts": counts, **lost})


if __name__ == "__main__":
    command.run(encode)
