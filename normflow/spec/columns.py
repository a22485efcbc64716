"""Which key speaks for which column: the exact name, else the most specific pattern, else `*`."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from normflow.dtypes import is_measurable, is_numeric
from normflow.errors import Problem, SchemaError, suggestion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from polars._typing import PolarsDataType

    from normflow.spec.pipeline import ColumnChecks, MethodSpec

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

    `skip` holds columns that only their exact name reaches (unique ones); `places` maps dotted keys to where
    they were written.

    Raises:
        SchemaError: a named column is missing or cannot be a number, a pattern matches nothing or ties with
            another, or a suffix makes a name that is taken; all that is wrong at once.
    """
    keys = column_keys(schema, normalize, section="normalize", skip=skip, places=places)
    problems = [
        *_wrong_types(schema, normalize, keys),
        *_taken_names(schema, {name: normalize[key].suffix for name, key in keys.items()}, keys),
    ]
    _raise(problems, places)
    return {name: normalize[key] for name, key in keys.items() if is_measurable(schema[name])}


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
) -> dict[str, str]:
    """The key that speaks for each column, in the order of the schema.

    A key that is a column's name is exact. Any other key with `*`, `?` or `[…]` is a pattern on the whole
    name, and the one with the most literal characters wins. `*` and patterns reach numeric columns outside
    `skip` only.

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
        elif is_numeric(dtype) and name not in skip:
            best = _most_literal(name, patterns)
            if len(best) > 1:
                problems.append(_tie(name, best, section))
            if best or EVERY in keys:
                found[name] = best[0] if best else EVERY
    _raise(problems, places)
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
        _problem(f"{section}.{name}", f"no such column in the {place}", suggestion(name, schema))
        for name in names
        if name not in schema
    ]


def _unmatched(pattern: str, schema: Mapping[str, object], section: str) -> Problem:
    return _problem(f"{section}.{pattern}", "no column matches this pattern", suggestion("", schema))


def _tie(name: str, best: list[str], section: str) -> Problem:
    both = " and ".join(f"'{pattern}'" for pattern in best)
    return _problem(
        f"{section}.{best[1]}",
        f"{both} match column '{name}' equally well",
        f"add a line for '{name}' itself",
    )


def _wrong_types(
    schema: Mapping[str, PolarsDataType], normalize: Mapping[str, MethodSpec], keys: Mapping[str, str]
) -> Iterator[Problem]:
    for name, key in keys.items():
        method = normalize[key].method
        if method != "none" and not is_measurable(schema[name]):
            yield _problem(
                f"normalize.{key}",
                f"{method} needs numbers, and the column's type is {schema[name]}",
                "remove the line or write none, and the column passes through",
            )


def _taken_names(
    schema: Mapping[str, object], suffixes: Mapping[str, str], keys: Mapping[str, str]
) -> Iterator[Problem]:
    taken = set(schema)
    for name, suffix in suffixes.items():
        if suffix and name + suffix in taken:
            yield _problem(
                f"normalize.{keys[name]}.suffix",
                f"the new column '{name}{suffix}' would be there twice",
                "choose another suffix",
            )
        taken.add(name + suffix)


def _problem(key: str, what: str, hint: str) -> Problem:
    return Problem(key, f"{what}; {hint}" if hint else what)


def _raise(problems: list[Problem], places: Mapping[str, str] | None) -> None:
    """Raise all problems, in the order of the file, each led by where its key was written."""
    known = places or {}
    order = {key: position for position, key in enumerate(known)}
    listed = sorted(problems, key=lambda one: order.get(one.place, len(order)))
    if listed:
        raise SchemaError.of(_placed(problem, known) for problem in listed)


def _placed(problem: Problem, places: Mapping[str, str]) -> Problem:
    place = places.get(problem.place)
    return Problem(place, str(problem)) if place else problem
