"""The command `sentiment`: everything beside the stages that a person types."""

import atexit
import gc
import sys
from collections.abc import Callable

import typer

from sentiment.commands import asking, computing, showing
from sentiment.errors import UserError
from sentiment.running.own_code import run_own_code

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The reproducible comparison of recurrent networks on movie reviews.",
)
# In the order in which --help lists them.
COMMANDS: tuple[Callable[..., None], ...] = (
    *(computing.run, computing.demo, computing.init, showing.sync, computing.verify),
    *(computing.review, asking.predict, asking.probe, asking.champion),
    *(showing.ui, showing.times, showing.readme),
)
for command in COMMANDS:
    app.command()(command)
# What follows are the words of another command, and options are that command's.
app.command(context_settings={"ignore_unknown_options": True})(computing.track)


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
