"""Maps with the parameters that matter, and numbers to try them on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

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
    from collections.abc import Sequence

LAMBDAS = (-3.0, -1.0, -0.5, -1e-9, 0.0, 1e-9, 0.1, 0.5, 0.7312345678, 1.0, 1.5, 2.0, 2.0 + 1e-9, 3.0, 5.0)

ONE_TO_ONE: tuple[Map, ...] = (
    Affine(shift=0.0),
    Affine(shift=3.0),
    Affine(shift=0.0, scale=49.0),
    Affine(shift=1.5, scale=0.1),
    Affine(shift=-1e9, scale=7.3, gain=2.0, offset=-1.0),
    Affine(shift=1e-18, scale=3e-18),
    Affine(shift=0.0, scale=1e155, gain=3.0),
    Log(),
    Sqrt(),
    Cbrt(),
    Asinh(),
    Logit(),
    *(BoxCox(lam) for lam in LAMBDAS),
    *(YeoJohnson(lam) for lam in LAMBDAS),
    Squash(3.0),
    Squash(0.25),
    Squash(4.0),
)
BROKEN_LINES = (
    Interpolate((-1e3, -2.0, -0.5, 0.1, 0.7, 3.0, 1e5), (0.0, 0.1, 0.3, 0.45, 0.7, 0.95, 1.0)),
    Interpolate((-3.0, -1.0, -1.0, 0.0, 0.0, 0.0, 2.0, 49.0, 49.0), tuple(i / 8 for i in range(9))),
    Interpolate(tuple(np.linspace(-2.5, 2.5, 100) ** 3), tuple(np.linspace(0, 1, 100))),
)
OTHERS: tuple[Map, ...] = (
    *BROKEN_LINES,
    NormalQuantile(),
    NormalQuantile(-3.0, 8.2),
    NormalQuantile(-37.5, 2.5),
    Clip(-0.5, 2.0),
    Clip(-1e3, 0.25),
    Within(-0.5, 2.0),
    Fill(1.5),
)
"""Where several numbers go to one, or what is null to a number."""
ELEMENTARY: tuple[Map, ...] = (*ONE_TO_ONE, *OTHERS)
CHAINS: tuple[Transform, ...] = (
    Transform.identity(),
    Transform((Affine(shift=-1.0), Log(), Affine(shift=0.5, scale=2.0))),
    Transform((Affine(shift=-0.25, scale=2.5), Logit(), Affine(shift=0.3, scale=1.1))),
    Transform((Affine(shift=0.5, scale=0.25), Asinh(), Affine(shift=0.3, scale=1.1))),
    Transform((Affine(shift=0.0, scale=2.0), BoxCox(0.3), Affine(shift=0.1, scale=1.7))),
    Transform((Affine(shift=0.3, scale=2.0), YeoJohnson(-0.4), Affine(shift=0.1, scale=1.7), Squash(4.0))),
)
OTHER_CHAINS: tuple[Transform, ...] = (
    Transform((Interpolate((-2.0, 0.1, 5.0), (0.0, 0.4, 1.0)), NormalQuantile())),
    Transform((Clip(-1.5, 4.0), Affine(shift=2.0, scale=3.0))),
    Transform((Within(-1.5, 4.0), Fill(0.5), Clip(0.25, 2.25), Sqrt())),
)
INVERTIBLE: tuple[Map, ...] = (*ONE_TO_ONE, *CHAINS)
MAPS: tuple[Map, ...] = (*ELEMENTARY, *CHAINS, *OTHER_CHAINS)

_rng = np.random.default_rng(20)
_sizes = 10.0 ** _rng.uniform(-12, 6, 300)
NUMBERS = np.sort(
    np.concatenate(
        [_sizes, -_sizes, _rng.normal(size=300), [0.0, 1.0, -1.0, 1 + 1e-12, 1 - 1e-12, 2.0, 4.0, 49.0]]
    )
)


def inside(one: Map) -> np.ndarray:
    """The numbers of the domain whose image float64 holds."""
    lo, hi = one.domain()
    numbers = NUMBERS[np.logical_and(lo < NUMBERS, NUMBERS < hi)]  # noqa: SIM300  (an interval)
    return numbers[np.isfinite(one.points(numbers))]


def applied(frame: pl.DataFrame, steps: list[dict[str, pl.Expr]]) -> pl.Series:
    """Column x of the frame after its stages, on the streaming engine."""
    lazy = frame.lazy()
    for step in steps:
        lazy = lazy.with_columns(**step)
    return lazy.select("x").collect(engine="streaming")["x"]


def column(values: np.ndarray | Sequence[float | None]) -> pl.DataFrame:
    """A frame with the one column x."""
    return pl.DataFrame({"x": pl.Series(values, dtype=pl.Float64)})


def holds(one: Map, *kinds: type) -> bool:
    """Whether the map, or a link of the chain, is of one of these kinds."""
    links = one.maps if isinstance(one, Transform) else (one,)
    return any(isinstance(link, kinds) for link in links)


def label(one: Map) -> str:
    """How a test names a map."""
    return one.formula()
