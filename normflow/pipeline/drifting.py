"""How far the rows of a run are from those that taught its fit, measured as they are written.

What is compared are the values that a column's transform reads, not those it writes: every transform is
monotone, so the index of both is one, and what clip, fill or a group's own parameters do to values hides no
change of the source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.contract import fit_rows, judge_drift
from normflow.errors import Problem, SchemaError
from normflow.fits import FEW_ROWS, drift_of
from normflow.naming import member
from normflow.profiles import RunningProfile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from normflow.contract import Counts
    from normflow.fits import ColumnFit, Drift
    from normflow.pipeline.learn import Learned
    from normflow.pipeline.observers import Where
    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.write import Written
    from normflow.record import CheckRecord
    from normflow.spec import ColumnChecks, DriftSpec, MethodSpec, Pipeline


class Drifting:
    """An observer of the good rows before they are transformed, for the columns of a fit.

    With `taught` only rows count that would teach the fit.
    """

    where: Where = "good"

    def __init__(self, prepared: Prepared, columns: Iterable[ColumnFit], *, taught: bool) -> None:
        self._columns = [one for one in columns if one.reference]
        self._checks = prepared.row_checks if taught else ()
        self._where = prepared.where.expr if taught and prepared.where else None
        self._running = RunningProfile(
            dict.fromkeys(one.column for one in self._columns),
            prepared.schema,
            resolution=prepared.pipeline.fit.resolution,
        )

    def see(self, batch: pl.DataFrame) -> None:
        """Add a batch to the profile."""
        self._running.add(fit_rows(batch.lazy(), self._checks, self._where).collect())

    def found(self) -> dict[str, Drift]:
        """By label, how far each column is from what taught it."""
        profile = self._running.settled()
        return {
            one.label: drift_of(one.reference, profile[_read(one)]) for one in self._columns if one.reference
        }


class FitDrift(Drifting):
    """The drift of all columns from a fit that was learned earlier."""

    def __init__(self, prepared: Prepared, learned: Learned, limits: DriftSpec) -> None:
        super().__init__(prepared, learned.fit.columns, taught=True)
        self._limits = limits
        self.drift: dict[str, Drift] = {}

    def verdicts(self, counts: Counts) -> tuple[CheckRecord, ...]:  # noqa: ARG002  (the profile has its own)
        """A verdict for each column."""
        self.drift = self.found()
        return tuple(
            judge_drift(label, drift, self._limits, section="drift", severity="error")
            for label, drift in self.drift.items()
        )


class OutputDrift(Drifting):
    """The drift of what is written, for the columns whose checks ask for it."""

    def __init__(self, prepared: Prepared, learned: Learned, checks: Mapping[str, ColumnChecks]) -> None:
        asked = [one for one in learned.fit.columns if one.output in checks]
        super().__init__(prepared, asked, taught=False)
        self._checked = {one.label: checks[one.output] for one in asked}

    def verdicts(self, counts: Counts) -> tuple[CheckRecord, ...]:  # noqa: ARG002  (the profile has its own)
        """A verdict for each column."""
        return tuple(
            judge_drift(label, drift, rule.drift, section="checks", severity=rule.severity)
            for label, drift in self.found().items()
            if (rule := self._checked[label]).drift
        )


def _read(fit: ColumnFit) -> str:
    """The name that a column's values, or those of a place of its array, have in a profile."""
    return fit.column if fit.index is None else member(fit.column, fit.index)


def measured(learned: Learned, limits: DriftSpec | None) -> bool:
    """Whether a run compares its rows with those of its fit: they were not learned from in this run."""
    return limits is not None and learned.origin != "learned"


def beyond(written: Written, limits: DriftSpec | None) -> dict[str, Drift]:
    """The columns for which the run is to learn anew: above `refit`, with enough rows to say so.

    None where one is above `fail`, or where the contract failed: no fit would mend that.
    """
    broken = any(one.status == "failed" and one.section == "contract" for one in written.checks)
    if limits is None or limits.refit is None or broken:
        return {}
    many = {label: one for label, one in written.drift.items() if one.rows >= FEW_ROWS}
    if limits.fail is not None and any(one.psi > limits.fail for one in many.values()):
        return {}
    return {label: one for label, one in many.items() if one.psi > limits.refit}


def learned_anew(moved: Mapping[str, Drift], limits: DriftSpec | None) -> str:
    """Why a run that could have used an earlier fit did not."""
    columns = ", ".join(f"{label} (PSI {one.psi:.3g})" for label, one in moved.items())
    above = limits.refit if limits else None
    return f"learned anew, because these drifted from what taught the earlier fit above {above:g}: {columns}"


def drift_warnings(learned: Learned, drift: Mapping[str, Drift], limits: DriftSpec | None) -> tuple[str, ...]:
    """A sentence for each column above the lowest limit, and one for those that cannot be compared."""
    if limits is None or not measured(learned, limits):
        return ()
    lowest = min(one for one in (limits.warn, limits.refit, limits.fail) if one is not None)
    told = [
        f"{label}: drifted from what taught the fit, PSI {one.psi:.3g} is above {lowest:g}"
        for label, one in drift.items()
        if one.psi > lowest
    ]
    unknown = [one.label for one in learned.fit.columns if one.label not in drift]
    lost = f"the fit keeps nothing to compare {', '.join(unknown)} with; `--mode refit` once mends that"
    return (*told, *([lost] if unknown else []))


def require_compared(pipeline: Pipeline, plan: Mapping[str, MethodSpec], outputs: Iterable[str]) -> None:
    """See that what drift is asked of can be compared.

    Raises:
        SchemaError: a named column has no fit; or the pipeline is private and keeps nothing to compare with.
    """
    fitted = {name + line.suffix for name, line in plan.items() if not line.row_wise}
    problems = [
        Problem(pipeline.place(f"checks.{name}.drift"), f"checks.{name}: drift needs a fit, and it has none")
        for name, rule in pipeline.checks.items()
        if rule.drift and name in set(outputs) - fitted
    ]
    if pipeline.private and (pipeline.fit.drift or any(rule.drift for rule in pipeline.checks.values())):
        what = "drift: `private: true` keeps no values to compare with; remove one of them"
        problems.append(Problem(pipeline.place("private"), what))
    if problems:
        raise SchemaError("\n".join(map(str, problems)), problems=problems)
