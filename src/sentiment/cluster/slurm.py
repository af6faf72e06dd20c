"""Tasks as an array of jobs for SLURM, whose machines see the project's folder."""

import dataclasses
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

import networkx as nx

from sentiment.cluster import calls, preparation, shares, work
from sentiment.cluster.work import Task
from sentiment.errors import UserError
from sentiment.running import dvc_graph, dvc_results, times
from sentiment.running.capacity import UNKNOWN
from sentiment.storage.files import read_json, write_json, write_text

FOLDER = Path(".sentiment/slurm")
SCRIPT = """\
#!/bin/bash
#SBATCH --job-name=sentiment
#SBATCH --array=0-{last}
#SBATCH --cpus-per-task={threads}
#SBATCH --mem={megabytes}M
#SBATCH --output={folder}/%a.log
set -euo pipefail
cd {root}
exec {python} -m sentiment.cluster.slurm {folder}/tasks.json "$SLURM_ARRAY_TASK_ID"
"""


def write(root: Path, targets: Iterable[str], alone: Iterable[str], threads: int) -> int:
    """Write `.sentiment/slurm/array.sh` for what is stale and can run now; how many tasks it has.

    A task is a stage with those that wait for it alone. What an earlier array made is taken up
    first, and what the tasks read is pushed to the remote. Raises UserError as `Head.begin` does,
    and where a stage that must run on this machine is in the way.
    """
    _take_up(root)
    stages = dvc_graph.survey(root, targets, alone)
    preparation.refuse_changes(root, stages.files)
    remote = preparation.remote(root)
    movable = shares.movable(stages.graph, stages.files)
    chosen = chains(stages.stale, movable)
    if not chosen:
        if stages.stale:
            here = [stage for stage in stages.stale if not stages.stale.out_degree(stage)]
            raise UserError(
                f"{', '.join(sorted(here))}: must run on this machine, and all else waits for it: "
                f"sentiment run {' '.join(sorted(here))}"
            )
        return 0
    tasks = [
        {"stages": chain, "inputs": sorted(shares.inputs(stages.graph, chain))} for chain in chosen
    ]
    read = {name for task in tasks for name in task["inputs"]}
    calls.dvc(root, remote, "push", "--quiet", *sorted(read))
    about = {
        "root": str(root.resolve()),
        "commit": calls.git(root, "rev-parse", "HEAD").strip(),
        "versions": preparation.versions(),
        "tasks": tasks,
    }
    write_json(root / FOLDER / "tasks.json", about)
    write_text(root / FOLDER / "array.sh", _script(root, chosen, threads))
    return len(tasks)


def _script(root: Path, chosen: list[list[str]], threads: int) -> str:
    """A job for each chain of `chosen`, with room for the most memory that one of them needs."""
    peaks = {stage: took["peak_mb"] for stage, took in times.recorded(root).items()}
    most = max(peaks.get(stage, UNKNOWN) for chain in chosen for stage in chain)
    return SCRIPT.format(
        last=len(chosen) - 1,
        threads=threads,
        # DVC stays beside the stage.
        megabytes=most + 500,
        folder=FOLDER,
        root=shlex.quote(str(root.resolve())),
        python=shlex.quote(sys.executable),
    )


def chains(stale: nx.DiGraph, movable: set[str]) -> list[list[str]]:
    """Stages that can run now, each followed by those that wait for it and nothing else."""
    found = []
    for first in sorted(movable & set(stale)):
        if stale.out_degree(first):
            continue
        chain = [first]
        for stage in chain:
            after = sorted(set(stale.predecessors(stage)) & movable)
            chain += [s for s in after if set(stale.successors(s)) <= set(chain)]
        found.append(chain)
    return found


def do(tasks: Path, number: str) -> None:
    """Do one task of those in the file TASKS, and write beside it what came of it."""
    about = read_json(tasks)
    root = Path(about["root"])
    task = Task(
        **about["tasks"][int(number)],
        commit=about["commit"],
        lock=(root / "dvc.lock").read_text(encoding="utf-8"),
        remote=preparation.remote(root),
        versions=about["versions"],
    )
    outcome = work.do(str(root), task, lambda _: None)
    sys.stdout.write(outcome.output)
    told = dataclasses.asdict(outcome)
    write_json(tasks.with_name(f"{number}.json"), {n: told[n] for n in ("ended", "runinfo")})
    if outcome.failed:
        raise UserError(f"{', '.join(outcome.failed)}: failed: the reason is above")


def _take_up(root: Path) -> None:
    """Let DVC here take over what the jobs of an earlier array gave to the remote."""
    found = sorted((root / FOLDER).glob("[0-9]*.json"))
    told = [read_json(path) for path in found]
    # In the order in which they ran: one reads what another made.
    if dvc_results.take_up(root, [stage for one in told for stage in one["ended"]]):
        raise UserError("not all that the jobs made is here: the reason is above")
    for one, path in zip(told, found, strict=True):
        for info in one["runinfo"].values():
            times.leave(info, root)
        path.unlink()


if __name__ == "__main__":
    try:
        do(Path(sys.argv[1]), sys.argv[2])
    except UserError as error:
        sys.exit(f"error: {error}")
