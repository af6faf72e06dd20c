"""What must hold before other machines can run stages, and what they get of the project."""

import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from sentiment.cluster import calls
from sentiment.cluster.shares import meet
from sentiment.errors import UserError
from sentiment.running import host, remotes, secrets
from sentiment.running.dvc_graph import Files


def refuse_changes(root: Path, files: Files) -> None:
    """Raise UserError where what stages read is not in the commit, which is what a worker runs.

    What stages write may differ: an earlier run did that.
    """
    said = calls.git(root, "status", "--porcelain", "--untracked-files=all", "-z")
    changed = [entry[3:] for entry in said.split("\0") if entry]
    read = {"dvc.yaml", "params.yaml"}.union(*files.reads.values())
    written = set().union(*files.writes.values())
    for path in changed:
        if any(meet(path, one) for one in read) and not any(meet(path, one) for one in written):
            raise UserError(
                f"{path}: not as committed, and other machines run what is committed: commit it, "
                "or `git stash` it, or run here without --engine"
            )


def versions() -> dict[str, str]:
    """Versions here of what decides a result: a worker must have the same."""
    here = host.describe()["versions"]
    return {name: here[name] for name in host.DECISIVE}


def remote(root: Path) -> dict[str, str]:
    """Settings of the remote through which workers give results (see `remotes.checked`).

    Raises UserError where there is none, or one that cannot carry them.
    """
    found = remotes.checked(root)
    if not found:
        raise UserError(
            "no DVC remote is set, and through it workers get data and give results: "
            "`dvc remote add --default shared /a/folder/or/s3://bucket`"
        )
    if found["url"].startswith("http"):
        raise UserError(
            f"{secrets.hide(found['url'], found)}: DVC keeps no run-cache on such a remote, and "
            "by that workers give results: use a folder, s3://, ssh:// or webdav://"
        )
    return found


def packed(root: Path) -> bytes:
    """The repository's HEAD, without what came before it, as a tar archive of a bare clone."""
    with tempfile.TemporaryDirectory() as folder, BytesIO() as file:
        bare = Path(folder) / "repository.git"
        calls.git(
            root, "clone", "--quiet", "--bare", "--depth", "1", root.resolve().as_uri(), str(bare)
        )
        with tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(bare, bare.name)
        return file.getvalue()
