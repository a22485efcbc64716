"""Rows that a plugin publishes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from normflow.errors import NormflowError, SinkBusyError
from normflow.foreign_tables import writer
from normflow.sinks.tables.refused import refused

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
        SinkError: it is not installed any more, or failed; SinkBusyError as it says.
    """
    try:
        writer(sink, "publish", staged=staged, run_id=run_id)()
    except SinkBusyError:
        raise
    except NormflowError as error:
        raise refused(sink, error) from None
