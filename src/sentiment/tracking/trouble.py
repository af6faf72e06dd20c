"""What can be wrong with an MLflow store, in one line that says what to do."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import Timeout

from sentiment.errors import UserError

REBUILT = "delete it: `sentiment sync` rebuilds it"
ANOTHER = "unset the variable, or name another store"


@contextmanager
def told() -> Iterator[None]:
    """Turn whatever MLflow raises into a UserError."""
    try:
        yield
    except UserError:
        raise
    # MLflow, its database and its HTTP client each have exceptions of their own.
    except Exception as error:
        raise UserError(_explain(error)) from None


def reason(error: Exception) -> str:
    """What an error says, as one short line: no statement of SQL, and no password of an address."""
    said = " ".join(str(error).split()) or type(error).__name__
    said = re.split(r" \[SQL: | \(Background on this error", said)[0]
    return re.sub(r"://[^/\s]*@", "://", said)[:300]


def _explain(error: Exception) -> str:
    named = os.environ.get("MLFLOW_TRACKING_URI", "")
    where, remedy = ("MLFLOW_TRACKING_URI", ANOTHER) if named else ("mlflow.db", REBUILT)
    said = reason(error)
    if isinstance(error, Timeout):
        return ".sentiment/mlflow.lock: held by another process for two minutes: end that one first"
    if isinstance(error, TimeoutError):
        return f"{where}: {said}: end that process, or wait until it ends"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}: mend its permissions"
    if "database schema" in said:
        return f"{where}: written by another version of MLflow: {remedy}"
    if "readonly database" in said:
        return f"{where}: may only be read: mend its permissions and its folder's, or {remedy}"
    if named.startswith("http"):
        return f"{where}: no answer as MLflow gives it: start that server, or {ANOTHER} ({said})"
    return f"{where}: {said}: mend its permissions, or {remedy}"
