"""Shift and scale: what centring, standardizing, min-max, max-abs and robust scaling all store."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.errors import FitError
from normflow.transforms.arithmetic import fixed
from normflow.transforms.formula import FormulaMap

if TYPE_CHECKING:
    from normflow.transforms.arithmetic import Arithmetic, Number


@dataclass(frozen=True, slots=True)
class Affine(FormulaMap):
    """y = (x − shift)/scale·gain + offset, with the division kept, so that end points are hit exactly.

    A step that would change nothing (shift 0, scale 1, gain 1, offset 0) is left out. Every reading gives
    the same bits. Scale and gain are positive.

    Raises:
        FitError: a field is not finite, or scale or gain is not positive.
    """

    kind: ClassVar[str] = "affine"
    plain: ClassVar[bool] = True
    shift: float
    scale: float = 1.0
    gain: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        FormulaMap.__post_init__(self)
        for name in ("scale", "gain"):
            if not getattr(self, name) > 0.0:
                raise FitError(f"affine: {name} would be {getattr(self, name)}, and must be positive")

    def formula(self, x: str = "x") -> str:
        """(x − shift)/scale·gain + offset, without what changes nothing."""
        y = _added(x, -self.shift)
        if self.scale != 1.0 or self.gain != 1.0:
            y = f"({y})" if _is_sum(y) else y
            y += f"/{self.scale:g}" if self.scale != 1.0 else ""
            y += f"·{self.gain:g}" if self.gain != 1.0 else ""
        return _added(y, self.offset)

    def forward(self, x: Number, a: Arithmetic[Number]) -> Number:
        """(x − shift)/scale·gain + offset."""
        y = x if fixed(self.shift, 0.0) else x - self.shift
        y = y if fixed(self.scale, 1.0) else a.divide(y, self.scale)
        y = y if fixed(self.gain, 1.0) else y * self.gain
        return y if fixed(self.offset, 0.0) else y + self.offset

    def backward(self, y: Number, a: Arithmetic[Number]) -> Number:
        """(y − offset)/gain·scale + shift."""
        x = y if fixed(self.offset, 0.0) else y - self.offset
        x = x if fixed(self.gain, 1.0) else a.divide(x, self.gain)
        x = x if fixed(self.scale, 1.0) else x * self.scale
        return x if fixed(self.shift, 0.0) else x + self.shift


def _is_sum(text: str) -> bool:
    while text != (flat := re.sub(r"\([^()]*\)", "", text)):
        text = flat
    return " " in text


def _added(x: str, value: float) -> str:
    """`x + value` or `x − value`, or `x` alone where the value is 0."""
    return f"{x} {'+' if value > 0 else '−'} {abs(value):g}" if value else x
