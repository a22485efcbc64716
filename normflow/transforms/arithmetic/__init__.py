"""One formula, several readings: the operations a map may use, as Polars, arrays, numbers, or SQL.

A map writes y = f(x) once, with `+ − ×` and the operations below; what `x` is decides what comes out.
Every reading gives the same number: to the bit where only `+ − × ÷ √` are used, else to a few ulp.
"""

from __future__ import annotations

from normflow.transforms.arithmetic._number import AT_ZERO, Arithmetic, FloatArray, Number, fixed
from normflow.transforms.arithmetic.arrays import Arrays, Libm
from normflow.transforms.arithmetic.expressions import Inline, Limits, Staged
from normflow.transforms.arithmetic.knots import Knots
from normflow.transforms.arithmetic.scalars import Scalars, line
from normflow.transforms.arithmetic.sqltext import INFINITY, InlineSql, Sql, StagedSql, sql_number

__all__ = [
    "AT_ZERO",
    "INFINITY",
    "Arithmetic",
    "Arrays",
    "FloatArray",
    "Inline",
    "InlineSql",
    "Knots",
    "Libm",
    "Limits",
    "Number",
    "Scalars",
    "Sql",
    "Staged",
    "StagedSql",
    "fixed",
    "line",
    "sql_number",
]
