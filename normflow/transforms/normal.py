"""The normal distribution in plain arithmetic, for every reading of a formula.

Sources: Wichura, Algorithm AS 241, Applied Statistics 37 (1988), 477-484; Cody, Rational Chebyshev
approximations for the error function, Math. Comp. 23 (1969), 631-637, and Algorithm 715, ACM TOMS 19 (1993),
22-32.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from normflow.transforms.arithmetic import Arithmetic, Number

# Wichura's PPND16: numerators and denominators, highest power first, for |u − ½| ≤ 0.425 in 0.180625 −
# (u − ½)², for r = √−ln(min(u, 1 − u)) ≤ 5 in r − 1.6, and for larger r in r − 5.
CENTRE = (
    (
        2.5090809287301226727e3,
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080e0,
    ),
    (
        5.2264952788528545610e3,
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ),
)
MIDDLE = (
    (
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e0,
        3.64784832476320460504e0,
        5.76949722146069140550e0,
        4.63033784615654529590e0,
        1.42343711074968357734e0,
    ),
    (
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e0,
        2.05319162663775882187e0,
        1.0,
    ),
)
FAR = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        1.24266094738807843860e-3,
        2.65321895265761230930e-2,
        2.96560571828504891230e-1,
        1.78482653991729133580e0,
        5.46378491116411436990e0,
        6.65790464350110377720e0,
    ),
    (
        2.04426310338993978564e-15,
        1.42151175831644588870e-7,
        1.84631831751005468180e-5,
        7.86869131145613259100e-4,
        1.48753612908506148525e-2,
        1.36929880922735805310e-1,
        5.99832206555887937690e-1,
        1.0,
    ),
)

# Cody's rational approximations of Φ, highest power first: for |y| ≤ 0.66291 in y², for |y| ≤ √32 in |y|, and
# for larger |y| in 1/y².
NEAR_0 = (
    (
        0.065682337918207449113,
        2.2352520354606839287,
        161.02823106855587881,
        1067.6894854603709582,
        18154.981253343561249,
    ),
    (1.0, 47.20258190468824187, 976.09855173777669322, 10260.932208618978205, 45507.789335026729956),
)
TO_ROOT_32 = (
    (
        1.0765576773720192317e-8,
        0.39894151208813466764,
        8.8831497943883759412,
        93.506656132177855979,
        597.27027639480026226,
        2494.5375852903726711,
        6848.1904505362823326,
        11602.651437647350124,
        9842.7148383839780218,
    ),
    (
        1.0,
        22.266688044328115691,
        235.38790178262499861,
        1519.377599407554805,
        6485.558298266760755,
        18615.571640885098091,
        34900.952721145977266,
        38912.003286093271411,
        19685.429676859990727,
    ),
)
BEYOND = (
    (
        0.02307344176494017303,
        0.21589853405795699,
        0.1274011611602473639,
        0.022235277870649807,
        0.001421619193227893466,
        2.9112874951168792e-5,
    ),
    (
        1.0,
        1.28426009614491121,
        0.468238212480865118,
        0.0659881378689285515,
        0.00378239633202758244,
        7.29751555083966205e-5,
    ),
)
EDGE = 0.425
ROOT_32 = 5.656854249492380195
PER_ROOT_2_PI = 0.39894228040143267794
SIXTEENTHS = 1.5 * 2.0**48
"""Added and subtracted again, it leaves a number below 2^47 rounded to a multiple of 1/16."""


def quantile(u: Number, a: Arithmetic[Number]) -> Number:
    """Φ⁻¹(u), to a relative error of 1e-15, for u between 2^-1022 and 1 − 2^-53."""
    q = a.keep(u - 0.5)
    centre = q * _ratio(CENTRE, a.keep(0.180625 - q * q))
    r = a.keep(a.sqrt(-a.log(a.below(q, 0.0, u, 1.0 - u))))
    tail = a.keep(a.below(r, 5.0, _ratio(MIDDLE, a.keep(r - 1.6)), _ratio(FAR, a.keep(r - 5.0))))
    return a.below(a.abs(q), EDGE, centre, a.below(q, 0.0, -tail, tail))


def quantile_of(u: float) -> float:
    """`quantile` of one float, with its bits: of the three approximations only the one that counts."""
    q = u - 0.5
    if abs(q) < EDGE:
        return q * _ratio_of(CENTRE, 0.180625 - q * q)
    r = math.sqrt(-math.log(u if q < 0.0 else 1.0 - u))
    tail = _ratio_of(MIDDLE, r - 1.6) if r < 5.0 else _ratio_of(FAR, r - 5.0)  # noqa: PLR2004  (as above)
    return -tail if q < 0.0 else tail


def probability(y: Number, a: Arithmetic[Number]) -> Number:
    """Φ(y), to a relative error of 1e-15, for y between −37.5 and 37.5."""
    size = a.keep(a.abs(y))
    per_square = a.keep(1.0 / (size * size))
    middle = _ratio(TO_ROOT_32, size)
    far = (PER_ROOT_2_PI - per_square * _ratio(BEYOND, per_square)) / size
    # e^(−y²/2) from the exact square of sixteenths and what is left of y² then
    rough = a.keep((size + SIXTEENTHS) - SIXTEENTHS)
    decay = a.exp(rough * rough * -0.5) * a.exp((size - rough) * (size + rough) * -0.5)
    tail = a.keep(decay * a.below(size, ROOT_32, middle, far))
    near = 0.5 + y * _ratio(NEAR_0, a.keep(y * y))
    return a.below(size, 0.66291, near, a.below(y, 0.0, tail, 1.0 - tail))


def _ratio(polynomials: tuple[Sequence[float], Sequence[float]], x: Number) -> Number:
    above, below = (_polynomial(one, x) for one in polynomials)
    return above / below


def _ratio_of(polynomials: tuple[Sequence[float], Sequence[float]], x: float) -> float:
    above, below = (coefficients[0] for coefficients in polynomials)
    for up, down in zip(polynomials[0][1:], polynomials[1][1:], strict=True):
        above, below = above * x + up, below * x + down
    return above / below


def _polynomial(coefficients: Sequence[float], x: Number) -> Number:
    first, second, *rest = coefficients
    return reduce(lambda sum_, one: sum_ * x + one, rest, x * first + second)
