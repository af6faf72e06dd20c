"""DVC's remote, whose objects are checked when they are pulled: by itself DVC trusts them."""

import subprocess
import sys
from pathlib import Path

from sentiment.errors import UserError
from sentiment.running import dvc_results, secrets

DVC = [sys.executable, "-m", "dvc"]


def checked(root: Path) -> dict[str, str]:
    """Settings of the default remote (see `dvc_results.remote`), its objects checked from now on.

    Empty if there is none. That they are checked is written to DVC's local config. Raises
    UserError where that cannot be.
    """
    found = dvc_results.remote(root)
    if found and found.get("verify", "").lower() != "true":
        command = ["remote", "modify", "--local", found["name"], "verify", "true"]
        done = _dvc(root, *command)
        if done.returncode:
            raise UserError(f"dvc remote: {secrets.hide(last_line(done.stderr), found)}")
        return dvc_results.remote(root)
    return found


def pull(root: Path, remote: dict[str, str]) -> str:
    """Pull what the remote has; what is to be said of that.

    What was never pushed may be missing. Raises UserError where the remote does not answer, and
    where an object in it is not what was pushed.
    """
    done = _dvc(root, "pull", "--quiet", "--allow-missing")
    if done.returncode:
        raise UserError(secrets.hide(last_line(done.stdout + done.stderr), remote))
    # `--allow-missing` is silent of what came and was not what it should be.
    lacking, damaged = dvc_results.missing(root)
    if damaged:
        raise UserError(
            f"{', '.join(damaged)}: damaged in the remote: delete it there, and `dvc push` it anew "
            "from where it was made"
        )
    return "pulled what it has" + (f"; outputs that it lacks: {len(lacking)}" if lacking else "")


def last_line(said: str) -> str:
    """The reason that Git and DVC give: the last line, or the last that DVC calls an error."""
    lines = said.strip().splitlines() or ["no reason given"]
    errors = [line for line in lines if line.startswith("ERROR: ")]
    return (errors or lines)[-1].removeprefix("ERROR: ")


def _dvc(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*DVC, *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
