"""Contract and checks alone: the rows are read once and judged; nothing is written or recorded."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from normflow.errors import ConfigError
from normflow.fits import Fit
from normflow.pipeline.given import given_fit
from normflow.pipeline.learn import Learned
from normflow.pipeline.prepare import prepare
from normflow.pipeline.spool import brought
from normflow.pipeline.tabled import table_verdicts
from normflow.pipeline.watch import Watch
from normflow.pipeline.write import with_examples, write
from normflow.registry import Registry
from normflow.spec import Pipeline

if TYPE_CHECKING:
    from collections.abc import Collection

    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.watch import Progress
    from normflow.record import CheckRecord

CONTRACT_ONLY = "no stored fit has this configuration: only the contract was judged, not what would leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What the contract and the checks say of a source.

    `fit_id` is the stored fit by which the outputs were judged, None where only the contract was.
    """

    pipeline: str
    fit_id: str | None
    rows: int
    quarantined: int
    checks: tuple[CheckRecord, ...]
    warnings: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether a run would publish."""
        return not any(one.status == "failed" for one in self.checks)

    @property
    def exit_code(self) -> int:
        """0 where a run would publish, else 1."""
        return 0 if self.passed else 1

    def to_json(self) -> dict[str, Any]:
        """The validation as one versioned document of plain JSON values."""
        return {
            "version": 1,
            **{name: getattr(self, name) for name in ("pipeline", "fit_id", "rows", "quarantined")},
            "status": "passed" if self.passed else "failed",
            "exit_code": self.exit_code,
            "checks": [asdict(one) for one in self.checks],
            "warnings": list(self.warnings),
        }


def validate(
    pipeline: Pipeline,
    *,
    fit: Fit | str | None = None,
    allow_import: Collection[str] = (),
    progress: Progress | None = None,
) -> Validation:
    """Judge a source by the contract of a pipeline, and by its checks what a run would publish.

    The rows are read once, and a second time for examples where a check fails. Outputs are judged by the
    stored fit that a run would reuse, or by `fit` (as in `run`); without one only the contract is. Of the
    schemas that the file names as `module:Name` only modules in `allow_import` are imported, as in `run`.

    Raises:
        ConfigError: found before a row was read.
        EmptySourceError: the source has no rows, or all of them would be quarantined.
        SourceError: the source cannot be read.
    """
    if not isinstance(pipeline, Pipeline):
        raise ConfigError(f"a pipeline is asked for, not {pipeline!r}", hint="load it: nf.load(path)")
    with brought(pipeline, progress) as read:
        return _judged(prepare(pipeline, read=read, allow_import=allow_import), fit, progress)


def _judged(prepared: Prepared, fit: Fit | str | None, progress: Progress | None) -> Validation:
    pipeline, registry = prepared.pipeline, Registry(prepared.pipeline.registry)
    found = given_fit(prepared, registry, None, fit, None) or _stored(prepared, registry)
    if found is None:
        prepared = replace(prepared, plan={}, output_checks={})
    learned = Learned(fit=found or Fit(columns=(), rows=0), origin="reused")
    watch = Watch(prepared.source, progress)
    with watch.stage("write", watch.total):
        judged = write(prepared, learned, None, watch)
    judged = with_examples(judged, prepared, learned, watch)
    return Validation(
        pipeline=pipeline.name,
        fit_id=found.id if found else None,
        rows=judged.counts.rows,
        quarantined=judged.counts.quarantined,
        checks=(*judged.checks, *table_verdicts(prepared, registry, judged.counts.rows)),
        warnings=() if found else (CONTRACT_ONLY,),
    )


def _stored(prepared: Prepared, registry: Registry) -> Fit | None:
    use = registry.newest_use(prepared.pipeline.name, prepared.reuse_key)
    return Fit.from_json(use.document) if use else None
