"""How far the rows of a run are from those that taught its fit, measured as they are written.

What is compared are the values that a column's transform reads, not those it writes: every transform is
monotone, so the index of both is one, and what clip, fill or a group's own parameters do to values hides no
change of the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.contract import fit_rows, judge_drift, judge_group_drift
from normflow.errors import Problem, SchemaError
from normflow.fits import drift_of
from normflow.frames import collected_here
from normflow.naming import member
from normflow.pipeline.group_drifting import GroupDrifting
from normflow.profiles import RunningProfile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from normflow.contract import Counts
    from normflow.fits import ColumnFit, Drift
    from normflow.pipeline.group_drifting import Moved
    from normflow.pipeline.learn import Learned
    from normflow.pipeline.observers import Where
    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.write import Written
    from normflow.profiles import Profile
    from normflow.record import CheckRecord
    from normflow.spec import ColumnChecks, DriftSpec, MethodSpec, Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured of one column, the limits it was measured for, and what they made of it."""

    section: str
    column: str
    drift: Drift
    limits: DriftSpec
    status: str


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
        self.add(collected_here(fit_rows(batch.lazy(), self._checks, self._where)))

    def add(self, rows: pl.DataFrame) -> None:
        """Add rows that would teach the fit."""
        self._running.add(rows)

    def found(self) -> dict[str, Drift]:
        """By label, how far each column is from what taught it."""
        return self._of(self._running.settled())

    def _of(self, profile: Profile) -> dict[str, Drift]:
        return {
            one.label: drift_of(one.reference, profile[_read(one)]) for one in self._columns if one.reference
        }


class FitDrift(Drifting):
    """The drift of all columns from a fit that was learned earlier, and that of its groups."""

    def __init__(self, prepared: Prepared, learned: Learned, limits: DriftSpec) -> None:
        super().__init__(prepared, learned.fit.columns, taught=True)
        self._limits = limits
        self._groups = GroupDrifting.of(prepared, learned.fit)
        self.drift: dict[str, Drift] = {}
        self.measured: tuple[Measured, ...] = ()
        self.moved: Moved | None = None

    def add(self, rows: pl.DataFrame) -> None:
        """Add rows to the profile, and to the counts of groups."""
        super().add(rows)
        if self._groups:
            self._groups.add(rows)

    def verdicts(self, counts: Counts) -> tuple[CheckRecord, ...]:  # noqa: ARG002  (the profile has its own)
        """A verdict for each column, and where there are groups one for those of each column."""
        return self.judged_seen()

    def judged_seen(self) -> tuple[CheckRecord, ...]:
        """The verdicts on the rows that were added."""
        return self.judged(self._running.settled())

    @property
    def by_group(self) -> bool:
        """Whether groups are compared, of which a profile does not tell enough."""
        return self._groups is not None

    def judged(self, profile: Profile) -> tuple[CheckRecord, ...]:
        """The verdicts on rows with this profile."""
        self.drift = self._of(profile)
        limits = self._limits
        judged = tuple(
            judge_drift(label, drift, limits, section="drift", severity="error")
            for label, drift in self.drift.items()
        )
        self.measured = tuple(
            Measured(section="drift", column=label, drift=drift, limits=limits, status=one.status)
            for one, (label, drift) in zip(judged, self.drift.items(), strict=True)
        )
        self.moved = self._groups.found(limits) if self._groups else None
        if self.moved is None:
            return judged
        by, named = self.moved.groups.by, self.moved.named
        every = self.moved.columns.items()
        return (*judged, *(judge_group_drift(label, by, one, limits, named) for label, one in every))


class OutputDrift(Drifting):
    """The drift of what is written, for the columns whose checks ask for it."""

    def __init__(self, prepared: Prepared, learned: Learned, checks: Mapping[str, ColumnChecks]) -> None:
        asked = [one for one in learned.fit.columns if one.output in checks]
        super().__init__(prepared, asked, taught=False)
        self._checked = {one.label: checks[one.output] for one in asked}
        self.measured: tuple[Measured, ...] = ()

    def verdicts(self, counts: Counts) -> tuple[CheckRecord, ...]:  # noqa: ARG002  (the profile has its own)
        """A verdict for each column."""
        asked = [
            (label, drift, rule.drift, rule.severity)
            for label, drift in self.found().items()
            if (rule := self._checked[label]).drift
        ]
        judged = tuple(
            judge_drift(label, drift, limits, section="checks", severity=severity)
            for label, drift, limits, severity in asked
        )
        self.measured = tuple(
            Measured(section="checks", column=label, drift=drift, limits=limits, status=one.status)
            for one, (label, drift, limits, _) in zip(judged, asked, strict=True)
        )
        return judged


def _read(fit: ColumnFit) -> str:
    """The name that a column's values, or those of a place of its array, have in a profile."""
    return fit.column if fit.index is None else member(fit.column, fit.index)


def measured(learned: Learned, limits: DriftSpec | None) -> bool:
    """Whether a run compares its rows with those of its fit: they were not learned from in this run."""
    return limits is not None and learned.origin != "learned"


def beyond(written: Written, limits: DriftSpec | None) -> dict[str, str]:
    """The columns for which the run is to learn anew, or whose groups are: above `refit`, with rows enough.

    Each comes with its index. None where one is above `fail`, or where the contract failed: no fit would mend
    that.
    """
    broken = any(one.status == "failed" and one.section == "contract" for one in written.checks)
    return {} if broken else too_far(written.drift, written.moved, limits)


def too_far(drift: Mapping[str, Drift], groups: Moved | None, limits: DriftSpec | None) -> dict[str, str]:
    """The columns, and groups, for which a run learns anew if their rows keep the contract; see `beyond`."""
    if limits is None or limits.refit is None:
        return {}
    many = {label: one for label, one in drift.items() if not one.few}
    if limits.fail is not None and (
        any(one.psi > limits.fail for one in many.values()) or (groups and groups.above(limits.fail))
    ):
        return {}
    whole = {label: f"PSI {one.psi:.3g}" for label, one in many.items() if one.psi > limits.refit}
    return whole | (groups.above(limits.refit) if groups else {})


def learned_anew(moved: Mapping[str, str], limits: DriftSpec | None) -> str:
    """Why a run that could have used an earlier fit did not."""
    columns = ", ".join(f"{label} ({index})" for label, index in moved.items())
    above = limits.refit if limits else None
    return f"learned anew, because these drifted from what taught the earlier fit above {above:g}: {columns}"


def drift_warnings(learned: Learned, written: Written, limits: DriftSpec | None) -> tuple[str, ...]:
    """A sentence for each column above the lowest limit, its groups, and what cannot be compared."""
    if limits is None or limits.lowest is None or not measured(learned, limits):
        return ()
    drift, lowest = written.drift, limits.lowest
    told = [
        f"{label}: drifted from what taught the fit, PSI {one.psi:.3g} is above {lowest:g}"
        for label, one in drift.items()
        if one.psi > lowest
    ]
    if written.moved:
        told += [
            f"{what}: drifted from what taught them, {index} is above {lowest:g}"
            for what, index in written.moved.above(lowest, few=True).items()
        ]
        told += written.moved.warnings()
    unknown = [one.label for one in learned.fit.columns if one.label not in drift]
    if learned.fit.groups and not written.moved:
        unknown.append(f"the groups by {', '.join(learned.fit.groups.by)}")
    lost = f"the fit keeps nothing to compare {', '.join(unknown)} with; `--mode refit` once mends that"
    return (*told, *([lost] if unknown else []))


def require_compared(pipeline: Pipeline, plan: Mapping[str, MethodSpec], outputs: Iterable[str]) -> None:
    """See that what drift is asked of can be compared.

    Raises:
        SchemaError: a named column has no fit; or the pipeline is private and keeps nothing to compare with.
    """
    fitted = {name + line.suffix for name, line in plan.items() if not line.row_wise}
    problems = [
        Problem(
            pipeline.place(f"checks.{name}.drift"), "drift needs a fit, and it has none", f"checks.{name}"
        )
        for name, rule in pipeline.checks.items()
        if rule.drift and name in set(outputs) - fitted
    ]
    if pipeline.private and (pipeline.fit.drift or any(rule.drift for rule in pipeline.checks.values())):
        what = "`private: true` keeps no values to compare with; remove one of them"
        problems.append(Problem(pipeline.place("private"), what, "drift"))
    if problems:
        raise SchemaError.of(problems)
