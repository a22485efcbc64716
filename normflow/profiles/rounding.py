"""Exact fractions to the nearest float64."""

from __future__ import annotations

import math

ROOT_BITS = 64  # of an integer root: more than what tells a float64 from its neighbours


def nearest(numerator: int, denominator: int) -> float:
    """The float64 nearest to a fraction, ties to even, denormals included; infinite beyond float64."""
    try:
        return numerator / denominator
    except OverflowError:
        return math.inf if numerator > 0 else -math.inf


def nearest_root(numerator: int, denominator: int) -> float:
    """The float64 nearest to the square root of a non-negative fraction; infinite beyond float64.

    An integer root of 64 bits or more, with one more bit that is set when anything was cut off, rounds like
    the true root: no tie is hidden, and it is rounded once, at the precision that the result has.
    """
    if numerator == 0:
        return 0.0
    missing = 2 * ROOT_BITS - (numerator.bit_length() - denominator.bit_length())
    shift = max(0, missing + missing % 2)
    quotient, rest = divmod(numerator << shift, denominator)
    root = math.isqrt(quotient)
    cut_off = rest != 0 or root * root != quotient
    return nearest(2 * root + cut_off, 1 << (shift // 2 + 1))
