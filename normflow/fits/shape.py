"""The shape of a column before and after its transform, as the profile predicts it."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from normflow.errors import FormatError
from normflow.fits.treatment import IDLE, Treatment
from normflow.profiles import weighted
from normflow.transforms import Affine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.profiles import ColumnProfile
    from normflow.transforms import Transform

LARGEST = sys.float_info.max


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Range, mean, std (ddof 0) and skew (biased g1) of the finite values; None where they do not exist.

    `mean_error` and `std_error` bound how far the rows' own mean and std can lie from these, because a
    histogram bucket stands for all its values; both are 0 where the histogram is exact.
    """

    min: float | None = None
    max: float | None = None
    mean: float | None = None
    std: float | None = None
    skew: float | None = None
    mean_error: float = 0.0
    std_error: float = 0.0

    @classmethod
    def before(cls, profile: ColumnProfile) -> Shape:
        """The shape of the values as they are."""
        return cls(
            min=profile.min,
            max=profile.max,
            mean=_finite(profile.mean),
            std=_finite(profile.std()),
            skew=_finite(profile.skew) if profile.has_shape else None,
        )

    @classmethod
    def after(cls, profile: ColumnProfile, transform: Transform, around: Treatment = IDLE) -> Shape:
        """The shape that the guards and `transform` give the profile's points, and nulls that are filled."""
        chain = around.guards.then(transform)
        if profile.min is None or profile.max is None or not (chain.maps or around.nonfinite == "clip"):
            return cls.before(profile)
        if not profile.has_shape:
            return cls._affine(profile, chain, profile.min, profile.max)
        points = profile.points()
        mapped = chain.points(points.values)
        # an array's null is NaN, which stays NaN where nothing fills it
        extra = chain.points(np.array([math.nan, profile.min, profile.max]))
        mapped = np.concatenate([mapped, extra])
        held = np.isfinite(mapped)
        counts = np.concatenate([points.counts.astype(np.float64), _beside(profile, around)])
        known = weighted(mapped[held], counts[held], rounded=False)
        if known is None:
            return cls()
        lo, hi = _reach(chain, profile.min, profile.max)
        mean_error, std_error = _bucket_error(profile, chain, held, counts[held], known.total)
        return cls(
            min=_finite(lo),
            max=_finite(hi),
            mean=_finite(known.mean),
            std=_finite(known.std),
            skew=None if known.skew is None else _finite(known.skew),
            mean_error=mean_error,
            std_error=std_error,
        )

    @classmethod
    def _affine(cls, profile: ColumnProfile, chain: Transform, low: float, high: float) -> Shape:
        """The shape after affine maps, which mean and std follow."""
        lo, hi = chain.image(low, high)
        mean, gain = profile.sums.exact_mean, Fraction(1)
        for one in chain.maps:
            if isinstance(one, Affine):
                step = Fraction(one.gain) / Fraction(one.scale)
                mean = (mean - Fraction(one.shift)) * step + Fraction(one.offset)
                gain *= step
        return cls(
            min=_finite(lo),
            max=_finite(hi),
            mean=float(mean),
            std=float(Fraction(profile.std() or 0.0) * gain),
        )

    def to_json(self) -> dict[str, float | None]:
        """The fields as JSON numbers."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_json(cls, document: Mapping[str, float | None]) -> Shape:
        """Read what `to_json` wrote.

        Raises:
            FormatError: a part that is no finite number.
        """
        for name, value in document.items():
            missing = value is None and not name.endswith("_error")
            if not missing and not (type(value) in {int, float} and abs(value) <= LARGEST):  # type: ignore[arg-type]
                raise FormatError(f"a stored shape's {name} cannot be {value!r}")
        return cls(**document)  # type: ignore[arg-type]  # the two error fields are never null


def _reach(chain: Transform, lo: float, hi: float) -> tuple[float, float]:
    """Where two values go, by the C library, or where the interval between them goes if one has no image."""
    try:
        ends = chain.exact_points(np.array([lo, hi])).tolist()
    except (OverflowError, ValueError):  # beyond float64, or outside the domain
        ends = []
    return (ends[0], ends[1]) if ends and all(map(math.isfinite, ends)) else chain.image(lo, hi)


def _bucket_error(
    profile: ColumnProfile, transform: Transform, held: np.ndarray, weights: np.ndarray, total: float
) -> tuple[float, float]:
    # A monotone map takes a bucket to a bucket: no value moves further than its bucket is wide.
    if profile.exact:
        return 0.0, 0.0
    points = profile.points()
    width = np.abs(transform.points(points.high) - transform.points(points.low))
    width = np.concatenate([width, np.zeros(BESIDE)])[held]
    widest = float(np.max(width))
    if not 0 < widest < math.inf:
        return widest, widest
    shares = width / widest
    mean_error = float((shares * weights).sum()) / total
    return mean_error * widest, math.sqrt(float((shares * shares * weights).sum()) / total) * widest


BESIDE = 3


def _beside(profile: ColumnProfile, around: Treatment) -> np.ndarray:
    """How many values become null, and how many infinities go to the lower and the upper end."""
    if around.nonfinite != "clip":
        return np.array([profile.rows - profile.n, 0, 0], np.float64)
    return np.array([profile.nulls + profile.nans, profile.neg_infs, profile.pos_infs], np.float64)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
