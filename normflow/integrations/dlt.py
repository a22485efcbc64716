"""dlt: a transformer that normalizes what resources yield, with the rejected rows as a second table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import normflow as nf
from normflow.extras import host
from normflow.frames import as_lazy
from normflow.integrations.judging import judged

with host("dlt"):
    import dlt
    from dlt.common import logger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normflow.spec import Pipeline

REJECTS = "_rejects"


def normalize(
    fit: nf.Fit | str | Path, *, contract: Pipeline | str | Path | None = None, name: str = "normalized"
) -> Any:
    """Make a transformer of Arrow tables or frames, to stand behind a resource: `shop | it`.

    `fit` is a fit, or the JSON file of one. Of a `contract`, a pipeline or its file, rows that break a check
    with `on_fail: quarantine` go to the table `<name>_rejects`, with the names of the checks; a check that
    fails ends the load, one that warns is a line of dlt's log, and null and clip mend. Each batch is judged
    by itself, so that `max_failed` counts its rows, and `unique` is refused.

    Raises:
        FormatError: the file holds no fit.
        ConfigError: the contract asks for what a batch cannot tell.
        ContractError: a check failed; raised when the batch comes.
    """
    learned = nf.Fit.from_json(Path(fit).read_text(encoding="utf-8")) if isinstance(fit, str | Path) else fit
    pipeline = nf.load(contract) if isinstance(contract, str | Path) else contract
    if pipeline and any(rule.unique for rule in pipeline.contract.values()):
        raise nf.ConfigError("a batch does not tell whether a value is unique", hint="let a run judge it")

    @dlt.transformer(name=name)
    def normalized(batches: Any) -> Iterator[Any]:
        for batch in batches if isinstance(batches, list) else [batches]:
            if pipeline is None:
                yield dlt.mark.with_table_name(learned.transform(as_lazy(batch).collect()).to_arrow(), name)
                continue
            found = judged(batch, pipeline)
            if found.error:
                raise found.error
            for told in found.warnings:
                logger.warning(told)
            yield dlt.mark.with_table_name(learned.transform(found.good).to_arrow(), name)
            if found.quarantined is not None and found.quarantined.height:
                yield dlt.mark.with_table_name(found.quarantined.to_arrow(), name + REJECTS)

    return normalized
