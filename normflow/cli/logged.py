"""The log of a run as JSON lines, for a file or for stderr."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from normflow.errors import NormflowError, SinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STDERR = Path("-")


def log_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Where the log goes; `log` reaches the function, for `logged`."""
    return click.option(
        "--log",
        type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
        metavar="FILE",
        help="Add what happens to FILE as JSON lines; - is stderr.",
    )(command)


@contextmanager
def logged(file: Path | None) -> Iterator[None]:
    """Write the log of what runs meanwhile; an error that ends it before a run begins is logged too.

    Raises:
        SinkError: the file cannot be written.
    """
    if file is None:
        yield
        return
    from normflow.logs import LOGGER, JsonLines, fields

    handler, told = _handler(file), set[str]()

    def seen(record: logging.LogRecord) -> bool:
        told.add(record.getMessage())
        return True

    handler.setFormatter(JsonLines())
    handler.addFilter(seen)
    logger = logging.getLogger(LOGGER)
    earlier = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    except NormflowError as error:
        if "run_failed" not in told:
            facts = {"id": error.id, "exit_code": error.exit_code, "error": error.message.splitlines()[0]}
            logger.error("run_failed", extra=fields("run_failed", facts))  # noqa: TRY400  (no trace is wanted)
        raise
    finally:
        logger.removeHandler(handler)
        logger.setLevel(earlier)
        handler.close()


def _handler(file: Path) -> logging.Handler:
    if file == STDERR:
        return logging.StreamHandler(sys.stderr)
    try:
        return logging.FileHandler(file, encoding="utf-8")
    except OSError as error:
        raise SinkError(f"the log cannot be written: {error.strerror}", where=str(file)) from error
