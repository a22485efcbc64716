"""Compiled checks against two references: the definition in plain Python, and pandera row by row."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.config import ValidationDepth, config_context
from pandera.errors import SchemaErrors

from normflow.contract import compile_checks
from normflow.contract.schemas import input_schema, report
from normflow.spec import ColumnChecks
from tests.columns import ZOO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from normflow.contract import RowCheck

NAN, INF = math.nan, math.inf
Value = float | int | str | bool | None


def passes(values: Sequence[Value], rule: ColumnChecks, dtype: pl.DataType) -> dict[str, list[bool]]:
    """The verdict of each compiled check on each row, by kind."""
    frame = pl.DataFrame({"x": pl.Series(values, dtype=dtype)})
    checks = compile_checks({"x": rule}, "contract", frame.schema)
    return {check.kind: frame.select(check.ok)["x"].to_list() for check in checks}


def is_nan(value: Value) -> bool:
    return isinstance(value, float) and math.isnan(value)


@pytest.mark.parametrize("name", ZOO)
def test_verdicts_on_the_zoo_follow_the_definition(name: str) -> None:
    """Null passes all but nullable and unique; NaN fails range and finite, and counts as missing."""
    values = ZOO[name]
    lo, hi = -1.5, 7.0
    rule = ColumnChecks(nullable=False, finite=True, range=(lo, hi), isin=(1.0, 7.5, 0.0), unique=True)
    found = passes(values, rule, pl.Float64())
    assert found["nullable"] == [v is not None and not is_nan(v) for v in values]
    assert found["finite"] == [v is None or math.isfinite(v) for v in values]
    assert found["range"] == [v is None or lo <= v <= hi for v in values]
    assert found["isin"] == [v is None or v in {1.0, 7.5, 0.0} for v in values]
    seen: set[object] = set()
    first = []
    for v in values:
        key = "nan" if is_nan(v) else v
        first.append(key not in seen)
        seen.add(key)
    assert found["unique"] == first


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        ((0, None), [True, True, False, True, False, False, True]),
        ((None, 1), [True, True, True, False, True, False, True]),
        ((None, None), [True, True, True, True, True, False, True]),
        ((0, 0), [True, False, False, False, False, False, True]),
    ],
)
def test_an_open_end_admits_infinity_but_never_nan(
    interval: tuple[float | None, float | None], expected: list[bool]
) -> None:
    values = [0.0, 1.0, -2.0, INF, -INF, NAN, None]
    assert passes(values, ColumnChecks(range=interval), pl.Float64())["range"] == expected


INTEGERS: list[pl.DataType] = [pl.Int8(), pl.Int16(), pl.Int32(), pl.Int64(), pl.Int128()]
NATURALS: list[pl.DataType] = [pl.UInt8(), pl.UInt16(), pl.UInt32(), pl.UInt64(), pl.UInt128()]


@pytest.mark.parametrize("dtype", INTEGERS + NATURALS, ids=str)
@pytest.mark.parametrize(
    "interval",
    [(0.5, 2.5), (0.2, 0.8), (-1e300, 1e300), (1e300, None), (None, -1e300), (-INF, INF), (2, 250), (-3, 1)],
)
def test_integers_are_compared_exactly_whatever_the_bounds(
    dtype: pl.DataType, interval: tuple[float, float]
) -> None:
    """Bounds with fractions, beyond the type or infinite neither wrap nor round."""
    bits = int(str(dtype).strip("UInt"))
    ends = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] if dtype in INTEGERS else [0, 2**bits - 1]
    values = [*ends, 0, 1, 2, 3, None]
    lo, hi = (-INF if interval[0] is None else interval[0]), (INF if interval[1] is None else interval[1])
    expected = [v is None or lo <= v <= hi for v in values]
    assert passes(values, ColumnChecks(range=interval), dtype)["range"] == expected


def test_integers_beyond_2_to_the_53_keep_their_last_digit() -> None:
    values = [2**53, 2**53 + 1, None]
    assert passes(values, ColumnChecks(range=(0, 2.0**53)), pl.Int64())["range"] == [True, False, True]
    assert passes(values, ColumnChecks(isin=(2.0**53,)), pl.Int64())["isin"] == [True, False, True]


@pytest.mark.parametrize(
    ("dtype", "kind"), [(pl.Float16(), np.float16), (pl.Float32(), np.float32)], ids=["Float16", "Float32"]
)
def test_a_bound_is_met_by_the_number_as_a_narrow_float_stores_it(
    dtype: pl.DataType, kind: type[np.floating]
) -> None:
    """0.1 stored in 16 or 32 bits lies in [0, 0.1], the next number does not; infinity exceeds 1e300."""
    tenth = kind(0.1)
    values = [float(tenth), float(np.nextafter(tenth, kind(1))), INF, -INF, NAN, float(np.finfo(kind).max)]
    assert passes(values, ColumnChecks(range=(0, 0.1)), dtype)["range"] == [True] + [False] * 5
    wide = passes(values, ColumnChecks(range=(-1e300, 1e300)), dtype)["range"]
    assert wide == [True, True, False, False, False, True]
    assert passes(values, ColumnChecks(isin=(0.1,)), dtype)["isin"] == [True] + [False] * 5


def test_a_list_holds_only_what_the_type_can_hold() -> None:
    """2.0 is the integer 2; 2.5, 300 and infinity are no Int8."""
    rule = ColumnChecks(isin=(2.0, 2.5, 300, INF))
    assert passes([2, 3, None], rule, pl.Int8())["isin"] == [True, False, True]


def test_an_empty_list_admits_only_null() -> None:
    assert passes([1.0, None], ColumnChecks(isin=()), pl.Float64())["isin"] == [False, True]


def test_nan_passes_a_list_only_where_it_is_listed() -> None:
    assert passes([NAN, 1.0], ColumnChecks(isin=(NAN,)), pl.Float64())["isin"] == [True, False]


@pytest.mark.parametrize("dtype", [pl.String(), pl.Categorical(), pl.Enum(["a", "b", "c"])], ids=str)
def test_text_of_every_kind_is_compared_as_text(dtype: pl.DataType) -> None:
    rule = ColumnChecks(isin=("a", "b", "not a category"), nullable=False, unique=True)
    found = passes(["a", "c", None, "a"], rule, dtype)
    assert found == {
        "nullable": [True, True, False, True],
        "isin": [True, False, True, True],
        "unique": [True, True, True, False],
    }


def test_booleans_are_listed_and_counted() -> None:
    assert passes([True, False, None], ColumnChecks(isin=(True,)), pl.Boolean())["isin"] == [
        True,
        False,
        True,
    ]


def test_decimals_are_compared_as_numbers() -> None:
    rule = ColumnChecks(range=(0, 0.1), finite=True, isin=(0.1,))
    frame = pl.DataFrame({"x": pl.Series(["0.10", "0.11", None]).cast(pl.Decimal(10, 2))})
    checks = compile_checks({"x": rule}, "contract", frame.schema)
    verdicts = {check.kind: frame.select(check.ok)["x"].to_list() for check in checks}
    assert verdicts == {"finite": [True] * 3, "range": [True, False, True], "isin": [True, False, True]}


def test_a_column_of_nothing_but_nulls_passes_all_but_nullable_and_unique() -> None:
    rule = ColumnChecks(nullable=False, finite=True, range=(0, 1), isin=("a",), unique=True)
    assert passes([None, None], rule, pl.Null()) == {
        "nullable": [False, False],
        "finite": [True, True],
        "range": [True, True],
        "isin": [True, True],
        "unique": [True, False],
    }


def compiled_failures(frame: pl.DataFrame, check: RowCheck) -> set[int]:
    return set(frame.with_row_index("row").filter(~check.ok)["row"])


def pandera_failures(frame: pl.DataFrame, rule: ColumnChecks) -> set[int]:
    with config_context(validation_enabled=True, validation_depth=ValidationDepth.SCHEMA_AND_DATA):
        try:
            input_schema({"x": rule}, frame.schema).validate(frame, lazy=True)
        except SchemaErrors as errors:
            return set(errors.failure_cases["index"])
    return set()


floats = st.one_of(st.floats(width=32), st.sampled_from([0.0, -0.0, 0.5, 1.0, 2.0, NAN, INF, -INF]))
whole = st.integers(-100, 100)
words = st.sampled_from(["a", "b", "c", "A", "", " a", "ä"])
columns = st.one_of(
    st.tuples(st.sampled_from([pl.Float64(), pl.Float32()]), st.lists(floats | st.none(), max_size=20)),
    st.tuples(st.sampled_from([pl.Int8(), pl.Int64()]), st.lists(whole | st.none(), max_size=20)),
    st.tuples(st.just(pl.UInt16()), st.lists(st.integers(0, 100) | st.none(), max_size=20)),
    st.tuples(st.just(pl.String()), st.lists(words | st.none(), max_size=20)),
    st.tuples(st.just(pl.Boolean()), st.lists(st.booleans() | st.none(), max_size=20)),
)


@st.composite
def judged_columns(draw: st.DrawFn) -> tuple[pl.DataFrame, ColumnChecks]:
    """A random column with one check of one kind that its type can take."""
    dtype, values = draw(columns)
    frame = pl.DataFrame({"x": pl.Series(values, dtype=dtype)})
    numbers = whole | st.sampled_from([0.5, 1.0, 2.0])
    listed = words if dtype == pl.String else st.booleans() if dtype == pl.Boolean else numbers
    kinds = ["nullable", "unique", "isin"]
    kind = draw(st.sampled_from([*kinds, "range", "finite"] if dtype.is_numeric() else kinds))
    if kind == "range":
        lo, hi = sorted(draw(st.tuples(whole, st.floats(-100, 100, width=32))))
        interval = draw(st.sampled_from([(lo, hi), (lo, None), (None, hi)]))
        return frame, ColumnChecks(range=interval)
    if kind == "isin":
        return frame, ColumnChecks(isin=tuple(draw(st.lists(listed, max_size=4))))
    if kind == "finite":
        return frame, ColumnChecks(finite=True)
    return frame, ColumnChecks(nullable=False) if kind == "nullable" else ColumnChecks(unique=True)


@settings(max_examples=250, deadline=None)
@given(judged_columns())
def test_compiled_verdicts_are_those_of_pandera_row_by_row(case: tuple[pl.DataFrame, ColumnChecks]) -> None:
    """Nullable, range, isin, finite: the same rows. Unique: those pandera names, without each first one."""
    frame, rule = case
    (check,) = compile_checks({"x": rule}, "contract", frame.schema)
    expected = pandera_failures(frame, rule)
    if check.kind == "unique":
        expected -= set(frame.with_row_index("row").unique("x", keep="first")["row"])
    assert compiled_failures(frame, check) == expected


@settings(max_examples=60, deadline=None)
@given(judged_columns())
def test_pandera_confirms_every_row_of_a_sample_of_failures(case: tuple[pl.DataFrame, ColumnChecks]) -> None:
    frame, rule = case
    (check,) = compile_checks({"x": rule}, "contract", frame.schema)
    sample = frame.with_row_index("row").filter(~check.ok).select("row", value="x")
    assert set(report(check, sample)["index"]) == set(sample["row"])
