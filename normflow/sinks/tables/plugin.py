"""Rows that a plugin publishes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from normflow.foreign_tables import writer

if TYPE_CHECKING:
    from normflow.spec import TableSink


def check(sink: TableSink) -> None:
    """Ask the plugin's `check`, if it has one, and see that its `publish` takes the options.

    Raises:
        ConfigError: it is not installed, or takes other options.
        PluginError: its code failed.
    """
    writer(sink, "publish", staged=Path(), run_id="")
    writer(sink, "check")()


def publish(staged: Path, sink: TableSink, run_id: str) -> None:
    """Let the plugin put the rows of the staged Parquet file there.

    Raises:
        PluginError: its code failed.
    """
    writer(sink, "publish", staged=staged, run_id=run_id)()
