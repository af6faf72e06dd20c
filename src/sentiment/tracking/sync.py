"""The MLflow store is brought in line with what Git and DVC hold, and shown."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

import typer

from sentiment.errors import UserError
from sentiment.tracking.mirror import Summary, publish
from sentiment.tracking.records import versioned
from sentiment.tracking.store import CURRENT, Store
from sentiment.tracking.tree import Tree


def sync(root: Path = Path(), revs: Sequence[str] = ()) -> Summary:
    """Mirror the git revisions `revs`, then the workspace, whose runs are then the current ones.

    Raises UserError for a revision that is not there and for a store that cannot be used.
    """
    trees = [*(Tree(root, rev) for rev in revs), Tree(root)]
    try:
        store = Store(root)
        summaries = [_publish_tree(store, tree) for tree in trees]
    except UserError:
        raise
    # MLflow, its database and its HTTP client each have exceptions of their own.
    except Exception as error:
        raise UserError(_explain(error)) from None
    return Summary(
        sum(summary.created for summary in summaries),
        sum(summary.completed for summary in summaries),
        sum(summary.unchanged for summary in summaries),
        [line for summary in summaries for line in summary.skipped],
    )


def sync_or_warn(root: Path = Path()) -> None:
    """Sync after other work is done: one line on standard error, and never a failure."""
    try:
        typer.echo(str(sync(root)).splitlines()[0], err=True)
    except UserError as error:
        typer.echo(f"warning: MLflow is not in sync: {error}", err=True)


def ui(root: Path = Path(), port: int = 5000) -> None:
    """Sync, say where to look, and become the MLflow server of a local store.

    One worker, reachable from this computer only. With MLFLOW_TRACKING_URI naming a server, that
    server's address is given and this returns. Raises UserError as `sync` does.
    """
    typer.echo(sync(root))
    store = Store(root)
    remote = store.uri.startswith("http")
    address = store.uri.rstrip("/") if remote else f"http://127.0.0.1:{port}"
    experiment = store.experiment(Tree(root).settings["dataset"])
    typer.echo(f"{address}/#/experiments/{experiment}/runs?searchFilter={quote(CURRENT)}")
    if not remote:
        sys.stdout.flush()
        _serve(store, port)


def _serve(store: Store, port: int) -> NoReturn:
    artifacts = (store.root / "mlartifacts").as_uri()
    where = ["--backend-store-uri", store.uri, "--artifacts-destination", artifacts]
    how = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    how += ["--uvicorn-opts", "--log-level warning"]
    os.environ["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    os.execv(sys.executable, [sys.executable, "-m", "mlflow", "server", *where, *how])


def _publish_tree(store: Store, tree: Tree) -> Summary:
    records, skipped = versioned(tree)
    dataset = tree.settings["dataset"]
    summary = publish(store, dataset, records, keep=tree.rev is not None)
    summary.skipped = [f"{tree.rev}: {line}" if tree.rev else line for line in skipped]
    return summary


def _explain(error: Exception) -> str:
    reason = " ".join(str(error).split())[:300]
    if os.environ.get("MLFLOW_TRACKING_URI"):
        return f"MLFLOW_TRACKING_URI: {reason}: start that server, or unset the variable"
    return f"mlflow.db: {reason}: mend its permissions, or delete it: sync rebuilds it"
