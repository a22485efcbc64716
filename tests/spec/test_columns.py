"""Which key speaks for which column: exact, else the most literal pattern, else `*`."""

from __future__ import annotations

from fnmatch import fnmatchcase

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normflow.errors import SchemaError
from normflow.spec import ColumnChecks, MethodSpec, column_keys, resolve_checks, resolve_columns

SCHEMA: dict[str, pl.DataType] = {
    "origin": pl.String(),
    "temp": pl.Float64(),
    "humid": pl.Int32(),
    "wind_speed": pl.Float32(),
    "wind_dir": pl.UInt16(),
    "price": pl.Decimal(10, 2),
    "wet": pl.Boolean(),
    "day": pl.Date(),
    "tags": pl.List(pl.Int64()),
}
NUMBERS = ["temp", "humid", "wind_speed", "wind_dir", "price"]


def methods(**lines: str) -> dict[str, MethodSpec]:
    return {key: MethodSpec(method=method) for key, method in lines.items()}


def keys(*lines: str, schema: dict[str, pl.DataType] | None = None) -> dict[str, str]:
    """The key of each column, for a section with these keys."""
    return column_keys(schema or SCHEMA, dict.fromkeys(lines), section="normalize")


def problems(*lines: str, schema: dict[str, pl.DataType] | None = None) -> list[str]:
    with pytest.raises(SchemaError) as caught:
        keys(*lines, schema=schema)
    return str(caught.value).splitlines()


def test_the_star_reaches_every_number_and_nothing_else() -> None:
    """Integers, floats and decimals, in the order of the schema."""
    assert keys("*") == dict.fromkeys(NUMBERS, "*")


def test_an_exact_name_goes_before_a_pattern_and_a_pattern_before_the_star() -> None:
    """Wherever the lines stand."""
    expected = {"temp": "*", "humid": "*", "wind_speed": "wind_*", "wind_dir": "wind_dir", "price": "*"}
    assert keys("*", "wind_*", "wind_dir") == expected
    assert keys("wind_dir", "wind_*", "*") == expected


def test_the_pattern_with_the_most_literal_characters_wins() -> None:
    """`wind_s*` says more than `wind_*`, and that more than `*d*`."""
    assert keys("*d*", "wind_*", "wind_s*") == {
        "humid": "*d*",
        "wind_speed": "wind_s*",
        "wind_dir": "wind_*",
    }


def test_a_pattern_matches_the_whole_name_in_its_case() -> None:
    """`fnmatch` on the whole name, on every system alike."""
    schema: dict[str, pl.DataType] = dict.fromkeys(("wind", "rewind", "Wind", "winds"), pl.Float64())
    assert keys("win?", schema=schema) == {"wind": "win?"}
    assert keys("[wW]ind", schema=schema) == {"wind": "[wW]ind", "Wind": "[wW]ind"}


def test_columns_nobody_names_pass_through() -> None:
    """Without a star only what is named is touched."""
    assert keys("temp") == {"temp": "temp"}
    assert keys() == {}


def test_a_column_whose_name_is_the_pattern_is_meant_by_it() -> None:
    """And the pattern reading is gone: the other columns are not touched."""
    schema: dict[str, pl.DataType] = dict.fromkeys(("a*", "ab", "temp [C]", "temp C"), pl.Float64())
    assert keys("a*", "temp [C]", schema=schema) == {"a*": "a*", "temp [C]": "temp [C]"}


def test_the_star_is_the_star_even_where_a_column_has_that_name() -> None:
    """Otherwise one odd column would switch off the default for all others."""
    schema: dict[str, pl.DataType] = {"*": pl.Float64(), "x": pl.Float64(), "t": pl.String()}
    assert keys("*", schema=schema) == {"*": "*", "x": "*"}


def test_a_bracket_that_never_closes_is_a_letter() -> None:
    """It is a name then, and has to be there."""
    assert keys("a[b", schema={"a[b": pl.Float64()}) == {"a[b": "a[b"}
    assert problems("a[c", schema={"a[b": pl.Float64()}) == [
        "normalize.a[c: no such column in the source; did you mean 'a[b'?"
    ]


def test_unique_columns_are_reached_by_their_name_only() -> None:
    """Keys are no measurements."""
    lines: dict[str, None] = dict.fromkeys(("*", "hum*"))
    assert column_keys(SCHEMA, lines, section="normalize", skip={"humid", "temp"}) == dict.fromkeys(
        ("wind_speed", "wind_dir", "price"), "*"
    )
    assert column_keys(SCHEMA, {"humid": None}, section="normalize", skip={"humid"}) == {"humid": "humid"}


def test_a_missing_column_is_told_with_the_nearest_name() -> None:
    """The typing error of a name."""
    assert problems("wind_sped") == [
        "normalize.wind_sped: no such column in the source; did you mean 'wind_speed'?"
    ]


def test_a_pattern_that_matches_nothing_is_told() -> None:
    """A typing error in a pattern would otherwise go unseen; the star alone may match nothing."""
    assert problems("wnd_*", schema={"wind": pl.Float64()}) == [
        "normalize.wnd_*: no column matches this pattern; known are wind"
    ]
    assert keys("*", schema={"t": pl.String()}) == {}
    assert keys("t*", schema={"t": pl.String()}) == {}


def test_two_patterns_that_say_as_much_are_told() -> None:
    """Both are named, at the later one."""
    assert problems("wind_*", "*speed", schema={"wind_speed": pl.Float64()}) == [
        (
            "normalize.*speed: 'wind_*' and '*speed' match column 'wind_speed' equally well;"
            " add a line for 'wind_speed' itself"
        )
    ]


def test_a_tie_is_none_where_the_name_is_written_or_the_column_skipped() -> None:
    """Only columns that the patterns speak for can be torn between them."""
    schema: dict[str, pl.DataType] = {"ab": pl.Float64(), "ba": pl.Float64(), "aa": pl.String()}
    assert keys("a*", "*b", "ab", schema=schema) == {"ab": "ab"}
    assert keys("a*", "*a", "ba", schema=schema | {"aa": pl.String()}) == {"ab": "a*", "ba": "ba"}


def test_all_problems_come_at_once_at_their_places_in_the_order_of_the_file() -> None:
    """Keys without a place come last, with the key as the place."""
    places = {"normalize.q*": "p.yaml:4:3", "normalize.hum": "p.yaml:5:3"}
    with pytest.raises(SchemaError) as caught:
        column_keys(SCHEMA, dict.fromkeys(("hum", "tmp", "q*")), section="normalize", places=places)
    names = ", ".join(SCHEMA)
    assert str(caught.value).splitlines() == [
        f"p.yaml:4:3: normalize.q*: no column matches this pattern; known are {names}",
        "p.yaml:5:3: normalize.hum: no such column in the source; did you mean 'humid'?",
        "normalize.tmp: no such column in the source; did you mean 'temp'?",
    ]
    assert caught.value.exit_code == 2
    assert [problem.place for problem in caught.value.problems] == [
        "p.yaml:4:3",
        "p.yaml:5:3",
        "",
    ]


def test_methods_come_by_column() -> None:
    """In the order of the schema, each with its options and suffix."""
    lines = {
        "*": MethodSpec(method="auto"),
        "temp": MethodSpec(method="log", options={"offset": 1}, suffix="_n"),
    }
    assert resolve_columns(SCHEMA, lines) == {
        "temp": lines["temp"],
        **dict.fromkeys(("humid", "wind_speed", "wind_dir", "price"), lines["*"]),
    }


def test_dates_and_truth_values_are_normalized_when_they_are_named() -> None:
    """They have a number each; patterns leave them alone."""
    lines = methods(wet="center", day="minmax")
    assert resolve_columns(SCHEMA, lines) == lines


@pytest.mark.parametrize("method", ["zscore", "auto"])
def test_a_named_column_that_is_no_number_is_told(method: str) -> None:
    """With its type, the place, and the way out."""
    with pytest.raises(SchemaError) as caught:
        resolve_columns(
            SCHEMA, methods(origin=method, tags=method), places={"normalize.origin": "p.yaml:3:5"}
        )
    assert str(caught.value).splitlines() == [
        (
            f"p.yaml:3:5: normalize.origin: {method} needs numbers, and the column's type is String;"
            " remove the line or write none, and the column passes through"
        ),
        (
            f"normalize.tags: {method} needs numbers, and the column's type is List(Int64);"
            " remove the line or write none, and the column passes through"
        ),
    ]


def test_none_suits_every_column() -> None:
    """A column that is no number passes through anyway, so it needs no fit."""
    assert resolve_columns(SCHEMA, methods(origin="none", temp="none")) == methods(temp="none")


def test_a_suffix_must_make_a_new_name() -> None:
    """Neither a column of the source nor another new column may have it."""
    schema: dict[str, pl.DataType] = dict.fromkeys(("a", "a_n", "ab", "abc"), pl.Float64())
    lines = {
        "a": MethodSpec(method="log", suffix="_n"),
        "ab": MethodSpec(method="log", suffix="c_n"),
        "abc": MethodSpec(method="log", suffix="_n"),
    }
    with pytest.raises(SchemaError) as caught:
        resolve_columns(schema, lines)
    assert str(caught.value).splitlines() == [
        "normalize.a.suffix: the new column 'a_n' would be there twice; choose another suffix",
        "normalize.abc.suffix: the new column 'abc_n' would be there twice; choose another suffix",
    ]


def test_checks_follow_the_same_rules_on_the_output() -> None:
    """The most specific key speaks alone."""
    checks = {
        "*": ColumnChecks(finite=True),
        "temp": ColumnChecks(mean=(0, 1)),
        "origin": ColumnChecks(nullable=False),
    }
    found = resolve_checks(SCHEMA, checks, skip={"humid"})
    assert found == {
        "origin": checks["origin"],
        "temp": checks["temp"],
        **dict.fromkeys(("wind_speed", "wind_dir", "price"), checks["*"]),
    }
    with pytest.raises(SchemaError) as caught:
        resolve_checks(SCHEMA, {"tem": ColumnChecks()})
    assert str(caught.value) == "checks.tem: no such column in the output; did you mean 'temp'?"


NAMES = st.text("ab_", min_size=1, max_size=4)
PATTERNS = st.text("ab_*?", min_size=1, max_size=4)


@given(names=st.sets(NAMES, min_size=1, max_size=5), lines=st.lists(PATTERNS, max_size=4, unique=True))
def test_the_chosen_key_is_the_best_there_is(names: set[str], lines: list[str]) -> None:
    """Against the definition, spelt out for every column and every key."""
    schema: dict[str, pl.DataType] = dict.fromkeys(sorted(names), pl.Float64())
    try:
        found = keys(*lines, schema=schema)
    except SchemaError:
        return
    for name in schema:
        rivals = [line for line in lines if line not in schema and line != "*" and fnmatchcase(name, line)]
        weights = [len(line.replace("*", "").replace("?", "")) for line in rivals]
        best = [line for line, weight in zip(rivals, weights, strict=True) if weight == max(weights)]
        expected = name if name in lines else best[0] if best else "*" if "*" in lines else None
        assert found.get(name) == expected
