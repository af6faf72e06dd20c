"""Real servers as DVC remotes: what one clone pushes another pulls, and nothing is lost."""

import getpass
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import boto3
import pytest
import requests
from projects import Project
from servers import answering, free_port, running
from shared import cloned, needs

SECRET = "open-sesame-of-the-tests"
USER = "tester"


class Remote(NamedTuple):
    """A server that runs, how DVC is told of it, and where it keeps its files."""

    url: str
    options: dict[str, str]  # of DVC's local config
    wrong: dict[str, str]  # the same with a secret that is not right
    change: Callable[[str], None]  # puts other bytes in the place of the object of that path


def damage(folder: Path) -> Callable[[str], None]:
    """Change files of a server that keeps them in `folder`."""

    def change(name: str) -> None:
        path = folder / name
        path.chmod(0o644)
        path.write_bytes(b"other bytes")

    return change


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[Remote]:
    program, port = needs("sshd", "apt install openssh-server"), free_port()
    store = tmp_path / "store"
    store.mkdir()
    for name in ("host", "user", "stranger"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)]
        subprocess.run(make, check=True)
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": tmp_path / "host",
        "AuthorizedKeysFile": tmp_path / "user.pub",
        "PidFile": tmp_path / "pid",
        "StrictModes": "no",
        "UsePAM": "no",
        "PasswordAuthentication": "no",
        "Subsystem": "sftp internal-sftp",
    }
    written = "".join(f"{name} {value}\n" for name, value in settings.items())
    (tmp_path / "config").write_text(written)
    # It needs the folder only to give up rights, and does not make it.
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    command = [program, "-D", "-e", "-f", str(tmp_path / "config")]
    login = {"user": getpass.getuser(), "allow_agent": "false"}
    with running(command, answering(port), tmp_path / "log"):
        yield Remote(
            f"ssh://127.0.0.1:{port}{store}",
            login | {"keyfile": str(tmp_path / "user")},
            login | {"keyfile": str(tmp_path / "stranger")},
            damage(store),
        )


@pytest.fixture
def webdav(tmp_path: Path) -> Iterator[Remote]:
    program, port = needs("wsgidav", "python -m pip install wsgidav cheroot"), free_port()
    store = tmp_path / "store"
    store.mkdir()
    users = f"{{'/': {{'{USER}': {{'password': '{SECRET}'}}}}}}"
    config = tmp_path / "wsgidav.yaml"
    config.write_text(
        f"host: 127.0.0.1\nport: {port}\nprovider_mapping: {{'/': '{store}'}}\n"
        "http_authenticator:\n  accept_basic: true\n  accept_digest: false\n"
        f"  default_to_digest: false\nsimple_dc: {{user_mapping: {users}}}\nverbose: 1\n"
    )
    with running([program, "--config", str(config)], answering(port), tmp_path / "log"):
        yield Remote(
            f"webdav://127.0.0.1:{port}/",
            {"user": USER, "password": SECRET},
            {"user": USER, "password": f"not-{SECRET}"},
            damage(store),
        )


@pytest.fixture
def s3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Remote]:
    program, port = needs("moto_server", "python -m pip install 'moto[server]'"), free_port()
    address = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with running([program, "-H", "127.0.0.1", "-p", str(port)], address, tmp_path / "log"):
        keys = {"aws_access_key_id": USER, "aws_secret_access_key": SECRET}
        client = boto3.client("s3", endpoint_url=address, region_name="us-east-1", **keys)
        client.create_bucket(Bucket="results")
        # From here on the server asks who somebody is.
        requests.post(f"{address}/moto-api/reset-auth", data=b"0", timeout=10)

        def change(name: str) -> None:
            client.put_object(Bucket="results", Key=name, Body=b"other bytes")

        login = {"endpointurl": address, "access_key_id": USER}
        yield Remote(
            "s3://results",
            login | {"secret_access_key": SECRET},
            login | {"secret_access_key": SECRET, "endpointurl": "http://127.0.0.1:9"},
            change,
        )


@pytest.fixture(params=["ssh", "webdav", "s3"])
def remote(request: pytest.FixtureRequest) -> Remote:
    return request.getfixturevalue(request.param)


def told(clone: Project, remote: Remote, options: dict[str, str]) -> Project:
    """The clone, whose DVC knows the remote; what is secret of it is in the local config alone."""
    clone.must("dvc", "remote", "add", "--quiet", "--default", "--force", "shared", remote.url)
    for name, value in ({"verify": "true"} | options).items():
        clone.must("dvc", "remote", "modify", "--local", "shared", name, value)
    return clone


def weights(project: Project) -> dict[str, bytes]:
    files = sorted((project.folder / "models").rglob("*.*"))
    return {file.relative_to(project.folder).as_posix(): file.read_bytes() for file in files}


def test_what_one_clone_pushes_another_pulls_and_nothing_is_trained(
    remote: Remote, alone: Project, tmp_path: Path
) -> None:
    maker = told(alone.at(alone.folder), remote, remote.options)
    maker.must("dvc", "push", "--quiet")
    other = told(cloned(alone, tmp_path / "other"), remote, remote.options)

    wrong = told(cloned(alone, tmp_path / "wrong"), remote, remote.wrong)
    refused = wrong.call("dvc", "pull", "evaluate", "train")
    assert refused.returncode != 0
    assert SECRET not in refused.stdout + refused.stderr

    other.must("dvc", "pull", "--quiet", "--allow-missing")
    assert weights(other) == weights(alone)
    assert "Running stage" not in other.must("dvc", "repro", "--dry", "evaluate")
    private = SECRET.encode()
    for project in (maker, other, wrong):
        project.must("git", "add", "--all")
        tracked = project.must("git", "grep", "--cached", "-l", "sentiment").splitlines()
        assert tracked
        assert project.call("git", "grep", "--cached", SECRET).returncode == 1
        logs = (project.folder / ".sentiment").rglob("*.log")
        assert not any(private in log.read_bytes() for log in logs)


def test_an_object_damaged_in_the_remote_is_noticed_and_named(
    remote: Remote, alone: Project, tmp_path: Path
) -> None:
    told(alone.at(alone.folder), remote, remote.options).must("dvc", "push", "--quiet")
    (cell,) = [
        line for line in alone.lock().splitlines() if "models/lecture/lstm-3\n" in line + "\n"
    ][-1:]
    assert cell
    listing = sorted((alone.folder / ".dvc/cache/files/md5").rglob("*"))
    largest = max(
        (path for path in listing if path.is_file()), key=lambda path: path.stat().st_size
    )
    name = largest.relative_to(alone.folder / ".dvc/cache").as_posix()
    remote.change(name)
    other = told(cloned(alone, tmp_path / "other"), remote, remote.options)
    refused = other.call("dvc", "pull", "--allow-missing")
    assert refused.returncode != 0
    assert (
        name.removeprefix("files/md5/").replace("/", "")
        in (refused.stdout + refused.stderr).replace("/", "")
        or "failed to" in (refused.stdout + refused.stderr).lower()
    )
    assert not any(path.read_bytes() == b"other bytes" for path in other.folder.rglob("*.npy"))


def test_a_remote_that_is_gone_loses_nothing_here(alone: Project, tmp_path: Path) -> None:
    gone = Remote("webdav://127.0.0.1:9/", {"user": USER, "password": SECRET}, {}, print)
    other = told(cloned(alone, tmp_path / "other"), gone, gone.options)
    other.must("dvc", "config", "--local", "cache.dir", str(alone.folder / ".dvc/cache"))
    other.must("dvc", "checkout", "--quiet", "--allow-missing")
    before = weights(other)
    assert before
    refused = other.call("dvc", "push")
    assert refused.returncode != 0
    assert SECRET not in refused.stdout + refused.stderr
    assert weights(other) == before
    assert sys.executable
