"""dlt: a transformer that normalizes what resources yield, with the rejected rows as a second table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt

import normflow as nf
from normflow.contract import compile_checks, gate, mended, split
from normflow.errors import ContractError
from normflow.frames import as_lazy

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from normflow.spec import Pipeline

REJECTS = "_rejects"


def normalize(
    fit: nf.Fit | str | Path, *, contract: Pipeline | str | Path | None = None, name: str = "normalized"
) -> Any:
    """Make a transformer of Arrow tables or frames, to stand behind a resource: `shop | it`.

    `fit` is a fit, or the JSON file of one. Of a `contract`, a pipeline or its file, rows that break a check
    with `on_fail: quarantine` go to the table `<name>_rejects`, with the names of the checks; a check that
    fails ends the load, and null and clip mend. Each batch is judged by itself, so `unique` is refused.

    Raises:
        FormatError: the file holds no fit.
        ConfigError: the contract asks for what a batch cannot tell.
        ContractError: rows break a check with `on_fail: fail`; raised when the batch comes.
    """
    learned = nf.Fit.from_json(Path(fit).read_text(encoding="utf-8")) if isinstance(fit, str | Path) else fit
    pipeline = nf.load(contract) if isinstance(contract, str | Path) else contract
    if pipeline and any(rule.unique for rule in pipeline.contract.values()):
        raise nf.ConfigError("a batch does not tell whether a value is unique", hint="let a run judge it")

    @dlt.transformer(name=name)
    def normalized(batches: Any) -> Iterator[Any]:
        for batch in batches if isinstance(batches, list) else [batches]:
            good, rejected = _parted(as_lazy(batch).collect(), pipeline)
            yield dlt.mark.with_table_name(learned.transform(good).to_arrow(), name)
            if rejected is not None and rejected.height:
                yield dlt.mark.with_table_name(rejected.to_arrow(), name + REJECTS)

    return normalized


def _parted(batch: pl.DataFrame, pipeline: Pipeline | None) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The good rows of a batch, mended, and the rejected ones."""
    if pipeline is None or not pipeline.contract:
        return batch, None
    gate(batch.schema, pipeline.contract, pipeline.places)
    way = mended(batch.lazy(), compile_checks(pipeline.contract, "contract", batch.schema))
    stopping = [one for one in way.checks if one.is_error and not (one.quarantines or one.mends)]
    for check in stopping:
        failed = way.rows.filter(~check.ok).select(check.value).collect()
        if failed.height:
            first = failed.to_series()[0]
            raise ContractError(
                f"{check.text} in {failed.height:,} of {batch.height:,} rows; first: {first!r}"
            )
    parts = split(way.rows, way.checks, mends=way)
    return parts.good.collect(), None if parts.quarantined is None else parts.quarantined.collect()
