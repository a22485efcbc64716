"""Verdicts on how far values have moved from those that taught the fit: of a column, and of its groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from normflow.contract.judge import column_verdict
from normflow.fits import FEW_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from normflow.fits import Drift, GroupDrift
    from normflow.record import CheckRecord
    from normflow.spec import DriftSpec

SECTION = "drift"
STATUSES = ("passed", "warned", "failed")
NAMED = 3


def of_drift(section: str) -> bool:
    """Whether a verdict of this section is on drift from the fit, of a column or of its groups."""
    return section.partition(":")[0] == SECTION


def judge_drift(column: str, drift: Drift, limits: DriftSpec, *, section: str, severity: str) -> CheckRecord:
    """The verdict on how far a column's values are from those that taught the fit.

    Above `fail` it fails where severity is error; above any other limit, or on few rows, it warns.
    """
    passed = [f"{key} is {limit:g}" for key, limit in limits.given.items() if drift.psi > limit]
    failed = limits.fail is not None and drift.psi > limits.fail and severity == "error" and not drift.few
    told = f"{column} has PSI {drift.psi:.3g} against what taught the fit{_beside(drift)}"
    reason = f", and {passed[-1]}" if passed else ""
    return column_verdict(
        check=column if section == SECTION else f"{column}.drift",
        section=section,
        column=column,
        severity=severity if limits.fail is not None else "warn",
        threshold=str(limits),
        passed=not passed,
        message=f"{told}{reason}{_few(drift) if passed else ''}",
        value=drift.psi,
        rows=drift.rows,
        warns=not failed,
    )


def group_statuses(drift: GroupDrift, limits: DriftSpec) -> NDArray[np.int64]:
    """What the limits make of each group, as places in `STATUSES`: few rows only warn."""
    failed = drift.above(limits.fail) & ~drift.few
    found: NDArray[np.int64] = drift.above(limits.lowest).astype(np.int64) + failed
    return found


def judge_group_drift(
    column: str, by: Sequence[str], drift: GroupDrift, limits: DriftSpec, named: Callable[[int], str]
) -> CheckRecord:
    """The verdict on how far a column's groups are from what taught each; `named` says which they are.

    It is that of the group which is worst off, and its value is the largest index of a group of rows enough.
    """
    statuses = group_statuses(drift, limits)
    worst = int(statuses.max(initial=0))
    moved = np.flatnonzero(statuses == worst)[np.argsort(-drift.psi[statuses == worst], kind="stable")]
    sound = (drift.rows > 0) & ~drift.few
    beyond = statuses > 0
    return column_verdict(
        check=column,
        section=f"{SECTION}:{','.join(by)}",
        column=column,
        severity="error" if limits.fail is not None else "warn",
        threshold=str(limits),
        passed=worst == 0,
        message=_told(column, drift, limits, moved.tolist() if worst else [], beyond, named),
        value=float(drift.psi[sound].max()) if sound.any() else None,
        rows=int(drift.rows.sum()),
        failed=int(drift.rows[beyond].sum()) if worst else None,
        warns=worst < STATUSES.index("failed"),
    )


def _told(
    column: str,
    drift: GroupDrift,
    limits: DriftSpec,
    moved: list[int],
    beyond: NDArray[np.bool_],
    named: Callable[[int], str],
) -> str:
    came = int((drift.rows > 0).sum())
    if not moved:
        return f"none of {came:,} groups of {column} has moved from what taught it"
    first = drift.group(moved[0])
    limit = [f"{key} is {limit:g}" for key, limit in limits.given.items() if first.psi > limit][-1]
    listed = [f"{named(place)} has PSI {drift.psi[place]:.3g}" for place in moved[:NAMED]]
    listed[0] += _beside(first)
    more = ", …" if int(beyond.sum()) > len(listed) else ""
    told = f"{int(beyond.sum()):,} of {came:,} groups of {column} moved from what taught them"
    return f"{told}: {', '.join(listed)}{more}, and {limit}{_few(first)}"


def _few(drift: Drift) -> str:
    if not drift.few:
        return ""
    return ", but they are few rows" if drift.rows < FEW_ROWS else ", but few rows taught the fit"


def _beside(drift: Drift) -> str:
    """What moved, in parentheses: the numbers that are not 0."""
    parts = [f"KS {drift.ks:.3g}"]
    if drift.outside:
        parts.append(f"{drift.outside:.3g} outside the fitted range")
    if drift.missing:
        parts.append(f"missing {drift.missing:+.3g}")
    if drift.shift:
        parts.append(f"quantiles moved by {drift.shift:.3g} IQR")
    return f" ({', '.join(parts)})"
