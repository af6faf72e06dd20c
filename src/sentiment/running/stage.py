"""Runs a stage: its function's signature is the command line, its failures are one line."""

import errno
import gc
import inspect
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

import typer

from sentiment.errors import UserError
from sentiment.running import compiled, host, times


def run(stage: Callable[..., dict[str, Any] | None]) -> None:
    """Run `stage` with the arguments of the command line and leave with 0 or 1.

    What the stage returns, its seconds, its peak memory and this machine go to
    `.sentiment/runinfo/<DVC_STAGE>.json`: they differ between equal runs, so nothing depends on
    them.
    """
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(help=inspect.getdoc(stage))(_measured(stage))
    try:
        app()
    except UserError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        sys.exit(f"error: {_explain(error)}")
    except MemoryError as error:
        reason = " ".join(str(error).split()) or "an allocation failed"
        sys.exit(f"error: not enough memory ({reason}): free some, or run fewer stages at a time")


def _measured(stage: Callable[..., dict[str, Any] | None]) -> Callable[..., None]:
    @wraps(stage)
    def measured(*args: Any, **kwargs: Any) -> None:
        started, clock = datetime.now(UTC), time.perf_counter()
        # What is imported stays, and statsmodels would look through it for garbage at every
        # correction for several tests.
        gc.freeze()
        with compiled.checked(compiles="sentiment.networks" in sys.modules):
            details = stage(*args, **kwargs) or {}
        name = os.environ.get("DVC_STAGE", "").split(":")[-1]
        if name:
            record = {
                "stage": name,
                "started": started.isoformat(timespec="seconds"),
                "seconds": round(time.perf_counter() - clock, 2),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
            times.leave(record | host.describe() | details)

    return measured


def _explain(error: OSError) -> str:
    # What is written by `files.atomic_path` has a name; scratch files have none.
    where = error.filename or f"output or {tempfile.gettempdir()}"
    what = error.strerror or " ".join(" ".join(map(str, error.args)).split())
    # NumPy counts what it could not write and gives no errno.
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or "requested and" in what:
        return (
            f"{where}: the disk is full, or a file may not grow as large; nothing was kept; "
            "free some space and run again"
        )
    return f"{where}: {what}; mend the path or its permissions and run again"
