"""The registry: what was fitted, why, and what every run did, kept for good.

The file is open only inside short transactions, under a lock file beside it, so that many runs share one
registry and none waits for another's data. Rows are only ever added, but for the state of runs and outputs.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from normflow.errors import RegistryError
from normflow.registry.group_rows import insert_groups
from normflow.registry.handle import Handle
from normflow.registry.records import UnfinishedRun
from normflow.registry.references import find_fit, find_run
from normflow.registry.tables import (
    CHECK_RESULTS,
    CHOICES,
    FIT_USES,
    FITS,
    OUTPUTS,
    PARAMETERS,
    PROFILES,
    RUNS,
    to_sql,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from normflow.registry.records import (
        CheckRow,
        ChoiceRow,
        FitRow,
        FitUseRow,
        GroupRows,
        OutputRow,
        ParameterRow,
        ProfileRow,
        RunRow,
    )

BY_COLUMN = 'ORDER BY "group", "column"'


class Registry(Handle):
    """The record of every fit and run: write a run's story in order, ask what was.

    Opening, locks, transactions and errors are those of `Handle`.
    """

    def start_run(self, run: RunRow) -> None:
        """Record that a run begins."""
        with self.transaction() as con:
            RUNS.insert(con, [run])

    def record_fit(
        self,
        fit: FitRow,
        parameters: Sequence[ParameterRow] = (),
        choices: Sequence[ChoiceRow] = (),
        groups: Iterable[GroupRows] = (),
    ) -> None:
        """Keep a fit with its parameters, those of groups too, and choices, unless its id is there."""
        with self.transaction() as con:
            if not FITS.select(con, "WHERE fit_id = ?", [fit.fit_id]):
                FITS.insert(con, [fit])
                PARAMETERS.insert(con, parameters)
                CHOICES.insert(con, choices)
                for rows in groups:
                    insert_groups(con, rows)

    def use_fit(self, use: FitUseRow) -> None:
        """Record which fit a run applies; a document that the fit itself has is kept once."""
        kept = "SELECT count(*) FROM fits WHERE fit_id = ? AND document = ?"
        with self.transaction() as con:
            same = con.execute(kept, [use.fit_id, use.document]).fetchone() == (1,)
            FIT_USES.insert(con, [replace(use, document="") if same else use])
            self._change_run(use.run_id, fit_id=use.fit_id)

    def record_profiles(self, rows: Sequence[ProfileRow]) -> None:
        """Keep the states of source partitions, unless they are there."""
        with self.transaction() as con:
            PROFILES.insert(con, rows, absent_only=True)

    def record_checks(self, rows: Sequence[CheckRow]) -> None:
        """Keep the verdicts of a run's checks."""
        with self.transaction() as con:
            CHECK_RESULTS.insert(con, rows)

    def intend(
        self,
        run_id: str,
        outputs: Sequence[OutputRow],
        *,
        rows: int | None = None,
        quarantined: int | None = None,
        document: str | None = None,
    ) -> None:
        """Record that all is staged and judged, and that these outputs will now be published.

        From here on, whoever comes next finishes the run if it cannot do so itself.
        """
        with self.transaction() as con:
            OUTPUTS.insert(con, outputs)
            self._change_run(
                run_id, status="publishing", rows=rows, quarantined=quarantined, document=document
            )

    def succeed(
        self,
        run_id: str,
        *,
        document: str | None = None,
        output_fingerprint: str | None = None,
        finished: datetime | None = None,
    ) -> None:
        """Record that the outputs are published and the run is done."""
        with self.transaction() as con:
            con.execute("UPDATE outputs SET state = 'published' WHERE run_id = ?", [run_id])
            self._change_run(
                run_id,
                status="succeeded",
                exit_code=0,
                finished=finished or datetime.now(UTC),
                document=document,
                output_fingerprint=output_fingerprint,
            )

    def fail(
        self,
        run_id: str,
        exit_code: int,
        error: str,
        *,
        rows: int | None = None,
        quarantined: int | None = None,
        document: str | None = None,
        finished: datetime | None = None,
    ) -> None:
        """Record how the run failed; `error` is stored as given, so it must hold no secret."""
        self._change_run(
            run_id,
            status="failed",
            exit_code=exit_code,
            finished=finished or datetime.now(UTC),
            error=error,
            rows=rows,
            quarantined=quarantined,
            document=document,
        )

    def newest_use(self, pipeline: str, reuse_key: str) -> FitUseRow | None:
        """The fit that a successful run of the pipeline last used under this key, None without one."""
        clause = """WHERE pipeline = ? AND reuse_key = ?
            AND run_id IN (SELECT run_id FROM runs WHERE status = 'succeeded')
            ORDER BY created DESC, run_id DESC LIMIT 1"""
        if not self.exists:
            return None
        with self.reading() as con:
            found = FIT_USES.select(con, clause, [pipeline, reuse_key])
            if not found or found[0].document:
                return found[0] if found else None
            fit = FITS.select(con, "WHERE fit_id = ?", [found[0].fit_id])[0]
            return replace(found[0], document=fit.document)

    def fit(self, ref: str) -> FitRow:
        """The fit with this id, the one whose id begins so, or the last used by `pipeline@latest`."""
        with self.reading() as con:
            return find_fit(con, ref, self.path)

    def run(self, ref: str) -> RunRow:
        """The run with this id, the one whose id begins so, or the last successful of `pipeline@latest`."""
        with self.reading() as con:
            return find_run(con, ref, self.path)

    def runs(self, pipeline: str | None = None, *, limit: int | None = None) -> list[RunRow]:
        """The runs, newest first."""
        clause = "WHERE pipeline = coalesce(?, pipeline) ORDER BY started DESC, run_id DESC LIMIT ?"
        return self._select(RUNS, clause, [pipeline, limit])

    def fits(self, pipeline: str) -> list[FitRow]:
        """The fits that successful runs of the pipeline used, the last used first."""
        clause = """JOIN (
                SELECT u.fit_id AS used, max(u.created) AS last_used
                FROM fit_uses u JOIN runs r USING (run_id)
                WHERE u.pipeline = ? AND r.status = 'succeeded' GROUP BY u.fit_id
            ) ON fit_id = used ORDER BY last_used DESC, fit_id"""
        return self._select(FITS, clause, [pipeline])

    def parameters(self, fit_id: str) -> list[ParameterRow]:
        """The parameters of a fit, by group and column."""
        return self._select(PARAMETERS, f"WHERE fit_id = ? {BY_COLUMN}", [fit_id])

    def choices(self, fit_id: str) -> list[ChoiceRow]:
        """Why the columns of a fit got their methods, by group and column."""
        return self._select(CHOICES, f"WHERE fit_id = ? {BY_COLUMN}", [fit_id])

    def profiles(self, state_key: str, fingerprint: str) -> list[ProfileRow]:
        """The stored states of one source partition, by group and column."""
        clause = f"WHERE state_key = ? AND fingerprint = ? {BY_COLUMN}"
        return self._select(PROFILES, clause, [state_key, fingerprint])

    def checks(self, run_id: str) -> list[CheckRow]:
        """The verdicts of a run's checks, in the order they were recorded."""
        return self._select(CHECK_RESULTS, "WHERE run_id = ? ORDER BY rowid", [run_id])

    def outputs(self, run_id: str) -> list[OutputRow]:
        """The files of a run, in the order they were recorded."""
        return self._select(OUTPUTS, "WHERE run_id = ? ORDER BY rowid", [run_id])

    def unfinished(self, sinks: Iterable[str | Path]) -> list[UnfinishedRun]:
        """The runs that meant to write one of these sinks and never ended, oldest first.

        Under the lock of the sinks none of them can still be alive.
        """
        if not self.exists:
            return []
        clause = """WHERE status IN ('running', 'publishing') AND list_has_any(sinks, ?::VARCHAR[])
            ORDER BY started, run_id"""
        with self.reading() as con:
            runs = RUNS.select(con, clause, [[str(sink) for sink in sinks]])
            return [UnfinishedRun(run, tuple(self.outputs(run.run_id))) for run in runs]

    def _change_run(self, run_id: str, **values: object) -> None:
        """Set what is not None on a run that is under way."""
        changes = ", ".join(f'"{name}" = coalesce(?, "{name}")' for name in values)
        with self.transaction() as con:
            changed = con.execute(
                f"UPDATE runs SET {changes} WHERE run_id = ? AND status IN ('running', 'publishing')"  # noqa: S608  (names of our own)
                " RETURNING run_id",
                [*map(to_sql, values.values()), run_id],
            ).fetchall()
        if not changed:
            raise RegistryError(f"run '{run_id}' is not under way", where=str(self.path))
