"""What learns and transforms the rows of a pipeline: Polars here, or the workers of a Spark cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from normflow.spec.words import Options

EngineKind = Literal["polars", "spark"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSpec:
    """Where the rows are worked on; the results are the same bits.

    `master` is the address of the cluster, such as `local[2]`; without one Spark's own configuration says it.
    `options` are settings of Spark.
    """

    kind: EngineKind = "polars"
    master: str = ""
    options: Options = field(default_factory=dict)


POLARS = EngineSpec()
