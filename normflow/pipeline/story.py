"""The record of one run, told to the registry as it happens."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from normflow.contract import contract_error
from normflow.errors import ContractError, NormflowError
from normflow.memory import peak
from normflow.pipeline.columns import published
from normflow.pipeline.drift_rows import drift_rows
from normflow.pipeline.group_rows import group_rows
from normflow.pipeline.identity import config_of, fingerprint_of, hashed, inputs_of, versions
from normflow.pipeline.rows import as_json, check_row, choice_row, parameter_row, row_wise_rows
from normflow.pipeline.write import destinations
from normflow.record import RunRecord
from normflow.registry import FitRow, FitUseRow, OutputRow, RunRow
from normflow.spec import as_size

if TYPE_CHECKING:
    from normflow.fits import Fit
    from normflow.pipeline.learn import Learned
    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.write import Written
    from normflow.record import OutputRecord
    from normflow.registry import Registry
    from normflow.spec import RunMode


@dataclass(frozen=True, slots=True)
class Story:
    """One run and its chapters: begins, fitted, judged, publishes, then succeeded or failed."""

    prepared: Prepared
    registry: Registry
    run_id: str
    started: datetime
    mode: RunMode

    def begins(self) -> None:
        """Record the start: configuration, inputs with size and time, versions."""
        pipeline, config = self.prepared.pipeline, config_of(self.prepared.pipeline)
        self.registry.start_run(
            RunRow(
                run_id=self.run_id,
                pipeline=pipeline.name,
                started=self.started,
                mode=self.mode,
                config=config.text,
                config_hash=config.hash,
                inputs=as_json(inputs_of(self.prepared)),
                versions=as_json(versions()),
                sinks=tuple(spec.named for spec in destinations(self.prepared)),
            )
        )

    def fitted(self, learned: Learned) -> None:
        """Record the fit, what it was learned from, and that this run uses it.

        A fit that was given for this run is found under no key, so no later run reuses it unasked.
        """
        fit, name, key = learned.fit, self.prepared.pipeline.name, self.prepared.reuse_key
        fit_id, document = fit.id, fit.to_json()  # each writes or hashes every column
        with self.registry.transaction():
            earlier = self.registry.newest_use(name, key)
            self.registry.record_fit(
                FitRow(
                    fit_id=fit_id,
                    created=self.started,
                    goal=fit.goal,
                    where=fit.where,
                    by=fit.groups.by if fit.groups else (),
                    rows=fit.rows,
                    document=document,
                ),
                [
                    *(parameter_row(fit_id, one) for one in fit.columns),
                    *(row for one in fit.row_wise for row in row_wise_rows(fit_id, one)),
                ],
                [choice_row(fit_id, one) for one in fit.columns if one.choice],
                group_rows(fit_id, fit),
            )
            self.registry.use_fit(
                FitUseRow(
                    run_id=self.run_id,
                    pipeline=name,
                    fit_id=fit_id,
                    created=now(),
                    reuse_key="" if learned.origin == "given" else key,
                    parent=earlier.fit_id if earlier else None,
                    document=document,
                )
            )

    def so_far(self, learned: Learned, written: Written, outputs: tuple[OutputRecord, ...]) -> RunRecord:
        """What the run did so far; nothing is recorded."""
        inputs = inputs_of(self.prepared, learned.prints)
        return self._record(learned, written, outputs, fingerprint_of(inputs))

    def judged(self, learned: Learned, written: Written, record: RunRecord) -> None:
        """Record what was read, and the verdicts."""
        inputs = inputs_of(self.prepared, learned.prints)
        self.registry.know_inputs(self.run_id, as_json(inputs), record.input_fingerprint)
        self.registry.record_checks([check_row(self.run_id, one) for one in written.checks])
        self.registry.record_drift([*drift_rows(self.run_id, written)])

    def publishes(self, record: RunRecord) -> None:
        """Record the intent: from here on, whoever comes next finishes the run."""
        roles = ("output", "quarantine")
        outputs = [
            OutputRow(run_id=self.run_id, role=role, **asdict(one))
            for role, one in zip(roles, record.outputs, strict=False)
        ]
        self.registry.intend(
            self.run_id,
            outputs,
            rows=record.rows,
            quarantined=record.quarantined,
            document=as_json(record.to_json()),
        )

    def succeeded(self, record: RunRecord) -> RunRecord:
        """Record that the outputs are published."""
        done = replace(record, finished=_iso(now()))
        fingerprint = hashed("".join(one.sha256 for one in record.outputs))
        self.registry.succeed(self.run_id, document=as_json(done.to_json()), output_fingerprint=fingerprint)
        return done

    def failed(self, exit_code: int, error: BaseException) -> None:
        """Record how the run ended."""
        record = error.record if isinstance(error, ContractError) else None
        message = error.message if isinstance(error, NormflowError) else type(error).__name__
        self.registry.fail(
            self.run_id,
            exit_code,
            message,
            rows=record.rows if record else None,
            quarantined=record.quarantined if record else None,
            document=as_json(record.to_json()) if record else None,
        )

    def _record(
        self, learned: Learned, written: Written, outputs: tuple[OutputRecord, ...], inputs: str
    ) -> RunRecord:
        fit, refusal = learned.fit, contract_error(written.checks, self.prepared.pipeline.places)
        return RunRecord(
            run_id=self.run_id,
            pipeline=self.prepared.pipeline.name,
            status="failed" if refusal else "succeeded",
            exit_code=refusal.exit_code if refusal else 0,
            started=_iso(self.started),
            finished=_iso(now()),
            mode=self.mode,
            fit=learned.origin,
            fit_id=fit.id,
            rows=written.counts.rows,
            quarantined=written.counts.quarantined,
            outputs=() if refusal else outputs,
            columns=published(fit, written.statistics, written.policies, written.drift, written.moved),
            checks=written.checks,
            groups=_grouped(fit, written),
            warnings=(*learned.warnings, *_warnings(fit), *_over(self.prepared.pipeline.memory)),
            registry=self.registry.place,
            input_fingerprint=inputs,
            config_hash=config_of(self.prepared.pipeline).hash,
            source_columns=tuple(self.prepared.schema),
        )


def _grouped(fit: Fit, written: Written) -> dict[str, Any] | None:
    if fit.groups is None:
        return None
    return {
        "by": list(fit.groups.by),
        "count": len(fit.groups),
        "min_rows": fit.groups.spec.min_rows,
        "too_few_rows": fit.groups.small,
        "unseen": fit.groups.spec.unseen,
        "unseen_rows": written.unseen or 0,
        **({"drift": written.moved.told()} if written.moved else {}),
    }


def _warnings(fit: Fit) -> tuple[str, ...]:
    """The notices of all choices, each with its column; and one where nothing is normalized at all."""
    if not fit.row_wise and all(one.passes_through for one in fit.columns):
        nothing = "no column was normalized: none is numeric, or all pass through"
        return (nothing, *_notices(fit))
    return (*_notices(fit), *_ungrouped(fit))


def _over(memory: int | None) -> tuple[str, ...]:
    """A warning where this process held more than the pipeline says."""
    held = peak()
    if memory is None or held is None or held <= memory:
        return ()
    way = "smaller row groups in the source, or fewer threads (POLARS_MAX_THREADS), take less"
    return (f"the process held {as_size(held)} at most, and memory is {as_size(memory)}; {way}",)


def _ungrouped(fit: Fit) -> tuple[str, ...]:
    """A warning for each column whose method cannot differ by group, although groups were asked for."""
    columns = fit.groups.columns if fit.groups else {one.label: None for one in fit.columns}
    return tuple(
        f"{one.column}: {one.method} has one set of parameters for all groups"
        for one in fit.columns
        if not one.passes_through and one.label not in columns
    )


def _notices(fit: Fit) -> tuple[str, ...]:
    return tuple(
        f"{one.column}: {notice.text}" for one in fit.columns if one.choice for notice in one.choice.notices
    )


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
