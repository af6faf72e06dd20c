"""A real Ray cluster of a head and two nodes, as processes of their own."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from projects import Project, cloned
from servers import free_port
from shared import needs, results

from sentiment.running.local import LOGS

pytestmark = pytest.mark.timeout(1200)
SECONDS = 300


class Cluster:
    """A head without processors and nodes with one each; each node has its own scratch folder."""

    def __init__(self, folder: Path) -> None:
        self.program = needs("ray", "python -m pip install ray")
        self.folder, self.address = folder, f"127.0.0.1:{free_port()}"
        self.nodes: list[list[psutil.Process]] = []
        port = self.address.partition(":")[2]
        self._start("--head", "--port", port, "--num-cpus", "0", "--include-dashboard", "false")
        for _ in range(2):
            self.add_node()

    def add_node(self) -> None:
        before = set(self._raylets())
        scratch = self.folder / f"node-{len(self.nodes)}"
        self._start("--address", self.address, "--num-cpus", "1", scratch=scratch)
        self.nodes.append([process for process in self._raylets() if process not in before])

    def kill_node(self, number: int) -> None:
        for process in self.nodes[number]:
            process.kill()

    def stop(self) -> None:
        subprocess.run([self.program, "stop", "--force"], capture_output=True, check=False)

    def _start(self, *options: str, scratch: Path | None = None) -> None:
        given = {"RAY_USAGE_STATS_ENABLED": "0", "SENTIMENT_SCRATCH": str(scratch or self.folder)}
        # Ray's own folder: the names of its sockets must be short.
        command = [self.program, "start", *options, "--disable-usage-stats"]
        done = subprocess.run(
            command, env=os.environ | given, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _raylets(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if process.name() == "raylet"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with contextlib.ExitStack() as stack:
        cluster = Cluster(tmp_path_factory.mktemp("cluster"))
        stack.callback(cluster.stop)
        yield cluster


def run_on(cluster: Cluster) -> list[str]:
    options = ["--engine", "ray", "--address", cluster.address]
    return [sys.executable, "-m", "sentiment", "run", "evaluate", *options]


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def working_in(folder: Path) -> bool:
    """Whether a process has its working directory in the folder."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if Path(process.cwd()).is_relative_to(folder):
                return True
    return False


def pushed(store: Path) -> set[str]:
    """The cells' stages whose results the remote has, by the commands that its run-cache names."""
    texts = [path.read_text() for path in store.glob("runs/*/*/*") if path.is_file()]
    found = (re.search(r"stages/(train|evaluate)\.py lecture (\S+)", text) for text in texts)
    return {f"{match[1]}@lecture-{match[2]}" for match in found if match}


def test_a_lost_node_and_a_killed_head_change_no_result_and_cost_no_stage(
    cluster: Cluster, origin: Project, alone: Callable[[], Project], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    project = cloned(origin, tmp_path / "project", str(store))
    head = project.start(*run_on(cluster))
    # Some trainings are in the remote, others under way.
    wait_until(lambda: len(pushed(store)) >= 3)
    cluster.kill_node(0)
    wait_until(lambda: len(pushed(store)) >= 6)
    head.send_signal(signal.SIGKILL)
    head.wait()
    before = pushed(store)
    shutil.rmtree(project.folder / LOGS)
    cluster.add_node()
    # What the head had started here ends by itself; until then a new one refuses to run.
    wait_until(lambda: not working_in(project.folder))
    project.must(*run_on(cluster))
    assert results(project) == results(alone())
    # What was there came from there, on whatever machine.
    logs = {path.stem: path.read_text() for path in (project.folder / LOGS).glob("*.log")}
    ran = {stage for stage, said in logs.items() if f"Running stage '{stage}'" in said}
    assert ran
    assert not ran & before


def test_a_tree_with_changes_is_refused_with_the_file_that_differs(
    cluster: Cluster, origin: Project, tmp_path: Path
) -> None:
    project = cloned(origin, tmp_path / "project", str(tmp_path))
    with (project.folder / "stages/train.py").open("a") as file:
        file.write("# changed\n")
    refused = project.call(*run_on(cluster))
    assert refused.returncode == 1
    assert "error: stages/train.py: not as committed" in refused.stderr


def test_where_no_cluster_answers_it_is_said_in_one_line(origin: Project, tmp_path: Path) -> None:
    needs("ray", "python -m pip install ray")
    project = cloned(origin, tmp_path / "project", str(tmp_path))
    refused = project.call("sentiment", "run", "--engine", "ray", "--address", "127.0.0.1:9")
    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith(
        "error: --address 127.0.0.1:9: no Ray cluster"
    )
