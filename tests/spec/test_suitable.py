"""Whether columns suit their lines: types, members of rows, and names that are taken."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from normflow.errors import SchemaError
from normflow.spec import MethodSpec, policies_of, resolve_columns

EMBEDDING = pl.Array(pl.Float32, 3)
SCHEMA: dict[str, pl.DataType] = {
    "a": pl.Float64(),
    "b": pl.Int64(),
    "name": pl.String(),
    "e": EMBEDDING,
    "tags": pl.List(pl.Float64()),
    "grid": pl.Array(pl.Float64, (2, 2)),
    "none": pl.Array(pl.Float64, 0),
    "words": pl.Array(pl.String, 2),
}
NO_NUMBER = "remove the line or write none, and the column passes through"
A_ROW = "an array of one length of numbers is a row"


def line(method: str, *, suffix: str = "", columns: tuple[str, ...] = (), **policies: object) -> MethodSpec:
    return MethodSpec(method=method, suffix=suffix, columns=columns, policies=policies_of(policies))


def told(
    lines: dict[str, MethodSpec], schema: dict[str, pl.DataType] | None = None, skip: str = ""
) -> list[str]:
    with pytest.raises(SchemaError) as caught:
        resolve_columns(schema or SCHEMA, lines, skip={skip})
    return str(caught.value).splitlines()


def test_the_star_and_patterns_skip_arrays() -> None:
    """An array is a column of many numbers, and only its name reaches it."""
    assert [*resolve_columns(SCHEMA, {"*": line("zscore")})] == ["a", "b"]
    assert [*resolve_columns({**SCHEMA, "e2": pl.Float64()}, {"e*": line("zscore")})] == ["e2"]
    assert [*resolve_columns(SCHEMA, {"e": line("zscore")})] == ["e"]


def test_a_row_wise_line_has_its_columns() -> None:
    """Those it names, under its own key; or the array that the key is."""
    unit, layer = line("unit", columns=("a", "b")), line("layer")
    assert resolve_columns(SCHEMA, {"direction": unit, "e": layer}) == {
        "e": line("layer", columns=("e",)),
        "direction": unit,
    }


def test_members_of_a_row_are_reached_by_no_pattern() -> None:
    """A column is normalized once."""
    assert [*resolve_columns(SCHEMA, {"*": line("zscore"), "r": line("unit", columns=("a", "b"))})] == ["r"]


def test_a_row_may_be_named_like_one_of_its_members() -> None:
    assert [*resolve_columns(SCHEMA, {"a": line("unit", columns=("a", "b"))})] == ["a"]


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("tags", "List(Float64)"),
        ("grid", "Array(Float64, shape=(2, 2))"),
        ("none", "Array(Float64, shape=(0,))"),
        ("words", "Array(String, shape=(2,))"),
        ("name", "String"),
    ],
)
def test_lists_and_arrays_that_are_no_row_of_numbers_are_refused(name: str, dtype: str) -> None:
    """By column-wise methods, and by row-wise ones."""
    expected = f"normalize.{name}: zscore needs numbers, and the column's type is {dtype}; {NO_NUMBER}"
    assert told({name: line("zscore")}) == [expected]
    expected = (
        f"normalize.{name}: unit works on the members of a row, and column '{name}' is {dtype}; {A_ROW}"
    )
    assert told({name: line("unit")}) == [expected]


def test_a_pattern_that_reaches_numbers_is_no_row() -> None:
    """It is told once, by its first column."""
    assert told({"*": line("unit")}) == [
        (
            "normalize.*: unit works on the members of a row, and column 'a' is Float64;"
            " name them: columns: [a, b, c]"
        )
    ]


MEMBERS = {
    "zscore of columns": (
        line("zscore", columns=("a", "b")),
        "normalize.row.columns: zscore takes no columns; only unit and layer do",
    ),
    "auto of columns": (
        line("auto", columns=("a", "b")),
        "normalize.row.columns: auto takes no columns; only unit and layer do",
    ),
    "a member that is missing": (
        line("unit", columns=("a", "nam")),
        "normalize.row.columns: no column 'nam' in the source; did you mean 'name'?",
    ),
    "a member that is text": (
        line("unit", columns=("a", "name")),
        "normalize.row.columns: column 'name' is String, which is no number; leave it out",
    ),
    "a member that is a list": (
        line("unit", columns=("a", "tags")),
        "normalize.row.columns: column 'tags' is List(Float64), which is no number; leave it out",
    ),
    "a member that is an array": (
        line("unit", columns=("e",)),
        (
            "normalize.row.columns: column 'e' is Array(Float32, shape=(3,)), a row in itself;"
            " give it a line of its own, e: unit"
        ),
    ),
    "one member": (
        line("unit", columns=("a",)),
        (
            "normalize.row.columns: one column is no row, and unit would leave nothing of its numbers;"
            " name two or more"
        ),
    ),
    "a member twice": (
        line("unit", columns=("a", "b", "a")),
        "normalize.row.columns: column 'a' is a member of 'row' already; a column is normalized once",
    ),
}


@pytest.mark.parametrize("case", MEMBERS)
def test_members_must_be_free_numbers(case: str) -> None:
    """The whole text of each."""
    wanted, expected = MEMBERS[case]
    assert told({"row": wanted}) == [expected]


def test_a_member_is_normalized_by_nothing_else() -> None:
    """Neither by a line of its own nor by another row; all at once."""
    lines = {
        "row": line("unit", columns=("a", "b")),
        "other": line("layer", columns=("b", "c")),
        "a": line("zscore"),
    }
    assert told(lines, {**SCHEMA, "c": pl.Float64()}) == [
        "normalize.row.columns: column 'a' has a line of its own, 'a'; a column is normalized once",
        "normalize.other.columns: column 'b' is a member of 'row' already; a column is normalized once",
    ]


def test_a_row_is_not_called_like_another_column() -> None:
    assert told({"name": line("unit", columns=("a", "b"))}) == [
        "normalize.name: 'name' is a column, and none of the members; rename the line"
    ]


POLICIES: dict[str, Any] = {
    "nulls": "mean",
    "nonfinite": "keep",
    "constant": "zero",
    "outside": "clip",
    "clip": [0, 1],
}


@pytest.mark.parametrize("method", ["unit", "layer"])
@pytest.mark.parametrize("policy", POLICIES)
def test_row_wise_methods_take_no_policy_but_the_type(method: str, policy: str) -> None:
    """They learn nothing that a policy could use."""
    expected = f"{method} takes no {policy} policy; remove it"
    wrong = line(method, dtype="Float32", **{policy: POLICIES[policy]})
    assert told({"e": wrong}) == [f"normalize.e.{policy}: {expected}"]
    members = line(method, columns=("a", "b"), **{policy: POLICIES[policy]})
    assert told({"row": members}) == [f"normalize.row.{policy}: {expected}"]


def test_none_can_do_nothing_for_what_is_no_number() -> None:
    """A copy or a policy that would be silently left out is refused."""
    lines = {
        "name": line("none", suffix="_c"),
        "tags": line("none", nulls={"fill": 0, "indicator": True}),
    }
    assert told(lines) == [
        (
            "normalize.name.suffix: suffix needs numbers, and the column's type is String;"
            " remove it, and the column passes through"
        ),
        (
            "normalize.tags.nulls: nulls needs numbers, and the column's type is List(Float64);"
            " remove it, and the column passes through"
        ),
    ]


TAKEN = {
    "suffix": (line("zscore", suffix="_n"), "a_n", "suffix", "choose another suffix"),
    "outside": (line("zscore", outside="flag"), "a_outside", "outside", "rename the column of this name"),
    "nulls": (line("zscore", nulls="indicator"), "a_missing", "nulls", "rename the column of this name"),
    "members": (line("unit", columns=("a", "b"), suffix="_u"), "b_u", "suffix", "choose another suffix"),
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_is_added_must_have_a_name_of_its_own(case: str) -> None:
    """At the key that asks for it."""
    wanted, name, key, hint = TAKEN[case]
    row = "row" if wanted.columns else "a"
    assert told({row: wanted}, {**SCHEMA, name: pl.String()}) == [
        f"normalize.{row}.{key}: the new column '{name}' would be there twice; {hint}"
    ]


def test_two_lines_may_not_add_the_same_name() -> None:
    """A suffix of one and the flag of the other."""
    lines = {"a": line("zscore", outside="flag"), "a_": line("zscore", suffix="outside")}
    assert told(lines, {**SCHEMA, "a_": pl.Float64()}) == [
        "normalize.a_.suffix: the new column 'a_outside' would be there twice; choose another suffix"
    ]


@pytest.mark.parametrize("name", ["e[0]", "e[2]", "e_n[1]"])
def test_a_place_of_an_array_must_be_no_other_column(name: str) -> None:
    """Else nobody could say which of the two `e[0]` is."""
    lines = {"e": line("zscore", suffix="_n")}
    assert told(lines, {**SCHEMA, name: pl.Float64()}) == [
        f"normalize.e: column '{name}' is there, and is a place of '{name.partition('[')[0]}' too; rename it"
    ]
    assert [*resolve_columns({**SCHEMA, name: pl.Float64()}, {"a": line("zscore")})] == ["a"]
