"""The maps by their textbook formulas, in 60-digit decimals."""

from __future__ import annotations

import math
from decimal import MAX_EMAX, MIN_EMIN, Decimal, localcontext
from functools import reduce
from typing import TYPE_CHECKING

import scipy.special

from normflow.transforms import (
    Affine,
    Asinh,
    BoxCox,
    Cbrt,
    Clip,
    Fill,
    Interpolate,
    Log,
    Logit,
    Map,
    NormalQuantile,
    Sqrt,
    Squash,
    Transform,
    Within,
    YeoJohnson,
)

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


def _root(x: Decimal, n: int) -> Decimal:
    return (abs(x) ** (Decimal(1) / n)).copy_sign(x) if x else x


def _asinh(x: Decimal) -> Decimal:
    if abs(x) < Decimal("1e-25"):  # there 60 digits lose x beside 1
        return x - x**3 / 6
    return (abs(x) + (x * x + 1).sqrt()).ln().copy_sign(x)


def _interpolate(one: Interpolate, x: Decimal) -> Decimal:
    xs, ys = ([Decimal(v) for v in values] for values in (one.xs, one.ys))
    if x <= xs[0] or x >= xs[-1]:
        return ys[0] if x <= xs[0] else ys[-1]
    here = [y for knot, y in zip(xs, ys, strict=True) if knot == x]
    if here:
        return (here[0] + here[-1]) / 2
    i = max(i for i, knot in enumerate(xs) if knot < x)
    return ys[i] + (x - xs[i]) / (xs[i + 1] - xs[i]) * (ys[i + 1] - ys[i])


def _between(lo: float, hi: float, x: Decimal) -> Decimal:
    return min(max(x, Decimal(lo)), Decimal(hi))


PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")


def normal_probability(y: float | Decimal) -> Decimal:
    """Φ(y) for y ≤ 0: φ times Mills' ratio, as a series or as a continued fraction."""
    with decimals():
        z = -Decimal(y)
        if z > 6:
            return _density(z) / reduce(lambda below, k: z + k / below, range(400, 0, -1), z)
        term, total, k = z, Decimal(0), 1
        while abs(term) > Decimal("1e-70"):
            total, term, k = total + term, term * z * z / (2 * k + 1), k + 1
        return Decimal("0.5") - total * _density(z)


def _density(y: Decimal) -> Decimal:
    return (-y * y / 2).exp() / (2 * PI).sqrt()


def normal_quantile(u: float | Decimal) -> Decimal:
    """Φ⁻¹(u) by Newton's steps from scipy's."""
    with decimals():
        share = Decimal(u)
        if share > Decimal("0.5"):
            return -normal_quantile(1 - share)
        y = Decimal(float(scipy.special.ndtri(float(share))))
        for _ in range(2):
            y -= (normal_probability(y) - share) / _density(y)
        return y


def _normal(one: NormalQuantile, u: Decimal) -> Decimal:
    if not 0 < u < 1:
        return Decimal(one.lo if u <= 0 else one.hi)
    return _between(one.lo, one.hi, normal_quantile(u))


FORMULAS: dict[type, Callable[..., Decimal]] = {
    Affine: _affine,
    Log: lambda _, x: x.ln(),
    BoxCox: lambda one, x: _power(x, Decimal(one.lam)),
    YeoJohnson: _yeo_johnson,
    Squash: _squash,
    Sqrt: lambda _, x: _root(x, 2),
    Cbrt: lambda _, x: _root(x, 3),
    Asinh: lambda _, x: _asinh(x),
    Logit: lambda _, x: (x / (1 - x)).ln(),
    Interpolate: _interpolate,
    NormalQuantile: _normal,
    Clip: lambda one, x: _between(one.lo, one.hi, x),
    Within: lambda _, x: x,
    Fill: lambda _, x: x,
}
