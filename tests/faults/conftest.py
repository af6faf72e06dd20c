"""A small project to do harm to, what it is after runs that nothing disturbed, and the tally."""

import time
from collections.abc import Iterator
from pathlib import Path

import projects
import pytest
from states import copied
from tally import Tally

ROOT = Path(__file__).parents[2]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make faults` writes what it finds."""
    parser.addoption("--fewer", type=int, default=1, help="one in so many altered inputs")
    parser.addoption("--record", action="store_true", help="write reports/reliability.md")


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """All that is tried in a file of tests, whose first sentence is the title of its part."""
    tally, started = Tally(), time.monotonic()
    yield tally
    if request.config.getoption("--record"):
        title = " ".join(request.module.__doc__.split())
        tally.write(ROOT / "reports", title, time.monotonic() - started)


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> projects.Project:
    """Every kind of stage on sixty reviews, committed, of which nothing has run."""
    return projects.not_yet_run(tmp_path_factory.mktemp("origin"))


@pytest.fixture(scope="session")
def undisturbed(
    origin: projects.Project, tmp_path_factory: pytest.TempPathFactory
) -> projects.Project:
    """The same after a whole run."""
    clone = projects.cloned(origin, tmp_path_factory.mktemp("undisturbed") / "project")
    clone.must("sentiment", "run")
    return clone


@pytest.fixture(scope="session")
def committed(
    undisturbed: projects.Project, tmp_path_factory: pytest.TempPathFactory
) -> projects.Project:
    """The results of the undisturbed run, committed, and all that lies beside them."""
    project = copied(undisturbed, tmp_path_factory.mktemp("committed") / "project")
    project.git("add", ".")
    project.git("commit", "--quiet", "--message", "Run")
    return project
