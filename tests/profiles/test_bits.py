"""The integers behind float64 values."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from normflow.profiles.bits import bit_lengths, bits_of, floats, ordered, value_of
from tests.profiles.values import finite, finite_columns


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 64).map(lambda power: 2**power - 1)))
def test_bit_lengths_are_pythons(numbers: list[int]) -> None:
    assert bit_lengths(np.array(numbers, np.uint64)).tolist() == [number.bit_length() for number in numbers]


@given(finite_columns)
def test_ordered_integers_have_the_order_of_the_values(column: list[float]) -> None:
    """And lead back to them."""
    values = np.array(column)
    order = ordered(values)
    assert (values[np.argsort(order)] == np.sort(values)).all()
    assert (floats(order).view(np.uint64) == values.view(np.uint64)).all()


@given(finite)
def test_bits_lead_back_to_the_value(value: float) -> None:
    assert value_of(bits_of(value)) == value
