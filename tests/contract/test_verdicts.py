"""From counts to verdicts, examples and the one error that says it all."""

from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest

from normflow.contract import (
    Counts,
    compile_checks,
    contract_error,
    examples,
    judge_quarantine,
    judge_rows,
    split,
    with_examples,
)
from normflow.record import CheckRecord
from normflow.spec import ColumnChecks, Limit

if TYPE_CHECKING:
    from normflow.contract import Examples
    from normflow.spec import OnFail, Severity

FAIL = ColumnChecks(range=(0, 1))


@pytest.mark.parametrize(
    ("severity", "on_fail", "limit", "failed", "status"),
    [
        ("error", "fail", None, 0, "passed"),
        ("error", "fail", None, 1, "failed"),
        ("error", "fail", Limit(count=2), 2, "passed"),
        ("error", "fail", Limit(count=2), 3, "failed"),
        ("error", "fail", Limit(share=0.29), 29, "passed"),
        ("error", "fail", Limit(share=0.29), 30, "failed"),
        ("error", "quarantine", None, 100, "quarantined"),
        ("error", "quarantine", None, 0, "passed"),
        ("error", "quarantine", Limit(count=5), 5, "quarantined"),
        ("error", "quarantine", Limit(count=5), 6, "failed"),
        ("warn", "fail", None, 1, "warned"),
        ("warn", "quarantine", None, 1, "quarantined"),
        ("warn", "quarantine", Limit(count=5), 6, "warned"),
    ],
)
def test_a_verdict_follows_severity_policy_and_limit(
    severity: Severity, on_fail: OnFail, limit: Limit | None, failed: int, status: str
) -> None:
    """A failing check may not fail a row unless it is written; a quarantining one may any number."""
    rule = replace(FAIL, severity=severity, on_fail=on_fail, max_failed=limit)
    checks = compile_checks({"x": rule}, "contract", {"x": pl.Float64()})
    (found,) = judge_rows(checks, {"contract.x.range": failed}, 100)
    assert (found.status, found.failed, found.rows, found.share) == (status, failed, 100, failed / 100)
    assert found.severity == severity


def test_the_quarantine_has_a_ceiling_of_its_own() -> None:
    counts = Counts(rows=1000, quarantined=51, failed={})
    assert judge_quarantine(Limit(share=0.05), counts) == CheckRecord(
        check="quarantine.max_rows",
        section="quarantine",
        column="",
        severity="error",
        rows=1000,
        failed=51,
        share=0.051,
        threshold="5%",
        status="failed",
        message="51 of 1,000 rows (5.1%) quarantined, and max_rows is 5%",
    )
    assert judge_quarantine(Limit(), counts).status == "passed"
    assert judge_quarantine(Limit(count=0), Counts(rows=0, quarantined=0, failed={})).status == "passed"


WIND = [3.0, 1048.36, 4.0, math.nan, -1.0, 5.0, None, 251.0]
FRAME = pl.DataFrame(
    {
        "wind_speed": WIND,
        "origin": ["EWR", "LAX", "JFK", None, "EWR", "SFO", "JFK", "x" * 200],
        "id": [1, 2, 1, 3, 2, 1, 4, 5],
        "^day$": [dt.date(2013, 1, 1)] * 2 + [None] + [dt.date(2013, 1, day) for day in range(2, 7)],
    }
)
RULES = {
    "wind_speed": ColumnChecks(range=(0, 250), finite=True),
    "origin": ColumnChecks(isin=("EWR", "JFK", "LGA"), nullable=False),
    "id": ColumnChecks(unique=True),
    "^day$": ColumnChecks(nullable=False, unique=True),
}


def found_in(frame: pl.DataFrame, rules: dict[str, ColumnChecks], limit: int = 5) -> Examples:
    return examples(frame.lazy(), compile_checks(rules, "contract", frame.schema), limit)


def test_examples_are_the_first_failing_rows_of_each_check() -> None:
    found = found_in(FRAME, RULES, limit=3).found
    assert {check: [(one["row"], one["value"]) for one in rows] for check, rows in found.items()} == {
        "contract.wind_speed.range": [(1, 1048.36), (3, "nan"), (4, -1.0)],
        "contract.wind_speed.finite": [(3, "nan")],
        "contract.origin.isin": [(1, "LAX"), (5, "SFO"), (7, "x" * 79 + "…")],
        "contract.origin.nullable": [(3, None)],
        "contract.id.unique": [(2, 1), (4, 2), (5, 1)],
        "contract.^day$.nullable": [(2, None)],
        "contract.^day$.unique": [(1, "2013-01-01")],
    }


def test_the_cases_are_panderas_own_with_rows_of_the_source() -> None:
    cases = found_in(FRAME, {"wind_speed": RULES["wind_speed"], "^day$": RULES["^day$"]}, limit=2).cases
    assert cases.select("column", "check", "failure_case", "index").rows() == [
        ("wind_speed", "finite", "NaN", 3),
        ("wind_speed", "in_range(0.0, 250.0)", "1048.36", 1),
        ("wind_speed", "in_range(0.0, 250.0)", "NaN", 3),
        ("^day$", "not_nullable", None, 2),
        ("^day$", "field_uniqueness", "2013-01-01", 1),
    ]


def test_no_failed_check_needs_no_scan() -> None:
    assert found_in(FRAME, {}).found == {}


@pytest.mark.parametrize(
    ("dtype", "values", "rule"),
    [
        (pl.Decimal(10, 2), [Decimal("0.10"), Decimal("2.50")], ColumnChecks(range=(0, 1))),
        (pl.Int8(), [0, 100], ColumnChecks(range=(-300.5, 50.5))),
        (pl.Int64(), [2**53, 2**53 + 1], ColumnChecks(range=(0, 2.0**53))),
        (pl.Float32(), [0.5, 0.75], ColumnChecks(isin=(0.5, 0.1))),
        (pl.UInt8(), [2, 3], ColumnChecks(isin=(2.0, -5, 1e300))),
        (pl.Enum(["a", "b"]), ["a", "b"], ColumnChecks(isin=("a", "zz"))),
        (pl.Categorical(), ["a", "b"], ColumnChecks(isin=("a", "zz"))),
        (pl.List(pl.Int64()), [[1], None], ColumnChecks(nullable=False)),
        (
            pl.Datetime("us", "UTC"),
            [dt.datetime(2013, 1, 1, tzinfo=dt.UTC), None],
            ColumnChecks(nullable=False),
        ),
        (pl.Boolean(), [True, False], ColumnChecks(isin=(True,))),
        (pl.Null(), [None, None], ColumnChecks(unique=True)),
    ],
    ids=str,
)
def test_every_type_has_its_examples(dtype: pl.DataType, values: list[object], rule: ColumnChecks) -> None:
    """The second row fails, and pandera agrees."""
    frame = pl.DataFrame({"x": pl.Series(values, dtype=dtype, strict=False)})
    (rows,) = found_in(frame, {"x": rule}).found.values()
    assert [one["row"] for one in rows] == [1]


def test_validation_runs_at_full_depth_whatever_the_environment_says() -> None:
    """Where pandera is told to look at schemas only, or not at all, the examples are still confirmed."""
    code = (
        "import polars as pl\n"
        "from normflow.contract import compile_checks, examples\n"
        "from normflow.spec import ColumnChecks\n"
        "frame = pl.DataFrame({'x': [0.5, 3.0]})\n"
        "checks = compile_checks({'x': ColumnChecks(range=(0, 1))}, 'contract', frame.schema)\n"
        "print(examples(frame.lazy(), checks).found['contract.x.range'])"
    )
    environment = {"PANDERA_VALIDATION_DEPTH": "SCHEMA_ONLY", "PANDERA_VALIDATION_ENABLED": "False"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "({'row': 1, 'value': 3.0},)"


def test_judging_does_not_import_pandera() -> None:
    """A run in which nothing fails does not pay for it."""
    code = "import normflow.contract, sys; sys.exit('pandera' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_error_tells_everything_worst_first() -> None:
    """Place, check, count, share, example and way out; warnings and passes are left out."""
    rules = {
        "wind_speed": replace(RULES["wind_speed"], on_fail="quarantine", max_failed=Limit(count=1)),
        "origin": RULES["origin"],
        "id": replace(RULES["id"], severity="warn"),
    }
    checks = compile_checks(rules, "contract", FRAME.schema)
    parts = split(FRAME.lazy(), checks)
    counts = Counts.read(parts.counts.collect().row(0, named=True))
    results = (*judge_rows(checks, counts.failed, counts.rows), judge_quarantine(Limit(share=0.1), counts))
    failed = {f"{one.section}.{one.check}" for one in results if one.status == "failed"}
    results = with_examples(
        results, examples(FRAME.lazy(), [check for check in checks if check.id in failed]).found
    )
    error = contract_error(
        results, {"contract.wind_speed": "w.yaml:8:3", "quarantine.max_rows": "w.yaml:20:5"}
    )
    assert error is not None
    assert error.exit_code == 1
    lines = error.message.splitlines()
    assert lines[0] == "4 checks failed, nothing was published"
    assert lines[1] == (
        "  w.yaml:8:3: contract.wind_speed.range: wind_speed is not in [0, 250] in 4 of 8 rows (50%), "
        "and max_failed is 1; first in row 1: 1048.36; mend the source, or raise `max_failed`"
    )
    assert lines[2] == (
        "  w.yaml:20:5: quarantine.max_rows: 4 of 8 rows (50%) quarantined, and max_rows is 10%; "
        "look into the source, or raise `quarantine.max_rows`"
    )
    assert lines[3] == (
        "  contract.origin.isin: origin is not one of EWR, JFK, LGA in 3 of 8 rows (37.5%); "
        "first in row 1: LAX; add `on_fail: quarantine`, or extend the list"
    )
    assert lines[4] == (
        "  contract.origin.nullable: origin is missing in 1 of 8 rows (12.5%); "
        "first in row 3: null; add `on_fail: quarantine`, or allow missing values"
    )
    assert len(lines) == 5


def test_nothing_failed_is_no_error() -> None:
    checks = compile_checks({"x": FAIL}, "contract", {"x": pl.Float64()})
    assert contract_error(judge_rows(checks, {"contract.x.range": 0}, 10), {}) is None


def test_the_error_stops_after_twenty_checks() -> None:
    rules = {f"c{i}": FAIL for i in range(25)}
    checks = compile_checks(rules, "contract", dict.fromkeys(rules, pl.Float64()))
    error = contract_error(judge_rows(checks, dict.fromkeys((check.id for check in checks), 1), 10), {})
    assert error is not None
    lines = error.message.splitlines()
    assert (lines[0], lines[-1], len(lines)) == (
        "25 checks failed, nothing was published",
        "  … and 5 more",
        22,
    )


def test_a_long_list_is_told_by_its_beginning() -> None:
    rule = ColumnChecks(isin=tuple(range(100)))
    (check,) = compile_checks({"x": rule}, "contract", {"x": pl.Int64()})
    assert check.text == "x is not one of 0, 1, 2, 3, 4, 5, 6, 7, … (100 values)"


def test_every_kind_has_a_way_out_for_every_section() -> None:
    """Declared and derived, rows and columns: no failure leaves the reader alone."""
    rule = ColumnChecks(nullable=False, finite=True, range=(0, 1), isin=(1,), unique=True)
    for section in ("contract", "checks", "derived"):
        checks = compile_checks({"x": rule}, section, {"x": pl.Float64()})
        error = contract_error(judge_rows(checks, dict.fromkeys((check.id for check in checks), 1), 10), {})
        assert error is not None
        assert all("; " in line for line in error.message.splitlines()[1:])
