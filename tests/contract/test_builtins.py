"""pandera's built-in checks, compiled: the same verdict on every row as pandera's own, but for NaN."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandera.polars as pa
import polars as pl
import pytest

from normflow.contract.builtins import BUILTINS, compiled, sentence, type_fault
from normflow.spec.named import ALIASES, arguments_fault
from normflow.spec.named import BUILTINS as ARGUMENTS

NAN, INF = math.nan, math.inf
WORDS = ["a", "ab", "abc", "B", "", "ü€", "a\nb", "aaaa"]
NUMBERS: list[dict[str, Any]] = [
    {"equal_to": {"value": 2}},
    {"not_equal_to": {"value": 2}},
    {"greater_than": {"min_value": 1}},
    {"greater_than_or_equal_to": {"min_value": 2}},
    {"less_than": {"max_value": 2}},
    {"less_than_or_equal_to": {"max_value": 2}},
    {"in_range": {"min_value": 1, "max_value": 3}},
    {"in_range": {"min_value": 1, "max_value": 3, "include_min": False}},
    {"in_range": {"min_value": 1, "max_value": 3, "include_max": False}},
    {"isin": {"allowed_values": [1, 3]}},
    {"notin": {"forbidden_values": [1, 3]}},
]
TEXTS: list[dict[str, Any]] = [
    {"equal_to": {"value": "ab"}},
    {"not_equal_to": {"value": "ab"}},
    {"greater_than": {"min_value": "ab"}},
    {"in_range": {"min_value": "a", "max_value": "b"}},
    {"isin": {"allowed_values": ["a", "ü€"]}},
    {"notin": {"forbidden_values": ["a", ""]}},
    {"str_matches": {"pattern": "a+b?"}},
    {"str_contains": {"pattern": "b$"}},
    {"str_startswith": {"string": "a"}},
    {"str_endswith": {"string": "b"}},
    {"str_length": {"min_value": 2}},
    {"str_length": {"max_value": 2}},
    {"str_length": {"min_value": 1, "max_value": 3}},
    {"str_length": {"exact_value": 2}},
]
KINDS: dict[str, pl.DataType] = {
    "floats": pl.Float64(),
    "narrow": pl.Float32(),
    "integers": pl.Int16(),
    "naturals": pl.UInt8(),
}


def by_pandera(check: dict[str, Any], column: pl.Series) -> list[bool]:
    """What pandera says of each row."""
    ((name, arguments),) = check.items()
    if column.dtype.is_float():  # Polars compares lists with floats only if they are floats
        arguments = {
            key: [float(one) for one in value] if isinstance(value, list) else value
            for key, value in arguments.items()
        }
    result = getattr(pa.Check, name)(**arguments)(pl.LazyFrame({"x": column}), "x")
    return list(result.check_output.collect().to_series().fill_null(value=True))


def by_expression(check: dict[str, Any], column: pl.Series) -> list[bool]:
    """The verdict of the compiled check."""
    ((name, arguments),) = check.items()
    found = compiled(name, arguments, pl.col("x"), column.dtype)
    assert found is not None
    return pl.DataFrame({"x": column}).select(found).to_series().to_list()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("check", NUMBERS, ids=str)
def test_a_number_passes_as_it_does_in_pandera(check: dict[str, Any], kind: str) -> None:
    """Random numbers, infinities and nulls among them."""
    draw = np.random.default_rng(7)
    values: list[float | None] = [float(one) for one in draw.integers(0, 5, 200)]
    values[::9] = [None] * len(values[::9])
    if kind in ("floats", "narrow"):
        values += [INF, -INF, -0.0, 1.5]
    column = pl.Series("x", values, dtype=pl.Float64).cast(KINDS[kind])
    assert by_expression(check, column) == by_pandera(check, column)


@pytest.mark.parametrize("dtype", [pl.String(), pl.Categorical()], ids=str)
@pytest.mark.parametrize("check", TEXTS, ids=str)
def test_a_text_passes_as_it_does_in_pandera(check: dict[str, Any], dtype: pl.DataType) -> None:
    draw = np.random.default_rng(8)
    values = [WORDS[i] if i < len(WORDS) else None for i in draw.integers(0, len(WORDS) + 1, 300)]
    column = pl.Series("x", values, dtype=pl.String)
    assert by_expression(check, column.cast(dtype)) == by_pandera(check, column)


def test_every_check_is_among_those_that_were_compared() -> None:
    assert {name for check in (*NUMBERS, *TEXTS) for name in check} == set(BUILTINS) == set(ARGUMENTS)


@pytest.mark.parametrize("check", NUMBERS, ids=str)
def test_nan_passes_only_what_excludes_values(check: dict[str, Any]) -> None:
    """For pandera NaN is the largest number, and passes `greater_than`; here it does not."""
    ((name, _),) = check.items()
    column = pl.Series("x", [NAN])
    assert by_expression(check, column) == [name in ("not_equal_to", "notin")]
    stricter = name in ("greater_than", "greater_than_or_equal_to")
    assert (by_expression(check, column) != by_pandera(check, column)) == stricter


def test_listed_nan_passes() -> None:
    assert by_expression({"isin": {"allowed_values": [1.0, NAN]}}, pl.Series("x", [NAN, 1.0, 2.0])) == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("alias", ALIASES)
def test_an_alias_is_the_check(alias: str) -> None:
    column = pl.Series("x", [1.0, 2.0, 3.0, None])
    arguments = next(one[ALIASES[alias]] for one in NUMBERS if ALIASES[alias] in one)
    assert by_expression({alias: arguments}, column) == by_pandera({alias: arguments}, column)


def test_a_list_is_in_the_columns_type() -> None:
    """An integer column holds 2.0, and never 2.5."""
    found = by_expression({"isin": {"allowed_values": [2.0, 2.5]}}, pl.Series("x", [2, 3], dtype=pl.Int8))
    assert found == [True, False]


@pytest.mark.parametrize(
    ("name", "arguments", "dtype", "what"),
    [
        ("str_matches", {"pattern": "a"}, pl.Int64(), "str_matches needs text, and the column is Int64"),
        (
            "greater_than",
            {"min_value": 1},
            pl.List(pl.Int64),
            "greater_than needs values in an order, and the column is List(Int64)",
        ),
        ("equal_to", {"value": "a"}, pl.Int64(), "equal_to compares with text, and the column is Int64"),
        (
            "isin",
            {"allowed_values": [1]},
            pl.String(),
            "isin compares with numbers, and the column is String",
        ),
        ("str_length", {"min_value": 1}, pl.String(), ""),
    ],
)
def test_a_check_says_which_columns_it_cannot_judge(
    name: str, arguments: dict[str, Any], dtype: pl.DataType, what: str
) -> None:
    assert type_fault(name, arguments, dtype) == what


@pytest.mark.parametrize(
    ("name", "arguments", "what"),
    [
        ("gt", {}, "gt lacks min_value; write {gt: {min_value: …}}"),
        ("gt", {"min_valu": 1}, "gt has no argument 'min_valu'; did you mean 'min_value'?"),
        ("str_length", {}, "str_length needs exact_value or min_value or max_value"),
        ("isin", {"allowed_values": 1}, "isin takes a list of values"),
        ("isin", {"allowed_values": [1]}, ""),
    ],
)
def test_arguments_are_those_of_pandera(name: str, arguments: dict[str, Any], what: str) -> None:
    assert arguments_fault(name, arguments) == what


def test_a_failing_row_is_told_with_the_arguments() -> None:
    assert sentence("gt", {"min_value": 3}) == "is not above 3"
    assert sentence("isin", {"allowed_values": ["a", "b"]}) == "is not one of a, b"
