"""The words and plain values that a pipeline file may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

JsonScalar = str | int | float | bool | None
Option = JsonScalar | tuple["Option", ...]
Options = Mapping[str, Option]

OnFail = Literal["fail", "quarantine", "null", "clip"]
Severity = Literal["error", "warn"]
ColumnChange = Literal["error", "warn", "ignore"]
Mode = Literal["reuse", "refit", "frozen"]
RunMode = Literal["reuse", "refit", "frozen", "replay"]
Goal = Literal["model", "gaussian", "robust", "bounded", "preserve"]
Compat = Literal["sklearn", "r", "spark", "bigquery"]
Quantiles = Literal["histogram", "exact"]
Interval = tuple[float | None, float | None]
