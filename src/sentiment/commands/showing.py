"""What shows results: MLflow's mirror, and the documents' generated parts."""

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from sentiment.errors import UserError


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


def ui(port: Annotated[int, typer.Option(help="Port on this machine.")] = 5000) -> None:
    """Sync, then serve the MLflow UI on this machine."""
    from sentiment import tracking

    tracking.ui(Path.cwd(), port)


def times() -> None:
    """Record in reports/times.json what the stages took here, for README and expectations."""
    from sentiment.running import times as recorded

    typer.echo(f"{recorded.RECORD}: {recorded.record(Path.cwd())} stages")


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
