"""The two parts of the league."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.selection.development import DEVELOPMENT_SETS
from tests.benchmarks.selection.set_aside import SET_ASIDE_SETS

if TYPE_CHECKING:
    from tests.benchmarks.selection.shipped import DataSet

DEVELOPMENT = "development"
SET_ASIDE = "set-aside"
PARTS: dict[str, tuple[DataSet, ...]] = {DEVELOPMENT: DEVELOPMENT_SETS, SET_ASIDE: SET_ASIDE_SETS}
