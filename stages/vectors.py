"""Stage `vectors`: the word vectors of one protocol, which never saw a held-out review."""

import shutil
from pathlib import Path

from sentiment.data import protocols, reviews, tokenizers, vectors
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files


def make(protocol: str, source: str, table: Path, loaded: Path, folder: Path) -> None:
    """Write vectors.npy, vocabulary.txt and norm.json to FOLDER.

    They are trained on the reviews of TABLE where SOURCE is "reviews", and taken from LOADED
    otherwise. The last file has the mean norm of the vectors as they were trained, if they were,
    and the factor that they were multiplied with.
    """
    matrix, vocabulary = folder / "vectors.npy", folder / "vocabulary.txt"
    if source != "reviews":
        for path in (matrix, vocabulary):
            with files.atomic_path(path) as temporary:
                shutil.copyfile(loaded / path.name, temporary)
        files.write_json(folder / "norm.json", {"trained": None, "factor": 1.0})
        return
    settings = params.load()
    rules = settings.protocols[protocol]
    frame = reviews.load(table)
    rows = protocols.vector_corpus(frame, protocols.split(protocol, frame, rules))
    corpus = reviews.Texts(table, rows)
    tokenize = tokenizers.known(rules.tokens, rules.unknown)
    found = vectors.train_to_norm(settings.vectors, corpus, tokenize)
    vectors.save(found.vectors, matrix, vocabulary)
    files.write_json(folder / "norm.json", {"trained": found.trained, "factor": found.factor})


if __name__ == "__main__":
    stage.run(make)
