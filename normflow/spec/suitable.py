"""Whether the columns of a plan suit their methods, and whether what is added has a name of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.dtypes import is_measurable, is_vector
from normflow.errors import suggestion
from normflow.naming import member
from normflow.spec.pipeline import ROW_WISE
from normflow.spec.policies import written
from normflow.spec.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from polars._typing import PolarsDataType

    from normflow.errors import Problem
    from normflow.spec.pipeline import MethodSpec

WAY_OUT = "remove the line or write none, and the column passes through"
MEMBERS = "name them: columns: [a, b, c]"
AN_ARRAY = "an array of one length of numbers is a row"
MISSING, OUTSIDE = "_missing", "_outside"
"""What the columns end in that tell of nulls, and of values outside the fitted range."""
NAMED = {"fill": "nulls", "indicator": "nulls"}  # the key that a policy is written under


def can_be_normalized(dtype: PolarsDataType) -> bool:
    """Numbers and what stands for one, and arrays of numbers of one length."""
    return is_measurable(dtype) or is_vector(dtype)


def wrong_types(
    schema: Mapping[str, PolarsDataType], normalize: Mapping[str, MethodSpec], keys: Mapping[str, str]
) -> Iterator[Problem]:
    """Columns whose type their method cannot take: the first of each key."""
    first: dict[str, str] = {}
    for name, key in keys.items():
        first.setdefault(key, name)
    for key, name in first.items():
        line, dtype = normalize[key], schema[name]
        if line.row_wise and is_vector(dtype):
            yield from wrong_policies(key, line)
        elif line.row_wise:
            what = f"{line.method} works on the members of a row, and column '{name}' is {dtype}"
            yield problem(f"normalize.{key}", what, MEMBERS if is_measurable(dtype) else AN_ARRAY)
        elif not can_be_normalized(dtype):
            yield from _no_number(key, line, dtype)


def _no_number(key: str, line: MethodSpec, dtype: PolarsDataType) -> Iterator[Problem]:
    if line.method != "none":
        what = f"{line.method} needs numbers, and the column's type is {dtype}"
        yield problem(f"normalize.{key}", what, WAY_OUT)
        return
    asked = ["suffix"] if line.suffix else []
    for place in dict.fromkeys([*asked, *(NAMED.get(name, name) for name in written(line.policies))]):
        what = f"{place} needs numbers, and the column's type is {dtype}"
        yield problem(f"normalize.{key}.{place}", what, "remove it, and the column passes through")


def wrong_rows(
    schema: Mapping[str, PolarsDataType], rows: Mapping[str, MethodSpec], others: Mapping[str, MethodSpec]
) -> Iterator[Problem]:
    """Lines with `columns` that are no row-wise method, or whose members are not free numbers."""
    taken: dict[str, str] = {name: f"has a line of its own, '{name}'" for name in others}
    for key, line in rows.items():
        place = f"normalize.{key}.columns"
        if not line.row_wise:
            yield problem(place, f"{line.method} takes no columns", f"only {' and '.join(ROW_WISE)} do")
            continue
        yield from wrong_policies(key, line)
        if key in schema and key not in line.columns:
            what = f"'{key}' is a column, and none of the members"
            yield problem(f"normalize.{key}", what, "rename the line")
        if len(line.columns) == 1 and not is_vector(schema.get(line.columns[0])):
            what = f"one column is no row, and {line.method} would leave nothing of its numbers"
            yield problem(place, what, "name two or more")
        for name in line.columns:
            yield from _wrong_member(schema, line, place, name, taken.get(name))
            taken[name] = f"is a member of '{key}' already"


def _wrong_member(
    schema: Mapping[str, PolarsDataType], line: MethodSpec, place: str, name: str, taken: str | None
) -> Iterator[Problem]:
    if name not in schema:
        yield problem(place, f"no column '{name}' in the source", suggestion(name, schema))
    elif is_vector(schema[name]):
        what = f"column '{name}' is {schema[name]}, a row in itself"
        yield problem(place, what, f"give it a line of its own, {name}: {line.method}")
    elif not is_measurable(schema[name]):
        yield problem(place, f"column '{name}' is {schema[name]}, which is no number", "leave it out")
    elif taken:
        yield problem(place, f"column '{name}' {taken}", "a column is normalized once")


def wrong_policies(key: str, line: MethodSpec) -> Iterator[Problem]:
    """Policies on a row-wise line: it learns nothing that they could use."""
    for policy in written(line.policies):
        if policy != "dtype":
            name = NAMED.get(policy, policy)
            yield problem(f"normalize.{key}.{name}", f"{line.method} takes no {name} policy", "remove it")


def taken_names(
    schema: Mapping[str, PolarsDataType], plan: Mapping[str, MethodSpec], keys: Mapping[str, str]
) -> Iterator[Problem]:
    """Columns that would be added under a name that is there, and arrays whose places have such a name."""
    taken = set(schema)
    for name, line in plan.items():
        for source in line.columns or (name,):
            place = f"normalize.{keys[name]}"
            yield from _taken_places(schema, place, source, line)
            for key, added in added_names(source, line).items():
                if added in taken:
                    what = f"the new column '{added}' would be there twice"
                    other = "choose another suffix" if key == "suffix" else "rename the column of this name"
                    yield problem(f"{place}.{key}", what, other)
                taken.add(added)


def _taken_places(
    schema: Mapping[str, PolarsDataType], place: str, source: str, line: MethodSpec
) -> Iterator[Problem]:
    dtype = schema.get(source)
    if not is_vector(dtype):
        return
    for array in dict.fromkeys((source, source + line.suffix)):
        for one in (member(array, i) for i in range(dtype.shape[0])):
            if one in schema:
                yield problem(place, f"column '{one}' is there, and is a place of '{array}' too", "rename it")


def added_names(source: str, line: MethodSpec) -> dict[str, str]:
    """The columns that a line adds for a source column, by the key that asks for each."""
    wanted = {
        "suffix": source + line.suffix if line.suffix else "",
        "outside": source + OUTSIDE if line.policies.outside == "flag" else "",
        "nulls": source + MISSING if line.policies.indicator else "",
    }
    return {key: name for key, name in wanted.items() if name}
