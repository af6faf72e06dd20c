"""Real servers as DVC remotes: what one clone pushes another pulls, and nothing is lost."""

import getpass
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import boto3
import pytest
import requests
from projects import Project, cloned
from servers import answering, free_port, running
from shared import needs

from sentiment.errors import UserError
from sentiment.running import remotes

SECRET = "open-sesame-of-the-tests"
USER = "tester"
CELL = "evaluate@lecture-lstm-3"


class Remote(NamedTuple):
    """A server that runs, how DVC is told of it, and where it keeps its files."""

    url: str
    options: dict[str, str]  # of DVC's local config
    wrong: dict[str, str]  # the same with a secret that is not right
    change: Callable[[str], None]  # puts other bytes in the place of the object of that path
    secret: str = SECRET


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
        where = {"endpoint_url": address, "region_name": "us-east-1"}
        anybody = {"aws_access_key_id": "anybody", "aws_secret_access_key": "anything"}
        users = boto3.client("iam", **where, **anybody)
        users.create_user(UserName=USER)
        allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        users.put_user_policy(UserName=USER, PolicyName="all", PolicyDocument=policy)
        key = users.create_access_key(UserName=USER)["AccessKey"]
        keys = {name: key[name] for name in ("AccessKeyId", "SecretAccessKey")}
        own = dict(zip(anybody, keys.values(), strict=True))
        client = boto3.client("s3", **where, **own)
        client.create_bucket(Bucket="results")
        # From here on the server asks who somebody is.
        requests.post(f"{address}/moto-api/reset-auth", data=b"0", timeout=10)

        def change(name: str) -> None:
            client.put_object(Bucket="results", Key=name, Body=b"other bytes")

        login = {"endpointurl": address, "access_key_id": keys["AccessKeyId"]}
        secret = keys["SecretAccessKey"]
        yield Remote(
            "s3://results",
            login | {"secret_access_key": secret},
            login | {"secret_access_key": secret[::-1]},
            change,
            secret,
        )


@pytest.fixture(params=["ssh", "webdav", "s3"])
def remote(request: pytest.FixtureRequest) -> Remote:
    return request.getfixturevalue(request.param)


def told(clone: Project, remote: Remote, options: dict[str, str]) -> Project:
    """The clone, whose DVC knows the remote; what is secret of it is in the local config alone."""
    clone.must("dvc", "remote", "add", "--quiet", "--default", "--force", "shared", remote.url)
    for name, value in options.items():
        clone.must("dvc", "remote", "modify", "--local", "shared", name, value)
    return clone


@pytest.fixture
def maker(one_cell: Project, tmp_path: Path) -> Project:
    """A clone whose DVC has what one cell is made of."""
    clone = cloned(one_cell, tmp_path / "maker")
    shutil.copytree(one_cell.folder / ".dvc/cache", clone.folder / ".dvc/cache")
    clone.must("dvc", "checkout", "--quiet", "--allow-missing")
    return clone


def weights(project: Project) -> dict[str, bytes]:
    files = sorted((project.folder / "models").rglob("*.*"))
    return {file.relative_to(project.folder).as_posix(): file.read_bytes() for file in files}


def test_what_one_clone_pushes_another_pulls_and_nothing_is_trained(
    remote: Remote, maker: Project, tmp_path: Path
) -> None:
    told(maker, remote, remote.options).must("dvc", "push", "--quiet")
    other = told(cloned(maker, tmp_path / "other"), remote, remote.options)
    assert remotes.pull(other.folder, remotes.checked(other.folder)).startswith(
        "pulled what it has"
    )
    assert weights(other) == weights(maker) != {}
    assert "Running stage" not in other.must("dvc", "repro", "--dry", CELL)
    other.must("git", "add", "--all")
    assert other.call("git", "grep", "--cached", "-e", remote.secret).returncode == 1


def test_who_is_not_let_in_is_told_so_without_the_secret(
    remote: Remote, maker: Project, tmp_path: Path
) -> None:
    wrong = told(cloned(maker, tmp_path / "wrong"), remote, remote.wrong)
    with pytest.raises(UserError) as refused:
        remotes.pull(wrong.folder, remotes.checked(wrong.folder))
    for secret in (remote.secret, remote.secret[::-1]):
        assert secret not in str(refused.value)


def test_an_object_damaged_in_the_remote_reaches_no_result(
    remote: Remote, maker: Project, tmp_path: Path
) -> None:
    told(maker, remote, remote.options).must("dvc", "push", "--quiet")
    cache = maker.folder / ".dvc/cache"
    objects = [path for path in (cache / "files/md5").rglob("*") if path.is_file()]
    sought = hashlib.md5(next(iter(weights(maker).values()))).hexdigest()
    (damaged,) = [path for path in objects if f"{path.parent.name}{path.name}" == sought]
    remote.change(damaged.relative_to(cache).as_posix())
    other = told(cloned(maker, tmp_path / "other"), remote, remote.options)
    with pytest.raises(UserError, match=r"^models/lecture/lstm-3: damaged in the remote"):
        remotes.pull(other.folder, remotes.checked(other.folder))
    assert b"other bytes" not in weights(other).values()


def test_a_remote_that_is_gone_loses_nothing_here(maker: Project) -> None:
    gone = Remote("webdav://127.0.0.1:9/", {"user": USER, "password": SECRET}, {}, print)
    before = weights(maker)
    refused = told(maker, gone, gone.options).call("dvc", "push")
    assert refused.returncode != 0
    assert SECRET not in refused.stdout + refused.stderr
    assert weights(maker) == before != {}
