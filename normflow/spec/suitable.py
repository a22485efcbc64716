"""Whether the columns of a plan suit their methods, and whether what is added has a name of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.dtypes import is_measurable, is_vector
from normflow.errors import suggestion
from normflow.spec.pipeline import ROW_WISE
from normflow.spec.policies import written
from normflow.spec.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from polars._typing import PolarsDataType

    from normflow.errors import Problem
    from normflow.spec.pipeline import MethodSpec

WAY_OUT = "remove the line or write none, and the column passes through"
NAMED = {"fill": "nulls", "indicator": "nulls"}  # the key that a policy is written under


def can_be_normalized(dtype: PolarsDataType) -> bool:
    """Numbers and what stands for one, and arrays of numbers of one length."""
    return is_measurable(dtype) or is_vector(dtype)


def wrong_types(
    schema: Mapping[str, PolarsDataType], normalize: Mapping[str, MethodSpec], keys: Mapping[str, str]
) -> Iterator[Problem]:
    """Columns whose type their method cannot take."""
    for name, key in keys.items():
        line, dtype = normalize[key], schema[name]
        if line.row_wise and not is_vector(dtype):
            yield problem(
                f"normalize.{key}",
                f"{line.method} works on the members of a row, and column '{name}' is {dtype}",
                "name them: columns: [a, b, c]",
            )
        elif line.row_wise:
            yield from wrong_policies(key, line)
        elif line.method != "none" and not can_be_normalized(dtype):
            what = f"{line.method} needs numbers, and the column's type is {dtype}"
            yield problem(f"normalize.{key}", what, WAY_OUT)


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
            yield problem(
                f"normalize.{key}", f"'{key}' is a column, and none of the members", "rename the line"
            )
        for name in line.columns:
            if name not in schema:
                yield problem(place, f"no column '{name}' in the source", suggestion(name, schema))
            elif not is_measurable(schema[name]):
                yield problem(place, f"column '{name}' is {schema[name]}, which is no number", "leave it out")
            elif name in taken:
                yield problem(place, f"column '{name}' {taken[name]}", "a column is normalized once")
            taken[name] = f"is a member of '{key}' already"


def wrong_policies(key: str, line: MethodSpec) -> Iterator[Problem]:
    """Policies on a row-wise line: it learns nothing that they could use."""
    for policy in written(line.policies):
        if policy != "dtype":
            name = NAMED.get(policy, policy)
            yield problem(f"normalize.{key}.{name}", f"{line.method} takes no {name} policy", "remove it")


def taken_names(
    schema: Mapping[str, object], plan: Mapping[str, MethodSpec], keys: Mapping[str, str]
) -> Iterator[Problem]:
    """Columns that would be added under a name that is there."""
    taken = set(schema)
    for name, line in plan.items():
        for source in line.columns or (name,):
            for key, added in added_names(source, line).items():
                if added in taken:
                    yield problem(
                        f"normalize.{keys[name]}.{key}",
                        f"the new column '{added}' would be there twice",
                        "choose another suffix"
                        if key == "suffix"
                        else "rename the column that has this name",
                    )
                taken.add(added)


def added_names(source: str, line: MethodSpec) -> dict[str, str]:
    """The columns that a line adds for a source column, by the key that asks for each."""
    wanted = {
        "suffix": source + line.suffix if line.suffix else "",
        "outside": f"{source}_outside" if line.policies.outside == "flag" else "",
        "nulls": f"{source}_missing" if line.policies.indicator else "",
    }
    return {key: name for key, name in wanted.items() if name}
