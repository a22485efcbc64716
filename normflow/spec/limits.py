"""How many rows may fail: `5%` of the rows, or `25` of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%", re.ASCII)
WHOLE = 100


@dataclass(frozen=True, slots=True)
class Limit:
    """How many rows may fail: a count, or a share of the rows (0 to 1); neither is no limit."""

    count: int | None = None
    share: float | None = None

    @classmethod
    def parse(cls, value: object) -> Limit:
        """Read `25` or `5%`.

        Raises:
            ValueError: anything else, with a sentence.
        """
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return cls(count=value)
        match = PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise ValueError("expected a share such as 5% or a whole number of rows")
        percent = Decimal(match[1])
        if percent > WHOLE:
            raise ValueError("expected a share of at most 100%")
        return cls(share=float(percent / WHOLE))

    def allows(self, failed: int, rows: int) -> bool:
        """Whether `failed` of `rows` rows stays within the limit; exact, so 29 of 100 are within 29%."""
        if self.count is not None:
            return failed <= self.count
        return self.share is None or failed <= Fraction(str(self.share)) * rows

    def __str__(self) -> str:
        if self.count is not None:
            return str(self.count)
        return (
            "no limit"
            if self.share is None
            else f"{Decimal(str(self.share)) * WHOLE:f}".rstrip("0").rstrip(".") + "%"
        )
