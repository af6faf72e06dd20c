"""What asks trained networks: about texts, about words, and for the registry."""

from pathlib import Path
from typing import Annotated

import typer

from sentiment.running import compiled
from sentiment.running.quiet import silence_tensorflow
from sentiment.settings import params


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
    """Say of raw text which class it is of, as whether a review is positive or negative."""
    from sentiment.prediction import texts

    given, settings = texts.read(text or [], file), params.load()
    silence_tensorflow()
    from rich.console import Console

    from sentiment.networks import runtime
    from sentiment.prediction import choice
    from sentiment.reporting.terminal import predictions

    runtime.configure(settings.train.threads)
    with compiled.checked():
        predictor = choice.choose(Path(), model, settings).predictor()
        found = predictor.predict(given)
        reasons = []
        if explain:
            from sentiment.prediction.explanation import Explainer

            explainer = Explainer(predictor)
            reasons = [explainer.explain(each) for each in given]
    if as_json:
        for line in predictions.json_lines(found, reasons):
            typer.echo(line)
    else:
        console = Console()
        for block in predictions.blocks(given, found, settings.dataset.classes, reasons):
            console.print(block)


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
    with compiled.checked():
        read = sentences.read(chosen.predictor(), sentence, at)
    Console().print(steps.table(read, f"{chosen.cell}, seed {chosen.seed}"))


def champion() -> None:
    """Register the champion in the MLflow store, as a model that MLflow can serve."""
    silence_tensorflow()
    from sentiment.prediction.choice import CHAMPION, choose
    from sentiment.tracking.champion import register

    settings = params.load()
    typer.echo(register(Path.cwd(), choose(Path(), CHAMPION, settings), settings.dataset.name))
