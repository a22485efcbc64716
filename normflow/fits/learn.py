"""Learning a fit: from a frame in one pass, or from a profile without any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from normflow.errors import ConfigError, EmptySourceError
from normflow.fits.column import learn_column
from normflow.fits.table import Fit
from normflow.frames import as_lazy
from normflow.methods import QUARTILES, method_named
from normflow.profiles import Profile, observe, refined
from normflow.spec import MethodSpec, resolve_columns

if TYPE_CHECKING:
    import polars as pl

    from normflow.frames import ArrowStream

AUTO: Mapping[str, MethodSpec] = {"*": MethodSpec(method="auto")}


def fit(
    data: pl.LazyFrame | pl.DataFrame | ArrowStream | Profile,
    normalize: Mapping[str, str | Mapping[str, object]] | None = None,
    *,
    goal: str = "model",
) -> Fit:
    """Learn a fit from a frame, or from a profile of one.

    `normalize` maps a column or a pattern to a method name or `{method, …options, suffix}`; without it
    every numeric column is `auto`. The fit is a pure function of the set of rows: their order, the files
    they came in and the threads leave no trace.

    Raises:
        ConfigError: an unknown method, option or goal.
        SchemaError: a named column is missing or is no number.
        EmptySourceError: there are no rows.
        FitError: a named method refuses its column.
    """
    if normalize is not None and not isinstance(normalize, Mapping):
        raise ConfigError(
            f"normalize maps columns to methods, and is not {normalize!r}", hint='{"*": "auto"}'
        )
    if goal != "model":
        raise ConfigError(f"unknown goal '{goal}'", hint="known is 'model'")
    wanted = {key: method_spec(value) for key, value in normalize.items()} if normalize else AUTO
    if isinstance(data, Profile):
        return learn(data, resolve_columns(data.schema, wanted), goal=goal)
    lazy = as_lazy(data)
    plan = resolve_columns(lazy.collect_schema(), wanted)
    profile = refined(lazy, observe(lazy, list(plan)), quantiles_of(plan))
    return learn(profile, plan, goal=goal)


def quantiles_of(plan: Mapping[str, MethodSpec]) -> dict[str, tuple[float, ...]]:
    """The quantiles that the methods of a plan read, by column: what is worth a second look."""
    return {
        name: QUARTILES if spec.method == "auto" else method_named(spec.method, spec.options).needs()
        for name, spec in plan.items()
    }


def learn(
    profile: Profile,
    plan: Mapping[str, MethodSpec],
    *,
    goal: str = "model",
    places: Mapping[str, str] | None = None,
) -> Fit:
    """Fit each planned column from its profile; `places` tells where each column's method was written."""
    if profile.rows == 0 and plan:
        raise EmptySourceError("no rows to learn from", hint="check the source and the contract's ranges")
    known = places or {}
    return Fit(
        columns=tuple(
            learn_column(name, profile[name], spec, goal=goal, where=known.get(name, ""))
            for name, spec in plan.items()
        ),
        rows=profile.rows,
        goal=goal,
    )


def method_spec(value: str | Mapping[str, object]) -> MethodSpec:
    """The long form of a column's line: a method name, or a mapping with `method`, options and `suffix`.

    Raises:
        ConfigError: it is neither, names no method, or gives options to `auto`.
    """
    if isinstance(value, str):
        return MethodSpec(method=value)
    if not isinstance(value, Mapping) or "method" not in value:
        raise ConfigError(f"a method's name or a mapping with `method` is asked for, not {value!r}")
    options = dict(value)
    method, suffix = options.pop("method"), options.pop("suffix", "")
    if method == "auto" and options:
        raise ConfigError(f"auto takes no option, and here is '{next(iter(options))}'", hint="name a method")
    # method_named checks the values
    return MethodSpec(method=str(method), options=options, suffix=str(suffix))  # type: ignore[arg-type]
