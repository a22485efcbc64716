"""Where outputs can lie: the interval over all groups is the hull of each group's own."""

from __future__ import annotations

import math

import polars as pl
import pytest

from normflow.errors import FitError
from normflow.fits import hull, learn
from normflow.methods import METHODS, method_named
from normflow.methods.options import option_names
from normflow.profiles import observe, observe_groups
from normflow.spec import GroupSpec, MethodSpec, policies_of
from tests.columns import ZOO

BY = GroupSpec(columns=("key",), min_rows=1)
TAME = pl.DataFrame({"x": [0.1 + i / 60 for i in range(50)]})
ROWS = pl.concat(
    pl.DataFrame({"key": [name] * len(values), "x": values}, schema={"key": pl.String, "x": pl.Float64})
    for name, values in ZOO.items()
)
PROFILE = observe(TAME.lazy(), ["x"])
_, GROUPED = observe_groups(ROWS.lazy(), ["key"], ["x"])
NAMES = [one.name for one in METHODS if one.name not in {"none", "quantile_uniform", "quantile_normal"}]
POLICIES: list[dict[str, object]] = [
    {},
    {"outside": "clip", "nulls": "median"},
    {"outside": "null", "constant": "null"},
]


@pytest.mark.parametrize("policies", POLICIES, ids=str)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ends", [(-math.inf, math.inf), (0.2, 5.0), (-1e300, 1e300)])
def test_it_holds_the_image_of_every_group(
    name: str, policies: dict[str, object], ends: tuple[float, float]
) -> None:
    """And is no wider than they are, but for what is added at each map."""
    options = {key: getattr(method_named(name), key) for key in option_names(type(method_named(name)))}
    line = MethodSpec(method=name, options=options, policies=policies_of(policies))
    fit = learn(PROFILE, {"x": line}, by=BY, grouped=GROUPED)
    assert fit.groups is not None
    lo, hi = hull(fit["x"], fit.groups.columns["x"], *ends, 0)
    images = []
    for key in [*fit.groups.keys["key"], None]:
        chain = (fit.group({"key": key}) if key else fit)["x"].chain
        if all(one.kind != "nothing" for one in chain.maps):
            try:
                images.append(chain.image(*ends))
            except FitError:  # nothing of the interval has a result in this group
                continue
    lows, highs = zip(*images, strict=True)
    assert lo == pytest.approx(min(lows), rel=1e-12)
    assert hi == pytest.approx(max(highs), rel=1e-12)
    wide = hull(fit["x"], fit.groups.columns["x"], *ends, 4)
    assert wide[0] <= lo
    assert wide[1] >= hi
