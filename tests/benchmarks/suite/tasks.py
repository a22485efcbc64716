"""The tasks of the suite: what each does, to which table, and how far it is from a plain copy.

A ratio is CPU seconds over those of the plain Polars copy of the same file in the same round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

MIXED: Mapping[str, str] = {
    "normal": "zscore",
    "student": "zscore",
    "bimodal": "zscore",
    "beta": "minmax",
    "byte": "minmax",
    "gaps": "minmax",
    "zeros": "robust",
    "exponential": "robust",
    "lognormal": "log",
    "cents": "log1p",
}
"""The method of each shape in T2; `log1p` is the log of 1 + x, because cents may be 0."""
SPELLED = {"log1p": "{method: log, offset: 1}"}
WRITER: Final = "snappy"
"""How normflow and all peers write their results; the copy, which is the yardstick, is zstd 3."""
LEVELS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""The quantiles of T6."""
PARTITIONS = 31

Table = Literal["main", "tiny", "wide", "days"]
Stage = Literal["learn", "stored", "profile", "next day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task.

    `normalize` is the section of the pipeline file, on one line. `reach` and `aim` are ratios to the copy,
    seconds where `in_seconds`. `apart` is how far a result may be from another's, relative to max(1, |y|),
    but for a share of `beyond` of the values of a column; it is 0 where nobody else does the task.
    """

    name: str
    what: str
    normalize: str
    table: Table = "main"
    stage: Stage = "learn"
    reach: float | None = None
    aim: float | None = None
    in_seconds: bool = False
    apart: float = 0.0
    beyond: float = 0.0


def _mixed() -> str:
    lines = [f'"{shape}_*": {SPELLED.get(method, method)}' for shape, method in MIXED.items()]
    return "{" + ", ".join(lines) + "}"


ZSCORE = '{"*": zscore}'
TASKS = {
    task.name: task
    for task in (
        Task(
            name="T1",
            what="fit and transform, zscore on all",
            normalize=ZSCORE,
            reach=1.7,
            aim=1.34,
            apart=1e-12,
        ),
        Task(
            name="T2",
            what="mixed zscore, minmax, robust, log",
            normalize=_mixed(),
            reach=2.0,
            aim=1.7,
            apart=5e-3,
        ),
        Task(
            name="T3",
            what="Yeo-Johnson on all",
            normalize='{"*": yeojohnson}',
            reach=3.0,
            aim=2.2,
            apart=5e-3,
        ),
        Task(
            name="T4",
            what="quantile_normal (1000) on all",
            normalize='{"*": {method: quantile_normal, n_quantiles: 1000}}',
            reach=3.5,
            aim=2.8,
            apart=2e-2,
            beyond=1e-3,  # near the ends Φ⁻¹ makes a tenth of the width of one bucket
        ),
        Task(
            name="T5",
            what="transform with a stored fit (zscore)",
            normalize=ZSCORE,
            stage="stored",
            reach=1.25,
            aim=1.1,
            apart=1e-12,
        ),
        Task(
            name="T6",
            what="full profile",
            normalize="",
            stage="profile",
            reach=1.0,
            aim=0.7,
            apart=5e-3,
        ),
        Task(
            name="T7",
            what="1,000 rows, whole process (zscore)",
            normalize=ZSCORE,
            table="tiny",
            reach=0.6,
            aim=0.35,
            in_seconds=True,
            apart=1e-12,
        ),
        Task(
            name="T8",
            what="auto on all, with output checks",
            normalize='{"*": auto}',
            reach=2.8,
            aim=2.1,
        ),
        Task(
            name="T9",
            what="next day: 30 partitions known, one new, fit again (zscore)",
            normalize=ZSCORE,
            table="days",
            stage="next day",
            apart=1e-12,
        ),
        Task(
            name="WIDE",
            what="T1 on 100,000 rows × 2,000 columns",
            normalize=ZSCORE,
            table="wide",
            reach=1.8,
            aim=1.5,
            apart=1e-12,
        ),
    )
}
