"""What a run would do, and why: nothing is written, recorded or made for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from normflow import sinks
from normflow.errors import ConfigError, suggestion
from normflow.pipeline.compare import DIFFERENT, Difference
from normflow.pipeline.identity import Moved, config_of, inputs_of, moved
from normflow.pipeline.partitions import Partitions
from normflow.pipeline.planned_fit import Asked, planned_fit
from normflow.pipeline.prepare import prepare
from normflow.pipeline.recorded import inputs_recorded
from normflow.pipeline.spool import brought
from normflow.pipeline.watch import Watch
from normflow.pipeline.write import destinations
from normflow.registry import Registry
from normflow.spec import Mode

if TYPE_CHECKING:
    from collections.abc import Collection

    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.watch import Progress
    from normflow.record import CheckRecord
    from normflow.registry import OutputRow
    from normflow.spec import ColumnChecks, Pipeline, SinkSpec, TableSpec

NOTHING = Moved((), (), ())
NO_CHECK = ("severity", "on_fail", "max_failed", "redact")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOutput:
    """A file that a run would write; what is there now, and whether it is what the last run left there."""

    path: str
    role: str
    bytes: int | None
    as_left: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDrift:
    """What a run would say of a column's drift, or, where the section names them, of that of its groups."""

    column: str
    section: str
    psi: float | None
    status: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run would do.

    `fit` is `reused`, `learned` or, in mode `frozen`, `missing`; `fit_id` and `since` tell of the fit that
    is there, and `why` says it in a sentence. Of the `partitions` that teach, or whose drift is judged,
    `to_read` are those whose rows have to be read, and `rows_to_read` is how many: None where a file does
    not tell. `changes` are what a new fit would do otherwise, and `drift` what the run would say of it:
    None where there is nothing to compare with, or where rows that the plan did not read would tell.
    `refused` says why nothing would be published, where drift is the reason. `inputs` and `config_changed`
    compare with `last_run`, the last successful one.
    """

    pipeline: str
    mode: str
    fit: Literal["reused", "learned", "missing"]
    why: str
    fit_id: str | None
    since: str | None
    changes: tuple[Difference, ...] | None
    partitions: int
    to_read: tuple[str, ...]
    rows_to_read: int | None
    drift: tuple[PlannedDrift, ...] | None
    refused: str
    outputs: tuple[PlannedOutput, ...]
    checks: tuple[str, ...]
    last_run: str | None
    inputs: Moved = NOTHING
    config_changed: bool = False

    @property
    def differs(self) -> bool:
        """Whether a run would do something that the last one has not done already."""
        left = all(one.as_left for one in self.outputs if one.as_left is not None)
        kept = self.fit == "reused" or self.changes == ()
        same = self.last_run is not None and self.fit != "missing" and kept and left and not self.refused
        return not same or bool(self.inputs) or self.config_changed

    @property
    def exit_code(self) -> int:
        """0 where a run would leave all as it is, else 5."""
        return DIFFERENT if self.differs else 0

    def to_json(self) -> dict[str, Any]:
        """The plan as one versioned document of plain JSON values."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        changes = None if self.changes is None else [asdict(one) for one in self.changes]
        return {
            "version": 1,
            **plain,
            "changes": changes,
            "to_read": list(self.to_read),
            "drift": None if self.drift is None else [asdict(one) for one in self.drift],
            "outputs": [asdict(one) for one in self.outputs],
            "checks": list(self.checks),
            "inputs": {key: list(paths) for key, paths in self.inputs._asdict().items()},
            "differs": self.differs,
            "exit_code": self.exit_code,
        }


def plan(
    pipeline: Pipeline,
    *,
    mode: Mode | None = None,
    read: bool = True,
    allow_import: Collection[str] = (),
    progress: Progress | None = None,
) -> Plan:
    """What a run of this pipeline would do, and why.

    Reads the schema of the source and the bytes of its files. Rows are read where they tell how far they are
    from an earlier fit, or what a new one does otherwise: those of partitions without a stored state, and all
    where quantiles or groups are looked at closely. With `read` False none are. The contract judges no row
    here. Of the schemas that the file names as `module:Name` only modules in `allow_import` are imported, as
    in `run`. Writes nothing, and makes no registry.

    Raises:
        ConfigError: what `run` would raise before a row is read.
        SourceError: the source is missing or unreadable.
    """
    chosen = mode or pipeline.fit.mode
    if chosen not in get_args(Mode):
        raise ConfigError(f"no such mode '{chosen}'", hint=suggestion(chosen, get_args(Mode)))
    with brought(pipeline, progress) as files:
        prepared = prepare(pipeline, read=files, allow_import=allow_import)
        return _planned(prepared, chosen, progress, read=read)


def _planned(prepared: Prepared, chosen: Mode, progress: Progress | None, *, read: bool) -> Plan:
    pipeline = prepared.pipeline
    registry, watch = Registry(pipeline.registry), Watch(prepared.source, progress)
    partitions = Partitions(prepared, registry, watch, keep="memory")
    same = registry.newest_use(pipeline.name, prepared.reuse_key)
    last = registry.newest_success(pipeline.name)
    fit = planned_fit(Asked(prepared, registry, partitions, watch, chosen, read), same, first=last is None)
    inputs = moved(inputs_recorded(last), inputs_of(prepared, partitions.prints)) if last else NOTHING
    rows, table = [one.rows() for one in fit.to_read], prepared.source.table
    return Plan(
        pipeline=pipeline.name,
        mode=chosen,
        fit=fit.fit,
        why=fit.why,
        fit_id=same.fit_id if same else None,
        since=f"{same.created:%Y-%m-%dT%H:%M:%SZ}" if same else None,
        changes=fit.changes,
        partitions=fit.partitions,
        to_read=tuple(table.named if table else str(one.path) for one in fit.to_read),
        rows_to_read=None if None in rows else sum(one or 0 for one in rows),
        drift=None if fit.drift is None else tuple(map(_drift, fit.drift)),
        refused=fit.refused,
        outputs=_outputs(prepared, registry.outputs(last.run_id) if last else []),
        checks=_checks(prepared),
        last_run=last.run_id if last else None,
        inputs=inputs,
        config_changed=last is not None and last.config_hash != config_of(pipeline).hash,
    )


def _drift(verdict: CheckRecord) -> PlannedDrift:
    return PlannedDrift(
        column=verdict.column,
        section=verdict.section,
        psi=verdict.value,
        status=verdict.status,
        message=verdict.message,
    )


def _outputs(prepared: Prepared, left: list[OutputRow]) -> tuple[PlannedOutput, ...]:
    """The output, and the quarantine, which is written only if a row asks for it."""
    known = {one.path: one for one in left}
    return tuple(
        _output(spec, role, known)
        for role, spec in zip(("output", "quarantine"), destinations(prepared), strict=True)
    )


def _output(spec: SinkSpec, role: str, known: dict[str, OutputRow]) -> PlannedOutput:
    """What is there now; of a table nobody looks."""
    path, before = sinks.destination(spec.path), known.get(spec.named)
    if spec.table or not path.exists():
        lost = False if before and not spec.table else None
        return PlannedOutput(path=spec.named, role=role, bytes=None, as_left=lost)
    found = sinks.digest(path) if before or path.is_dir() else None
    return PlannedOutput(
        path=spec.named,
        role=role,
        bytes=found.bytes if found else path.stat().st_size,
        as_left=found.sha256 == before.sha256 if found and before else None,
    )


def _checks(prepared: Prepared) -> tuple[str, ...]:
    """What is asked of rows and outputs by name; what follows from the fit is judged besides."""
    asked = [one.id for one in prepared.row_checks]
    asked += [f"table.{name}" for name in _declared(prepared.pipeline.table) if name != "unique"]
    for column, checks in prepared.output_checks.items():
        asked += [f"checks.{column}.{name}" for name in _declared(checks)]
    return tuple(asked)


def _declared(checks: ColumnChecks | TableSpec) -> list[str]:
    nothing = type(checks)()
    return [
        one.name
        for one in fields(checks)
        if one.name not in NO_CHECK and getattr(checks, one.name) != getattr(nothing, one.name)
    ]
