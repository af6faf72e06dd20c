"""Stage `vectors`: the word vectors of one protocol, which never saw a held-out review."""

from pathlib import Path

from sentiment import command, params, protocols, reviews, vectors


def make(protocol: str, source: str, table: Path, matrix: Path, vocabulary: Path) -> None:
    """Read TABLE, or the file that SOURCE names; write MATRIX (npy) and VOCABULARY (text)."""
    settings = params.load()
    frame = reviews.load(table)
    parts = protocols.split(protocol, frame, settings.protocols[protocol])
    corpus = protocols.vector_corpus(frame, parts)
    tokenize = protocols.rules(protocol).tokenize
    found = vectors.make(source, settings.vectors, corpus, tokenize)
    vectors.save(found, matrix, vocabulary)


if __name__ == "__main__":
    command.run(make)
