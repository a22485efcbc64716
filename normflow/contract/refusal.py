"""One readable error for all checks that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.contract.drift import of_drift
from normflow.errors import ContractError, DriftError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from normflow.record import CheckRecord

SHOWN = 20
QUARANTINE = "add `on_fail: quarantine`"
WAYS_OUT: Mapping[str, str] = {
    "contract.nullable": f"{QUARANTINE}, or allow missing values",
    "contract.finite": f"{QUARANTINE}, or drop `finite`",
    "contract.range": f"{QUARANTINE}, or widen the range",
    "contract.isin": f"{QUARANTINE}, or extend the list",
    "contract.regex": f"{QUARANTINE}, or widen the pattern",
    "contract.length": f"{QUARANTINE}, or widen the length",
    "contract.unique": f"{QUARANTINE} to keep the first row of each value, or drop `unique`",
    "table": "mend the source, or relax the check",
    "schema": "mend the rows, or relax the schema",
    "checks": "relax the check, or look into the rows",
    "policy": "mend the rows, or choose another policy",
    "derived": "the rows are unlike those the fit learned from; `--mode refit` learns anew",
    "drift": "look into the source, or learn anew with `--mode refit`",
    "quarantine": "look into the source, or raise `quarantine.max_rows`",
}
CEILING = "mend the source, or raise `max_failed`"


def contract_error(results: Iterable[CheckRecord], places: Mapping[str, str]) -> ContractError | None:
    """The error that says what failed, the largest share of rows first; None when nothing did.

    Each line gives the place in the pipeline file, the check, how many rows fail it, an example where one was
    found, and the way out.
    """
    failed = sorted((one for one in results if one.status == "failed"), key=lambda one: -one.share)
    if not failed:
        return None
    noun = "check" if len(failed) == 1 else "checks"
    lines = [
        f"{len(failed)} {noun} failed, nothing was published",
        *(_line(one, places) for one in failed[:SHOWN]),
    ]
    if len(failed) > SHOWN:
        lines.append(f"… and {len(failed) - SHOWN} more")
    kind = DriftError if all(of_drift(one.section) for one in failed) else ContractError
    return kind("\n  ".join(lines))


def _line(result: CheckRecord, places: Mapping[str, str]) -> str:
    key = result.check if result.section == "quarantine" else f"{result.section}.{result.check}"
    place = places.get(key) or places.get(key.partition("(")[0]) or places.get(key.rpartition(".")[0])
    return f"{f'{place}: ' if place else ''}{key}: {result.message}; {_way_out(result)}"


def _way_out(result: CheckRecord) -> str:
    if result.section != "contract":
        return WAYS_OUT[result.section.partition(":")[0]]
    # Where a ceiling is written or rows are quarantined already, quarantine is no answer.
    kind = result.check.rpartition(".")[2]
    return (
        WAYS_OUT.get(f"contract.{kind}", f"{QUARANTINE}, or drop the check")
        if result.threshold == "0" and "max_failed" not in result.message
        else CEILING
    )
