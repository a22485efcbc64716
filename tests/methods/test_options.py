from __future__ import annotations

import math

import pytest

from normflow.errors import ConfigError
from normflow.methods import (
    METHODS,
    Asinh,
    BoxCox,
    Keep,
    Log,
    Logit,
    MinMax,
    QuantileNormal,
    Robust,
    Squash,
    YeoJohnson,
    ZScore,
    method_named,
    option_names,
)


def test_methods_have_the_names_users_write() -> None:
    assert [method.name for method in METHODS] == [
        "none",
        "center",
        "zscore",
        "minmax",
        "maxabs",
        "meannorm",
        "decimal",
        "robust",
        "log",
        "sqrt",
        "cbrt",
        "asinh",
        "logit",
        "boxcox",
        "yeojohnson",
        "quantile_uniform",
        "quantile_normal",
        "squash",
    ]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_method_is_found_by_its_name(method: type) -> None:
    assert method_named(method.name) == method()  # type: ignore[attr-defined]


def test_option_names_are_the_fields() -> None:
    assert option_names(Keep) == ()
    assert option_names(MinMax) == ("range", "bounds")
    assert option_names(YeoJohnson) == (
        *("lambda_bounds", "standardize", "prescale", "snap", "robust", "condense", "ddof"),
    )
    assert option_names(QuantileNormal) == ("n_quantiles", "clip", "ranks")


def test_options_are_taken_as_yaml_gives_them() -> None:
    assert method_named("minmax", {"range": [-1, 1], "bounds": [0, 100]}) == MinMax((-1.0, 1.0), (0.0, 100.0))
    assert method_named("minmax", {"bounds": "fitted"}) == MinMax()
    assert method_named("zscore", {"ddof": 1}) == ZScore(ddof=1)
    assert method_named("robust", {"quantiles": (0.1, 0.9), "unit_variance": True}) == Robust(
        (0.1, 0.9), True
    )
    assert method_named("log", {"offset": 1}) == Log(offset=1.0)
    assert method_named("log", {"offset": "auto"}) == Log(offset="auto")
    assert method_named("boxcox", {"lambda_bounds": [-3, 4]}) == BoxCox(lambda_bounds=(-3.0, 4.0))
    assert method_named("boxcox", {"lambda_bounds": None}) == BoxCox()
    assert method_named("squash", {"bound": 4}) == Squash(4.0)
    assert method_named("logit", {"bounds": [0, 100], "eps": 0.01}) == Logit((0.0, 100.0), 0.01)
    assert method_named("asinh", {"loc": 0, "scale": "auto"}) == Asinh(0.0, "auto")
    assert method_named("quantile_normal", {"n_quantiles": 10, "clip": 3}) == QuantileNormal(10, 3.0)
    assert method_named("quantile_normal", {"clip": True}) == QuantileNormal()
    assert method_named("minmax", {"bounds": "declared"}) == MinMax(bounds="declared")


def test_whole_numbers_become_floats_so_that_equal_options_look_equal() -> None:
    assert repr(method_named("squash", {"bound": 4})) == "Squash(bound=4.0)"
    assert repr(method_named("minmax", {"range": [0, 1]})) == "MinMax(range=(0.0, 1.0), bounds='fitted')"


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("zcore", {}, "no method 'zcore'; did you mean 'zscore'?"),
        ("minmax", {"rnage": [0, 1]}, "method 'minmax' has no option 'rnage'; did you mean 'range'?"),
        ("center", {"ddof": 1}, "method 'center' has no option 'ddof'; it has none"),
        ("zscore", {"ddof": 2}, "method 'zscore': option 'ddof' must be 0 or 1, not 2"),
        ("zscore", {"ddof": True}, "method 'zscore': option 'ddof' must be 0 or 1, not True"),
        ("minmax", {"range": [0]}, "method 'minmax': option 'range' must be 2 numbers, not [0]"),
        ("minmax", {"range": [0, "1"]}, "method 'minmax': option 'range' must be 2 numbers, not [0, '1']"),
        (
            "minmax",
            {"bounds": "delcared"},
            (
                "method 'minmax': option 'bounds' must be 'fitted' or 'declared' or 2 numbers, "
                "not 'delcared'; did you mean 'declared'?"
            ),
        ),
        (
            "minmax",
            {"range": [1, 0]},
            "minmax: range must rise from its first to its second number, not 1.0, 0.0",
        ),
        (
            "minmax",
            {"bounds": [3, 3]},
            "minmax: bounds must rise from its first to its second number, not 3.0, 3.0",
        ),
        (
            "minmax",
            {"range": [0, math.inf]},
            "method 'minmax': option 'range' must be 2 numbers, not [0, inf]",
        ),
        (
            "robust",
            {"quantiles": [0.75, 0.25]},
            "robust: quantiles must rise between 0 and 1, not 0.75, 0.25",
        ),
        ("robust", {"quantiles": [0, 1]}, "robust: quantiles must rise between 0 and 1, not 0.0, 1.0"),
        (
            "robust",
            {"unit_variance": 1},
            "method 'robust': option 'unit_variance' must be true or false, not 1",
        ),
        (
            "log",
            {"offset": "atuo"},
            "method 'log': option 'offset' must be a number or 'auto', not 'atuo'; did you mean 'auto'?",
        ),
        ("log", {"ddof": 2}, "method 'log': option 'ddof' must be 0 or 1, not 2"),
        ("asinh", {"scale": 0}, "asinh: scale must be positive, not 0.0"),
        ("logit", {"eps": 0.5}, "logit: eps must be at least 0 and below 0.5, not 0.5"),
        ("logit", {"eps": -0.1}, "logit: eps must be at least 0 and below 0.5, not -0.1"),
        (
            "logit",
            {"bounds": [1, 1]},
            "logit: bounds must rise from its first to its second number, not 1.0, 1.0",
        ),
        ("quantile_uniform", {"n_quantiles": 1}, "quantile_uniform: n_quantiles must be at least 2, not 1"),
        (
            "quantile_uniform",
            {"n_quantiles": 10.5},
            "method 'quantile_uniform': option 'n_quantiles' must be a whole number, not 10.5",
        ),
        (
            "quantile_normal",
            {"n_quantiles": True},
            "method 'quantile_normal': option 'n_quantiles' must be a whole number, not True",
        ),
        (
            "quantile_normal",
            {"clip": False},
            "method 'quantile_normal': option 'clip' must be true or a number, not False",
        ),
        ("quantile_normal", {"clip": 9}, "quantile_normal: clip must be above 0 and at most 8.2, not 9.0"),
        ("quantile_normal", {"clip": 0}, "quantile_normal: clip must be above 0 and at most 8.2, not 0.0"),
        ("squash", {"bound": 0}, "squash: a bound of 0.0 must be positive, with a reciprocal"),
        ("squash", {"bound": True}, "method 'squash': option 'bound' must be a number, not True"),
        (
            "yeojohnson",
            {"lambda_bounds": [2, -1]},
            "yeojohnson: lambda_bounds must rise from its first to its second number, not 2.0, -1.0",
        ),
        (
            "boxcox",
            {"lambda_bounds": 3},
            "method 'boxcox': option 'lambda_bounds' must be 2 numbers or null, not 3",
        ),
    ],
)
def test_what_is_wrong_with_a_method_is_said(name: str, options: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        method_named(name, options)
    assert str(refusal.value) == sentence
