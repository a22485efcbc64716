"""How the parameters of a column come from a profile, once its method is settled."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from normflow.errors import FitError
from normflow.fits.treatment import Treatment, constant_transform, treatment
from normflow.methods import attempted
from normflow.transforms import Affine, Squash, Transform

if TYPE_CHECKING:
    from normflow.methods import Method
    from normflow.profiles import ColumnProfile
    from normflow.spec import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A method with its options, the policies around it, and the soft clip and the range 0 to 1 behind it.

    `unit` is `fitted`, or the two values of the input that go to 0 and 1; None asks for no range.
    `auto` says that nobody named the method: then a constant column is what the method makes of it, and
    policies that need a value ask for none where there is none.
    """

    method: Method
    policies: Policies
    auto: bool = False
    soft_clip: float | None = None
    unit: Literal["fitted"] | tuple[float, float] | None = None

    def constant(self, profile: ColumnProfile) -> Transform | None:
        """What a column of one value becomes by a policy; None where the method itself is asked.

        Raises:
            FitError: the policy is `error`.
        """
        if not profile.is_constant or profile.min is None:
            return None
        policy = self.policies.constant
        if policy is None and (self.auto or not self.method.learns_spread):
            return None
        return constant_transform(profile.min, policy or "zero", self.method.midpoint)

    def transform(self, profile: ColumnProfile) -> Transform:
        """The column's transform.

        Raises:
            FitError: the method or a policy refuses.
        """
        found = self.constant(profile) or attempted(self.method, profile)
        if isinstance(found, str):
            raise FitError(found)
        return self.finished(found, profile)

    def finished(self, found: Transform, profile: ColumnProfile) -> Transform:
        """The transform with what comes behind it.

        Raises:
            FitError: an end of the range has no finite image, or both have one.
        """
        clipped = found if self.soft_clip is None else found.then(Squash(self.soft_clip))
        if self.unit is None or profile.is_constant or profile.min is None or profile.max is None:
            return clipped
        ends = (profile.min, profile.max) if isinstance(self.unit, str) else self.unit
        return clipped.then(_to_unit(clipped, ends))

    def treatment(self, profile: ColumnProfile) -> Treatment:
        """What happens around the transform.

        Raises:
            FitError: a policy needs a value, and there is none.
        """
        return treatment(profile, _possible(self.policies, profile) if self.auto else self.policies)


def _to_unit(transform: Transform, ends: tuple[float, float]) -> Affine:
    """What brings the images of two values to 0 and 1."""
    try:
        lo, hi = transform.exact_points(np.array(ends)).tolist()
    except (OverflowError, ValueError):  # beyond float64, or outside the domain
        lo = hi = math.inf
    if not 0.0 < hi - lo < math.inf:
        raise FitError(f"{ends[0]} and {ends[1]}, which are to become 0 and 1, have no two finite images")
    return Affine(shift=lo, scale=hi - lo)


def _possible(policies: Policies, profile: ColumnProfile) -> Policies:
    """The policies that need no value where there is none: `auto` leaves such a column as it is."""
    if profile.min is not None:
        return policies
    return replace(policies, clip=None, fill=policies.fill if isinstance(policies.fill, float) else None)
