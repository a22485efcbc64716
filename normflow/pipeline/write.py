"""The writing pass: one scan parts, transforms, counts and writes, into staged files."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from normflow import sinks
from normflow.contract import (
    Counts,
    DerivedColumn,
    Statistics,
    bounds_in,
    examples,
    expected_nulls,
    gate,
    judge_outputs,
    judge_quarantine,
    judge_rows,
    output_checks,
    sampled,
    split,
    statistics,
    widened,
)
from normflow.contract import with_examples as add_examples
from normflow.dtypes import as_float
from normflow.errors import EmptySourceError
from normflow.naming import column
from normflow.pipeline.prepare import unchanged
from normflow.record import OutputRecord
from normflow.sources import reading, scan
from normflow.spec import SinkSpec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from normflow.contract import MomentCheck, OutputChecks, RowCheck
    from normflow.fits import ColumnFit
    from normflow.pipeline.learn import Learned
    from normflow.pipeline.prepare import Prepared
    from normflow.record import CheckRecord
    from normflow.spec import ColumnChecks

EVERYWHERE = (-math.inf, math.inf)
STD_HELD = (1e-140, 1e140)  # beyond it the squares of a float64 sum are lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What the writing pass left: where each staged file shall go, what was counted, and the verdicts."""

    files: Mapping[Path, SinkSpec]
    counts: Counts
    checks: tuple[CheckRecord, ...]
    output_rows: tuple[RowCheck, ...]
    statistics: Statistics


def write(prepared: Prepared, learned: Learned, run_id: str) -> Written:
    """Write good and quarantined rows to staged files and judge them, in one streaming pass.

    Raises:
        SourceError: the source cannot be read through, or was changed meanwhile.
        SinkError: a staged file cannot be written.
        EmptySourceError: the source has no rows, or all of them are quarantined.
    """
    pipeline, fit = prepared.pipeline, learned.fit
    good_spec, bad_spec = destinations(prepared)
    parts = split(scan(prepared.source), prepared.row_checks, nested=bad_spec.format not in {"csv", "tsv"})
    outgoing = fit.transform(parts.good).cache()
    schema = outgoing.collect_schema()
    gate(schema, prepared.output_checks, pipeline.places, section="checks")
    checks = output_checks(prepared.output_checks, _promises(prepared, learned), schema)
    plans, files = [], {}
    for lf, spec in ((outgoing, good_spec), (parts.quarantined, bad_spec)):
        if lf is not None:
            staged = sinks.stage(spec.path, run_id, sources=prepared.source.paths)
            plans.append(sinks.sink(lf, staged, spec))
            files[staged] = spec
    tallies = [
        parts.counts,
        statistics(outgoing, checks),
        expected_nulls(parts.good, checks),
        *parts.samples.values(),
    ]
    with reading(_place(prepared)), sinks.writing(pipeline.sink.path):
        tallied = pl.collect_all([*plans, *tallies])[len(plans) :]
    unchanged(prepared)
    counts, found = Counts.read(tallied[0]), Statistics.read(tallied[1])
    if counts.rows == 0:
        raise EmptySourceError("the source has no rows", where=_place(prepared), hint="check the source")
    if counts.rows == counts.quarantined:
        raise EmptySourceError(
            f"all {counts.rows:,} rows are quarantined, and an empty output would replace the earlier one",
            where=_place(prepared),
            hint="look into the source, or into the contract's ranges",
        )
    nulls = tallied[2].row(0, named=True) if tallied[2].width else {}
    entered = judge_rows(prepared.row_checks, counts.failed, counts.rows)
    seen = {check: sampled(sample) for check, sample in zip(parts.samples, tallied[3:], strict=True)}
    return Written(
        files=files,
        counts=counts,
        checks=(
            *add_examples(entered, seen),
            *(
                [judge_quarantine(pipeline.quarantine.max_rows, counts)]
                if parts.quarantined is not None
                else []
            ),
            *judge_outputs(_judged(checks, entered, prepared, learned, found.rows), found, nulls),
        ),
        output_rows=checks.rows,
        statistics=found,
    )


def _place(prepared: Prepared) -> str:
    return ", ".join(prepared.pipeline.source.paths)


def with_examples(written: Written, prepared: Prepared, learned: Learned) -> Written:
    """The same with a few of the failing rows in each verdict; reads again only for a failing run."""
    found = written.checks
    troubled = {f"{one.section}.{one.check}" for one in found if one.status == "failed"}
    entering = [check for check in prepared.row_checks if check.id in troubled]
    leaving = [check for check in written.output_rows if check.id in troubled]
    with reading(_place(prepared)):
        if entering:
            found = add_examples(found, examples(scan(prepared.source), entering).found)
        if leaving:
            parts = split(scan(prepared.source), prepared.row_checks)
            found = add_examples(found, examples(learned.fit.transform(parts.good), leaving).found)
    return replace(written, checks=found)


def verified(written: Written) -> tuple[OutputRecord, ...]:
    """The staged files, counted and hashed.

    Raises:
        SinkError: a staged file does not hold the rows it should.
    """
    good = written.counts.rows - written.counts.quarantined
    records = []
    for (staged, spec), rows in zip(written.files.items(), (good, written.counts.quarantined), strict=False):
        found = sinks.verify(staged, spec.path, spec.format, rows)
        records.append(
            OutputRecord(
                path=str(sinks.destination(spec.path)), rows=rows, bytes=found.bytes, sha256=found.sha256
            )
        )
    return tuple(records)


def destinations(prepared: Prepared) -> tuple[SinkSpec, SinkSpec]:
    """Where good and quarantined rows go."""
    quarantine = prepared.pipeline.quarantine
    return prepared.pipeline.sink, SinkSpec(path=quarantine.path, format=quarantine.format)


def _promises(prepared: Prepared, learned: Learned) -> list[DerivedColumn]:
    return [_promise(one, prepared) for one in learned.fit.columns if not one.passes_through]


def _promise(fit: ColumnFit, prepared: Prepared) -> DerivedColumn:
    # The bounds are the image of what may come in, not of what came: tomorrow's new maximum must not fail a
    # reused fit.
    domain = fit.transform.domain()
    dtype = prepared.schema[fit.column]
    lo, hi = _image(fit, *_allowed(prepared.pipeline.contract.get(fit.column), dtype, domain))
    number = as_float(column(fit.column), dtype)
    judged = fit.after.std is not None and STD_HELD[0] < fit.after.std < STD_HELD[1]
    return DerivedColumn(
        name=fit.output,
        lo=lo,
        hi=hi,
        missing=number.is_null() | ~number.is_finite(),
        total=domain == EVERYWHERE,
        mean=fit.after.mean if judged else None,
        std=fit.after.std if judged else None,
        mean_error=fit.after.mean_error,
        std_error=fit.after.std_error,
    )


def _image(fit: ColumnFit, lo: float, hi: float) -> tuple[float, float]:
    # Widened at every map: what one map rounds, the next may magnify.
    for one in fit.transform.maps:
        lo, hi = widened(*one.image(lo, hi))
    return lo, hi


def _allowed(
    checks: ColumnChecks | None, dtype: pl.DataType, domain: tuple[float, float]
) -> tuple[float, float]:
    """The values that may arrive: the declared range where no row may break it, within the domain."""
    if checks is None or checks.range is None or not _forbids(checks):
        return domain
    bounds = bounds_in(checks.range, dtype)
    if bounds is None:
        return domain
    inside = max(domain[0], float(bounds[0])), min(domain[1], float(bounds[1]))
    return inside if inside[0] <= inside[1] else domain


def _forbids(checks: ColumnChecks) -> bool:
    """Whether no row outside the range is ever published."""
    return checks.on_fail == "quarantine" or (checks.severity == "error" and checks.max_failed is None)


def _judged(
    checks: OutputChecks,
    entered: tuple[CheckRecord, ...],
    prepared: Prepared,
    learned: Learned,
    rows: int,
) -> OutputChecks:
    """The checks that mean something for these rows.

    The fit promises nothing of rows that broke the contract; and its mean and std only where the rows that
    are written are those that taught it.
    """
    if any(one.status == "failed" for one in entered):
        declared = tuple(one for one in checks.rows if one.section != "derived")
        return replace(checks, rows=declared, moments=_declared(checks))
    written_as_taught = all(not one.failed or _parts_alike(one, prepared) for one in entered)
    taught = learned.origin == "learned" and rows == learned.fit.rows and written_as_taught
    return checks if taught else replace(checks, moments=_declared(checks))


def _parts_alike(verdict: CheckRecord, prepared: Prepared) -> bool:
    """Whether rows that fail a check are neither written nor taught; `unique` keeps them for learning."""
    check = next(one for one in prepared.row_checks if one.name == verdict.check)
    return check.quarantines and check.row_wise


def _declared(checks: OutputChecks) -> tuple[MomentCheck, ...]:
    return tuple(one for one in checks.moments if one.section != "derived")
