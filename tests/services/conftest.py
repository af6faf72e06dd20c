"""A small project, and its results computed on one machine: what every service must give again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import projects
import pytest

# What DVC's clients of servers leave open is closed when Python collects garbage, in whatever test.
LEFT_OPEN = (
    "ignore:Exception ignored in.*(socket|transport|session)"
    ":pytest.PytestUnraisableExceptionWarning"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """No test fails for that."""
    for item in items:
        item.add_marker(pytest.mark.filterwarnings(LEFT_OPEN))


# Twelve cells of the smallest networks.
MODELS = {
    f"{kind}-{units}": (kind, units) for kind in ("birnn", "lstm", "rnn") for units in range(1, 5)
}


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> projects.Project:
    """Twelve cells on sixty reviews, committed, of which nothing has run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(projects, "MODELS", MODELS)
        return projects.not_yet_run(tmp_path_factory.mktemp("origin"))


@pytest.fixture(scope="session")
def alone(
    origin: projects.Project, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], projects.Project]]:
    """Wait for a run of one stage at a time that has gone on beside the test, and give it."""
    clone = projects.cloned(origin, tmp_path_factory.mktemp("alone") / "project")
    run = clone.start("sentiment", "run", "--jobs", "1", "evaluate")

    def ended() -> projects.Project:
        assert run.wait() == 0
        return clone

    yield ended
    run.terminate()
    run.wait()


@pytest.fixture(scope="session")
def one_cell(
    origin: projects.Project, tmp_path_factory: pytest.TempPathFactory
) -> projects.Project:
    """One cell trained and evaluated, committed."""
    clone = projects.cloned(origin, tmp_path_factory.mktemp("one") / "project")
    clone.must("sentiment", "run", "evaluate@lecture-lstm-3")
    clone.git("add", ".")
    clone.git("commit", "--quiet", "--message", "Run")
    return clone


@pytest.fixture(autouse=True)
def _known_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What DVC remembers of a project and its remote outside of both begins with the test."""
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / "known-to-dvc"))
