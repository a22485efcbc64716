"""The registry: what was fitted, why, and what every run did, kept for good.

The file is open only inside short transactions, under a lock file beside it, so that many runs share one
registry and none waits for another's data. Rows are only ever added, but for the state of runs and outputs.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from normflow.errors import RegistryError
from normflow.registry.questions import Questions
from normflow.registry.tables import (
    CHECK_RESULTS,
    CHOICES,
    DRIFT,
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

    from normflow.registry.records import (
        CheckRow,
        ChoiceRow,
        DriftRow,
        FitRow,
        FitUseRow,
        GroupRows,
        OutputRow,
        ParameterRow,
        ProfileRow,
        RunRow,
    )


class Registry(Questions):
    """The record of every fit and run: write a run's story in order, ask what was.

    Opening, locks, transactions and errors are those of `Handle`, and what is asked stands in `Questions`.
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
                    con.insert_groups(rows)

    def use_fit(self, use: FitUseRow) -> None:
        """Record which fit a run applies; a document that the fit itself has is kept once."""
        kept = "SELECT count(*) FROM fits WHERE fit_id = ? AND document = ?"
        with self.transaction() as con:
            same = con.execute(kept, [use.fit_id, use.document]).fetchone() == (1,)
            FIT_USES.insert(con, [replace(use, document="") if same else use])
            self._change_run(use.run_id, fit_id=use.fit_id)

    def know_inputs(self, run_id: str, inputs: str, fingerprint: str) -> None:
        """Record by what the files are known that a run read; `inputs` is JSON."""
        self._change_run(run_id, inputs=inputs, input_fingerprint=fingerprint)

    def record_profiles(self, rows: Sequence[ProfileRow]) -> None:
        """Keep the states of source partitions, unless they are there."""
        with self.transaction() as con:
            PROFILES.insert(con, rows, absent_only=True)

    def record_checks(self, rows: Sequence[CheckRow]) -> None:
        """Keep the verdicts of a run's checks."""
        with self.transaction() as con:
            CHECK_RESULTS.insert(con, rows)

    def record_drift(self, rows: Sequence[DriftRow]) -> None:
        """Keep how far a run's rows were from those that taught its fit."""
        with self.transaction() as con:
            DRIFT.insert(con, rows)

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
