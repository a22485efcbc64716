"""The normal log-likelihood of a power transformation, as a function of λ, and where it is largest.

A power transformation y of x has dy/dx = exp((λ − 1)·s) with s = ln x (Box-Cox) or s = ±ln(1 + |x|)
(Yeo-Johnson), so y(x₁) − y(x₂) is a mixture of exponentials in λ, and so is the variance of y: its logarithm
is convex in λ. Minus the log-likelihood per row, up to a constant,

    loss(λ) = ½·ln var(y) − λ·mean(s),

is therefore convex with one minimum, where its slope cov(y, dy/dλ)/var(y) − mean(s) crosses 0.

Where one power c serves all rows (Box-Cox, and Yeo-Johnson on numbers of one sign), s may be centred: that
multiplies y by a constant and adds one, which cancels in the loss, and it keeps years near 2000 as precise as
their differences. Powers beyond e^300 are scaled down, which cancels as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from normflow.errors import FitError
from normflow.methods.root import increasing_root

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import FloatArray

LARGE = 300.0
SMALL = 0.1
TOLERANCE = 1e-10
COARSE = 1e-5
BLOCK = 8192
FEWEST = 16  # on fewer points the coarse search is no help
# Taylor coefficients of expm1(t)/t and of (t·eᵗ − expm1(t))/t², highest power first; the rest is below 1e-17
VALUE = np.array([1 / math.factorial(k + 1) for k in range(11, -1, -1)])
SLOPE = np.array([1 / (math.factorial(k) * (k + 2)) for k in range(11, -1, -1)])


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """The likelihood of λ for weighted points.

    `logs` are the s of the points in ascending order, in units of `unit`, a power of two near the largest;
    μ = λ·unit takes the part of λ, so that no square leaves float64. `weights` add up to 1, and `mean` is the
    mean of s, or 0 where s is centred. The first `negatives` points have the power λ − 2, the others λ.
    """

    logs: FloatArray
    weights: FloatArray
    unit: float
    mean: float = 0.0
    negatives: int = 0

    @classmethod
    def box_cox(cls, values: FloatArray, counts: FloatArray) -> Likelihood:
        """For positive values in ascending order.

        Raises:
            FitError: the logarithm of a value is beyond float64.
        """
        return cls._of(_log_ratios(values, 0.0), counts, centred=True)

    @classmethod
    def yeo_johnson(cls, values: FloatArray, counts: FloatArray) -> Likelihood:
        """For values in ascending order.

        Raises:
            FitError: the logarithm of a value is beyond float64.
        """
        if values[0] >= 0.0:
            return cls._of(_log_ratios(values, 1.0), counts, centred=True)
        if values[-1] <= 0.0:
            return cls._of(-_log_ratios(-values, 1.0), counts, centred=True, negatives=values.size)
        logs = np.copysign(np.log1p(np.abs(values)), values)
        return cls._of(logs, counts, centred=False, negatives=int(np.searchsorted(values, 0.0)))

    @classmethod
    def _of(cls, logs: FloatArray, counts: FloatArray, *, centred: bool, negatives: int = 0) -> Likelihood:
        if not np.isfinite(logs).all():
            raise FitError("the logarithms of the values, brought to scale, are beyond float64")
        weights = counts / counts.sum()
        mean = _dot(weights, logs)
        logs = logs - mean if centred else logs
        _, exponent = math.frexp(max(abs(float(logs[0])), abs(float(logs[-1]))))
        unit = math.ldexp(1.0, exponent)
        logs = np.ldexp(logs, -exponent)
        return cls(logs, weights, unit, 0.0 if centred else _dot(weights, logs), negatives)

    def loss(self, lam: float) -> float:
        """Minus the log-likelihood per row, up to a constant; ∞ where float64 holds no spread of y."""
        mu = lam * self.unit
        y, _, exponent = self._mapped(mu)
        away = y - _dot(self.weights, y)
        spread = _dot(self.weights, away * away)
        if not spread > 0.0:
            return math.inf
        return exponent + 0.5 * math.log(spread) - mu * self.mean

    def slope(self, mu: float) -> float:
        """The loss's derivative in μ, which rises with μ."""
        y, dy, _ = self._mapped(mu)
        away = y - _dot(self.weights, y)
        return _dot(self.weights, away * dy) / _dot(self.weights, away * away) - self.mean

    def curvature(self) -> float:
        """The slope's derivative, as it would be for a normal s."""
        return _dot(self.weights, (self.logs - _dot(self.weights, self.logs)) ** 2)

    def _mapped(self, mu: float) -> tuple[FloatArray, FloatArray, float]:
        # y and dy/dμ, both divided by e^exponent
        parts = [
            (self.logs[: self.negatives], mu - 2.0 * self.unit),
            (self.logs[self.negatives :], mu),
        ]
        parts = [(logs, power) for logs, power in parts if logs.size]
        largest = max(max(power * logs[0], power * logs[-1]) for logs, power in parts)
        exponent = float(largest) if largest > LARGE else 0.0
        with np.errstate(under="ignore"):
            mapped = [_power(logs, power, exponent) for logs, power in parts]
        y, dy = (np.concatenate(one) if len(one) > 1 else one[0] for one in zip(*mapped, strict=True))
        return y, dy, exponent


def maximum(full: Likelihood, coarse: Likelihood) -> float:
    """The λ of the largest likelihood, to 1e-10/unit; `coarse` is the same on fewer points, where to begin.

    Raises:
        FitError: the values are one number to the logarithm, or the search does not end.
    """
    if not full.curvature() > 0.0:
        raise FitError("the logarithms of the values are all one number")
    if not FEWEST <= coarse.weights.size < full.weights.size or not coarse.curvature() > 0.0:
        return increasing_root(full.slope, full.unit, full.curvature(), TOLERANCE) / full.unit
    start = increasing_root(coarse.slope, coarse.unit, coarse.curvature(), COARSE)
    near = start + 0.01 * max(1.0, abs(start))
    rise = (coarse.slope(near) - coarse.slope(start)) / (near - start)
    change = full.unit / coarse.unit
    return increasing_root(full.slope, start * change, rise / change**2, TOLERANCE) / full.unit


def _dot(a: FloatArray, b: FloatArray) -> float:
    # From 10,000 elements on BLAS wakes its threads, which costs more than the product.
    return math.fsum(float(a[i : i + BLOCK] @ b[i : i + BLOCK]) for i in range(0, a.size, BLOCK))


def _log_ratios(values: FloatArray, plus: float) -> FloatArray:
    """`ln((plus + x)/(plus + c))` for a value c in the middle: exact where values differ little."""
    middle = values[values.size // 2]
    with np.errstate(over="ignore"):
        ratio = (values - middle) / (plus + middle)
    near = np.abs(ratio) < 0.5  # noqa: PLR2004  (above it the difference of the logarithms is exact enough)
    far = (np.log1p if plus else np.log)(np.append(values, middle))
    return np.where(near, np.log1p(np.where(near, ratio, 0.0)), far[:-1] - far[-1])


def _power(s: FloatArray, c: float, exponent: float) -> tuple[FloatArray, FloatArray]:
    """`expm1(c·s)/c` and its derivative in c, both divided by e^exponent."""
    t = c * s
    if max(abs(t[0]), abs(t[-1])) < SMALL:
        scale = math.exp(-exponent)
        return s * np.polyval(VALUE, t) * scale, s * s * np.polyval(SLOPE, t) * scale
    if exponent:
        grown = np.exp(t - exponent)
        y = (grown - math.exp(-exponent)) / c
        return y, (s * grown - y) / c
    less_one = np.expm1(t)
    y = less_one / c
    return y, (s * less_one + (s - y)) / c
