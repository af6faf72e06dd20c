"""Pictures of the UI for README.md, of the results in this checkout: `make screenshots`."""

import sys
import time
from pathlib import Path

import browser
import requests
from servers import free_port, running

from sentiment.tracking import overview

# MLflow's assistant opens itself over a quarter of the window the first time.
CLOSED = {
    "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": "true",
    "mlflow.assistant.panelOpen_v1": "false",
}


def main() -> None:
    """Start the UI, take the pictures, end it."""
    folder, log, port = Path("reports/screenshots"), Path(".sentiment/ui.log"), free_port()
    folder.mkdir(exist_ok=True)
    log.parent.mkdir(exist_ok=True)
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


def pages(address: str) -> dict[str, str]:
    """Name and address of each picture."""
    asked = f"{address}/api/2.0/mlflow/experiments/get-by-name?experiment_name=sentiment"
    experiment = requests.get(asked, timeout=60).json()["experiment"]["experiment_id"]
    view = overview.address(address, experiment, "bymovie")
    return {"runs": view, "charts": f"{view}&compareRunsMode=CHART"}


if __name__ == "__main__":
    main()
