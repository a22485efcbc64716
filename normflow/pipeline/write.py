"""The writing pass: one scan parts, transforms, counts and writes, into staged files."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from normflow import sinks
from normflow.contract import (
    Counts,
    RunningStatistics,
    Statistics,
    examples,
    expected_nulls,
    gate,
    judge_nulls,
    judge_outputs,
    judge_quarantine,
    judge_rows,
    output_checks,
    sampled,
)
from normflow.errors import EmptySourceError
from normflow.frames import collected_here, flattened
from normflow.pipeline.aside import Aside
from normflow.pipeline.drifting import FitDrift, OutputDrift
from normflow.pipeline.engines import through
from normflow.pipeline.observers import observers
from normflow.pipeline.origins import Origins
from normflow.pipeline.passing import passing
from normflow.pipeline.policies import policy_counts, read_counts, read_unseen
from normflow.pipeline.prepare import unchanged
from normflow.pipeline.promises import promises
from normflow.pipeline.redaction import told, withheld
from normflow.pipeline.repeated import knowing_repeats
from normflow.pipeline.taps import Sums, Tally
from normflow.record import OutputRecord
from normflow.sources import reading
from normflow.spec import SinkSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from normflow.contract import MomentCheck, OutputChecks, RowCheck
    from normflow.fits import Drift
    from normflow.pipeline.drifting import Measured
    from normflow.pipeline.group_drifting import Moved
    from normflow.pipeline.learn import Learned
    from normflow.pipeline.observers import Where
    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.watch import Watch
    from normflow.record import CheckRecord
    from normflow.spec import Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What the writing pass left: where each staged file shall go, what was counted, and the verdicts."""

    files: Mapping[Path, SinkSpec]
    counts: Counts
    checks: tuple[CheckRecord, ...]
    output_rows: tuple[RowCheck, ...]
    statistics: Statistics
    entering: tuple[RowCheck, ...]
    policies: Mapping[str, Mapping[str, int]]
    unseen: int | None
    drift: Mapping[str, Drift]
    moved: Moved | None
    measured: tuple[Measured, ...]


def write(prepared: Prepared, learned: Learned, run_id: str | None, watch: Watch) -> Written:
    """Write good and quarantined rows to staged files and judge them, in one streaming pass.

    Without the id of a run they are judged all the same, and nothing is written.

    Raises:
        SourceError: the source cannot be read through, or was changed meanwhile.
        SinkError: a staged file cannot be written.
        EmptySourceError: the source has no rows, or all of them are quarantined.
    """
    prepared = knowing_repeats(prepared, watch)
    pipeline, fit = prepared.pipeline, learned.fit
    _, bad_spec = destinations(prepared)
    way = passing(prepared, fit)
    rows, parts = way.rows, way.parts
    gate(way.outgoing.collect_schema(), prepared.output_checks, pipeline.places, section="checks")
    promised = promises(prepared, learned, rows)
    places = [one.name for one in promised]
    asked = output_checks(
        prepared.output_checks, promised, flattened(way.outgoing, keep=True, wanted=places).collect_schema()
    )
    # a batch does not know the rows before it: `unique` has an observer
    checks = replace(asked, rows=tuple(check for check in asked.rows if check.row_wise))
    files = _staged(prepared, run_id, parting=parts.keep is not None) if run_id else {}
    bad_files = list(files)[1:]
    observed = observers(prepared, learned, way)
    entered = Sums(parts.tallies, _empty(parts.rows))
    # not in one with the nulls, whose names are those of columns: any text
    passed, missing = (
        Sums(exprs, _empty(parts.good)) for exprs in (policy_counts(rows, fit), expected_nulls(checks))
    )
    seen = RunningStatistics(checks)
    left = Tally(seen.exprs, _empty(way.outgoing), seen.add, partial(_flat, places))
    with ExitStack() as kept:
        origins = Origins(prepared.source, pipeline.file.parent)
        asides = [kept.enter_context(Aside(parts, file, rows.scratch, origins)) for file in bad_files]
        taps: dict[Where, list[Callable[[pl.DataFrame], object]]] = {
            "entering": [entered.see, *(one.see for one in asides), watch.passing],
            "good": [passed.see, missing.see],
            "leaving": [left.see],
        }
        for one in observed:
            taps[one.where].append(one.see)
        outgoing = through(prepared, way, taps)
        with reading(_place(prepared)), sinks.writing(pipeline.sink.path):
            written = next((sinks.sink(outgoing, *one) for one in files.items()), outgoing.select(pl.len()))
            watch.working(written.collect, engine="streaming")
        with sinks.writing(pipeline.quarantine.path):
            for aside, file in zip(asides, bad_files, strict=True):
                watch.working(sinks.sink(aside.lazy(), file, bad_spec).collect, engine="streaming")
        samples = {check: sample for aside in asides for check, sample in aside.samples.items()}
    unchanged(prepared)
    counts, found = Counts.read(entered.found), seen.settled()
    if counts.rows == 0:
        raise EmptySourceError("the source has no rows", where=_place(prepared), hint="check the source")
    if counts.rows == counts.quarantined:
        raise EmptySourceError(
            f"all {counts.rows:,} rows are quarantined, and an empty output would replace the earlier one",
            where=_place(prepared),
            hint="look into the source, or into the contract's ranges",
        )
    judged = judge_rows(way.judging, counts.failed, counts.rows)
    drawn = {check: sampled(sample) for check, sample in samples.items()}
    return Written(
        files=files,
        counts=counts,
        checks=(
            *told(judged, drawn, prepared, fit),
            *([judge_quarantine(pipeline.quarantine.max_rows, counts)] if parts.keep is not None else []),
            *judge_outputs(
                _judged(checks, judged, prepared, learned, found.rows),
                found,
                {name: missing.found[name] for name in checks.missing},
            ),
            *judge_nulls(prepared.output_checks, found),
            *withheld((said for one in observed for said in one.verdicts(counts)), prepared, fit),
        ),
        output_rows=asked.rows,
        statistics=found,
        entering=way.judging,
        policies=read_counts(passed.found),
        unseen=read_unseen(passed.found),
        drift=next((one.drift for one in observed if isinstance(one, FitDrift)), {}),
        moved=next((one.moved for one in observed if isinstance(one, FitDrift)), None),
        measured=tuple(
            found for one in observed if isinstance(one, FitDrift | OutputDrift) for found in one.measured
        ),
    )


def _staged(prepared: Prepared, run_id: str, *, parting: bool) -> dict[Path, SinkSpec]:
    """The files to write: that of the good rows, and where rows may be quarantined that of the others."""
    return {
        sinks.stage(spec.path, run_id, sources=prepared.source.paths, keys=spec.partition_by): spec
        for spec in destinations(prepared)[: 1 + parting]
    }


def _empty(lf: pl.LazyFrame) -> pl.DataFrame:
    return pl.DataFrame(schema=lf.collect_schema())


def _flat(places: list[str], batch: pl.DataFrame) -> pl.DataFrame:
    """A batch with the places of its arrays that are asked for."""
    return collected_here(flattened(batch.lazy(), keep=True, wanted=places))


def _place(prepared: Prepared) -> str:
    return prepared.pipeline.source.named


def with_examples(written: Written, prepared: Prepared, learned: Learned, watch: Watch) -> Written:
    """The same with a few of the failing rows in each verdict; reads again only for a failing run."""
    found = written.checks
    troubled = {f"{one.section}.{one.check}" for one in found if one.status == "failed"}
    troubling = [check for check in written.entering if check.id in troubled]
    leaving = [check for check in written.output_rows if check.id in troubled]
    if prepared.pipeline.private or not (troubling or leaving):
        return written
    way = passing(prepared, learned.fit)
    with watch.stage("examples"), reading(_place(prepared)):
        if troubling:
            seen = watch.working(examples, way.rows.lf, troubling).found
            found = told(found, seen, prepared, learned.fit)
        if leaving:
            places = flattened(way.outgoing, keep=True, wanted=[check.column for check in leaving])
            seen = watch.working(examples, places, leaving).found
            found = told(found, seen, prepared, learned.fit)
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
        records.append(OutputRecord(path=spec.named, rows=rows, bytes=found.bytes, sha256=found.sha256))
    return tuple(records)


def destinations(prepared: Prepared) -> tuple[SinkSpec, SinkSpec]:
    """Where good and quarantined rows go."""
    return prepared.pipeline.sink, quarantine_of(prepared.pipeline)


def quarantine_of(pipeline: Pipeline) -> SinkSpec:
    """Where quarantined rows go, as a sink."""
    one = pipeline.quarantine
    return SinkSpec(path=one.path, format=one.format, table=one.table)


def _judged(
    checks: OutputChecks,
    entered: tuple[CheckRecord, ...],
    prepared: Prepared,
    learned: Learned,
    rows: int,
) -> OutputChecks:
    """The checks that mean something for these rows.

    The fit promises nothing of rows that broke the contract; and its mean and std only where the rows that
    are written are those that taught it: `fit.where` chooses among the written, so as many are the same.
    """
    if any(one.status == "failed" for one in entered):
        declared = tuple(one for one in checks.rows if one.section != "derived")
        return replace(checks, rows=declared, moments=_declared(checks))
    by_id = {f"{one.section}.{one.name}": one for one in prepared.row_checks}
    written_as_taught = all(
        not one.failed or _parts_alike(by_id.get(f"{one.section}.{one.check}")) for one in entered
    )
    taught = learned.origin == "learned" and rows == learned.fit.rows and written_as_taught
    return checks if taught else replace(checks, moments=_declared(checks))


def _parts_alike(check: RowCheck | None) -> bool:
    """Whether rows that fail a check are written as they teach: not at all, or as what they were mended to.

    `unique` keeps them for learning, and so does a policy, which is no check of the contract.
    """
    return check is not None and (check.mends or (check.quarantines and check.row_wise))


def _declared(checks: OutputChecks) -> tuple[MomentCheck, ...]:
    return tuple(one for one in checks.moments if one.section != "derived")
