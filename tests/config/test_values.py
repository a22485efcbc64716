"""Plain scalars follow the core schema of YAML 1.2; each case here was read otherwise by YAML 1.1."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normflow.config.document import read
from normflow.config.nodes import Table
from normflow.config.scalars import core_value

NUMBERS = {
    "1e-6": 1e-6,
    "1e3": 1000.0,
    "1E+3": 1000.0,
    "-1.5": -1.5,
    "+12": 12,
    "010": 10,
    "012": 12,
    "08": 8,
    "0o14": 12,
    "0x1F": 31,
    ".5": 0.5,
    "1.": 1.0,
    ".inf": math.inf,
    "-.Inf": -math.inf,
    "+.INF": math.inf,
    "1.7976931348623157e308": 1.7976931348623157e308,
    "9007199254740993": 9007199254740993,
}
TEXTS = [
    *("no", "No", "NO", "yes", "on", "off", "y", "n", "none", "None", "inf", "nan"),
    *("12:30:45", "1:30", "2020-01-01", "2001-12-14t21:59:43.10-05:00", "=", "<<", "5%", "1 2"),
    *("1_000", "0b101", "1e", "e3", ".", "-", "+", "--1", "0o9", "0xg", "-0x1F"),
]


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(text: str) -> None:
    """Numbers keep their type: whole ones are integers."""
    assert core_value(text) == NUMBERS[text]
    assert type(core_value(text)) is type(NUMBERS[text])


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_no_number_is_text(text: str) -> None:
    """Words of YAML 1.1, dates, times and sexagesimals stay text."""
    assert core_value(text) == text


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_nan(text: str) -> None:
    """NaN has three spellings."""
    value = core_value(text)
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_null(text: str) -> None:
    """Nothing, a tilde and null are null."""
    assert core_value(text) is None


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "false", "False", "FALSE"])
def test_truth_values(text: str) -> None:
    """Three spellings each, and no others."""
    assert core_value(text) is (text.lower() == "true")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1e400", "1e400"),
        ("-1e400", "-1e400"),
        ("9" * 5000, "99999999999999999999…"),
        ("2" + "0" * 308, "20000000000000000000…"),
        ("0x" + "f" * 400, "0xffffffffffffffffff…"),
    ],
)
def test_numbers_beyond_float64_are_refused(text: str, shown: str) -> None:
    """An infinity nobody wrote is never read, and Python is not asked to parse thousands of digits."""
    with pytest.raises(ValueError, match="float64") as refusal:
        core_value(text)
    assert str(refusal.value) == f"the number {shown} is beyond a float64"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_round_trips(value: float) -> None:
    """A float is read back with the same bits from what Python writes."""
    found = core_value(repr(value))
    assert found == value
    assert math.copysign(1, float(str(found))) == math.copysign(1, value)


@given(st.integers(-(10**300), 10**300))
def test_every_whole_number_round_trips(value: int) -> None:
    """Whole numbers of any size float64 reaches are read exactly."""
    assert core_value(str(value)) == value


def test_quoted_scalars_are_text() -> None:
    """Quotes and block scalars make text of anything."""
    root = read("a: '1'\nb: \"null\"\nc: |\n  true\n").root
    assert root is not None
    assert root.plain() == {"a": "1", "b": "null", "c": "true\n"}


def test_keys_are_always_text() -> None:
    """A column called 2013, no, null or 010 keeps its name."""
    root = read("2013: a\nno: b\nnull: c\n010: d\n1e3: e\n~: f\ntrue: g\n").root
    assert isinstance(root, Table)
    assert [entry.key for entry in root.entries] == ["2013", "no", "null", "010", "1e3", "~", "true"]
