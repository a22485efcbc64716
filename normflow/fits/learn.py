"""Learning a fit: from a frame in one pass, or from a profile without any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count, takewhile
from typing import TYPE_CHECKING, get_args

import polars as pl

from normflow.errors import ConfigError, EmptySourceError, suggestion
from normflow.fits.column import learn_column, recipe_of
from normflow.fits.groups import learn_groups, require_keys
from normflow.fits.line import method_spec
from normflow.fits.rows import row_fit
from normflow.fits.table import Fit
from normflow.frames import as_lazy
from normflow.methods import conventional, method_named, plugin_versions
from normflow.naming import member
from normflow.predicates import predicate
from normflow.profiles import LazyReader, Profile, Reader
from normflow.select import MARGIN, QUANTILES, goal_of
from normflow.spec import (
    UNTOUCHED,
    Compat,
    Goal,
    GroupSpec,
    MethodSpec,
    Quantiles,
    Share,
    groups_of,
    resolve_columns,
)

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from normflow.fits.column import ColumnFit
    from normflow.fits.groups import Groups
    from normflow.frames import ArrowStream
    from normflow.predicates import Predicate
    from normflow.profiles import ColumnProfile, GroupedProfile


def fit(
    data: pl.LazyFrame | pl.DataFrame | ArrowStream | Profile | Reader,
    normalize: Mapping[str, str | Mapping[str, object]] | None = None,
    *,
    goal: str = "model",
    by: str | Sequence[str] | Mapping[str, object] | None = None,
    where: str | None = None,
    compat: Compat = "sklearn",
    quantiles: Quantiles = "histogram",
    margin: float = MARGIN,
    earlier: Fit | None = None,
    plugins: Sequence[str] = (),
) -> Fit:
    """Learn a fit from a frame, or from a profile of one.

    `normalize` maps a column or a pattern to a method name or `{method, …options, …policies, suffix}`;
    without it every numeric column is `auto`. `compat` takes the conventions of another system where nothing
    is written, and `quantiles="exact"` reads the rows again until quantiles are those of numpy, bit for bit.
    `where` is a row-wise SQL predicate such as `month <= 9`: only the rows of a frame that match it teach.
    `by` names columns, and each group of rows with equal values there has parameters of its own; the method
    is that of the whole table. Its long form is `{columns, min_rows, unseen, resolution}`: a group of fewer
    than `min_rows` rows (30) takes the whole table's parameters, and so does a row of a group that was not
    there, unless `unseen` is `null` or `error`; `resolution` (512) is the histogram buckets of a group.
    `goal` is what `auto` aims at: model, gaussian, robust, bounded or preserve; a column's line may have its
    own, and `candidates`, the only methods there are for it. The methods that `auto` chose in an `earlier`
    fit stay while a threshold moved by the share `margin` would give them again. `plugins` are methods of
    other packages, by their entry points.
    The fit is a pure function of the set of rows and of these arguments: the order of the rows, the files
    they came in and the threads leave no trace. Of a column whose method needs no more, only counts, extremes
    and sums are observed, and its record then tells no skew.

    Raises:
        ConfigError: an unknown method, option or goal; a `by` that is none; a `where` that is no row-wise
            predicate; either of them with a profile, which has no rows left.
        SchemaError: a named column is missing or is no number.
        EmptySourceError: there are no rows, or none matches `where`.
        FitError: a named method refuses its column.
    """
    if normalize is not None and not isinstance(normalize, Mapping):
        raise ConfigError(
            f"normalize maps columns to methods, and is not {normalize!r}", hint='{"*": "auto"}'
        )
    aim = goal_of(goal)
    if not (isinstance(margin, int | float) and 0.0 <= margin < 1.0):
        raise ConfigError(
            f"a margin is a share from 0 to 1, not {margin!r}", where="margin", hint="0.05 is 5 %"
        )
    for given, known in ((compat, get_args(Compat)), (quantiles, get_args(Quantiles))):
        if given not in known:
            raise ConfigError(f"'{given}' is not known", hint=suggestion(given, known))
    plugins = (plugins,) if isinstance(plugins, str) else tuple(plugins)
    plugin_versions(plugins)
    lines = {"*": "auto"} if normalize is None else normalize
    wanted = {key: method_spec(key, line, plugins) for key, line in lines.items()}
    if isinstance(data, Profile):
        if where is not None:
            raise ConfigError(
                "a profile has no rows to choose from",
                where="where",
                hint="give the frame, or profile the rows that match",
            )
        if by is not None:
            raise ConfigError("a profile has no rows to group", where="by", hint="give the frame")
        plan = resolve_columns(gathered(data.schema), wanted)
        return learn(data, plan, goal=aim, compat=compat, margin=margin, earlier=earlier)
    reader = data if isinstance(data, Reader) else LazyReader(as_lazy(data))
    schema = reader.schema()
    spec = None if by is None else groups_of(by)
    require_keys(schema, spec.columns if spec else ())
    plan = resolve_columns(schema, wanted, skip=spec.columns if spec else ())
    chosen = None if where is None else predicate(where, schema)
    reader = reader if chosen is None else reader.only(chosen.expr)
    if spec:
        keys, resolution = sorted(spec.columns), spec.resolution
        profile, grouped = reader.observe_groups(keys, observed(plan), resolution=resolution)
    else:
        profile, grouped = reader.observe(observed(plan), shapeless=_shapeless(plan)), None
    profile = reader.refined(profile, quantiles_of(plan, profile, quantiles), always=quantiles == "exact")
    return learn(
        profile,
        plan,
        goal=aim,
        where=chosen,
        compat=compat,
        by=spec,
        grouped=grouped,
        margin=margin,
        earlier=earlier,
    )


def observed(plan: Mapping[str, MethodSpec]) -> list[str]:
    """The columns that a plan learns from."""
    return [name for name, line in plan.items() if not line.row_wise]


def _shapeless(plan: Mapping[str, MethodSpec]) -> set[str]:
    """The columns whose line reads nothing but counts, extremes and sums."""
    return {name for name in observed(plan) if not _reads_shape(plan[name])}


def _reads_shape(line: MethodSpec) -> bool:
    if line.method == "auto" or line.policies != UNTOUCHED:
        return True
    method = method_named(line.method, line.options, line.plugins)
    return getattr(method, "reads_shape", True)


def quantiles_of(
    plan: Mapping[str, MethodSpec], profile: Profile, quantiles: Quantiles = "histogram"
) -> dict[str, list[float]]:
    """The quantiles that the lines of a plan read, by observed column: what is worth a second look."""
    return {
        place: _quantiles(plan[name], profile[place], quantiles)
        for name in observed(plan)
        for place in places(profile, name)
    }


def _quantiles(line: MethodSpec, profile: ColumnProfile, quantiles: Quantiles) -> list[float]:
    clip = [one.of for one in line.policies.clip or () if isinstance(one, Share)]
    filled = [0.5] if line.policies.fill == "median" else []
    if line.method == "auto":
        return [*QUANTILES, *clip, *filled]
    method = method_named(line.method, line.options, line.plugins)
    return [*(method.reads(profile) if quantiles == "exact" else method.needs()), *clip, *filled]


def places(profile: Mapping[str, object], name: str) -> list[str]:
    """The observed columns of a column: itself, or the places of its array."""
    if name in profile:
        return [name]
    found = takewhile(lambda place: place in profile, (member(name, i) for i in count()))
    return list(found)


def gathered(schema: Mapping[str, PolarsDataType]) -> dict[str, PolarsDataType]:
    """The schema of the frame that was observed: places of one array are a column again."""
    whole: dict[str, PolarsDataType] = {}
    for name, dtype in schema.items():
        base, _, index = name.rpartition("[")
        if index == "0]" and base not in schema:
            whole[base] = pl.Array(pl.Float64, len(places(schema, base)))
        elif not (index.endswith("]") and base in whole):
            whole[name] = dtype
    return whole


def learn(
    profile: Profile,
    plan: Mapping[str, MethodSpec],
    *,
    goal: Goal = "model",
    where: Predicate | None = None,
    compat: Compat = "sklearn",
    written: Mapping[str, str] | None = None,
    by: GroupSpec | None = None,
    grouped: GroupedProfile | None = None,
    margin: float = MARGIN,
    earlier: Fit | None = None,
    compared: bool = False,
) -> Fit:
    """Fit each planned column from its profile; `written` tells where each column's line stands.

    `where` is the predicate that chose the rows of the profile; `grouped` is what is known of its groups,
    where parameters are learned `by` groups. Methods of the `earlier` fit stay within the `margin`.
    With `compared` groups keep what later values are compared with.
    """
    if profile.rows == 0 and plan and where:
        raise where.unmatched()
    if profile.rows == 0 and plan:
        raise EmptySourceError("no rows to learn from", hint="check the source and the contract's ranges")
    places_of = written or {}
    before = {(one.column, one.index): one.choice for one in earlier.columns} if earlier else {}
    columns = {
        place: learn_column(
            name,
            profile[place],
            plan[name],
            index=None if place == name else index,
            goal=goal,
            compat=compat,
            where=places_of.get(name, ""),
            margin=margin,
            earlier=before.get((name, None if place == name else index)),
        )
        for name in observed(plan)
        for index, place in enumerate(places(profile, name))
    }
    return Fit(
        columns=tuple(columns.values()),
        rows=profile.rows,
        goal=goal,
        where=where.text if where else None,
        row_wise=tuple(row_fit(line) for line in plan.values() if line.row_wise),
        groups=_groups(grouped, by, plan, columns, compat, places_of, compared=compared)
        if by and grouped
        else None,
    )


def _groups(
    grouped: GroupedProfile,
    by: GroupSpec,
    plan: Mapping[str, MethodSpec],
    columns: Mapping[str, ColumnFit],
    compat: Compat,
    written: Mapping[str, str],
    *,
    compared: bool,
) -> Groups:
    recipes = {}
    for place, fitted in columns.items():
        line = conventional(plan[fitted.column], compat, fitted.choice.method if fitted.choice else None)
        recipes[place] = (fitted, recipe_of(line, fitted.choice))
    return learn_groups(grouped, by, recipes, written, compared=compared)
