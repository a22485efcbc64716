"""A frame, or a batch, judged by the contract of a pipeline: for adapters whose host has the rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import normflow as nf
from normflow.contract import (
    Counts,
    compile_checks,
    contract_error,
    examples,
    gate,
    judge_rows,
    mended,
    registered,
    split,
    with_examples,
)
from normflow.frames import as_lazy

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import polars as pl

    from normflow.contract import RowCheck
    from normflow.record import CheckRecord
    from normflow.spec import Pipeline

ROW = "row"
OF_RUNS = ", nothing was published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The verdicts on a frame; its good rows, mended, and those that are to be quarantined."""

    checks: tuple[CheckRecord, ...]
    good: pl.DataFrame
    quarantined: pl.DataFrame | None
    pipeline: Pipeline

    @property
    def error(self) -> nf.ContractError | None:
        """What failed, as one error; None where nothing did."""
        error = contract_error(self.checks, self.pipeline.places)
        return nf.ContractError(error.what.replace(OF_RUNS, "", 1)) if error else None

    @property
    def warnings(self) -> list[str]:
        """What each check says that only warns."""
        return [f"{one.section}.{one.check}: {one.message}" for one in self.checks if one.status == "warned"]


def judged(frame: Any, pipeline: Pipeline | str | Path) -> Judged:
    """Judge the rows of a frame by a pipeline's contract; neither its source nor its sink is touched.

    Raises:
        ConfigError: the file is wrong.
        SchemaError: a column is missing, or has the wrong type.
    """
    known = nf.load(pipeline) if isinstance(pipeline, str | Path) else pipeline
    rows = as_lazy(frame).collect()
    gate(rows.schema, known.contract, known.places)
    way = mended(rows.lazy(), compile_checks(known.contract, "contract", rows.schema))
    parts = split(way.rows, way.checks, mends=way)
    counts = Counts.read(parts.counts.collect().row(0, named=True))
    own = registered(known.contract, known.places, known.plugins, row=ROW)
    for check in own:
        check.see(rows.with_row_index(ROW))
    verdicts = judge_rows(parts.checks, counts.failed, counts.rows)
    if not known.private:
        verdicts = with_examples(verdicts, *_failing(rows, way.checks, verdicts, known))
    return Judged(
        checks=(*verdicts, *(verdict for check in own for verdict in check.verdicts(counts))),
        good=parts.good.collect(),
        quarantined=None if parts.quarantined is None else parts.quarantined.collect(),
        pipeline=known,
    )


def _failing(
    rows: pl.DataFrame, checks: Sequence[RowCheck], verdicts: Sequence[CheckRecord], pipeline: Pipeline
) -> tuple[Mapping[str, tuple[Mapping[str, Any], ...]], Collection[str]]:
    """The first rows of each check that failed, and the columns whose values stay untold."""
    failed = {f"{one.section}.{one.check}" for one in verdicts if one.status == "failed"}
    found = examples(rows.lazy(), [check for check in checks if check.id in failed]).found
    return found, [name for name, rule in pipeline.contract.items() if rule.redact]
