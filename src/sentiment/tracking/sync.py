"""The MLflow store is brought in line with what Git and DVC hold, and shown."""

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import typer

from sentiment.errors import UserError
from sentiment.tracking import overview, unchanged
from sentiment.tracking.mirror import Summary, publish
from sentiment.tracking.store import Store
from sentiment.tracking.tree import Tree
from sentiment.tracking.trouble import told
from sentiment.tracking.versioned import versioned


def sync(root: Path = Path(), revs: Sequence[str] = ()) -> Summary:
    """Mirror the git revisions `revs`, then the workspace, whose runs are then the current ones.

    Raises UserError for a revision that is not there and for a store that cannot be used.
    """
    trees = [*(Tree(root, rev) for rev in revs), Tree(root)]
    states = [(tree, *versioned(tree)) for tree in trees]
    total = Summary()
    with told():
        store = Store(root)
        for tree, records, skipped in states:
            keep = tree.rev is not None
            total += publish(store, tree.dataset, records, keep=keep)
            total.skipped += [f"{tree.rev}: {line}" if keep else line for line in skipped]
        unchanged.remember(root, states[-1][1])
    return total


def sync_or_warn(root: Path = Path()) -> None:
    """Sync after other work is done: one line on standard error, and never a failure.

    The store is left closed where there is nothing to write.
    """
    try:
        records, skipped = versioned(Tree(root))
        is_there = unchanged.is_mirrored(root, records)
        done = Summary(unchanged=len(records), skipped=skipped) if is_there else sync(root)
        typer.echo(done, err=True)
    except UserError as error:
        typer.echo(f"warning: MLflow is not in sync: {error}", err=True)


class Companion(threading.Thread):
    """Mirrors what stages have made while others run; the sync at the end has little left to do."""

    def __init__(self, root: Path = Path()) -> None:
        """Nothing is opened before `start`."""
        super().__init__(daemon=True)
        self.root, self.over, self.results = root, False, 0
        self.news = threading.Event()

    def tell(self, results: int) -> None:
        """Say how many results there are by now."""
        if results > self.results:
            self.results = results
            self.news.set()

    def close(self) -> None:
        """Wait for a sync under way; there is none after it."""
        self.over = True
        self.news.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        """Sync whenever there is something new."""
        # What is wrong with the store, the sync at the end says.
        with contextlib.suppress(Exception):
            while self.news.wait() and not self.over:
                self.news.clear()
                sync(self.root)


def ui(root: Path = Path(), port: int = 5000) -> None:
    """Sync, say where to look, and become the MLflow server of a local store.

    One worker, reachable from this computer only. With MLFLOW_TRACKING_URI naming a server, that
    server's address is given and this returns. Raises UserError as `sync` does, and for a port
    that is taken.
    """
    remote = os.environ.get("MLFLOW_TRACKING_URI", "").startswith("http")
    if not remote and _taken(port):
        raise UserError(f"port {port} is taken on this computer: `sentiment ui --port {port + 1}`")
    typer.echo(sync(root))
    with told():
        store = Store(root)
        experiment = store.experiment(Tree(root).dataset)
    server = store.uri.rstrip("/") if remote else f"http://127.0.0.1:{port}"
    typer.echo(f"every run: {overview.address(server, experiment, overview.EVERY)}")
    for protocol in Tree(root).settings["grid"]["protocols"]:
        view = overview.address(server, experiment, protocol)
        typer.echo(f"{protocol}, seeds averaged: {view}")
        typer.echo(f"{protocol}, as charts: {view}&compareRunsMode=CHART")
    if not remote:
        typer.echo("It answers in some seconds; Ctrl-C ends it.")
        sys.stdout.flush()
        _serve(store, port)


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _serve(store: Store, port: int) -> NoReturn:
    artifacts = (store.root / "mlartifacts").as_uri()
    where = ["--backend-store-uri", store.uri, "--artifacts-destination", artifacts]
    how = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    how += ["--uvicorn-opts", "--log-level warning"]
    os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    os.execv(sys.executable, [sys.executable, "-m", "mlflow", "server", *where, *how])
