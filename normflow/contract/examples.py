"""The first rows that failed, found in a second bounded scan, and pandera's report on them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from normflow.contract.conditions import CHECKS
from normflow.contract.quarantine import QuarantineColumns
from normflow.contract.split import SAMPLE, first_failing
from normflow.contract.wording import plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from normflow.contract.checks import RowCheck
    from normflow.record import CheckRecord

WIDTH = 80
REDACTED = "•••"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Examples:
    """A few failing rows a check.

    Args:
        found: by check id, `{"row": number from 0, "value": what stood there}`, in source order.
        cases: pandera's `failure_cases` of the same rows, with `index` counting rows as `found` does.
    """

    found: Mapping[str, tuple[Mapping[str, Any], ...]]
    cases: pl.DataFrame


def examples(lf: pl.LazyFrame, failed: Sequence[RowCheck], limit: int = SAMPLE) -> Examples:
    """The first rows of `lf` that fail each check, at most `limit` of them, as pandera reports them.

    `lf` is what the checks were counted on: the source for a contract, the transformed rows for an output.
    """
    if not failed:
        return Examples(found={}, cases=pl.DataFrame())
    from normflow.contract.schemas import report  # a second of pandera, which most runs do not need

    samples = _samples(lf, failed, limit)
    # pandera knows declarations of columns, and lets NaN pass some of its checks
    reports = {
        check.id: report(check, sample)
        for check, sample in zip(failed, samples, strict=True)
        if check.section not in ("policy", "table") and not check.kind.startswith(CHECKS)
    }
    found = {
        check.id: _found(reports[check.id], sample) if check.id in reports else sampled(sample)
        for check, sample in zip(failed, samples, strict=True)
    }
    return Examples(found=found, cases=pl.concat(reports.values()) if reports else pl.DataFrame())


def with_examples(
    results: Iterable[CheckRecord],
    found: Mapping[str, tuple[Mapping[str, Any], ...]],
    redacted: Collection[str] = (),
) -> tuple[CheckRecord, ...]:
    """The verdicts, each with the rows found for it (by check id), the first of them in its message.

    Of the `redacted` columns the values stay untold.
    """
    return tuple(
        _with_examples(one, _hidden(rows) if one.column in redacted else rows)
        for one in results
        for rows in [found.get(f"{one.section}.{one.check}", ())]
    )


def _hidden(rows: tuple[Mapping[str, Any], ...]) -> tuple[Mapping[str, Any], ...]:
    return tuple({**one, "value": REDACTED} for one in rows)


def sampled(sample: pl.DataFrame) -> tuple[Mapping[str, Any], ...]:
    """The rows of a sample, with values fit for JSON."""
    return tuple({"row": row, "value": _plain(value)} for row, value in sample.iter_rows())


def _samples(lf: pl.LazyFrame, failed: Sequence[RowCheck], limit: int) -> list[pl.DataFrame]:
    """For each check its first failing rows: their numbers and values."""
    row = QuarantineColumns.beside(lf.collect_schema().names()).row
    # One scan for all checks: see `split`.
    numbered = lf.with_row_index(row).cache()
    return pl.collect_all([first_failing(numbered, check.among(row), row, limit) for check in failed])


def _found(report: pl.DataFrame, sample: pl.DataFrame) -> tuple[Mapping[str, Any], ...]:
    """The rows of the sample that pandera refuses as well, with values fit for JSON."""
    return sampled(sample.filter(pl.col("row").is_in(report["index"].implode())))


def _plain(value: object) -> str | float | bool | None:
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    text = str(value)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


def _with_examples(result: CheckRecord, found: tuple[Mapping[str, Any], ...]) -> CheckRecord:
    if not found or result.examples:
        return result
    first = found[0]
    value = "null" if first["value"] is None else plain(first["value"])
    return replace(
        result, examples=found, message=f"{result.message}; first in row {first['row']:,}: {value}"
    )
