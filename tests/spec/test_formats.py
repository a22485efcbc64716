"""Suffixes tell formats, and formats tell which options they take."""

from __future__ import annotations

import polars as pl
import pytest

from normflow.spec import TYPE_NAMES, format_of, is_type, read_option_error
from normflow.spec.types import FAMILIES, POLARS


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.parquet", "parquet"),
        ("dir.csv/a.pq", "parquet"),
        ("a.b.CSV", "csv"),
        ("a.csv.gz", "csv"),
        ("a.tsv.zst", "tsv"),
        ("a.jsonl", "ndjson"),
        ("a.feather", "ipc"),
        ("a.arrow", "ipc"),
        ("data/*.ipc", "ipc"),
        ("a.parquet.gz", None),
        ("a.gz", None),
        ("a.xlsx", None),
        ("folder.csv/a", None),
        (".csv", None),
        ("", None),
    ],
)
def test_the_suffix_tells_the_format(path: str, expected: str | None) -> None:
    """In any case, and through the compressions that text readers see through."""
    assert format_of(path) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("separator", ";"),
        ("null_values", "NA"),
        ("null_values", ("NA", "-")),
        ("infer_schema_length", None),
        ("has_header", False),
    ],
)
def test_options_that_are_right(name: str, value: object) -> None:
    """Nothing is wrong with them."""
    assert read_option_error("csv", name, value) is None


@pytest.mark.parametrize("value", ["", ";;", "é", 1])
def test_a_separator_is_one_byte(value: object) -> None:
    """As the reader wants it."""
    assert read_option_error("csv", "separator", value) == "expected one character such as ';'"


def test_a_tsv_file_has_its_separator() -> None:
    """Another one makes it a csv file."""
    assert read_option_error("tsv", "separator", ";") == (
        "no such option for tsv; known are infer_schema_length, has_header, null_values"
    )


EXAMPLES: dict[str, pl.DataType] = {
    "Int64": pl.Int64(),
    "UInt8": pl.UInt8(),
    "Float32": pl.Float32(),
    "Decimal": pl.Decimal(10, 2),
    "Boolean": pl.Boolean(),
    "String": pl.String(),
    "Categorical": pl.Categorical(),
    "Enum": pl.Enum(["a"]),
    "Binary": pl.Binary(),
    "Date": pl.Date(),
    "Datetime": pl.Datetime("ms", "UTC"),
    "Time": pl.Time(),
    "Duration": pl.Duration("ns"),
    "List": pl.List(pl.Int64()),
    "Array": pl.Array(pl.Float32(), 3),
    "Struct": pl.Struct({"a": pl.Int64()}),
}
FAMILY = {
    "string": {"String", "Categorical", "Enum"},
    "number": {"Int64", "UInt8", "Float32", "Decimal"},
    "integer": {"Int64", "UInt8"},
    "float": {"Float32"},
    "decimal": {"Decimal"},
    "boolean": {"Boolean"},
    "date": {"Date"},
    "datetime": {"Datetime"},
    "time": {"Time"},
    "duration": {"Duration"},
    "binary": {"Binary"},
}


def test_every_family_is_in_the_table_above() -> None:
    """A new family needs its examples."""
    assert set(FAMILY) == set(FAMILIES)
    assert set(TYPE_NAMES) == set(FAMILIES) | set(POLARS)


@pytest.mark.parametrize("family", FAMILY)
def test_a_family_holds_its_types(family: str) -> None:
    """And no others."""
    assert {name for name, dtype in EXAMPLES.items() if is_type(dtype, family)} == FAMILY[family]


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_polars_name_means_the_type_with_any_parameters(name: str) -> None:
    """`Datetime` in any unit and zone, `List` of anything."""
    assert {other for other, dtype in EXAMPLES.items() if is_type(dtype, name)} == {name}
