"""Shares and counts: how they are written, what they allow, how they are shown."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normflow.spec import Limit


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("5%", Limit(share=0.05)),
        ("0.1%", Limit(share=0.001)),
        (" 12.5 % ", Limit(share=0.125)),
        ("0%", Limit(share=0.0)),
        ("100%", Limit(share=1.0)),
        (0, Limit(count=0)),
        (25, Limit(count=25)),
    ],
)
def test_what_is_written(text: object, limit: Limit) -> None:
    """A percentage is a share, a whole number a count."""
    assert Limit.parse(text) == limit


@pytest.mark.parametrize("value", [-1, 0.05, True, None, "5", "5 percent", "-5%", "1e2%", "٥%", "%", [5]])
def test_what_is_neither_is_refused(value: object) -> None:
    """A bare decimal could be either, so it is neither."""
    with pytest.raises(ValueError, match="expected") as refusal:
        Limit.parse(value)
    assert str(refusal.value) == "expected a share such as 5% or a whole number of rows"


def test_more_than_all_is_refused() -> None:
    """A share is a part."""
    with pytest.raises(ValueError, match="expected") as refusal:
        Limit.parse("100.1%")
    assert str(refusal.value) == "expected a share of at most 100%"


@given(st.decimals(0, 100, places=6))
def test_a_share_is_shown_as_it_was_written(percent: object) -> None:
    """The text of a share is read as the same share."""
    limit = Limit.parse(f"{percent}%")
    assert Limit.parse(str(limit)) == limit


@given(st.integers(0, 100), st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_share_is_compared_exactly(percent: int, failed: int, rows: int) -> None:
    """29 of 100 rows are within 29%, though 0.29 · 100 is less than 29 in floating point."""
    assert Limit.parse(f"{percent}%").allows(failed, rows) == (failed <= Fraction(percent, 100) * rows)


def test_a_count_and_no_limit() -> None:
    """A count is what may fail; no limit allows everything."""
    assert Limit(count=3).allows(3, 10)
    assert not Limit(count=3).allows(4, 10)
    assert Limit().allows(10, 10)


@pytest.mark.parametrize(
    ("limit", "shown"),
    [
        (Limit(count=25), "25"),
        (Limit(share=0.05), "5%"),
        (Limit(share=0.001), "0.1%"),
        (Limit(share=1e-7), "0.00001%"),
        (Limit(share=1.0), "100%"),
        (Limit(share=0.0), "0%"),
        (Limit(), "no limit"),
    ],
)
def test_how_a_limit_is_shown(limit: Limit, shown: str) -> None:
    """As a person would write it."""
    assert str(limit) == shown
