"""What happens to a value around its map: the policies of a column, with their learned numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from normflow.errors import FitError
from normflow.spec import Policies, Share
from normflow.transforms import Affine, Clip, Fill, Nothing, Transform, Within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.profiles import ColumnProfile
    from normflow.spec.policies import Constant, FloatType, Nonfinite, Outside
    from normflow.transforms import Map


UNGUARDED = Transform.identity()


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """The way of a value to its map and out of it, in a fixed order.

    A Float64 first meets `nonfinite`; then `guards`, a chain of Within, Clip and Fill maps (outside the
    fitted range, clip, nulls); then the column's transform, and last `dtype`. `low` and `high` are the
    fitted range, None where the fit rows held no finite value. `indicator`, which tells what is null by the
    time that nulls are filled, and an `outside` of `flag` add a column; `quarantine` and `error` judge the
    row. `asked` says that somebody wrote what becomes of NaN and ±∞, or the type, even where that is the
    default, or that a column of one value keeps it: then a column without a map is no untouched copy.
    """

    nonfinite: Nonfinite = "null"
    outside: Outside = "keep"
    low: float | None = None
    high: float | None = None
    guards: Transform = UNGUARDED
    indicator: bool = False
    dtype: FloatType = "Float64"
    asked: bool = False

    @property
    def idle(self) -> bool:
        """Whether no policy asks for anything beyond the defaults."""
        return replace(self, low=None, high=None) == Treatment()

    @property
    def reads_range(self) -> bool:
        """Whether what happens to a value depends on the fitted range."""
        return self.outside != "keep" or self.nonfinite == "clip"

    def by_group(self, low: pl.Expr, high: pl.Expr, guards: Transform) -> Treatment:
        """The same treatment with columns of numbers, one of each a group, to be read on a frame."""
        return replace(self, low=low, high=high, guards=guards)  # type: ignore[arg-type]  # read, not stored

    def entered(self, x: pl.Expr) -> pl.Expr:
        """The Float64 `x` after the policy for NaN and ±∞; `error` is not raised here."""
        if self.nonfinite == "keep":
            return x
        finite = pl.when(x.is_finite()).then(x)
        if self.nonfinite == "clip" and self.low is not None:
            ends = pl.when(x.is_infinite()).then(pl.when(x > 0.0).then(self.high).otherwise(self.low))
            return pl.coalesce(finite, ends)
        return finite

    def beyond(self, entered: pl.Expr) -> pl.Expr:
        """Whether an entered value lies outside the fitted range; null and NaN do not."""
        if self.low is None:
            return entered.is_not_null() & entered.is_not_nan()
        outside = ((entered < self.low) | (entered > self.high)) & entered.is_not_nan()
        return outside.fill_null(value=False)

    @property
    def empties(self) -> bool:
        """Whether values outside the fitted range become null: where there was none, there is no outside."""
        return any(isinstance(one, Within) for one in self.guards.maps)

    def absent(self, entered: pl.Expr) -> pl.Expr:
        """Whether an entered value is null by the time that nulls are filled."""
        return entered.is_null() | self.beyond(entered) if self.empties else entered.is_null()

    def refused(self, x: pl.Expr) -> dict[str, pl.Expr]:
        """By policy set to `error`: whether it forbids the Float64 `x`; never null."""
        found = {}
        if self.nonfinite == "error":
            found["nonfinite"] = x.is_finite().not_().fill_null(value=False)
        if self.outside == "error":
            found["outside"] = self.beyond(self.entered(x))
        return found

    def essence(self) -> dict[str, Any]:
        """What transform and inverse depend on, as JSON; empty where no policy asks for anything."""
        document = self.to_json()
        named = {"nonfinite", "outside", "indicator", "dtype"}
        asked = {key: document[key] for key in sorted(named) if document[key] != getattr(IDLE, key)}
        if self.guards.maps:
            asked["guards"] = document["guards"]
        if self.reads_range:
            asked |= {"low": self.low, "high": self.high}
        return asked

    def to_json(self) -> dict[str, Any]:
        """The fields as plain JSON values."""
        return {
            "nonfinite": self.nonfinite,
            "outside": self.outside,
            "low": self.low,
            "high": self.high,
            "guards": self.guards.to_json(),
            "indicator": self.indicator,
            "dtype": self.dtype,
            "asked": self.asked,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Treatment:
        """Read what `to_json` wrote."""
        return cls(**{**document, "guards": Transform.from_json(document["guards"])})


IDLE = Treatment()
FORBIDDEN = {"nonfinite": "NaN or ±inf", "outside": "values outside the fitted range"}


def forbidden(column: str, policy: str) -> str:
    """What is told where a column holds what a policy of `error` forbids."""
    return f"column '{column}' holds {FORBIDDEN[policy]}, and `{policy}: error` forbids them"


def treatment(profile: ColumnProfile, policies: Policies) -> Treatment:
    """The policies with the numbers that the profile gives them.

    Raises:
        FitError: a policy needs a value, and the column has none; or the clipping quantiles are one value.
    """
    outside = policies.outside or "keep"
    return Treatment(
        nonfinite=policies.nonfinite or "null",
        outside=outside,
        low=profile.min,
        high=profile.max,
        guards=Transform(tuple(_guards(profile, policies, outside))),
        indicator=policies.indicator,
        dtype=policies.dtype or "Float64",
        asked=policies.nonfinite is not None or policies.dtype is not None or policies.constant == "keep",
    )


def _guards(profile: ColumnProfile, policies: Policies, outside: Outside) -> list[Map]:
    found: list[Map] = []
    if outside in {"null", "clip"} and profile.min is not None and profile.max is not None:
        ends = (profile.min, profile.max)
        found.append(Within(*ends) if outside == "null" else Clip(*ends))
    if policies.clip is not None:
        found.append(Clip(*_bounds(profile, policies.clip)))
    if policies.fill is not None:
        found.append(Fill(_fill(profile, policies.fill)))
    return found


def _bounds(profile: ColumnProfile, clip: tuple[float | Share, float | Share]) -> tuple[float, float]:
    low, high = (profile.quantile(one.of) if isinstance(one, Share) else one for one in clip)
    if low == high and not profile.is_constant:
        raise FitError(
            f"the quantiles to clip at, {clip[0]} and {clip[1]}, are both {low:.15g}",
            hint="clip at values, or further out",
        )
    return low, high


def _fill(profile: ColumnProfile, fill: str | float) -> float:
    if isinstance(fill, float):
        return fill
    value = {"mean": profile.mean, "median": profile.median, "mode": profile.mode}[fill]
    if value is None:
        raise FitError(
            f"nulls cannot be filled with the {fill}: no finite value among {profile.rows} rows",
            hint="give a number, or keep them",
        )
    return value


def constant_transform(value: float, policy: Constant, midpoint: float) -> Transform:
    """What a column that holds only `value` becomes; `midpoint` is the middle of the method's range.

    Raises:
        FitError: the policy is `error`.
    """
    if policy == "error":
        raise FitError(f"it holds one value, {value:.15g}", hint="write another constant policy, or none")
    if policy == "null":
        return Transform((Nothing(),))
    if policy == "keep":
        return Transform.identity()
    return Transform((Affine(shift=value, offset=midpoint if policy == "midpoint" else 0.0),))
