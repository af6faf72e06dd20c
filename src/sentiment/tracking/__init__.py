"""MLflow mirrors what Git and DVC decide; only `store` imports mlflow, and `served` runs in it."""

from sentiment.tracking.live import track
from sentiment.tracking.sync import Companion, sync, sync_or_warn, ui

__all__ = ["Companion", "sync", "sync_or_warn", "track", "ui"]
