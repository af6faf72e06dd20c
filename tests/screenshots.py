"""Pictures for README.md of what this checkout shows in a browser: `make screenshots`."""

import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import browser
import requests
from servers import free_port, running

from sentiment.tracking import overview

# What the page that runs networks is shown with.
SENTENCES = {
    "explore": "The first half is dull, but the ending is wonderful.",
    "explore-negation": "This film is not good.",
}
# Choose a word, and move to the networks.
CHOOSE = """
  for (const button of document.querySelectorAll("thead button")) {
    if (button.textContent === arguments[0]) button.click();
  }
  window.scrollTo(0, document.querySelector(".network").offsetTop - 10);
"""
# MLflow's assistant opens itself over a quarter of the window the first time.
CLOSED = {
    "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": "true",
    "mlflow.assistant.panelOpen_v1": "false",
}


def main() -> None:
    """Look at the page that runs networks; then start the UI, look at it, end it."""
    folder, log, port = Path("reports/screenshots"), Path(".sentiment/ui.log"), free_port()
    folder.mkdir(exist_ok=True)
    log.parent.mkdir(exist_ok=True)
    explore(folder)
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "sentiment", "ui", "--port", str(port)]
    with (
        running(command, f"{address}/health", log),
        browser.chromium(1600, 1000) as window,
    ):
        window.open(address)
        for key, value in CLOSED.items():
            window.run("localStorage.setItem(...arguments)", key, value)
        for name, where in pages(address).items():
            window.open(where)
            # What is drawn last, the charts, has no words to wait for.
            time.sleep(8)
            window.screenshot(folder / f"{name}.png")


def explore(folder: Path) -> None:
    """Two sentences on `reports/explore.html`: the champion in light colours, the LSTM in dark."""
    page = Path("reports/explore.html").resolve().as_uri()
    with browser.chromium(1400, 1000) as window:
        for name, scheme, network, word in (
            ("explore", "light", "champion", "dull"),
            ("explore-negation", "dark", "lstm-50", "not"),
        ):
            window.emulate(1400, scheme)
            given = {"network": network, "text": SENTENCES[name]}
            window.open("about:blank")
            window.open(f"{page}#{urlencode(given)}")
            window.wait_for("return document.getElementById('shown').dataset.state === 'done'")
            window.run(CHOOSE, word)
            window.screenshot(folder / f"{name}.png")


def pages(address: str) -> dict[str, str]:
    """Name and address of each picture."""
    asked = f"{address}/api/2.0/mlflow/experiments/get-by-name?experiment_name=sentiment"
    experiment = requests.get(asked, timeout=60).json()["experiment"]["experiment_id"]
    view = overview.address(address, experiment, "bymovie")
    return {"runs": view, "charts": f"{view}&compareRunsMode=CHART"}


if __name__ == "__main__":
    main()
