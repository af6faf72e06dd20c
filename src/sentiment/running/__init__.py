"""Stages: the harness around one, and stale ones side by side."""
