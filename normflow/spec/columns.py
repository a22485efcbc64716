"""Which key speaks for which column: the exact name, else the most specific pattern, else `*`."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from normflow.dtypes import is_numeric
from normflow.errors import Problem, suggestion
from normflow.spec.problems import problem, raise_all
from normflow.spec.suitable import can_be_normalized, taken_names, wrong_rows, wrong_types

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from polars._typing import PolarsDataType

    from normflow.spec.declared import ColumnChecks
    from normflow.spec.pipeline import MethodSpec

EVERY = "*"
WILDCARD = re.compile(r"\[!?\]?[^\]]*\]|[*?]")


def resolve_columns(
    schema: Mapping[str, PolarsDataType],
    normalize: Mapping[str, MethodSpec],
    *,
    skip: Collection[str] = (),
    places: Mapping[str, str] | None = None,
) -> dict[str, MethodSpec]:
    """Which method applies to which column, in the order of the schema; any other column passes through.

    A row-wise method over named columns stands under its own key, after the columns; its members are
    normalized by nothing else. All row-wise lines come back with their `columns`. `skip` holds columns that
    only their exact name reaches (unique ones); `places` maps dotted keys to where they were written.

    Raises:
        SchemaError: a named column is missing or cannot be a number, a pattern matches nothing or ties with
            another, or a suffix or policy makes a name that is taken; all that is wrong at once.
    """
    rows = {key: line for key, line in normalize.items() if line.columns}
    members = {name for line in rows.values() for name in line.columns}
    others = {key: line for key, line in normalize.items() if key not in rows}
    keys = column_keys(
        schema, others, section="normalize", skip={*skip, *members}, places=places, known=tuple(rows)
    )
    plan = {name: others[key] for name, key in keys.items()}
    problems = [
        *wrong_types(schema, others, keys),
        *wrong_rows(schema, rows, others),
        *taken_names(schema, {**plan, **rows}, {**keys, **{key: key for key in rows}}),
    ]
    raise_all(problems, places)
    found = {name: _whole(name, line) for name, line in plan.items() if can_be_normalized(schema[name])}
    return found | rows


def resolve_checks(
    schema: Mapping[str, PolarsDataType],
    checks: Mapping[str, ColumnChecks],
    *,
    skip: Collection[str] = (),
    places: Mapping[str, str] | None = None,
) -> dict[str, ColumnChecks]:
    """Which checks apply to which output column, by the rules of `resolve_columns`.

    The most specific key speaks alone: a column with a line of its own takes nothing from `*`.

    Raises:
        SchemaError: a named column is missing, or a pattern matches nothing or ties with another.
    """
    keys = column_keys(schema, checks, section="checks", skip=skip, places=places)
    return {name: checks[key] for name, key in keys.items()}


def column_keys(
    schema: Mapping[str, PolarsDataType],
    keys: Mapping[str, object],
    *,
    section: str,
    skip: Collection[str] = (),
    places: Mapping[str, str] | None = None,
    known: Collection[str] = (),
) -> dict[str, str]:
    """The key that speaks for each column, in the order of the schema.

    A key that is a column's name is exact. Any other key with `*`, `?` or `[…]` is a pattern on the whole
    name, and the one with the most literal characters wins. `*` and patterns reach numeric columns outside
    `skip` only. A column in `known` has a key already.

    Raises:
        SchemaError: a named column is missing, or a pattern matches nothing or ties with another.
    """
    patterns = [key for key in keys if key not in schema and key != EVERY and WILDCARD.search(key)]
    problems = _missing(schema, [key for key in keys if key != EVERY and key not in patterns], section)
    problems += [
        _unmatched(pattern, schema, section) for pattern in patterns if not _matches(pattern, schema)
    ]
    found: dict[str, str] = {}
    for name, dtype in schema.items():
        if name in keys and name != EVERY:
            found[name] = name
        elif is_numeric(dtype) and name not in skip and name not in known:
            best = _most_literal(name, patterns)
            if len(best) > 1:
                problems.append(_tie(name, best, section))
            if best or EVERY in keys:
                found[name] = best[0] if best else EVERY
    raise_all(problems, places)
    return found


def _most_literal(name: str, patterns: list[str]) -> list[str]:
    """The matching patterns with the most literal characters, in the order of the file."""
    matching = [pattern for pattern in patterns if fnmatchcase(name, pattern)]
    most = max(map(_literals, matching), default=0)
    return [pattern for pattern in matching if _literals(pattern) == most]


def _literals(pattern: str) -> int:
    return len(WILDCARD.sub("", pattern))


def _matches(pattern: str, names: Collection[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names)


def _missing(schema: Mapping[str, object], names: Collection[str], section: str) -> list[Problem]:
    place = "output" if section == "checks" else "source"
    return [
        problem(f"{section}.{name}", f"no such column in the {place}", suggestion(name, schema))
        for name in names
        if name not in schema
    ]


def _unmatched(pattern: str, schema: Mapping[str, object], section: str) -> Problem:
    return problem(f"{section}.{pattern}", "no column matches this pattern", suggestion("", schema))


def _tie(name: str, best: list[str], section: str) -> Problem:
    both = " and ".join(f"'{pattern}'" for pattern in best)
    return problem(
        f"{section}.{best[1]}",
        f"{both} match column '{name}' equally well",
        f"add a line for '{name}' itself",
    )


def _whole(name: str, line: MethodSpec) -> MethodSpec:
    return replace(line, columns=(name,)) if line.row_wise else line
