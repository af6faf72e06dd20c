"""What DVC keeps of results, here and in the remote: see `dvc_graph`."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dvc.exceptions import DvcException
from dvc.repo import Repo, lock_repo

from sentiment.errors import UserError
from sentiment.running.dvc_graph import silence


def remote(root: Path) -> dict[str, str]:
    """Settings of the default remote: `name`, `url` and what else is set of it; empty for none.

    A folder's url is an absolute path. What Git does not keep is among them: names and passwords.
    """
    silence()
    with Repo(str(root)) as repo:
        name = repo.config["core"].get("remote")
        settings = repo.config["remote"].get(name, {}) if name else {}
        found = {option: str(value) for option, value in settings.items()}
        return {"name": name, **found} if found else {}


def keep_runs(root: Path, names: Iterable[str]) -> None:
    """Let the run-cache have the stages, which ran last and whose inputs are as they were then.

    `dvc repro` leaves out a stage of whose outputs Git keeps some, though it would restore it.
    """
    silence()
    with Repo(str(root), _wait_for_lock=True) as repo, lock_repo(repo):
        for stage in _named(repo, names):
            if not all(out.use_cache for out in stage.outs):
                stage.save_deps()
                repo.stage_cache.save(stage)


def push_kept_by_git(root: Path, names: Iterable[str]) -> None:
    """Push to the default remote what the stages wrote that Git keeps and DVC's cache does not.

    DVC pulls it when it restores a stage elsewhere, but `dvc push --run-cache` leaves it out.
    Raises UserError where not all of it arrives.
    """
    silence()
    with Repo(str(root), _wait_for_lock=True) as repo, lock_repo(repo):
        outs = [out for stage in _named(repo, names) for out in stage.outs if not out.use_cache]
        if outs and repo.cloud.push([out.hash_info for out in outs]).failed:
            raise UserError(f"{', '.join(names)}: not all that Git keeps of it was pushed")


def missing(root: Path) -> tuple[list[str], list[str]]:
    """Outputs of which DVC's cache lacks something, and those of them that the remote has.

    Asks the default remote.
    """
    silence()
    with Repo(str(root), _wait_for_lock=True) as repo, lock_repo(repo):
        objects = {
            out.def_path: set().union(*out.get_used_objs().values())
            for out in repo.index.outs
            if out.use_cache and out.hash_info
        }
        status = repo.cloud.status(set().union(*objects.values()))
    lacking = status.deleted | status.missing
    return (
        sorted(path for path, own in objects.items() if own & lacking),
        sorted(path for path, own in objects.items() if own & status.deleted),
    )


def take_up(root: Path, names: Iterable[str]) -> int:
    """Restore each stage from DVC's caches or its remote, or else run it; how many failed.

    As `dvc repro --pull --keep-going --single-item` does, which reads and writes dvc.lock anew for
    each stage, though: half a minute where there are thousands. Here it is written once, at the
    end, also when that is an interruption. `names` come in an order in which they can run.
    """
    silence()
    made: list[Any] = []
    failed = 0
    with Repo(str(root), _wait_for_lock=True) as repo, lock_repo(repo), repo.scm_context:
        repo.stage_cache.pull(None)
        try:
            for stage in _named(repo, names):
                try:
                    if stage.reproduce(pull=True):
                        made.append(stage)
                except DvcException as error:
                    failed += 1
                    sys.stderr.write(f"ERROR: {error}\n")
        finally:
            if made:
                made[0].dvcfile.dump_stages(made, update_pipeline=False)
    return failed


def _named(repo: Repo, names: Iterable[str]) -> list[Any]:
    return [stage for name in names for stage in repo.stage.collect(name)]


if __name__ == "__main__":
    sys.exit(take_up(Path(), sys.argv[1:]) > 0)
