"""Who takes part: fixed methods, the rules of other libraries, and normflow's goals.

A rule learns from the training rows of a table and answers with a function for any rows of it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import polars as pl
from scipy.stats import norm
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

import normflow as nf
from normflow.spec import Goal
from tests.benchmarks.selection.best_normalize import best_normalize

Apply = Callable[[np.ndarray], np.ndarray]
Rule = Callable[[np.ndarray], Apply]

SKEW_AUTOGLUON = 0.99
SKEW_TABPFN = 1.1
SHAPIRO_TABPFN = 0.95
SHAPIRO_ROWS = 3000
FEW_TABPFN = 10
QUANTILES = 1000


@dataclass(frozen=True, slots=True)
class Contender:
    """A rule with its name in the tables. The fixed ones are the yardstick: one method for every column."""

    name: str
    kind: Literal["fixed", "peer", "normflow"]
    learn: Rule


def scikit(make: Callable[[int], Any]) -> Rule:
    """A scikit-learn transformer, made for a number of rows."""

    def learn(x: np.ndarray) -> Apply:
        fitted = make(len(x)).fit(x)
        return lambda rows: np.asarray(fitted.transform(rows))

    return learn


def column_wise(rule: Rule) -> Rule:
    """A rule for columns as a rule for tables."""

    def learn(x: np.ndarray) -> Apply:
        maps = [rule(column) for column in x.T]
        return lambda rows: np.column_stack(
            [apply(column) for apply, column in zip(maps, rows.T, strict=True)]
        )

    return learn


def on_column(rule: Rule) -> Rule:
    """A rule for tables as a rule for one column."""

    def learn(x: np.ndarray) -> Apply:
        apply = rule(x[:, None])
        return lambda values: apply(values[:, None])[:, 0]

    return learn


def nothing(_: np.ndarray) -> Apply:
    return lambda rows: rows


def rank_normal(x: np.ndarray) -> Apply:
    """Φ⁻¹((rank − ½)/n), mid-ranks for ties, straight between them, flat outside."""
    values, counts = np.unique(x, return_counts=True)
    scores = norm.ppf((np.cumsum(counts) - counts / 2) / len(x))
    return lambda rows: np.interp(rows, values, scores)


def quantiles(n: int) -> QuantileTransformer:
    return QuantileTransformer(n_quantiles=min(QUANTILES, n), output_distribution="normal")


yeo_johnson = scikit(lambda _: PowerTransformer())
quantile_normal = scikit(quantiles)
zscore = scikit(lambda _: StandardScaler())
minmax = scikit(lambda _: MinMaxScaler())


def autogluon(x: np.ndarray) -> Apply:
    """AutoGluon's tabular network: |skew| > 0.99 quantile-normal, else z-score; two values 0 and 1.

    Source: `create_preprocessor` and `_get_types_of_features` in autogluon.tabular (`proc.skew_threshold`).
    It one-hot encodes two-valued columns; one column of 0 and 1 says the same.
    """
    n = len(x)
    if len(np.unique(x)) == 2:
        return on_column(minmax)(x)
    adjusted = _g1(x) * np.sqrt(n * (n - 1)) / (n - 2)  # as pandas counts it
    return on_column(quantile_normal if abs(adjusted) > SKEW_AUTOGLUON else zscore)(x)


def tabpfn(x: np.ndarray) -> Apply:
    """TabPFN's adaptive reshaping, then its standardization.

    Fewer than 10 values: as it is. 3·(mean − median)/std > 1.1: exp within [0, 1], Box-Cox above 0, else
    Yeo-Johnson. Shapiro-Wilk's W > 0.95: as it is; else quantile-normal with n/10 quantiles.
    Source: `ReshapeFeatureDistributionsStep` in tabpfn.
    """
    reshape = _reshaped(x)
    standard = on_column(zscore)(reshape(x))
    return lambda values: standard(reshape(values))


def _reshaped(x: np.ndarray) -> Apply:
    from scipy.stats import shapiro

    few = len(np.unique(x)) < FEW_TABPFN
    skewed = not few and 3 * (x.mean() - np.median(x)) / x.std() > SKEW_TABPFN
    if skewed and x.min() >= 0 and x.max() <= 1:
        return np.exp
    if skewed:
        kind = "box-cox" if x.min() > 0 else "yeo-johnson"
        apply = on_column(scikit(lambda _: PowerTransformer(method=kind)))(x)
        return lambda values: apply(np.maximum(values, x.min()) if kind == "box-cox" else values)
    if few or shapiro(x[:SHAPIRO_ROWS]).statistic > SHAPIRO_TABPFN:
        return nothing(x)
    coarse = scikit(lambda n: QuantileTransformer(n_quantiles=max(n // 10, 2), output_distribution="normal"))
    return on_column(coarse)(x)


def _g1(x: np.ndarray) -> float:
    deviations = x - x.mean()
    return float((deviations**3).mean() / (deviations**2).mean() ** 1.5)


def normflow(goal: str) -> Rule:
    """`auto` with a goal, through the public names."""

    def learn(x: np.ndarray) -> Apply:
        names = [f"c{i}" for i in range(x.shape[1])]
        fit = nf.fit(pl.DataFrame(x, schema=names), goal=goal)
        return lambda rows: (
            fit.transform(pl.DataFrame(rows, schema=names)).select(names).cast(pl.Float64).to_numpy()
        )

    return learn


FIXED: tuple[Contender, ...] = (
    Contender("none", "fixed", nothing),
    Contender("z-score", "fixed", zscore),
    Contender("min-max", "fixed", minmax),
    Contender("max-abs", "fixed", scikit(lambda _: MaxAbsScaler())),
    Contender("robust", "fixed", scikit(lambda _: RobustScaler())),
    Contender("Yeo-Johnson", "fixed", yeo_johnson),
    Contender("quantile-normal", "fixed", quantile_normal),
    Contender("rank-normal", "fixed", column_wise(rank_normal)),
)
PEERS: tuple[Contender, ...] = (
    Contender("AutoGluon's rule", "peer", column_wise(autogluon)),
    Contender("TabPFN's rule", "peer", column_wise(tabpfn)),
    Contender("bestNormalize's rule", "peer", column_wise(best_normalize)),
)
OURS: tuple[Contender, ...] = tuple(
    Contender(f"normflow, {goal}", "normflow", normflow(goal)) for goal in get_args(Goal)
)
CONTENDERS: tuple[Contender, ...] = (*FIXED, *PEERS, *OURS)


def learned(contender: Contender, train: np.ndarray) -> Apply:
    """The contender's map, in silence. What it leaves without a number becomes 0, the middle."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        apply = contender.learn(train)

    def finite(rows: np.ndarray) -> np.ndarray:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return np.nan_to_num(apply(rows), nan=0.0, posinf=0.0, neginf=0.0)

    return finite
