"""Verdicts as a JUnit file, for build servers."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from normflow.cli.answers import print_text
from normflow.errors import ContractError, NormflowError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import Any


def write_junit(
    path: Path | None, name: str, checks: Sequence[Mapping[str, Any]], error: Mapping[str, Any] | None = None
) -> None:
    """Write verdicts where they are asked for; a file that cannot be written is told, and is no verdict."""
    if path is None:
        return
    from normflow.report.junit import junit

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(junit(name, checks, error), encoding="utf-8")
    except OSError as problem:
        print_text(f"warning: {path} could not be written: {problem.strerror}")


@contextmanager
def failures_in(path: Path | None, name: str) -> Iterator[None]:
    """Tell in a JUnit file, too, with what a command ends."""
    try:
        yield
    except NormflowError as error:
        record = error.record.to_json() if isinstance(error, ContractError) and error.record else None
        if record:
            write_junit(path, record["pipeline"], record["checks"])
        else:
            write_junit(path, name, [], {"id": error.id, "message": error.message})
        raise
