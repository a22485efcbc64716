"""What the registry is asked: which fits and runs there were, and what became of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from normflow.fits import FEW_ROWS
from normflow.registry.handle import Handle
from normflow.registry.records import DriftPoint, UnfinishedRun
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
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from normflow.registry.records import (
        CheckRow,
        ChoiceRow,
        FitRow,
        FitUseRow,
        OutputRow,
        ParameterRow,
        ProfileRow,
        RunRow,
    )

BY_COLUMN = 'ORDER BY "group", "column"'


class Questions(Handle):
    """What was recorded, as records; where nothing ever was, the answer is none."""

    def newest_use(self, pipeline: str, reuse_key: str) -> FitUseRow | None:
        """The fit that a successful run of the pipeline last used under this key, None without one."""
        clause = """WHERE pipeline = ? AND reuse_key = ?
            AND run_id IN (SELECT run_id FROM runs WHERE status = 'succeeded')
            ORDER BY created DESC, run_id DESC LIMIT 1"""
        return self._use(clause, [pipeline, reuse_key])

    def use_at(self, pipeline: str, time: datetime) -> FitUseRow | None:
        """The fit of the newest run of the pipeline that had succeeded at a time, None without one."""
        clause = """WHERE run_id IN (
            SELECT run_id FROM runs
            WHERE pipeline = ? AND status = 'succeeded' AND mode <> 'replay' AND finished <= ?
            ORDER BY finished DESC, run_id DESC LIMIT 1)"""
        return self._use(clause, [pipeline, to_sql(time)])

    def use_of(self, run_id: str) -> FitUseRow | None:
        """The fit that a run applied, None where it came to none."""
        return self._use("WHERE run_id = ?", [run_id])

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

    def pipelines(self) -> dict[str, int]:
        """Every pipeline that ever ran, by name, with how many runs of it are on record."""
        if not self.exists:
            return {}
        with self.reading() as con:
            found = con.execute("SELECT pipeline, count(*) FROM runs GROUP BY 1 ORDER BY 1", []).fetchall()
        return {name: int(count) for name, count in found}

    def newest_success(self, pipeline: str) -> RunRow | None:
        """The newest run of the pipeline that succeeded, None without one; a replay is none of its runs."""
        clause = """WHERE pipeline = ? AND status = 'succeeded' AND mode <> 'replay'
            ORDER BY started DESC, run_id DESC LIMIT 1"""
        return next(iter(self._select(RUNS, clause, [pipeline])), None)

    def newest_with(self, fit_id: str) -> RunRow | None:
        """The newest successful run that applied this fit, None without one; a replay is none."""
        clause = """WHERE fit_id = ? AND status = 'succeeded' AND mode <> 'replay'
            ORDER BY started DESC, run_id DESC LIMIT 1"""
        return next(iter(self._select(RUNS, clause, [fit_id])), None)

    def before(self, run: RunRow) -> RunRow | None:
        """The last run of the same pipeline that had succeeded when this one began, None without one."""
        clause = """WHERE pipeline = ? AND status = 'succeeded' AND mode <> 'replay' AND started < ?
            ORDER BY started DESC, run_id DESC LIMIT 1"""
        return next(iter(self._select(RUNS, clause, [run.pipeline, to_sql(run.started)])), None)

    def last_to_write(self, path: str) -> str | None:
        """The id of the run that published this file last, None where none did."""
        clause = """WHERE run_id IN (SELECT run_id FROM outputs WHERE path = ? AND state = 'published')
            ORDER BY started DESC, run_id DESC LIMIT 1"""
        return next((run.run_id for run in self._select(RUNS, clause, [path])), None)

    def fits(self, pipeline: str) -> list[FitRow]:
        """The fits that successful runs of the pipeline used, the last used first."""
        clause = """JOIN (
                SELECT u.fit_id AS used, max(u.created) AS last_used
                FROM fit_uses u JOIN runs r USING (run_id)
                WHERE u.pipeline = ? AND r.status = 'succeeded' AND r.mode <> 'replay' GROUP BY u.fit_id
            ) uses ON fit_id = used ORDER BY last_used DESC, fit_id"""
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

    def state_sizes(self, state_key: str, fingerprints: Collection[str]) -> dict[str, int]:
        """How many bytes the stored states of these partitions have; those without any are left out."""
        if not self.exists:
            return {}
        query = "SELECT fingerprint, sum(octet_length(state)) FROM profiles WHERE state_key = ? GROUP BY 1"
        wanted = set(fingerprints)
        with self.reading() as con:
            found = con.execute(query, [state_key]).fetchall()
        return {fingerprint: int(size) for fingerprint, size in found if fingerprint in wanted}

    def checks(self, run_id: str) -> list[CheckRow]:
        """The verdicts of a run's checks, in the order they were recorded."""
        return self._select(CHECK_RESULTS, "WHERE run_id = ? ORDER BY rowid", [run_id])

    def drift_until(self, run: RunRow, *, limit: int) -> list[DriftPoint]:
        """How far each column was from what taught its fit in this run and in those before, oldest first.

        They are the last `limit` runs of its pipeline that measured it, whatever became of them.
        """
        query = """SELECT r.run_id, r.started, d.section, d."column",
                max(CASE WHEN d."group" = '' THEN d.psi END), max(CASE WHEN d."group" = '' THEN d.status END),
                max(CASE WHEN d."group" <> '' AND d."rows" >= ? AND d.taught >= ? THEN d.psi END),
                max(CASE WHEN d."group" <> '' THEN
                    CASE d.status WHEN 'failed' THEN 2 WHEN 'warned' THEN 1 ELSE 0 END END),
                max(d.warn), max(d.refit), max(d.fail)
            FROM drift d JOIN (
                SELECT run_id, started FROM runs
                WHERE pipeline = ? AND started <= ? AND run_id IN (SELECT run_id FROM drift)
                ORDER BY started DESC, run_id DESC LIMIT ?
            ) r ON d.run_id = r.run_id
            GROUP BY r.run_id, r.started, d.section, d."column"
            ORDER BY r.started, r.run_id, d."column", d.section"""
        if not self.exists:
            return []
        values = [FEW_ROWS, FEW_ROWS, run.pipeline, to_sql(run.started), limit]
        with self.reading() as con:
            return [DriftPoint(*row) for row in con.execute(query, values).fetchall()]

    def outputs(self, run_id: str) -> list[OutputRow]:
        """The files of a run, in the order they were recorded."""
        return self._select(OUTPUTS, "WHERE run_id = ? ORDER BY rowid", [run_id])

    def unfinished(self, sinks: Iterable[str | Path] | None = None) -> list[UnfinishedRun]:
        """The runs that meant to write one of these sinks, or any, and never ended, oldest first.

        Under the lock of the sinks none of them can still be alive: where machines share a registry, the runs
        are those of this one, since paths and locks of another tell nothing here.
        """
        if not self.exists:
            return []
        clause = """WHERE status IN ('running', 'publishing')
            AND (?::VARCHAR[] IS NULL OR sinks && ?::VARCHAR[]) {here} ORDER BY started, run_id"""
        asked = None if sinks is None else [str(sink) for sink in sinks]
        with self.reading() as con:
            runs = RUNS.select(con, clause.format(here=con.here), [asked, asked])
            return [UnfinishedRun(run, tuple(self.outputs(run.run_id))) for run in runs]

    def _use(self, clause: str, values: Sequence[object]) -> FitUseRow | None:
        """The use for which the clause holds, with its document."""
        if not self.exists:
            return None
        with self.reading() as con:
            found = FIT_USES.select(con, clause, values)
            if not found or found[0].document:
                return found[0] if found else None
            fit = FITS.select(con, "WHERE fit_id = ?", [found[0].fit_id])[0]
            return replace(found[0], document=fit.document)
