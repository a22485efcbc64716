"""The conformance kit holds for normflow's own methods, and catches what it is there to catch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import pytest

from normflow.methods import Asinh, ColumnMethod, Robust, ZScore
from normflow.testing import MethodContract
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


class TestOwnMethods(MethodContract):
    """The kit on methods that hold; they have no entry point."""

    variants: ClassVar = (ZScore(), Robust(), Asinh())
    test_a_pipeline_that_lists_it_can_use_it = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Raw(ColumnMethod):
    """Nothing but what a case changes."""

    name: ClassVar[str] = "raw"

    def learn(self, profile: ColumnProfile) -> Transform:  # noqa: ARG002
        """What the case is about."""
        return Transform((Affine(shift=0.0, scale=2.0),))


@dataclass(frozen=True)
class Forgetful(Raw):
    """Counts its calls, so that no two fits are equal."""

    calls: ClassVar[list[int]] = []

    def learn(self, profile: ColumnProfile) -> Transform:  # noqa: ARG002
        """What the case is about."""
        self.calls.append(1)
        return Transform((Affine(shift=float(len(self.calls))),))


@dataclass(frozen=True)
class Curt(Raw):
    """Refuses without a sentence."""

    def attempt(self, profile: ColumnProfile) -> Transform | str:  # noqa: ARG002
        """What the case is about."""
        return "no"


class Mapless(Raw):
    """Gives no transform."""

    def attempt(self, profile: ColumnProfile) -> Transform | str:  # noqa: ARG002
        """What the case is about."""
        return 7  # type: ignore[return-value]


def contract(*methods: object) -> MethodContract:
    found = MethodContract()
    found.variants = methods  # type: ignore[misc,assignment]
    return found


def test_a_plain_method_holds() -> None:
    held = contract(Raw())
    held.test_a_method_is_a_frozen_value_of_plain_options()
    held.test_order_and_parts_leave_no_trace("normal")
    held.test_larger_values_stay_larger_or_equal("cauchy")
    held.test_the_inverse_brings_values_back("integers")


def test_what_breaks_a_law_is_caught() -> None:
    with pytest.raises(AssertionError):
        contract().test_there_are_variants()
    with pytest.raises(AssertionError):
        contract(Forgetful()).test_order_and_parts_leave_no_trace("normal")
    with pytest.raises(AssertionError, match="sentence"):
        contract(Curt()).test_it_refuses_with_a_sentence_or_maps_all_rows_to_numbers("normal")
    with pytest.raises(Exception, match="gives int, and no transform"):
        contract(Mapless()).test_larger_values_stay_larger_or_equal("normal")
