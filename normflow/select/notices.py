"""Notices: what a person should look at, and what settles nothing.

Codes, sentinels, whole numbers beyond 2^53, quartiles known only to a wide bucket, and values that leave
their declared range, or fill little of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.select.choice import Notice
from normflow.select.wording import number, percent, whole_numbers

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile
    from normflow.select.evidence import Evidence

CODE_ROWS, CODE_FROM, CODE_SHARE = 200, 1e5, 0.98
NARROW = 0.1


def notices(e: Evidence, profile: ColumnProfile, *, bounded: bool = False) -> tuple[Notice, ...]:
    """Warnings that change nothing, in a fixed order; `bounded` says that the range is the goal's."""
    found = [_code_id(e), *_sentinels(profile), _beyond_doubles(e), _coarse(profile)]
    found += [_outside(e), _narrow(e) if bounded else None]
    return tuple(notice for notice in found if notice)


def _code_id(e: Evidence) -> Notice | None:
    if not e.whole or e.n < CODE_ROWS or e.min is None or e.max is None or e.min < CODE_FROM:
        return None
    if not e.are_distinct(CODE_SHARE) or len(f"{e.min:.0f}") != len(f"{e.max:.0f}"):
        return None
    return Notice("code_id", f"{whole_numbers(e)} of one length: looks like a code; exclude it with 'none'")


def _sentinels(profile: ColumnProfile) -> list[Notice]:
    if profile.distinct <= 5:  # noqa: PLR2004 (the rule's number)
        return []
    points = profile.points()
    values, counts = points.values, points.counts
    one_value = points.low == points.high
    ends = (
        (profile.max, int(counts[-1]), one_value[-1], float(values[-2]), float(values[0])),
        (profile.min, int(counts[0]), one_value[0], float(values[1]), float(values[-1])),
    )
    return [
        Notice(
            "sentinel",
            f"{'' if single else 'up to '}{count} rows hold {number(end)}, far off the rest: "
            "if it means 'missing', exclude it by a range",
        )
        for end, count, single, nearest, farthest in ends
        if end is not None
        and _is_all_nines(end)
        and count >= 2  # noqa: PLR2004 (once is an outlier, twice a habit)
        and abs(end - nearest) >= abs(nearest - farthest)
    ]


def _is_all_nines(value: float) -> bool:
    return value == int(value) and set(str(abs(int(value)))) == {"9"}


def _beyond_doubles(e: Evidence) -> Notice | None:
    largest = max(abs(e.min or 0.0), abs(e.max or 0.0))
    if not e.whole or largest <= 2**53:
        return None
    return Notice(
        "beyond_2_53", f"whole numbers up to {number(largest)}: above 2^53 neighbours share one float64"
    )


def _coarse(profile: ColumnProfile) -> Notice | None:
    if not profile.coarse:
        return None
    return Notice(
        "coarse",
        "the quartiles are known only to a bucket wider than 1 % of the IQR: "
        "fit from the rows, which are then read again for them",
    )


def _outside(e: Evidence) -> Notice | None:
    if e.declared is None or e.min is None or e.max is None:
        return None
    lo, hi = e.declared
    if lo <= e.min and e.max <= hi:
        return None
    found, declared = f"{number(e.min)} to {number(e.max)}", f"{number(lo)} to {number(hi)}"
    return Notice(
        "outside_declared",
        f"values from {found} leave the declared range {declared}: widen it, or let the contract stop them",
    )


def _narrow(e: Evidence) -> Notice | None:
    if e.declared is None or e.min is None or e.max is None:
        return None
    lo, hi = (end / 2 for end in e.declared)  # halved, so that the difference stays within float64
    share = (e.max / 2 - e.min / 2) / (hi - lo)
    if share >= NARROW:
        return None
    return Notice(
        "narrow",
        f"values fill {percent(share, 1)} of the declared range {number(2 * lo)} to {number(2 * hi)}, "
        "and so of 0 to 1: declare a narrower range, or name minmax with bounds: fitted",
    )
