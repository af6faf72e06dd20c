"""A small project, and its results computed on one machine: what every service must give again."""

import archives
import projects
import pytest
from shared import cloned

# Twelve cells of the smallest networks.
MODELS = {
    f"{kind}-{units}": (kind, units) for kind in ("birnn", "lstm", "rnn") for units in range(1, 5)
}


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> projects.Project:
    """Twelve cells on sixty reviews, committed, of which nothing has run."""
    folder = tmp_path_factory.mktemp("origin")
    raw = folder / "aclImdb.tar.gz"
    folders = archives.write_imdb(raw, reviews=60)
    known = {"folders": folders, "files": archives.file_facts(archives.imdb_files(60))}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(projects, "MODELS", MODELS)
        return projects.Project(folder / "project", raw, "imdb", {"sha256": None, **known})


@pytest.fixture(scope="session")
def alone(origin: projects.Project, tmp_path_factory: pytest.TempPathFactory) -> projects.Project:
    """The same after a run of one stage at a time, committed."""
    clone = cloned(origin, tmp_path_factory.mktemp("alone") / "project")
    clone.must("sentiment", "run", "--jobs", "1", "evaluate")
    clone.git("add", ".")
    clone.git("commit", "--quiet", "--message", "Run")
    return clone


@pytest.fixture(scope="session")
def one_cell(
    origin: projects.Project, tmp_path_factory: pytest.TempPathFactory
) -> projects.Project:
    """One cell trained and evaluated, committed."""
    clone = cloned(origin, tmp_path_factory.mktemp("one") / "project")
    clone.must("sentiment", "run", "evaluate@lecture-lstm-3")
    clone.git("add", ".")
    clone.git("commit", "--quiet", "--message", "Run")
    return clone
