"""The mirror on a real MLflow server, over HTTP, with its SQLite store."""

import contextlib
import hashlib
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from mirrored import (
    COMPLETE,
    history,
    processes,
    runs,
    sync_in,
    table,
    train_stage,
    training,
    version,
    write_cell,
)
from servers import free_port, running

from sentiment import tracking

pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")


class Server(NamedTuple):
    """A running MLflow server."""

    address: str
    database: Path
    empty: Path

    def forget(self) -> None:
        """Make its store an empty one, as if it had been deleted."""
        with (
            contextlib.closing(sqlite3.connect(self.empty)) as empty,
            contextlib.closing(sqlite3.connect(self.database)) as database,
        ):
            empty.backup(database)

    def digest(self) -> str:
        """sha256 of what is in the store."""
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            return hashlib.sha256("\n".join(database.iterdump()).encode()).hexdigest()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Iterator[Server]:
    folder, port = tmp_path_factory.mktemp("server"), free_port()
    server = Server(f"http://127.0.0.1:{port}", folder / "mlflow.db", empty_store)
    server.forget()
    command = [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{server.database}"]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
        with running(command, f"{server.address}/health", folder / "log"):
            yield server


@pytest.fixture
def server(started: Server, complete: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server with an empty store, to which the project `complete` is mirrored."""
    started.forget()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", started.address)
    assert complete == Path.cwd()
    return started


def test_deleted_store_comes_back_the_same_and_a_second_sync_writes_nothing(
    server: Server, complete: Path
) -> None:
    assert tracking.sync(complete).created == 5
    before, written = table(complete), server.digest()
    assert tracking.sync(complete).unchanged == 5
    assert server.digest() == written
    server.forget()
    assert runs(complete) == []
    tracking.sync(complete)
    assert table(complete) == before


def test_three_syncs_at_once_leave_one_run_a_key(server: Server, complete: Path) -> None:
    syncs = [processes().Process(target=sync_in, args=(complete, server.address)) for _ in range(3)]
    for sync in syncs:
        sync.start()
    for sync in syncs:
        sync.join()
    assert [sync.exitcode for sync in syncs] == [0, 0, 0]
    assert len(table(complete)) == len(runs(complete)) == 5


def test_sync_killed_at_ten_random_moments_is_completed(server: Server, complete: Path) -> None:
    tracking.sync(complete)
    whole, chance, cut = table(complete), random.Random(0), 0
    for attempt in range(60):
        server.forget()
        sync = processes().Process(target=sync_in, args=(complete, server.address))
        started = time.monotonic()
        sync.start()
        if attempt == 0:
            sync.join()
            seconds = time.monotonic() - started
            continue
        time.sleep(chance.uniform(0, seconds))
        sync.kill()
        sync.join()
        cut += bool(runs(complete)) and table(complete) != whole
        tracking.sync(complete)
        assert table(complete) == whole
        if attempt >= 10 and cut > 2:
            break
    assert cut > 2


def test_what_was_trained_while_the_server_was_down_is_there_after_a_sync(
    server: Server, complete: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking.sync(complete)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("DVC_STAGE", train_stage("lstm-50"))
    assert tracking.track(training()) == 0
    write_cell(complete, "lstm-50", {0: hashlib.sha256(b"weights").hexdigest()})
    version(complete, COMPLETE)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
    assert tracking.sync(complete).created == 1
    (run,) = [
        run
        for run in runs(complete)
        if (run.info.run_name, run.data.tags["current"]) == ("lecture lstm-050 seed 00", "true")
    ]
    assert run.data.metrics["val/acc"] == history(0)[-1]["val_acc"]
