"""Methods with the options that matter."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from normflow import transforms
from normflow.methods import (
    METHODS,
    Asinh,
    BoxCox,
    Cbrt,
    Log,
    Logit,
    Method,
    MinMax,
    QuantileNormal,
    QuantileUniform,
    Robust,
    Sqrt,
    Squash,
    YeoJohnson,
    ZScore,
)
from normflow.profiles import observe_values
from tests.columns import ZOO

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile
    from normflow.transforms import Transform

VARIANTS: tuple[Method, ...] = (
    *(method() for method in METHODS),
    ZScore(ddof=1),
    MinMax(range=(-1.0, 1.0)),
    MinMax(range=(0.1, 0.7)),
    MinMax(bounds=(-10.0, 10.0)),
    Robust(quantiles=(0.1, 0.9), unit_variance=True),
    Log(offset="auto"),
    Log(offset=60.0),
    BoxCox(prescale=True, snap=True, lambda_bounds=(-3.0, 4.0)),
    YeoJohnson(prescale=True, snap=True, lambda_bounds=(-3.0, 5.0)),
    YeoJohnson(prescale=True),
    YeoJohnson(standardize=False),
    BoxCox(robust=True),
    YeoJohnson(robust=True, ddof=1),
    Log(offset="auto", ddof=1),
    Sqrt(ddof=1),
    Cbrt(ddof=1),
    Asinh(loc=0.0, scale=1.0),
    Asinh(loc=1.5),
    Logit(bounds=(-1e4, 1e4)),
    Logit(bounds=(-100.0, 3000.0), eps=0.01),
    Logit(eps=0.1, ddof=1),
    QuantileNormal(ranks="mid"),
    QuantileNormal(n_quantiles=32, ranks="mid"),
    BoxCox(prescale=True, snap=True, condense=True),
    YeoJohnson(prescale=True, snap=True, condense=True),
    QuantileUniform(n_quantiles=2),
    QuantileUniform(n_quantiles=33),
    QuantileNormal(n_quantiles=100, clip=3.0),
    Squash(bound=1.0),
)
PROFILES: dict[str, ColumnProfile] = {name: observe_values(values) for name, values in ZOO.items()}


def power_of(transform: Transform) -> float:
    """The λ of the power map in a transform."""
    return next(
        one.lam for one in transform.maps if isinstance(one, transforms.BoxCox | transforms.YeoJohnson)
    )


def finite(name: str) -> np.ndarray:
    """The finite values of a column of the zoo."""
    return np.array([v for v in ZOO[name] if v is not None and math.isfinite(v)])


def exact_std(values: np.ndarray, ddof: int = 0) -> tuple[Fraction, float]:
    """Mean and standard deviation from fractions."""
    fractions = [Fraction(v) for v in values.tolist()]
    mean = sum(fractions, Fraction(0)) / len(fractions)
    variance = sum(((v - mean) ** 2 for v in fractions), Fraction(0)) / (len(fractions) - ddof)
    # a root of the fraction to 60 digits
    digits = 10**120
    scale = 10 ** max(0, 400 - len(str(variance.numerator)) + len(str(variance.denominator)))
    return mean, float(
        Fraction(math.isqrt(variance.numerator * scale**2 * digits // variance.denominator), scale * 10**60)
    )
