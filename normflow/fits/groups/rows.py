"""Rows beside the numbers of their groups, and how a column's fit is read on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from normflow.fits.groups.columns import HIGH, LOW, RANGE, VARIANT
from normflow.fits.groups.keys import compared, matching, require_matches
from normflow.fits.layout import free_prefix
from normflow.naming import column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from normflow.fits.column import ColumnFit
    from normflow.fits.groups.groups import Groups
    from normflow.fits.table import Fit
    from normflow.fits.treatment import Treatment
    from normflow.transforms import Transform


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One column's fit as a frame's rows read it; with groups, its numbers are columns of the frame.

    `ways` are the transforms a value may go through, and `way` says which one a row takes, where there are
    several. Where `known` is false the row's group was not there, and gets no value.
    """

    fit: ColumnFit
    treatment: Treatment
    ways: tuple[Transform, ...]
    way: pl.Expr | None = None
    known: pl.Expr | None = None

    @classmethod
    def plain(cls, fit: ColumnFit) -> Reading:
        """The same numbers for all rows."""
        return cls(fit=fit, treatment=fit.treatment, ways=(fit.transform,))

    def picked(self, results: Sequence[pl.Expr]) -> pl.Expr:
        """The result of the way that each row takes."""
        found = results[-1]
        if self.way is not None:
            for number, result in reversed(list(enumerate(results[:-1]))):
                found = pl.when(self.way == number).then(result).otherwise(found)
        return found if self.known is None else pl.when(self.known).then(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A frame with the numbers of each row's group beside it, in `scratch` columns that nobody is to see.

    `seen` says whether a row's group was there when the fit was learned; None without groups. `schema` is the
    frame's own.
    """

    lf: pl.LazyFrame
    schema: pl.Schema
    readings: Mapping[str, Reading]
    scratch: tuple[str, ...] = ()
    groups: Groups | None = None
    seen: pl.Expr | None = None

    def on(self, lf: pl.LazyFrame) -> Rows:
        """The same for other rows of the same columns."""
        return replace(self, lf=lf)


def rows_of(lf: pl.LazyFrame, fit: Fit, *, ranges: bool = False) -> Rows:
    """The rows of a frame with all that the columns' fits read on them; `ranges` brings fitted ranges too.

    Raises:
        SchemaError: a column of the groups' keys is missing or of another kind.
    """
    schema = lf.collect_schema()
    plain = {one.label: Reading.plain(one) for one in fit.columns}
    if fit.groups is None:
        return Rows(lf=lf, schema=schema, readings=plain)
    groups, prefix = fit.groups, free_prefix(schema.names())
    require_matches(schema, groups.keys.schema)
    fits = {one.label: one for one in fit.columns if one.label in groups.columns}
    names = {
        (label, name): f"{prefix}{i}_{name}"
        for i, label in enumerate(fits)
        for name in groups.columns[label].numbers.columns
        if ranges or name not in RANGE or fits[label].treatment.reads_range
    }
    seen = f"{prefix}seen"
    joined, keys = _joined(lf, schema, groups, _numbers(groups, fits, names, seen), prefix)
    if groups.spec.unseen == "global":
        joined = joined.with_columns(
            pl.col(names[label, name]).fill_null(value)
            for label, one in fits.items()
            for name, value in groups.columns[label].whole(one).items()
            if (label, name) in names and value is not None
        )
    joined = joined.with_columns(pl.col(seen).is_not_null())
    readings = {label: _reading(one, groups, names, seen) for label, one in fits.items()}
    scratch = (*keys, *names.values(), seen)
    return Rows(
        lf=joined,
        schema=schema,
        readings=plain | readings,
        scratch=scratch,
        groups=groups,
        seen=pl.col(seen),
    )


def _numbers(
    groups: Groups, fits: Mapping[str, ColumnFit], names: Mapping[tuple[str, str], str], seen: str
) -> list[pl.Series]:
    """The columns to join: where a group has no parameters of its own, they are the whole table's."""
    found = [pl.Series(seen, [True], dtype=pl.Boolean).new_from_index(0, len(groups))]
    for label, one in fits.items():
        numbers, whole = groups.columns[label].numbers, groups.columns[label].whole(one)
        own = numbers[VARIANT].is_not_null()
        for name in numbers.columns:
            if (label, name) in names:
                value = pl.Series([whole.get(name)], dtype=numbers.schema[name])
                filled = numbers[name].zip_with(own, value.new_from_index(0, len(groups)))
                found.append(filled.alias(names[label, name]))
    return found


def _joined(
    lf: pl.LazyFrame, schema: pl.Schema, groups: Groups, numbers: Iterable[pl.Series], prefix: str
) -> tuple[pl.LazyFrame, list[str]]:
    matches = [matching(column(name), schema[name], dtype) for name, dtype in groups.keys.schema.items()]
    keys = [f"{prefix}key{i}" for i in range(len(matches))]
    beside = compared(groups.keys)
    beside.columns = keys
    beside = beside.with_columns(numbers)
    lf = lf.with_columns(one.value.alias(key) for one, key in zip(matches, keys, strict=True))
    others = [one.other for one in matches if one.other is not None]
    if others:  # a value that is none of the keys' type is in no group, and not in that of null
        keys.append(f"{prefix}other")
        lf = lf.with_columns(pl.any_horizontal(others).alias(keys[-1]))
        beside = beside.with_columns(pl.lit(value=False).alias(keys[-1]))
    # a plain left join would scramble the rows
    joined = lf.join(beside.lazy(), on=keys, how="left", nulls_equal=True, maintain_order="left")
    return joined, keys


def _reading(fit: ColumnFit, groups: Groups, names: Mapping[tuple[str, str], str], seen: str) -> Reading:
    one = groups.columns[fit.label]

    def number(name: str) -> pl.Expr:
        return pl.col(names[fit.label, name])

    low, high = (
        number(end) if (fit.label, end) in names else pl.lit(None, pl.Float64) for end in (LOW, HIGH)
    )
    return Reading(
        fit=fit,
        treatment=fit.treatment.by_group(low, high, one.guards.read(number)),
        ways=tuple(variant.read(number) for variant in one.variants),
        way=number(VARIANT) if len(one.variants) > 1 else None,
        known=None if groups.spec.unseen == "global" else pl.col(seen),
    )
