"""MLflow mirrors what Git and DVC decide; `store` is the only module that imports mlflow."""

from sentiment.tracking.live import track
from sentiment.tracking.sync import sync, sync_or_warn, ui

__all__ = ["sync", "sync_or_warn", "track", "ui"]
