"""What a decision looks at: numbers read once from a profile, kept beside the decision."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from normflow.select.plot import standardized
from normflow.select.scores import score
from normflow.transforms import Transform

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from normflow.profiles import ColumnProfile, Points
    from normflow.select.scores import Score

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)  # what a decision reads
CORE_TRIM = 0.005
DISTINCT_ERROR = 0.05  # three standard errors of the distinct estimate
NOISE, FINEST = (
    1.5,
    1e-4,
)  # what chance takes from a normal-plot correlation of n values, times n; and at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The numbers of one column that the rules read.

    `skew` is the biased moment skew g1 of all finite values; `core_skew` the same without the smallest and
    the largest 0.5 % of them (at least one value each), which a few outliers cannot move; `kelly` the
    quantile skew (q90 + q10 − 2·q50)/(q90 − q10). Shares run from 0 to 1; `missing` counts nulls, NaN and
    ±inf. `distinct` is a count where `exact` is true, else an estimate, and `top_share` then an upper bound.
    `normality` is the normal-plot correlation of the values as they are. `declared` is the range that no
    value may leave, where somebody declared one. Numbers that do not exist (no value, no spread, beyond
    float64) are None.
    """

    rows: int
    n: int
    missing: float
    distinct: int
    exact: bool = False
    whole: bool
    constant: bool
    min: float | None
    max: float | None
    mean: float | None
    std: float | None
    median: float | None
    iqr: float | None
    zeros: float
    top_share: float
    skew: float | None
    core_skew: float | None
    kelly: float | None
    kurtosis: float | None
    normality: float | None = None
    declared: tuple[float, float] | None = None

    @classmethod
    def of(
        cls,
        profile: ColumnProfile,
        declared: tuple[float, float] | None = None,
        before: Score | None = None,
    ) -> Evidence:
        """Read the evidence from a profile; `before` is the score of its values, where one is there."""
        known = profile.n > 0
        before = before or score(profile, Transform.identity())
        return cls(
            rows=profile.rows,
            n=profile.n,
            missing=profile.missing,
            distinct=profile.distinct,
            exact=profile.exact,
            whole=profile.is_whole,
            constant=profile.is_constant,
            min=profile.min,
            max=profile.max,
            mean=profile.mean,
            std=profile.std(),
            median=profile.median if known else None,
            iqr=_iqr(profile) if known else None,
            zeros=profile.zeros / profile.n if known else 0.0,
            top_share=profile.top_share or 0.0,
            skew=profile.skew,
            core_skew=_core_skew(profile),
            kelly=_kelly(profile) if known else None,
            kurtosis=before.kurtosis,
            normality=before.normality,
            declared=declared,
        )

    @property
    def tolerance(self) -> float:
        """How far below the best a normal-plot correlation may lie by chance: 1.5/n, at least 1e-4."""
        return max(NOISE / self.n, FINEST) if self.n else 1.0

    def are_distinct(self, share: float) -> bool:
        """Whether that share of the values are different; an estimate may be off by three standard errors."""
        return self.distinct >= self.n * (share if self.exact else share - DISTINCT_ERROR)

    def to_json(self) -> dict[str, object]:
        """The evidence as plain JSON values."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**found, "declared": list(self.declared) if self.declared else None}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Evidence:
        """Read what `to_json` wrote."""
        declared = document["declared"]
        return cls(**{**document, "declared": (declared[0], declared[1]) if declared else None})


def _core_skew(profile: ColumnProfile) -> float | None:
    if profile.n < 3 or profile.is_constant:  # noqa: PLR2004 (two ends and a middle)
        return None
    points = profile.points()
    drop = max(1, int(CORE_TRIM * profile.n))
    return weighted_skew(points.values, _trimmed(points, drop))


def _trimmed(points: Points, drop: int) -> np.ndarray:
    """Counts without the `drop` smallest and the `drop` largest values."""
    above = points.above
    total = int(above[-1])
    kept = np.clip(above, drop, total - drop)
    return np.diff(kept, prepend=drop)


def weighted_skew(values: np.ndarray, counts: np.ndarray) -> float | None:
    """Biased moment skew m3/m2^1.5 of weighted values; None without spread."""
    held = counts > 0
    weights = counts[held] / counts.sum()
    away = standardized(values[held], weights)
    return float((away * away * away * weights).sum()) if away.any() else None


def _iqr(profile: ColumnProfile) -> float | None:
    low, high = profile.quantile([0.25, 0.75])
    return _finite(high - low)


def _kelly(profile: ColumnProfile) -> float | None:
    # Halved, so that the difference of two quantiles stays within float64.
    low, middle, high = (q / 2 for q in profile.quantile([0.1, 0.5, 0.9]))
    return (high - middle - (middle - low)) / (high - low) if high > low else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
