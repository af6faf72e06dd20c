"""An MLflow server whose store is a real PostgreSQL, and several that write to it at once."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from mirrored import processes, runs, sync_in
from servers import answering, free_port, running
from shared import needs

from sentiment import tracking
from sentiment.errors import UserError

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
SECRET = "open-sesame-of-the-tests"


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """Address of an empty database; PostgreSQL does not run as root."""
    if not BINARIES and shutil.which("initdb") is None:
        pytest.skip("PostgreSQL is not installed: apt install postgresql")
    binaries = BINARIES[-1] if BINARIES else Path(shutil.which("initdb") or "").parent
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    port = free_port()
    # A socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        shutil.chown(folder, user)
        (Path(folder) / "password").write_text(SECRET)
        made = ["--auth", "scram-sha-256", "--username", "mlflow", f"--pwfile={folder}/password"]
        command = [str(binaries / "initdb"), "--pgdata", f"{folder}/data", *made]
        subprocess.run(command, cwd=folder, user=user, check=True, capture_output=True)
        where = ["-D", f"{folder}/data", "-p", str(port), "-k", folder, "-h", "127.0.0.1"]
        switch = (
            [needs("runuser", "apt install util-linux"), "-u", user, "--"]
            if os.geteuid() == 0
            else []
        )
        server = [*switch, str(binaries / "postgres"), *where]
        with running(server, answering(port), Path(folder) / "log"):
            yield f"postgresql+psycopg://mlflow:{SECRET}@127.0.0.1:{port}/postgres"


@pytest.fixture(scope="module")
def server(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an MLflow server on it that asks its callers for name and password."""
    needs("mlflow", "make setup")
    port, folder = free_port(), tmp_path_factory.mktemp("server")
    address = f"http://127.0.0.1:{port}"
    settings = folder / "auth.ini"
    settings.write_text(
        f"[mlflow]\ndefault_permission = EDIT\ndatabase_uri = {database}\n"
        f"admin_username = admin\nadmin_password = {SECRET}\n"
    )
    command = [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "2"]
    command += ["--backend-store-uri", database, "--allowed-hosts", f"127.0.0.1:{port}"]
    command += ["--artifacts-destination", str(folder / "artifacts"), "--app-name", "basic-auth"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_AUTH_CONFIG_PATH", str(settings))
        patch.setenv("MLFLOW_FLASK_SERVER_SECRET_KEY", SECRET)
        with running(command, f"{address}/health", folder / "mlflow.log"):
            yield address


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's name and password."""
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "admin")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", SECRET)


def test_a_wrong_password_is_told_in_one_line_that_does_not_show_it(
    server: str, complete: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "another-secret")
    with pytest.raises(UserError) as refused:
        tracking.sync(complete)
    assert "not authenticated" in str(refused.value)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.timeout(600)
def test_four_syncs_at_once_from_four_projects_leave_one_run_a_key(
    server: str,
    complete: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clones = [tmp_path_factory.mktemp("clones") / "project" for _ in range(4)]
    for clone in clones:
        shutil.copytree(complete, clone, ignore=shutil.ignore_patterns("artifacts", "mlflow.log"))
    syncs = [processes().Process(target=sync_in, args=(clone, server)) for clone in clones]
    for sync in syncs:
        sync.start()
    for sync in syncs:
        sync.join()
    assert [sync.exitcode for sync in syncs] == [0] * 4
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    keys = Counter(run.data.tags["dvc.key"] for run in runs(complete))
    assert len(keys) == 5
    assert set(keys.values()) == {1}
    assert {run.info.status for run in runs(complete)} == {"FINISHED"}
