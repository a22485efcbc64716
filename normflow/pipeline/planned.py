"""What a run would do, and why: nothing is written, recorded or made for it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from normflow import sinks
from normflow.contract import fit_rows
from normflow.errors import ConfigError, suggestion
from normflow.fits import observed
from normflow.pipeline.compare import DIFFERENT, Difference, differences
from normflow.pipeline.identity import Moved, config_of, inputs_of, moved
from normflow.pipeline.learn import earlier_fit, learned
from normflow.pipeline.prepare import prepare
from normflow.pipeline.states import from_rows, stored
from normflow.pipeline.watch import Watch
from normflow.pipeline.write import destinations
from normflow.registry import Registry
from normflow.sources import fingerprints_of, reading
from normflow.spec import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.pipeline.prepare import Prepared
    from normflow.registry import FitUseRow, OutputRow, RunRow
    from normflow.spec import ColumnChecks, DriftSpec, Pipeline, TableSpec

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
class Plan:
    """What a run would do.

    `fit` is `reused`, `learned` or, in mode `frozen`, `missing`; `fit_id` and `since` tell of the fit that is
    there, and `why` says it in a sentence. `changes` are what a new fit would do otherwise, None where that
    cannot be known before rows are read: of the `partitions` that teach, `to_read` have no stored state.
    `inputs` and `config_changed` compare with `last_run`, the last successful one.
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
        same = self.last_run is not None and self.fit != "missing" and kept and left
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
            "outputs": [asdict(one) for one in self.outputs],
            "checks": list(self.checks),
            "inputs": {key: list(paths) for key, paths in self.inputs._asdict().items()},
            "differs": self.differs,
            "exit_code": self.exit_code,
        }


def plan(pipeline: Pipeline, *, mode: Mode | None = None) -> Plan:
    """What a run of this pipeline would do, and why.

    Reads the schema of the source and the bytes of its files, but rows only where a quantile is between two
    buckets of a stored state; writes nothing, and makes no registry.

    Raises:
        ConfigError: what `run` would raise before a row is read.
        SourceError: the source is missing or unreadable.
    """
    chosen = mode or pipeline.fit.mode
    if chosen not in get_args(Mode):
        raise ConfigError(f"no such mode '{chosen}'", hint=suggestion(chosen, get_args(Mode)))
    prepared = prepare(pipeline)
    registry = Registry(pipeline.registry)
    same = registry.newest_use(pipeline.name, prepared.reuse_key)
    last = registry.newest_success(pipeline.name)
    prints = fingerprints_of(prepared.source)
    reused = chosen != "refit" and same is not None
    missing = chosen == "frozen" and same is None
    to_read = () if reused or missing else _to_read(prepared, registry, prints)
    inputs = moved(json.loads(last.inputs), inputs_of(prepared, prints)) if last else NOTHING
    return Plan(
        pipeline=pipeline.name,
        mode=chosen,
        fit="reused" if reused else "missing" if missing else "learned",
        why=_why(chosen, same, last, pipeline.fit.drift),
        fit_id=same.fit_id if same else None,
        since=f"{same.created:%Y-%m-%dT%H:%M:%SZ}" if same else None,
        changes=None if missing else () if reused else _changes(prepared, registry, to_read),
        partitions=len(prepared.source.last(pipeline.fit.window).partitions),
        to_read=to_read,
        outputs=_outputs(prepared, registry.outputs(last.run_id) if last else []),
        checks=_checks(prepared),
        last_run=last.run_id if last else None,
        inputs=inputs,
        config_changed=last is not None and last.config_hash != config_of(pipeline).hash,
    )


def _why(mode: Mode, same: FitUseRow | None, last: RunRow | None, drift: DriftSpec | None) -> str:
    if mode == "refit":
        return "mode refit learns from today's source"
    if same:
        there = "a fit of this configuration and these column types is there"
        return f"{there}; the run looks how far today's rows drifted from it" if drift else there
    if last is None:
        return "no run of this pipeline has succeeded yet"
    return "the configuration or the types of the columns are not those of any earlier fit"


def _to_read(prepared: Prepared, registry: Registry, prints: dict[Path, str]) -> tuple[str, ...]:
    """The files whose state is not in the registry, or cannot be read there."""
    source, how = prepared.source.last(prepared.pipeline.fit.window), prepared.pipeline.fit
    kept = stored(registry, prepared.state_key, [prints[path] for path in source.paths])
    where = prepared.where.expr if prepared.where else None
    found = []
    for one in source.partitions:
        with reading(one.path):
            teaching = fit_rows(one.scan(), prepared.row_checks, where)
            rows = kept.get(prints[one.path], [])
            if from_rows(rows, teaching, observed(prepared.plan), by_group=how.by is not None) is None:
                found.append(str(one.path))
    return tuple(found)


def _changes(
    prepared: Prepared, registry: Registry, to_read: tuple[str, ...]
) -> tuple[Difference, ...] | None:
    """What a new fit would do otherwise than the last one; None where rows would have to be read for it."""
    before = earlier_fit(prepared, registry)
    if to_read or before is None or prepared.pipeline.fit.quantiles == "exact":
        return None
    return differences(before, learned(prepared, registry, Watch(prepared.source), before).fit)


def _outputs(prepared: Prepared, left: list[OutputRow]) -> tuple[PlannedOutput, ...]:
    """The output, and the quarantine, which is written only if a row asks for it."""
    known = {one.path: one for one in left}
    return tuple(
        _output(sinks.destination(spec.path), role, known)
        for role, spec in zip(("output", "quarantine"), destinations(prepared), strict=True)
    )


def _output(path: Path, role: str, known: dict[str, OutputRow]) -> PlannedOutput:
    size = path.stat().st_size if path.is_file() else None
    before = known.get(str(path))
    as_left = None
    if before is not None:
        as_left = size == before.bytes and sinks.digest(path).sha256 == before.sha256
    return PlannedOutput(path=str(path), role=role, bytes=size, as_left=as_left)


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
