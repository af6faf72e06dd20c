"""The project's files as they lie here or at a git revision, and what Git and DVC say of them."""

import hashlib
import json
import subprocess
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from sentiment.errors import UserError

RESULTS = "reports/results"


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

    def cells(self) -> list[tuple[str, str]]:
        """Protocol and model of every cell: of each protocol the grid's, then the ablation's."""
        grid = self.settings["grid"]
        models = [*grid["models"], *self._ablation["models"]]
        return [(protocol, model) for protocol in grid["protocols"] for model in models]

    def stage(self, kind: str, protocol: str, model: str) -> str:
        """Name of the stage that trains or evaluates a cell; `kind` is train or evaluate."""
        group = f"{kind}-ablation" if model in self._ablation["models"] else kind
        return f"{group}@{protocol}-{model}"

    def source(self, model: str) -> str:
        """Where the model's vectors come from, as in `vectors.source`."""
        other = model in self._ablation["models"]
        return self._ablation["vectors"] if other else self.settings["vectors"]["source"]

    def read(self, path: str) -> bytes | None:
        """Bytes of the file at `path`, relative to the root; None when there is none."""
        if self.rev is not None:
            return self._git("show", f"{self.rev}:./{path}")
        try:
            return (self.root / path).read_bytes()
        except FileNotFoundError:
            return None

    def modified(self, path: str) -> int:
        """When the file in the workspace was written last, in milliseconds since 1970."""
        return int((self.root / path).stat().st_mtime * 1000)

    def commit(self, path: str) -> tuple[str, int] | None:
        """Commit that brought this content of a results file, and its time in milliseconds.

        None while the content is not committed.
        """
        found = self._commits.get(path)
        if found is None or self._git("show", f"{found[0]}:./{path}") != self.read(path):
            return None
        return found

    def problem(self, protocol: str, model: str) -> str | None:
        """Why a cell's results file is not what DVC versions; None when it is.

        Its md5 must be the one in dvc.lock, and params.yaml must say of the cell what dvc.lock
        and the file say that it was made with. Raises ValueError for a file that is no JSON.
        """
        path, evaluate = (
            f"{RESULTS}/{protocol}/{model}.json",
            self.stage("evaluate", protocol, model),
        )
        content = self.read(path)
        if content is None:
            return "no results yet"
        outs = {out["path"]: out["md5"] for out in self._lock.get(evaluate, {}).get("outs", ())}
        if outs.get(path) != hashlib.md5(content, usedforsecurity=False).hexdigest():
            return f"not what dvc.lock records: run `dvc repro {evaluate}`"
        source, train = self.source(model), self.stage("train", protocol, model)
        if json.loads(content).get("vectors") != source:
            return f"not made with the vectors '{source}': run `dvc repro {evaluate}`"
        for stage in ("prepare", f"vectors@{protocol}-{source}", train):
            params = self._lock.get(stage, {}).get("params", {}).get("params.yaml", {})
            for key, value in params.items():
                # A longer list of seeds leaves the results of those trained as they are.
                if key != "seeds" and _at(self.settings, key) != value:
                    return f"made with another '{key}' than params.yaml has: run `dvc repro`"
        return None

    @property
    def _ablation(self) -> dict[str, Any]:
        # An older revision has none.
        return self.settings.get("ablation", {"models": []})

    @cached_property
    def _lock(self) -> dict[str, Any]:
        return _yaml(self.read("dvc.lock") or b"stages: {}")["stages"]

    @cached_property
    def _commits(self) -> dict[str, tuple[str, int]]:
        # Changes along the first parents: a merge that brought a file counts as its commit.
        what = ("log", "--first-parent", "-m", "--relative", "--name-only", "--format=%x00%H %ct")
        log = self._git(*what, self.rev or "HEAD", "--", RESULTS) or b""
        newest: dict[str, tuple[str, int]] = {}
        for entry in log.decode().split("\0")[1:]:
            head, *paths = entry.split("\n")
            commit, seconds = head.split()
            for path in filter(None, paths):
                newest.setdefault(path, (commit, int(seconds) * 1000))
        return newest

    def _git(self, *arguments: str) -> bytes | None:
        try:
            done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True)
        except FileNotFoundError:
            return None
        return done.stdout if done.returncode == 0 else None


def _yaml(content: bytes) -> Any:
    return YAML(typ="safe", pure=True).load(content)


def _at(settings: Any, key: str) -> Any:
    for part in key.split("."):
        settings = settings.get(part) if isinstance(settings, dict) else None
    return settings
