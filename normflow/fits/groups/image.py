"""Where the values of a column can lie after its transform, whatever their group."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from normflow.fits.groups.columns import VARIANT

if TYPE_CHECKING:
    from normflow.fits.column import ColumnFit
    from normflow.fits.groups.columns import ColumnGroups
    from normflow.transforms.formula import FormulaMap

LO, HI = "\0lo", "\0hi"


def hull(fit: ColumnFit, groups: ColumnGroups, lo: float, hi: float, ulps: int) -> tuple[float, float]:
    """The smallest interval that holds what [lo, hi] becomes in every group and by the whole table's numbers.

    All groups are computed at once, map by map; each map's ends are widened by some ulps, since what one map
    rounds the next may magnify. Groups in which no value of [lo, hi] has a result do not count.
    """
    whole = pl.DataFrame([groups.whole(fit)], schema=groups.numbers.schema)
    numbers = pl.concat([groups.numbers.drop_nulls(VARIANT), whole])
    ends = []
    for number, variant in enumerate(groups.variants):
        rows = numbers.filter(pl.col(VARIANT) == number)
        rows = rows.with_columns(pl.lit(lo, pl.Float64).alias(LO), pl.lit(hi, pl.Float64).alias(HI))
        for one in (*groups.guards.read(pl.col).maps, *variant.read(pl.col).maps):
            rows = _mapped(rows, one, ulps)  # type: ignore[arg-type]  # all stored maps have a formula
        ends.append(rows.select(LO, HI))
    found = pl.concat(ends)
    low, high = found[LO].min(), found[HI].max()
    return (-math.inf if low is None else float(low), math.inf if high is None else float(high))  # type: ignore[arg-type]


def _mapped(rows: pl.DataFrame, one: FormulaMap, ulps: int) -> pl.DataFrame:
    lo, hi = one.ends(pl.col(LO), pl.col(HI))
    mapped = rows.with_columns(lo.fill_nan(-math.inf).alias(LO), hi.fill_nan(math.inf).alias(HI))
    return mapped.with_columns(
        _stepped(mapped[LO], -math.inf, ulps).alias(LO), _stepped(mapped[HI], math.inf, ulps).alias(HI)
    )


def _stepped(ends: pl.Series, towards: float, ulps: int) -> pl.Series:
    values = ends.to_numpy()
    for _ in range(ulps):
        values = np.nextafter(values, towards)
    return pl.Series(values, dtype=pl.Float64, nan_to_null=True)
