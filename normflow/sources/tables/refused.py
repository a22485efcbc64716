"""What a driver says when it cannot read a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.errors import SourceError, first_line

if TYPE_CHECKING:
    from normflow.spec import TableSource


def refused(source: TableSource, error: BaseException, hint: str = "") -> SourceError:
    """The same as one sentence."""
    return SourceError(f"it cannot be read: {first_line(error)}", where=source.named, hint=hint)
