"""The project's files as they lie here or at a git revision, and what Git and DVC say of them."""

import hashlib
import json
import subprocess
from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sentiment.errors import UserError
from sentiment.settings.cells import Cell, of_yaml

REPORTS = "reports"


class Tree:
    """The workspace, or the project at revision `rev`."""

    def __init__(self, root: Path, rev: str | None = None) -> None:
        """Raise UserError when git knows no commit `rev` or params.yaml is not there."""
        self.root, self.rev = root, rev
        if rev is not None and self._git("rev-parse", "--verify", f"{rev}^{{commit}}") is None:
            raise UserError(f"{rev}: git knows no such revision here: see `git log` and `git tag`")
        content = self.read("params.yaml")
        if content is None:
            where = f"not in revision {rev}" if rev else "run from the top folder of the project"
            raise UserError(f"params.yaml: not found: {where}")
        # Not `params.load`: an older revision may have keys that the present code refuses.
        self.settings: dict[str, Any] = _yaml(content)

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """Every cell by its name."""
        return {cell.name: cell for cell in of_yaml(self.settings)}

    def baselines(self) -> list[tuple[str, str]]:
        """Protocol and name of every baseline of the grid."""
        grid = self.settings["grid"]
        # An older revision has none.
        return [
            (protocol, name) for protocol in grid["protocols"] for name in grid.get("baselines", ())
        ]

    def read(self, path: str) -> bytes | None:
        """Bytes of the file at `path`, relative to the root; None when there is none."""
        if self.rev is not None:
            return self._git("show", f"{self.rev}:./{path}")
        try:
            return (self.root / path).read_bytes()
        except FileNotFoundError:
            return None

    def load(self, path: str) -> dict[str, Any]:
        """Content of a JSON file; empty when there is none."""
        return json.loads(self.read(path) or b"{}")

    def runinfo(self, stage: str) -> dict[str, Any]:
        """Times and machine of a stage as it last ran here; empty where that is not known."""
        # Revisions before they left the tracked files have them in their reports.
        return self.load(f"{REPORTS if self.rev else '.sentiment'}/runinfo/{stage}.json")

    def load_committed(self, path: str) -> dict[str, Any]:
        """Content of a JSON file in the commit that is checked out; empty when there is none."""
        return json.loads(self._git("show", f"HEAD:./{path}") or b"{}")

    def newest_commit(self, path: str) -> tuple[str, int]:
        """The last commit that changed a file in `reports/`, and its time in milliseconds.

        KeyError if none did.
        """
        return self._commits[path]

    def modified(self, path: str) -> int:
        """When the file in the workspace was written last, in milliseconds since 1970."""
        return int((self.root / path).stat().st_mtime * 1000)

    def commit(self, path: str) -> tuple[str, int] | None:
        """Commit that brought this content of a file in `reports/`, and its time in milliseconds.

        None while the content is not committed.
        """
        found = self._commits.get(path)
        if found is None or self._git("show", f"{found[0]}:./{path}") != self.read(path):
            return None
        return found

    def last(self, commits: Collection[tuple[str, int]]) -> tuple[str, int]:
        """The last of these `commits` in the history; their times are whole seconds."""
        # They stand in the order in which Git tells them.
        return next(commit for commit in self._commits.values() if commit in commits)

    def files(self, path: str) -> list[str]:
        """The file at `path`, or those in the folder there and below, in order of name."""
        if self.rev is not None:
            listed = self._git("ls-tree", "-r", "-z", "--name-only", self.rev, "--", path) or b""
            return sorted(filter(None, listed.decode().split("\0")))
        if not (self.root / path).is_dir():
            return [path]
        below = (found for found in (self.root / path).rglob("*") if found.is_file())
        return sorted(found.relative_to(self.root).as_posix() for found in below)

    def outs(self, stage: str) -> dict[str, str]:
        """Path and md5 of what dvc.lock says the stage made; none if it never ran."""
        return {out["path"]: out["md5"] for out in self._lock.get(stage, {}).get("outs", ())}

    def outdated(self, stage: str, path: str) -> str | None:
        """Why `path` is not what dvc.lock says that `stage` made; None when it is."""
        recorded = self.outs(stage).get(path, "")
        md5 = self._folder_md5(path) if recorded.endswith(".dir") else self._md5(path)
        if md5 is None:
            return f"not there any more: run `dvc repro {stage}`"
        if recorded != md5:
            return f"not what dvc.lock records: run `dvc repro {stage}`"
        return None

    def asked(self, stage: str, path: str) -> bool:
        """Whether `stage` ever ran here, or the file at `path` is there without that."""
        return stage in self._lock or self.read(path) is not None

    def changed(self, stages: Iterable[str], but: str | None = None) -> str | None:
        """Which parameter, `but` aside, params.yaml has otherwise than `stages` in dvc.lock had."""
        read = ((stage, key) for stage in stages for key in self._params(stage) if key != but)
        return next(filter(None, (self.differs(stage, key) for stage, key in read)), None)

    def differs(self, stage: str, key: str) -> str | None:
        """That params.yaml has another `key` than dvc.lock says `stage` had; None if it has not."""
        had = self._params(stage)
        if key not in had or _at(self.settings, key) == had[key]:
            return None
        return f"made with another '{key}' than params.yaml has: run `dvc repro`"

    @property
    def dataset(self) -> str:
        """Name of the data set; an older revision has it in place of the description."""
        described = self.settings["dataset"]
        return described if isinstance(described, str) else described["name"]

    @property
    def digest(self) -> str | None:
        """That of the data set's reviews; None before they are prepared."""
        return self.load("reports/data.json").get("digest")

    def _params(self, stage: str) -> dict[str, Any]:
        return self._lock.get(stage, {}).get("params", {}).get("params.yaml", {})

    @cached_property
    def _lock(self) -> dict[str, Any]:
        return _yaml(self.read("dvc.lock") or b"stages: {}")["stages"]

    @cached_property
    def _commits(self) -> dict[str, tuple[str, int]]:
        # Changes along the first parents: a merge that brought a file counts as its commit.
        what = ("log", "--first-parent", "-m", "--relative", "--name-only", "--format=%x00%H %ct")
        log = self._git(*what, self.rev or "HEAD", "--", REPORTS) or b""
        newest: dict[str, tuple[str, int]] = {}
        for entry in log.decode().split("\0")[1:]:
            head, *paths = entry.split("\n")
            commit, seconds = head.split()
            for path in filter(None, paths):
                newest.setdefault(path, (commit, int(seconds) * 1000))
        return newest

    def _md5(self, path: str) -> str | None:
        content = self.read(path)
        return None if content is None else hashlib.md5(content, usedforsecurity=False).hexdigest()

    def _folder_md5(self, path: str) -> str:
        """As DVC has it: over the md5 and the name of each file."""
        names = self.files(path)
        listed = [{"md5": self._md5(n), "relpath": n.removeprefix(f"{path}/")} for n in names]
        listed.sort(key=lambda file: str(file["relpath"]))
        content = json.dumps(listed, sort_keys=True).encode()
        return hashlib.md5(content, usedforsecurity=False).hexdigest() + ".dir"

    def _git(self, *arguments: str) -> bytes | None:
        try:
            done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True)
        except FileNotFoundError:
            return None
        return done.stdout if done.returncode == 0 else None


def _yaml(content: bytes) -> Any:
    # As DVC does, with libyaml's parser: dvc.lock takes it a tenth of the time.
    return YAML(typ="safe").load(content)


def _at(settings: Any, key: str) -> Any:
    for part in key.split("."):
        settings = settings.get(part) if isinstance(settings, dict) else None
    return settings
