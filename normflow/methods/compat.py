"""The conventions of other systems, as options and policies that nobody wrote.

| system | standard deviation | a column of one value | beyond the fitted range |
|---|---|---|---|
| sklearn | ddof 0 | value − center | as it comes |
| r | ddof 1 | null: base R divides 0 by 0 | `minmax` clips |
| spark | ddof 1 | value − center, `minmax` the middle of its range | as it comes |
| bigquery | ddof 1 | value − center; its own answer is not documented | `minmax` clips |

Also documented, and not taken over: recipes' `step_normalize` leaves value − center where the deviation is 0,
and warns (write `constant: zero`); Spark's StandardScaler centers with `withMean` only; Spark and BigQuery
take approximate quantiles in their robust scalers, and here quantiles are those of numpy and R (type 7).

Sources: R `base::scale`; recipes `step_range(clipping = TRUE)`, which divides by max − min as well; Spark
MLlib `StandardScaler` (corrected sample deviation; 0.0 for a feature without variance) and `MinMaxScaler`
(0.5·(max + min) where E_max = E_min); BigQuery `ML.STANDARD_SCALER`, `ML.MIN_MAX_SCALER` (values outside
[0, 1] are capped, in prediction too) and `ML.MAX_ABS_SCALER`, which caps nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from normflow.spec import UNTOUCHED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.spec import Compat, MethodSpec, Options
    from normflow.spec.policies import Constant, Outside

SAMPLE: Options = {"ddof": 1}
STANDARDIZING = (
    "zscore",
    *("log", "sqrt", "cbrt", "asinh", "logit"),
    *("boxcox", "yeojohnson"),
)


@dataclass(frozen=True, slots=True)
class Conventions:
    """What a system does by default: options by method, and policies, with those of one method first."""

    options: Mapping[str, Options] = field(default_factory=dict)
    constant: Mapping[str, Constant] = field(default_factory=dict)
    outside: Mapping[str, Outside] = field(default_factory=dict)
    every_constant: Constant | None = None


BY_SAMPLE = dict.fromkeys(STANDARDIZING, SAMPLE)
SYSTEMS: Mapping[Compat, Conventions] = {
    "sklearn": Conventions(),
    "r": Conventions(BY_SAMPLE, outside={"minmax": "clip"}, every_constant="null"),
    "spark": Conventions(BY_SAMPLE, constant={"minmax": "midpoint"}),
    "bigquery": Conventions(BY_SAMPLE, outside={"minmax": "clip"}),
}


def conventional(wanted: MethodSpec, compat: Compat, method: str | None = None) -> MethodSpec:
    """The line with the system's conventions where it says nothing itself.

    `method` is the one that `auto` chose, where it did; its options are added to.
    """
    system, name = SYSTEMS[compat], method or wanted.method
    policies = wanted.policies
    constant = policies.constant or system.constant.get(name, system.every_constant)
    outside = policies.outside or system.outside.get(name)
    if name in {"auto", "none"}:
        constant, outside = policies.constant, policies.outside
    return replace(
        wanted,
        options={**system.options.get(name, {}), **wanted.options},
        policies=UNTOUCHED
        if policies is UNTOUCHED and not (constant or outside)
        else replace(policies, constant=constant, outside=outside),
    )
