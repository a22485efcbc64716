"""The tasks as one would write them in Polars by hand: aggregates, then literals in the expressions.

Run: python -m tests.benchmarks.suite.contenders.polars TASK SOURCE TARGET [STATE]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from tests.benchmarks.suite.tasks import LEVELS, MIXED, WRITER

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.suite.contenders.numpy_maps import Floats


def write(lf: pl.LazyFrame, target: str) -> None:
    lf.sink_parquet(target, compression=WRITER)


def copy(source: str, target: str, _state: str) -> None:
    """The yardstick: nothing done, zstd at level 3."""
    lf = pl.scan_parquet(source)
    lf.sink_parquet(target, compression="zstd", compression_level=3, row_group_size=1_000_000)


def moments(lf: pl.LazyFrame) -> dict[str, tuple[float, float]]:
    names = lf.collect_schema().names()
    mean, std = pl.all().mean().name.suffix(" mean"), pl.all().std(ddof=0).name.suffix(" std")
    found = lf.select(mean, std).collect().row(0, named=True)
    return {name: (found[f"{name} mean"], found[f"{name} std"]) for name in names}


def scaled(lf: pl.LazyFrame, scales: dict[str, tuple[float, float]]) -> pl.LazyFrame:
    return lf.with_columns((pl.col(name) - shift) / scale for name, (shift, scale) in scales.items())


def zscore(source: str, target: str, _state: str) -> None:
    lf = pl.scan_parquet(source)
    write(scaled(lf, moments(lf)), target)


def learn(source: str, _target: str, state: str) -> None:
    Path(state).write_text(json.dumps(moments(pl.scan_parquet(source))))


def stored(source: str, target: str, state: str) -> None:
    write(scaled(pl.scan_parquet(source), json.loads(Path(state).read_text())), target)


def mixed(source: str, target: str, _state: str) -> None:
    lf = pl.scan_parquet(source)
    method = {name: MIXED[name.rpartition("_")[0]] for name in lf.collect_schema().names()}
    logged = lf.with_columns(
        pl.col(name).log() if one == "log" else pl.col(name).log1p()
        for name, one in method.items()
        if one.startswith("log")
    )
    asked: dict[str, tuple[Callable[[pl.Expr], pl.Expr], ...]] = {
        "zscore": (pl.Expr.mean, lambda x: x.std(ddof=0)),
        "minmax": (pl.Expr.min, lambda x: x.max() - x.min()),
        "robust": (lambda x: x.quantile([0.25, 0.5, 0.75], interpolation="linear"), pl.Expr.len),
    }
    found = logged.select(
        ask(pl.col(name)).alias(f"{name} {place}")
        for name, one in method.items()
        for place, ask in enumerate(asked.get(one, asked["zscore"]))
    ).collect()
    scales = {name: (found[f"{name} 0"][0], found[f"{name} 1"][0]) for name in method}
    for name, one in method.items():
        if one == "robust":
            low, middle, high = pl.Series(scales[name][0]).explode()
            scales[name] = (middle, high - low)
    write(scaled(logged, scales), target)


def yeojohnson(source: str, target: str, _state: str) -> None:
    """λ of each column on all of its values, one column in memory at a time."""
    from tests.benchmarks.suite.contenders.numpy_maps import yeojohnson_fit

    lf = pl.scan_parquet(source)
    names = lf.collect_schema().names()
    fits = {name: yeojohnson_fit(column(lf, name)) for name in names}
    size = [pl.col(name).abs().log1p().alias(f"{name} t") for name in names]
    power = [
        pl.when(pl.col(name) >= 0).then(pl.lit(lam)).otherwise(2 - lam).alias(f"{name} p")
        for name, (lam, _, _) in fits.items()
    ]
    # (exp(p·t) − 1)/p = 2·sinh(p·t/2)·exp(p·t/2)/p, which keeps the digits of tiny values
    half = [(pl.col(f"{name} t") * pl.col(f"{name} p") / 2).alias(f"{name} t") for name in names]
    grown = [
        (2 * pl.col(f"{name} t").sinh() * pl.col(f"{name} t").exp() / pl.col(f"{name} p")).alias(f"{name} t")
        for name in names
    ]
    signed = [
        ((pl.when(pl.col(name) >= 0).then(1.0).otherwise(-1.0) * pl.col(f"{name} t") - mean) / std).alias(
            name
        )
        for name, (_, mean, std) in fits.items()
    ]
    staged = lf.with_columns(size).with_columns(power).with_columns(half).with_columns(grown)
    write(staged.with_columns(signed).select(names), target)


def column(lf: pl.LazyFrame, name: str) -> Floats:
    return lf.select(name).collect()[name].drop_nulls().to_numpy()


def quantile_normal(source: str, target: str, _state: str) -> None:
    """Exact quantiles of a column at a time, then numpy on each batch."""
    from tests.benchmarks.suite.contenders.numpy_maps import normal_scores

    lf = pl.scan_parquet(source)
    steps = [step / 999 for step in range(1000)]
    knots = {}
    for name in lf.collect_schema().names():
        asked = pl.col(name).quantile(steps, interpolation="linear")
        knots[name] = pl.Series(lf.select(asked).collect()[name]).explode().to_numpy()

    def mapped(name: str) -> pl.Expr:
        scores = normal_scores(knots[name])
        return pl.col(name).map_batches(
            lambda s: pl.Series(s.name, scores(s.to_numpy())).fill_nan(None),
            return_dtype=pl.Float64,
            is_elementwise=True,
        )

    write(lf.with_columns(mapped(name) for name in knots), target)


def profile(source: str, target: str, _state: str) -> None:
    x = pl.all()
    asked = {
        "nulls": x.null_count(),
        "mean": x.mean(),
        "std": x.std(ddof=0),
        "min": x.min(),
        "max": x.max(),
        "skew": x.skew(),
        "kurtosis": x.kurtosis(),
        "quantiles": x.quantile(list(LEVELS), interpolation="linear"),
    }
    lf = pl.scan_parquet(source)
    found = lf.select(ask.name.suffix(f" {name}") for name, ask in asked.items()).collect()
    document: dict[str, dict[str, Any]] = {
        name: {ask: found[f"{name} {ask}"].explode().to_list() for ask in asked}
        for name in lf.collect_schema().names()
    }
    Path(target).write_text(json.dumps(document))


TASKS = {
    "copy": copy,
    **dict.fromkeys(("T1", "T7", "T9", "WIDE"), zscore),
    "T2": mixed,
    "T3": yeojohnson,
    "T4": quantile_normal,
    "T5": stored,
    "T5-learn": learn,
    "T6": profile,
}

if __name__ == "__main__":
    TASKS[sys.argv[1]](*sys.argv[2:])
