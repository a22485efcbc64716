"""What is refused before a row is read, and with which words."""

from __future__ import annotations

import polars as pl
import pytest
from pandera.errors import SchemaErrors

from normflow.contract import gate
from normflow.contract.schemas import input_schema
from normflow.errors import SchemaError
from normflow.spec import TYPE_NAMES, ColumnChecks, is_type

SCHEMA = {"origin": pl.String(), "temp": pl.Float64(), "wind_speed": pl.Float64(), "year": pl.Int64()}


def test_what_fits_passes_without_a_word() -> None:
    checks = {
        "origin": ColumnChecks(dtype="string", isin=("EWR", "JFK"), nullable=False),
        "temp": ColumnChecks(dtype="float", range=(-40, 130), finite=True),
        "year": ColumnChecks(dtype="Int64", isin=(2013,), unique=True),
    }
    gate(SCHEMA, checks, {})


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    """Each with its place where it is known, its key, what is wrong and what was perhaps meant."""
    checks = {
        "wind_sped": ColumnChecks(range=(0, 250)),
        "origin": ColumnChecks(range=(0, 1), finite=True, isin=(1, 2)),
        "temp": ColumnChecks(dtype="flaot", isin=("cold",), mean=(0, 1)),
        "year": ColumnChecks(dtype="float", isin=(2013, "2014")),
    }
    places = {
        "contract.wind_sped": "weather.yaml:7:3",
        "contract.origin": "weather.yaml:8:3",
        "contract.origin.range": "weather.yaml:8:12",
        "contract.year": "weather.yaml:10:3",
    }
    with pytest.raises(SchemaError) as caught:
        gate(SCHEMA, checks, places)
    assert caught.value.message.splitlines() == [
        "weather.yaml:7:3: contract.wind_sped: no such column in the source; did you mean 'wind_speed'?",
        "weather.yaml:8:12: contract.origin: range needs numbers, and the column is String",
        "weather.yaml:8:3: contract.origin: finite needs numbers, and the column is String",
        "weather.yaml:8:3: contract.origin: the list holds numbers, and the column is String",
        "contract.temp: no such type 'flaot'; did you mean 'float'?",
        "contract.temp: the list holds text, and the column is Float64",
        "contract.temp: mean is for what leaves; declare it under checks",
        "weather.yaml:10:3: contract.year: the contract asks for float, and the column is Int64",
        "weather.yaml:10:3: contract.year: the list mixes numbers and text",
    ]
    assert caught.value.exit_code == 2
    assert len(caught.value.problems) == 9


def test_rows_are_quarantined_at_the_way_in_only() -> None:
    checks = {
        "temp": ColumnChecks(mean=(-0.1, 0.1), range=(0, 1), on_fail="quarantine"),
        "tmp": ColumnChecks(),
        "origin": ColumnChecks(std=(0, 1)),
    }
    with pytest.raises(SchemaError) as caught:
        gate(SCHEMA, checks, {"checks.temp": "w.yaml:3:1"}, section="checks")
    assert caught.value.message.splitlines() == [
        "w.yaml:3:1: checks.temp: only rows that enter can be quarantined; declare it under contract",
        "checks.tmp: no such column in the output; did you mean 'temp'?",
        "checks.origin: std needs numbers, and the column is String",
    ]


def test_a_column_of_nothing_but_nulls_takes_every_check() -> None:
    gate({"x": pl.Null()}, {"x": ColumnChecks(range=(0, 1), finite=True, isin=("a",))}, {})


DTYPES: list[pl.DataType] = [
    *(pl.Int8(), pl.Int64(), pl.Int128(), pl.UInt8(), pl.UInt64(), pl.Float32(), pl.Float64()),
    *(pl.Boolean(), pl.String(), pl.Categorical(), pl.Enum(["a"]), pl.Binary(), pl.Decimal(10, 2)),
    *(
        pl.Date(),
        pl.Time(),
        pl.Datetime("us"),
        pl.Datetime("ns", "UTC"),
        pl.Duration("ms"),
        pl.Duration("us"),
    ),
    *(pl.List(pl.Int64()), pl.Array(pl.Float32(), 2), pl.Struct({"a": pl.Int64()}), pl.Null()),
]


@pytest.mark.parametrize("name", TYPE_NAMES)
def test_a_type_name_means_the_same_at_the_gate_and_in_pandera(name: str) -> None:
    """For every pair of a name and a column type; the gate follows `is_type`."""
    checks = {"x": ColumnChecks(dtype=name)}
    contract = input_schema(checks)
    for dtype in DTYPES:
        frame = pl.DataFrame({"x": pl.Series([], dtype=dtype)})
        accepted = is_type(dtype, name)
        try:
            gate(frame.schema, checks, {})
            at_the_gate = True
        except SchemaError:
            at_the_gate = False
        try:
            contract.validate(frame, lazy=True)
            by_pandera = True
        except SchemaErrors:
            by_pandera = False
        assert (at_the_gate, by_pandera) == (accepted, accepted), dtype
