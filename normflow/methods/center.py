"""Centre on the mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from normflow.methods._method import ColumnMethod, known
from normflow.transforms import Affine, Transform

if TYPE_CHECKING:
    from normflow.profiles import ColumnProfile


@dataclass(frozen=True, slots=True)
class Center(ColumnMethod):
    """y = x − mean."""

    name: ClassVar[str] = "center"

    def learn(self, profile: ColumnProfile) -> Transform:
        """The mean as shift."""
        return Transform((Affine(shift=known(profile.mean)),))
