"""Stage `vectors`: the word vectors of one protocol, which never saw a held-out review."""

import shutil
from pathlib import Path

from sentiment import files
from sentiment.data import protocols, reviews, vectors
from sentiment.running import stage
from sentiment.settings import params


def make(protocol: str, source: str, table: Path, loaded: Path, folder: Path) -> None:
    """Write vectors.npy and vocabulary.txt to FOLDER.

    They are trained on the reviews of TABLE where SOURCE is "reviews", and taken from LOADED
    otherwise.
    """
    matrix, vocabulary = folder / "vectors.npy", folder / "vocabulary.txt"
    if source != "reviews":
        for path in (matrix, vocabulary):
            with files.atomic_path(path) as temporary:
                shutil.copyfile(loaded / path.name, temporary)
        return
    settings = params.load()
    frame = reviews.load(table)
    parts = protocols.split(protocol, frame, settings.protocols[protocol])
    corpus = protocols.vector_corpus(frame, parts)
    tokenize = protocols.rules(protocol).tokenize
    vectors.save(vectors.train(settings.vectors, corpus, tokenize), matrix, vocabulary)


if __name__ == "__main__":
    stage.run(make)
