"""Commands of Git and DVC whose reason is told when they fail."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sentiment.errors import UserError
from sentiment.running import remotes, secrets
from sentiment.running.local import DVC, environment


def git(where: Path, *arguments: str) -> str:
    """Output of a command of Git in the folder `where`. Raises UserError with its reason."""
    return _must(f"git {arguments[0]}", ["git", *arguments], where, {}, {})


def dvc(
    where: Path, remote: Mapping[str, str], *arguments: str, more: Mapping[str, str] | None = None
) -> None:
    """Run a command of DVC in the project `where`, with `more` in its environment.

    Raises UserError with its reason, in which nothing of `remote` is told that is secret.
    """
    _must(f"dvc {arguments[0]}", [*DVC, *arguments], where, more or {}, remote)


def _must(
    name: str,
    command: Sequence[str],
    where: Path,
    more: Mapping[str, str],
    remote: Mapping[str, str],
) -> str:
    variables = {**environment(), **more}
    done = subprocess.run(
        command, cwd=where, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        reason = secrets.hide(remotes.last_line(done.stdout + done.stderr), remote)
        raise UserError(f"{name}: {reason}")
    return done.stdout
