"""All that a state of the project versions, as records: cells, baselines and the comparison."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from sentiment.settings.cells import Cell
from sentiment.tracking.record import Record, canonical, fingerprint, milliseconds
from sentiment.tracking.records import evaluated
from sentiment.tracking.tree import Tree

# What stage `compare` makes, beside comparison.md and metrics.json.
TABLES = "reports/comparison"
NOTE = "Tables, differences, gaps and figures of one state of the results: see *Artifacts*."


class Result(NamedTuple):
    """One result: its stage, its place, what says why it is not versioned, what makes records."""

    stage: str
    path: str
    problem: Callable[[], str | None]
    records: Callable[[], list[Record]]


def versioned(tree: Tree) -> tuple[list[Record], list[str]]:
    """Records of what DVC versions, and a line on each cell, baseline or table that it does not.

    What no stage was asked for, as the questions of memory after `make results`, is in neither.
    Versioned is what has the md5 of dvc.lock, and of which params.yaml says what dvc.lock and the
    file itself say that it was made with.
    """
    found: list[Record] = []
    skipped: list[str] = []
    for result in _results(tree):
        if not tree.asked(result.stage, result.path):
            continue
        try:
            problem = result.problem()
            found += [] if problem else result.records()
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            problem = f"not readable as results: {error!r}"
        if problem:
            skipped.append(f"{result.path}: {problem}")
    return found, skipped


def _results(tree: Tree) -> Iterator[Result]:
    for cell in tree.cells.values():
        problem = partial(_cell_problem, tree, cell)
        yield Result(cell.stage("evaluate"), cell.record, problem, partial(evaluated, tree, cell))
    for protocol, name in tree.baselines():
        place = f"baseline@{protocol}-{name}", f"reports/results/{protocol}/baselines/{name}.json"
        problem = partial(_baseline_problem, tree, *place)
        yield Result(*place, problem, partial(_baseline, tree, *place))
    # Another folder, in an older revision, is what DVC showed of its tables.
    made = {p for p, md5 in tree.outs("compare").items() if p == TABLES or not md5.endswith(".dir")}
    if made:
        problem = partial(_comparison_problem, tree, sorted(made))
        yield Result("compare", TABLES, problem, partial(_comparison, tree, sorted(made)))


def _cell_problem(tree: Tree, cell: Cell) -> str | None:
    evaluate = cell.stage("evaluate")
    if problem := tree.outdated(evaluate, cell.record):
        return problem
    if tree.load(cell.record).get("vectors") != cell.vectors:
        return f"not made with the vectors '{cell.vectors}': run `dvc repro {evaluate}`"
    made = [f"load@{cell.vectors}", f"vectors@{cell.protocol}-{cell.vectors}"]
    before = ["prepare", *made, cell.stage("train")]
    # A longer list of seeds leaves the results of those trained as they are.
    # How a model is trained reaches its stage by its description.
    return tree.changed(before, but="seeds") or tree.differs("describe", "train")


def _baseline_problem(tree: Tree, stage: str, path: str) -> str | None:
    return tree.outdated(stage, path) or tree.changed(["prepare", stage])


def _baseline(tree: Tree, stage: str, path: str) -> list[Record]:
    results, runinfo = tree.load(path), tree.runinfo(stage)
    protocol, dataset = results["protocol"], tree.dataset
    made_by = canonical({"dataset": dataset, "protocol": tree.settings["protocols"][protocol]})
    measured = {name: value for name, value in results.items() if isinstance(value, float)}
    # The others are names and counts.
    params = {"kind": "baseline", "dataset": dataset, **results}
    params |= {f"protocol.{name}": value for name, value in made_by["protocol"].items()}
    metrics = {_metric(name): value for name, value in measured.items()}
    commit, started = tree.commit(path) or (None, tree.modified(path))
    ended, tags = started, {}
    if runinfo:
        brought, started = started, milliseconds(runinfo["started"])
        if commit and tree.rev is None and started > brought:
            tags = {"reproduces": commit}
        ended = started + round(1000 * runinfo["seconds"])
        metrics |= {"fit/seconds": runinfo["seconds"], "fit/peak_mb": runinfo["peak_mb"]}
    return [
        Record(
            key=fingerprint({"stage": stage, "results": results, **made_by}),
            name=f"{protocol} baseline {results['baseline']}",
            stage=stage,
            dataset=dataset,
            digest=tree.digest,
            params={name: str(v) for name, v in params.items() if name not in measured},
            history=[],
            epochs_ended=[],
            metrics=metrics,
            tags=tags,
            started=started,
            ended=ended,
            timed=bool(runinfo),
            commit=commit,
        )
    ]


def _metric(name: str) -> str:
    """As in a training's curves: `val_acc` is `val/acc`, and `acc` is `train/acc`."""
    part, _, measure = name.rpartition("_")
    return f"{part or 'train'}/{measure}"


def _comparison_problem(tree: Tree, paths: Sequence[str]) -> str | None:
    problems = (tree.outdated("compare", path) for path in paths)
    return next(filter(None, problems), None) or tree.changed(["compare"])


def _comparison(tree: Tree, made: Sequence[str]) -> list[Record]:
    paths = [path for out in made for path in tree.files(out)]
    contents: dict[str, Any] = {path: tree.read(path) for path in paths}
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in contents.items()}
    found = [tree.commit(path) for path in paths]
    commits = [commit for commit in found if commit is not None]
    commit: str | None = None
    if len(commits) == len(paths):
        # The last of the commits that brought a table made the whole.
        commit, time = tree.last(commits)
    else:
        time = max(map(tree.modified, paths))
    return [
        Record(
            key=fingerprint({"stage": "compare", "files": hashes}),
            name="comparison",
            stage="compare",
            dataset=tree.dataset,
            digest=tree.digest,
            params={"kind": "comparison", "dataset": tree.dataset},
            history=[],
            epochs_ended=[],
            metrics={},
            tags={"mlflow.note.content": NOTE},
            started=time,
            ended=time,
            timed=False,
            commit=commit,
            artifacts={PurePosixPath(path).name: content for path, content in contents.items()},
        )
    ]
