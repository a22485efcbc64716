"""A preview on stdout: rows as CSV, or as one JSON document."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import polars as pl

from normflow.cli.answers import print_json, print_text
from normflow.naming import column
from normflow.report.text import plural

if TYPE_CHECKING:
    from normflow.pipeline import Preview

NOTHING_DONE = "nothing was judged, published or recorded"


def print_preview(found: Preview, name: str, *, as_json: bool, quiet: bool) -> int:
    """The rows on stdout, and on stderr what they are; the exit code."""
    learned = found.learned
    if as_json:
        document = {"version": 1, "pipeline": name, "status": "previewed", "exit_code": 0}
        fit = {"fit": learned.origin, "fit_id": learned.fit.id}
        print_json({**document, **fit, "columns": found.rows.columns, "preview": records(found.rows)})
        return 0
    print_text(as_csv(found.rows).removesuffix("\n"), err=False)
    if not quiet:
        seen = f"{name}: {plural(found.rows.height, 'row')} previewed, fit {learned.origin}"
        print_text(f"{seen}; {NOTHING_DONE}")
    return 0


def records(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows as JSON values: dates and times as text, bytes in hex, NaN and infinities as null."""
    return [{name: _plain(value) for name, value in row.items()} for row in _as_text(rows).to_dicts()]


def as_csv(rows: pl.DataFrame) -> str:
    """The rows as CSV: dates and times as text, bytes in hex, lists and the like as JSON."""
    told = _as_text(rows)
    nested = [
        pl.Series(name, [None if one is None else json.dumps(_plain(one)) for one in told[name]], pl.String)
        for name, dtype in told.schema.items()
        if dtype.is_nested()
    ]
    return told.with_columns(nested).write_csv()


def _as_text(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with dates, times and bytes as text."""
    return rows.with_columns(
        column(name).dt.to_string() if dtype.is_temporal() else column(name).bin.encode("hex")
        for name, dtype in rows.schema.items()
        if dtype.is_temporal() or dtype == pl.Binary
    )


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, pl.Series | list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, str | int) else str(value)
