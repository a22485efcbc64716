"""What Polars says when it cannot read a file, as one sentence and a way out."""

from __future__ import annotations

import errno
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import SourceError, first_line

if TYPE_CHECKING:
    from collections.abc import Iterator

DAMAGED = "write the file again, or remove it"
ALL_ROWS = "the first rows told its type: write infer_schema_length: null under source.options to look at all"
TYPES = {"i64": "whole number", "i128": "whole number", "f64": "number", "bool": "truth value"}
# What Polars' message holds, our sentence with the groups found in it, and what to do.
KNOWN: tuple[tuple[str, str, str], ...] = (
    (
        r"Field .* is not properly escaped",
        "a quoted field is never closed",
        "close it, or check that the separator is right",
    ),
    (
        r"could not parse `(.*)` as dtype `(\w+)` at column '(.*)' \(column",
        "column '{2}' holds '{0}', which is no {1}",
        f"{ALL_ROWS}, or name the value in null_values",
    ),
    (r"cannot parse '(.*)' \(\w+\) as (\w+)", "a column of {1} holds {0}", ALL_ROWS),
    (r"non-null value for NULL-typed column: (.*)", "a column without values before holds {0}", ALL_ROWS),
    (
        r"found more fields than defined",
        "a row has more fields than the header",
        "check the separator, and quote fields that hold it",
    ),
    (r"invalid utf-?8", "it is not UTF-8 text", "save it as UTF-8"),
    (r"empty CSV", "it holds no header and no row", DAMAGED),
    (r"TapeError|Syntax at character|expected to contain JSON object", "a line is no JSON object", DAMAGED),
    (r"out-of-spec: InvalidFooter", "it is no Arrow IPC file, or is damaged", DAMAGED),
    (r"File out of specification", "it is no Parquet file, or is damaged", DAMAGED),
    (r"No such file or directory", "no such file", "it was there when the run began; run again"),
)
NOT_OF_READING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


@contextmanager
def reading(where: object) -> Iterator[None]:
    """Tell what goes wrong while `where` is read, now or while rows stream, as one `SourceError`.

    Errors of normflow, a full disk, lack of memory and an interrupt pass through as they are.
    """
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        if isinstance(error, OSError) and _number(error) in NOT_OF_READING:
            raise
        what, hint = _told(error)
        raise SourceError(what, where=str(where), hint=hint) from error


def _told(error: BaseException) -> tuple[str, str]:
    text = str(error)
    for pattern, what, hint in KNOWN:
        if found := re.search(pattern, text, re.DOTALL):
            return what.format(*(TYPES.get(group, _brief(group)) for group in found.groups())), hint
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be read: {error.strerror}", ""
    return f"it cannot be read: {_brief(first_line(error))}", ""


def _brief(text: str, longest: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[:longest]}…"


def _number(error: OSError) -> int | None:
    """The system's error number; Polars keeps it in the text only."""
    if error.errno is not None:
        return error.errno
    found = re.search(r"\(os error (\d+)\)", str(error))
    return int(found[1]) if found else None
