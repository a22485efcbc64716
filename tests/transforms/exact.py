"""The maps by their textbook formulas, in 60-digit decimals."""

from __future__ import annotations

import math
from decimal import MAX_EMAX, MIN_EMIN, Decimal, localcontext
from functools import reduce
from typing import TYPE_CHECKING

from normflow.transforms import Affine, BoxCox, Log, Map, Squash, Transform, YeoJohnson

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


def decimals(digits: int = 60) -> AbstractContextManager[object]:
    """So many digits, and exponents without end."""
    return localcontext(prec=digits, Emax=MAX_EMAX, Emin=MIN_EMIN)


def mapped(one: Map, x: float) -> Decimal:
    """What x becomes."""
    with decimals():
        return +_forward(one, Decimal(x))


def inverse_condition(one: Map, x: float) -> float:
    """|y/(x·dy/dx)|: how many times the relative error of y the relative error of x is."""
    with decimals():
        step = Decimal(x) * Decimal("1e-25")
        y = _forward(one, Decimal(x))
        slope = (_forward(one, Decimal(x) + step) - y) / step
        return float(abs(y / slope / Decimal(x))) if slope else math.inf


def _forward(one: Map, x: Decimal) -> Decimal:
    if isinstance(one, Transform):
        return reduce(lambda y, link: _forward(link, y), one.maps, x)
    return FORMULAS[type(one)](one, x)


def _affine(one: Affine, x: Decimal) -> Decimal:
    return (x - Decimal(one.shift)) / Decimal(one.scale) * Decimal(one.gain) + Decimal(one.offset)


def _power(x: Decimal, lam: Decimal) -> Decimal:
    return (x**lam - 1) / lam if lam else x.ln()


def _yeo_johnson(one: YeoJohnson, x: Decimal) -> Decimal:
    lam = Decimal(one.lam)
    return _power(1 + x, lam) if x >= 0 else -_power(1 - x, 2 - lam)


def _squash(one: Squash, x: Decimal) -> Decimal:
    return x / (1 + (x / Decimal(one.bound)) ** 2).sqrt()


FORMULAS: dict[type, Callable[..., Decimal]] = {
    Affine: _affine,
    Log: lambda _, x: x.ln(),
    BoxCox: lambda one, x: _power(x, Decimal(one.lam)),
    YeoJohnson: _yeo_johnson,
    Squash: _squash,
}
