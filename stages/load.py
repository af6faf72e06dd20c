"""Stage `load`: the word vectors of one file, once for all protocols."""

from pathlib import Path

from sentiment.data import vector_files, vectors
from sentiment.running import stage
from sentiment.settings import params
from sentiment.storage import files


def load(source: str, folder: Path) -> None:
    """Write the vectors that SOURCE names to FOLDER, and source.json, which counts them.

    "reviews" names no file: these vectors are trained by stage `vectors`.
    """
    with files.atomic_path(folder) as temporary:
        temporary.mkdir()
        count = 0
        if source != "reviews":
            found = vector_files.load(source, params.load().vectors)
            vectors.save(found, temporary / "vectors.npy", temporary / "vocabulary.txt")
            count = len(found)
        files.write_json(temporary / "source.json", {"source": source, "vectors": count})


if __name__ == "__main__":
    stage.run(load)
