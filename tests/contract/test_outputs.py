"""What may leave: bounds from the fit, nulls unchanged, mean and std as predicted, declared checks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors, SchemaWarning

from normflow.contract import (
    DerivedColumn,
    RunningStatistics,
    Statistics,
    expected_nulls,
    gate,
    judge_outputs,
    output_checks,
)
from normflow.contract.outputs import widened
from normflow.contract.schemas import output_schema
from normflow.errors import SchemaError
from normflow.spec import ColumnChecks, Limit
from tests.columns import ZOO

if TYPE_CHECKING:
    from normflow.contract.outputs import OutputChecks
    from normflow.record import CheckRecord

NAN, INF = math.nan, math.inf


def statistics(frame: pl.DataFrame, checks: OutputChecks, rows: int = 3) -> Statistics:
    """The statistics of a frame that comes in batches of so many rows."""
    running = RunningStatistics(checks)
    for batch in (frame.clear(), *frame.iter_slices(rows)):
        running.add(batch.select(running.exprs).row(0, named=True))
    return running.settled()


def verdicts(
    source: pl.DataFrame, output: pl.DataFrame, checks: dict[str, ColumnChecks], derived: list[DerivedColumn]
) -> dict[str, CheckRecord]:
    """All verdicts on an output by `section.check`, counted in one run."""
    judged = output_checks(checks, derived, output.schema)
    nulls = source.select(expected_nulls(judged))
    results = judge_outputs(
        judged, statistics(output, judged), nulls.row(0, named=True) if nulls.width else {}
    )
    return {f"{one.section}.{one.check}": one for one in results}


SOURCE = pl.DataFrame({"x": [0.0, 5.0, 10.0, None, NAN]})
MISSING = pl.col("x").is_null() | pl.col("x").is_nan()
OUTPUT = pl.DataFrame({"x": [0.0, 0.5, 1.0, None, None]})
PROMISE = DerivedColumn(name="x", lo=0.0, hi=1.0, missing=MISSING, mean=0.5, std=math.sqrt(1 / 6))


def test_an_output_as_the_fit_promises_passes_every_derived_check() -> None:
    found = verdicts(SOURCE, OUTPUT, {}, [PROMISE])
    assert {key: one.status for key, one in found.items()} == dict.fromkeys(
        ["derived.x.finite", "derived.x.range", "derived.x.mean", "derived.x.std", "derived.x.nulls"],
        "passed",
    )
    assert {one.failed for one in found.values()} == {0}


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        ([0.0, 0.5, 1.001, None, None], {"range", "mean", "std"}),
        ([0.0, 0.5, 1.0, None, 0.5], {"nulls", "std"}),
        ([0.0, 0.5, 1.0, None, NAN], {"nulls", "finite", "range", "mean", "std"}),
        ([0.0, 0.5, INF, None, None], {"finite", "range", "mean", "std"}),
        ([None] * 5, {"nulls", "mean", "std"}),
    ],
)
def test_each_broken_promise_is_noticed(values: list[float | None], broken: set[str]) -> None:
    found = verdicts(SOURCE, pl.DataFrame({"x": pl.Series(values, dtype=pl.Float64)}), {}, [PROMISE])
    assert {one.check.removeprefix("x.") for one in found.values() if one.status == "failed"} == broken


def test_four_units_in_the_last_place_are_forgiven_and_five_are_not() -> None:
    steps = [1.0]
    for _ in range(5):
        steps.append(math.nextafter(steps[-1], INF))
    promise = DerivedColumn(name="x", lo=0.0, hi=1.0)
    frame = pl.DataFrame({"x": steps})
    assert verdicts(frame, frame, {}, [promise])["derived.x.range"].failed == 1
    assert widened(-INF, INF) == (-INF, INF)
    assert widened(0.0, 1.0) == (-4 * 5e-324, steps[4])


def test_a_promise_without_bounds_has_no_range_check() -> None:
    found = verdicts(OUTPUT, OUTPUT, {}, [DerivedColumn(name="x", finite=False)])
    assert found == {}


def test_the_tolerance_grows_with_the_column() -> None:
    """Mean and std of values around 1e9 need not agree to 1e-6 absolutely, but to 1e-6 of the mean."""
    frame = pl.DataFrame({"x": [1e9 - 1, 1e9 + 1]})
    near = DerivedColumn(name="x", mean=1e9 + 500, std=1.0, finite=False)
    far = DerivedColumn(name="x", mean=1e9 + 2000, std=1.0, finite=False)
    assert verdicts(frame, frame, {}, [near])["derived.x.mean"].status == "passed"
    result = verdicts(frame, frame, {}, [far])["derived.x.mean"]
    assert (result.status, result.value) == ("failed", 1e9)


def test_a_moment_may_lie_as_far_off_as_its_buckets_are_wide() -> None:
    """An inexact histogram's own error bound is granted on top; without a bound nothing is promised."""
    frame = pl.DataFrame({"x": [0.0, 1.0]})
    column = DerivedColumn(name="x", mean=0.6, std=0.5, mean_error=0.11, std_error=0.0)
    assert verdicts(frame, frame, {}, [column])["derived.x.mean"].status == "passed"
    close = DerivedColumn(name="x", mean=0.6, std=0.5, mean_error=0.09, std_error=0.0)
    assert verdicts(frame, frame, {}, [close])["derived.x.mean"].status == "failed"
    unknown = DerivedColumn(name="x", mean=0.6, std=0.5, mean_error=INF, std_error=INF)
    assert not {"derived.x.mean", "derived.x.std"} & verdicts(frame, frame, {}, [unknown]).keys()


def test_values_outside_the_domain_are_told_and_do_not_fail() -> None:
    """A partial transform makes null of what it has no result for: a warning with the count."""
    source = pl.DataFrame({"x": [1.0, -1.0, None]})
    output = pl.DataFrame({"x": [0.0, None, None]})
    column = DerivedColumn(name="x", missing=pl.col("x").is_null(), total=False)
    found = verdicts(source, output, {}, [column])["derived.x.nulls"]
    assert (found.status, found.failed) == ("warned", 1)
    assert found.message == "x has 2 nulls, 1 of them from values outside the transform's domain"
    whole = DerivedColumn(name="x", missing=pl.col("x").is_null())
    assert verdicts(source, output, {}, [whole])["derived.x.nulls"].status == "failed"


def test_declared_checks_say_what_they_found() -> None:
    """Sentence, threshold, value, rows and share of each kind of verdict."""
    output = pl.DataFrame(
        {"x": [0.25, 0.75, 2.0, None], "y": [1.0, 1.0, 1.0, 1.0], "z": [1.0, 2.0, 2.0, 3.0]}
    )
    checks = {
        "x": ColumnChecks(mean=(-0.1, 0.1), std=(0.5, None), range=(0, 1), nullable=False, severity="warn"),
        "y": ColumnChecks(std=(0.9, 1.1), finite=True),
        "z": ColumnChecks(unique=True, range=(None, 2), max_failed=Limit(share=0.25)),
    }
    found = verdicts(output, output, checks, [])
    told = {key: (one.status, one.failed, one.threshold, one.message) for key, one in found.items()}
    assert told == {
        "checks.x.nullable": ("warned", 1, "0", "x is missing in 1 of 4 rows (25%)"),
        "checks.x.range": ("warned", 1, "0", "x is not in [0, 1] in 1 of 4 rows (25%)"),
        "checks.y.finite": ("passed", 0, "0", "every row passes"),
        "checks.z.range": ("passed", 1, "25%", "z is not at most 2 in 1 of 4 rows (25%), which is allowed"),
        "checks.z.unique": (
            "passed",
            1,
            "25%",
            "z repeats the value of an earlier row in 1 of 4 rows (25%), which is allowed",
        ),
        "checks.x.mean": ("warned", 4, "[-0.1, 0.1]", "the mean of x is 1, not in [-0.1, 0.1]"),
        "checks.x.std": ("passed", 0, "[0.5, ∞]", "the std of x is 0.73598"),
        "checks.y.std": ("failed", 4, "[0.9, 1.1]", "the std of y is 0, not in [0.9, 1.1]"),
    }
    assert found["checks.x.mean"].value == 1.0
    assert found["checks.x.range"].share == 0.25


def test_mean_and_std_of_nothing_are_undefined_and_fail() -> None:
    output = pl.DataFrame({"x": pl.Series([None, None], dtype=pl.Float64)})
    found = verdicts(output, output, {"x": ColumnChecks(mean=(0, 1))}, [])["checks.x.mean"]
    assert (found.status, found.value, found.message) == (
        "failed",
        None,
        "the mean of x is undefined, not in [0, 1]",
    )


@pytest.mark.parametrize("rows", [1, 3, 1000])
@pytest.mark.parametrize("name", ZOO)
def test_statistics_are_those_of_numpy(name: str, rows: int) -> None:
    """Counts exactly, mean and std to rounding, none where they are not finite; in batches of any size."""
    values = ZOO[name]
    frame = pl.DataFrame({name: pl.Series(values, dtype=pl.Float64)})
    found = statistics(frame, output_checks({name: ColumnChecks()}, [], frame.schema), rows)
    column = found.columns[name]
    present = np.array([v for v in values if v is not None], dtype=np.float64)
    assert (found.rows, column.nulls, column.nans) == (
        len(values),
        len(values) - len(present),
        np.isnan(present).sum(),
    )
    numbers = present[~np.isnan(present)]
    for part, mine in (("min", column.min), ("max", column.max)):
        expected = getattr(np, part)(numbers) if len(numbers) else None
        assert mine == (expected if expected is not None and np.isfinite(expected) else None)
    with np.errstate(all="ignore"):
        mean, std = (present.mean(), present.std()) if len(present) else (NAN, NAN)
    for mine, expected in ((column.mean, mean), (column.std, std)):
        if np.isfinite(expected):
            assert mine == pytest.approx(expected, rel=1e-9, abs=1e-12 * float(np.abs(numbers).max()))
        elif len(present) == 0 or np.isnan(present).any():
            assert mine is None


def test_columns_that_are_no_numbers_have_their_nulls_counted() -> None:
    frame = pl.DataFrame({"s": ["a", None], "*": [1, 2]})
    checks = output_checks({"s": ColumnChecks(nullable=False), "*": ColumnChecks()}, [], frame.schema)
    found = statistics(frame, checks)
    assert found.columns["s"].nulls == 1
    assert (found.columns["*"].max, found.failed) == (2.0, {"checks.s.nullable": 1})


def test_an_output_check_on_a_missing_column_fails_before_a_row_is_read() -> None:
    with pytest.raises(
        SchemaError, match=r"checks\.tmp: no such column in the output; did you mean 'temp'\?"
    ):
        gate({"temp": pl.Float64()}, {"tmp": ColumnChecks(mean=(0, 1))}, {}, section="checks")


def test_pandera_judges_an_output_as_the_compiled_checks_do() -> None:
    """The derived and the declared contract as one pandera schema; null counts are beyond it."""
    checks = {"x": ColumnChecks(mean=(-0.1, 0.1), std=(0.5, None), dtype="float", isin=(0.25, 2.0))}
    derived = [
        DerivedColumn(name="x", lo=0.0, hi=1.0),
        DerivedColumn(name="y", finite=True, mean=1.0, std=0.0),
    ]
    output = pl.DataFrame({"x": [0.25, 2.0, None], "y": [1.0, INF, 1.0]})
    found = verdicts(output, output, checks, derived)
    failed = {(one.column, one.check.partition(".")[2]) for one in found.values() if one.status == "failed"}
    with (
        config_context(validation_depth=ValidationDepth.SCHEMA_AND_DATA),
        pytest.raises(SchemaErrors) as caught,
    ):
        output_schema(checks, derived, output.schema).validate(output, lazy=True)
    cases = caught.value.failure_cases.select(
        "column", pl.col("check").str.extract(r"^(in_range|\w+)")
    ).rows()
    renamed = {(column, {"in_range": "range"}.get(check, check)) for column, check in cases}
    assert renamed == failed == {("x", "mean"), ("x", "range"), ("y", "finite"), ("y", "mean"), ("y", "std")}


def test_a_warning_in_the_pipeline_is_a_warning_in_pandera() -> None:
    rule = ColumnChecks(nullable=False, unique=True, range=(0, 1), severity="warn")
    frame = pl.DataFrame({"x": [NAN, 0.5, 0.5, None]})
    schema = output_schema({"x": rule}, [])
    with pytest.warns(SchemaWarning) as caught:
        assert schema.validate(frame).equals(frame, null_equal=True)
    told = [str(one.message) for one in caught]
    assert [
        check in text for check, text in zip(("in_range", "not_nullable", "unique"), told, strict=True)
    ] == [True] * 3


@pytest.mark.parametrize("name", ["*", "^x$"])
def test_pandera_cannot_have_a_column_it_reads_as_a_pattern(name: str) -> None:
    with pytest.raises(SchemaError) as caught:
        output_schema({name: ColumnChecks()}, [])
    assert caught.value.message == (
        f"pandera reads the column name '{name}' as a pattern; "
        "rename the column to have the contract as a pandera schema"
    )
