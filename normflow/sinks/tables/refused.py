"""What a driver says when it cannot write a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.errors import SinkError, first_line
from normflow.sinks.stage import UNTOUCHED

if TYPE_CHECKING:
    from normflow.spec import TableSink


def refused(sink: TableSink, error: BaseException, hint: str = UNTOUCHED) -> SinkError:
    """The same as one sentence."""
    return SinkError(f"cannot be written: {first_line(error)}", where=sink.named, hint=hint)
