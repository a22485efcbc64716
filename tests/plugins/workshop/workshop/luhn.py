"""A check: numbers of cards and devices, whose last digit guards the others."""

from __future__ import annotations

import polars as pl

LONGEST = 32


def luhn(text: pl.Expr, *, digits: int | None = None) -> pl.Expr:
    """Whether the digits, each second one from the right doubled, add up to a multiple of 10."""
    numbers = text.str.reverse().str.pad_end(LONGEST, "0")
    places = [numbers.str.slice(place, 1).cast(pl.Int64, strict=False) for place in range(LONGEST)]
    doubled = [
        one if place % 2 == 0 else 2 * one - 9 * (one > 4).cast(pl.Int64) for place, one in enumerate(places)
    ]
    whole = text.str.contains(r"^[0-9]{2,32}$")
    if digits is not None:
        whole &= text.str.len_chars() == digits
    return (whole & (pl.sum_horizontal(doubled) % 10 == 0)).fill_null(value=False) | text.is_null()
