"""The protocol of a method: options in, a profile read, a transform out."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from normflow.errors import FitError
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


class Method(Protocol):
    """A pure function from what is known of a column to a transform; its fields are its options.

    No I/O, no frame, no clock, no randomness: the same profile gives the same bits.
    """

    name: ClassVar[str]
    version: ClassVar[int]

    def needs(self) -> tuple[float, ...]:
        """The quantiles it reads, which a second scan makes exact where the histogram is too coarse."""
        ...

    def reads(self, profile: ColumnProfile) -> tuple[float, ...]:
        """All quantiles that fitting this profile reads, which `quantiles: exact` makes exact."""
        ...

    @property
    def midpoint(self) -> float:
        """The middle of what comes out."""
        ...

    @property
    def learns_spread(self) -> bool:
        """Whether it needs two different values: a column of one value then has a policy instead."""
        ...

    def attempt(self, profile: ColumnProfile) -> Transform | str:
        """The transform, or the sentence with which the method refuses; either costs the same."""
        ...

    def refuses(self, profile: ColumnProfile) -> str | None:
        """Why this method does not apply, as a sentence with the number at fault; None when it does."""
        ...

    def fit(self, profile: ColumnProfile) -> Transform:
        """The transform for this profile.

        Raises:
            FitError: the method refuses; its text is the sentence.
        """
        ...


QUARTILES = (0.25, 0.5, 0.75)


class ColumnMethod(ABC):
    """What all methods share: nothing is learned from no value, and a constant column is centred.

    A column of one value has no spread to scale by, so every method that learns one stores x − value for it,
    which is 0 on the rows it was fitted on.
    """

    __slots__ = ()
    name: ClassVar[str]
    version: ClassVar[int] = 1
    reads_shape: ClassVar[bool] = True
    """Whether it reads more of a profile than counts, extremes and sums."""

    def needs(self) -> tuple[float, ...]:
        """No quantile, unless the method says otherwise."""
        return ()

    def reads(self, profile: ColumnProfile) -> tuple[float, ...]:  # noqa: ARG002  (some count its values)
        """All quantiles that fitting this profile reads; what `needs` names, unless the method says so."""
        return self.needs()

    @property
    def midpoint(self) -> float:
        """The middle of what comes out: what the policy `constant: midpoint` gives."""
        return 0.0

    @property
    def learns_spread(self) -> bool:
        """True, unless the method is told all that it would learn."""
        return True

    @abstractmethod
    def learn(self, profile: ColumnProfile) -> Transform:
        """The transform for a column with at least two different finite values.

        Raises:
            FitError: the method does not apply.
        """

    def attempt(self, profile: ColumnProfile) -> Transform | str:
        """The transform, or the sentence with which the method refuses."""
        if profile.min is None:
            return f"no finite value among {profile.rows} rows"
        if profile.is_constant and self.learns_spread:
            return Transform((Affine(shift=profile.min),))
        try:
            # what leaves float64 on the way is looked at where it ends, and is no warning
            with np.errstate(all="ignore"):
                return _held(self.learn(profile), profile)
        except FitError as refusal:
            return refusal.message

    def refuses(self, profile: ColumnProfile) -> str | None:
        """Why this method does not apply; None when it does."""
        outcome = self.attempt(profile)
        return outcome if isinstance(outcome, str) else None

    def fit(self, profile: ColumnProfile) -> Transform:
        """The transform for this profile.

        Raises:
            FitError: the method refuses.
        """
        outcome = self.attempt(profile)
        if isinstance(outcome, str):
            raise FitError(outcome)
        return outcome


def _held(transform: Transform, profile: ColumnProfile) -> Transform:
    # the smallest and the largest value bound what becomes of the others
    ends = known(profile.min), known(profile.max)
    for value, mapped in zip(ends, transform.points(np.array(ends)).tolist(), strict=True):
        if not math.isfinite(mapped):
            raise FitError(f"{transform.formula()} takes {value} beyond float64")
    return transform


def known(value: float | None) -> float:
    """A read-out of a column that has values.

    Raises:
        FitError: there is none.
    """
    if value is None:
        raise FitError("no finite value")
    return value
