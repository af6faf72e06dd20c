"""Stage `vectors`: the word vectors of one protocol, which never saw a held-out review."""

from pathlib import Path

from sentiment.data import protocols, reviews, vectors
from sentiment.running import stage
from sentiment.settings import params


def make(protocol: str, source: str, table: Path, folder: Path) -> None:
    """Read TABLE, or the file that SOURCE names; write vectors.npy and vocabulary.txt to FOLDER."""
    settings = params.load()
    frame = reviews.load(table)
    parts = protocols.split(protocol, frame, settings.protocols[protocol])
    corpus = protocols.vector_corpus(frame, parts)
    tokenize = protocols.rules(protocol).tokenize
    found = vectors.make(source, settings.vectors, corpus, tokenize)
    vectors.save(found, folder / "vectors.npy", folder / "vocabulary.txt")


if __name__ == "__main__":
    stage.run(make)
