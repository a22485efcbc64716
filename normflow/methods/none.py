"""Leave the column as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.transforms import Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class Keep:
    """y = x, whatever the column holds."""

    name: ClassVar[str] = "none"
    version: ClassVar[int] = 1

    def needs(self) -> tuple[float, ...]:
        """No quantile."""
        return ()

    def reads(self, profile: ColumnProfile) -> tuple[float, ...]:  # noqa: ARG002  (nothing is learned)
        """No quantile."""
        return ()

    @property
    def midpoint(self) -> float:
        """Zero: a column that stays as it is has no middle."""
        return 0.0

    @property
    def learns_spread(self) -> bool:
        """False: nothing is learned."""
        return False

    def attempt(self, profile: ColumnProfile) -> Transform | str:  # noqa: ARG002  (reads nothing)
        """The identity."""
        return Transform.identity()

    def refuses(self, profile: ColumnProfile) -> str | None:  # noqa: ARG002  (reads nothing)
        """Never."""
        return None

    def fit(self, profile: ColumnProfile) -> Transform:  # noqa: ARG002  (reads nothing)
        """The identity."""
        return Transform.identity()
