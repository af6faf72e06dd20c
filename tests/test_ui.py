"""`sentiment ui` shows the runs in MLflow's UI, and a browser shows it."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import browser
import pytest
import requests
from mirrored import write_project, write_rest
from servers import free_port, running

# Scripts that run in the page, for `Browser.run`: what arguments[0] names, true once it is done.
HAS = "return document.body.innerText.includes(arguments[0])"
TICK = """
const link = [...document.querySelectorAll('a')].find(a => a.innerText.trim() === arguments[0]);
const box = link?.closest('[role=row]')?.querySelector('input[type=checkbox]');
if (box && !box.checked) box.click();
return Boolean(box);
"""
CLICK = """
const named = b => b.innerText.trim() === arguments[0] && !b.disabled;
const button = [...document.querySelectorAll('button')].find(named);
button?.click();
return Boolean(button);
"""
COMMAND = [sys.executable, "-m", "sentiment", "ui", "--port"]


class Shown(NamedTuple):
    """A project's UI: where it is and what `sentiment ui` printed."""

    address: str
    printed: str

    def link(self, name: str) -> str:
        """Address that was printed after `name`."""
        return re.search(rf"^{name}: +(http\S+)$", self.printed, flags=re.MULTILINE)[1]


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder, port = tmp_path_factory.mktemp("ui"), free_port()
    with pytest.MonkeyPatch.context() as patch:
        write_project(folder, patch)
        write_rest(folder)
        address = f"http://127.0.0.1:{port}"
        with running([*COMMAND, str(port)], f"{address}/health", folder / "log"):
            yield Shown(address, (folder / "log").read_text())


@pytest.fixture(scope="module")
def window() -> Iterator[browser.Browser]:
    if not (browser.CHROMIUM and browser.DRIVER):
        pytest.skip("no Chromium with ChromeDriver here: the top of README.md says how to get it")
    with browser.chromium() as opened:
        yield opened


def test_addresses_of_the_current_runs_are_printed(ui: Shown) -> None:
    runs = f"{ui.address}/#/experiments/1/runs?workflowType=machine_learning"
    assert ui.link("every run") == f"{runs}&viewStateShareKey=every"
    assert ui.link("lecture, seeds averaged") == f"{runs}&viewStateShareKey=lecture"


def test_other_hosts_and_other_sites_are_refused(ui: Shown) -> None:
    search = f"{ui.address}/api/2.0/mlflow/experiments/search"
    asked = {"json": {"max_results": 1}, "timeout": 60}
    assert requests.post(search, **asked).status_code == 200
    assert requests.post(search, headers={"Host": "example.org"}, **asked).status_code == 403
    other = {"Origin": "http://example.org"}
    assert requests.post(search, headers=other, **asked).status_code == 403


def test_a_port_that_is_taken_is_one_line_that_says_what_to_do(complete: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, str(port)], cwd=complete, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr == (
        f"error: port {port} is taken on this computer: `sentiment ui --port {port + 1}`\n"
    )
    assert not (complete / "mlflow.db").exists()


def test_a_browser_shows_the_current_runs(ui: Shown, window: browser.Browser) -> None:
    window.open(ui.link("every run"))
    names = ["lecture birnn-005 seed 03", "lecture lstm-050 seed 00", "lecture baseline svm"]
    for name in [*names, "comparison"]:
        window.wait_for(HAS, name)


def test_a_browser_shows_models_with_their_seeds_averaged(
    ui: Shown, window: browser.Browser
) -> None:
    window.open(ui.link("lecture, seeds averaged"))
    window.wait_for(HAS, "Group: birnn-5")
    assert "baseline svm" not in window.text()


def test_a_browser_groups_no_runs_where_every_run_is_asked_for(
    ui: Shown, window: browser.Browser
) -> None:
    window.open(ui.link("lecture, seeds averaged"))
    window.wait_for(HAS, "Group: birnn-5")
    window.open(ui.link("every run"))
    window.wait_for(HAS, "lecture baseline svm")
    shown = window.text()
    assert "Group:" not in shown
    # What MLflow's menu has for training, and not for traces.
    assert "Model registry" in shown
    assert "test/acc" in shown


def test_a_browser_opens_a_comparison_of_two_runs(ui: Shown, window: browser.Browser) -> None:
    two = ["lecture birnn-005 seed 00", "lecture lstm-050 seed 00"]
    window.open(ui.link("every run"))
    for name in two:
        window.wait_for(TICK, name)
    window.wait_for(CLICK, "Compare")
    for text in ["Comparing 2 Runs", "val/acc", *two]:
        window.wait_for(HAS, text)
