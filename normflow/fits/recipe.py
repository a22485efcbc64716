"""How the parameters of a column come from a profile, once its method is settled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from normflow.errors import FitError
from normflow.fits.treatment import Treatment, constant_transform, treatment
from normflow.methods import Keep
from normflow.transforms import Squash, Transform

if TYPE_CHECKING:
    from normflow.methods import Method
    from normflow.profiles import ColumnProfile
    from normflow.spec import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A method with its options, the policies around it, and the soft clip behind it.

    `auto` says that nobody named the method: then a constant column is what the method makes of it, and
    policies that need a value ask for none where there is none.
    """

    method: Method
    policies: Policies
    auto: bool = False
    soft_clip: float | None = None

    def constant(self, profile: ColumnProfile) -> Transform | None:
        """What a column of one value becomes by a policy; None where the method itself is asked.

        Raises:
            FitError: the policy is `error`.
        """
        if not profile.is_constant or profile.min is None:
            return None
        policy = self.policies.constant
        if policy is None and (self.auto or self.method.name == Keep.name):
            return None
        return constant_transform(profile.min, policy or "zero", self.method.midpoint)

    def transform(self, profile: ColumnProfile) -> Transform:
        """The column's transform.

        Raises:
            FitError: the method or a policy refuses.
        """
        found = self.constant(profile) or self.method.attempt(profile)
        if isinstance(found, str):
            raise FitError(found)
        return self.finished(found)

    def finished(self, found: Transform) -> Transform:
        """The transform with what comes behind it."""
        return found if self.soft_clip is None else found.then(Squash(self.soft_clip))

    def treatment(self, profile: ColumnProfile) -> Treatment:
        """What happens around the transform.

        Raises:
            FitError: a policy needs a value, and there is none.
        """
        return treatment(profile, _possible(self.policies, profile) if self.auto else self.policies)


def _possible(policies: Policies, profile: ColumnProfile) -> Policies:
    """The policies that need no value where there is none: `auto` leaves such a column as it is."""
    if profile.min is not None:
        return policies
    return replace(policies, clip=None, fill=policies.fill if isinstance(policies.fill, float) else None)
