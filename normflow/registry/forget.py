"""Forgetting what was learned: of a pipeline, or of one of its columns.

The history stays: that there were runs, when, of what files, and how they ended. What goes is what the data
taught (fits, parameters, choices, profiles), and what the record shows of values (examples, messages).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from normflow.errors import NormflowError, RegistryError, suggestion
from normflow.fits import Fit
from normflow.naming import member

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from normflow.registry.connection import Connection
    from normflow.registry.handle import Handle

FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What was removed: rows by table, and fits that stay because other pipelines use them."""

    rows: Mapping[str, int]
    shared: tuple[str, ...]


def forget(registry: Handle, pipeline: str, column: str | None = None) -> Forgotten:
    """Remove what was learned from a pipeline's data, or from one column of it; all of it, or nothing.

    A fit is removed whole, since it would not be the same without a column. Profiles are kept by content, not
    by pipeline, so those that other pipelines keep of columns with these names go as well: they are learned
    again from the rows where they are needed. The room in the file is given back by `compact`.

    Raises:
        RegistryError: no such pipeline ran here.
    """
    with registry.reading() as con:
        _require(con, pipeline, registry)
    with registry.transaction() as con:
        fits, names = _affected(con, pipeline, column)
        removed = {"fit_uses": _uses(con, pipeline, fits)}
        shared = [fit_id for fit_id in fits if _count(con, "fit_uses WHERE fit_id = ?", [fit_id])]
        gone = [fit_id for fit_id in fits if fit_id not in shared]
        for table in ("fits", "parameters", "choices"):
            removed[table] = _delete(con, f"{table} WHERE fit_id = ANY(?::VARCHAR[])", [gone])
        removed["profiles"] = _profiles(con, names)
        removed["drift"] = _drift(con, pipeline, None if column is None else names)
        removed["examples"] = _examples(con, pipeline, None if column is None else names)
        _runs(con, pipeline, fits, column, names)
    return Forgotten(rows=removed, shared=tuple(shared))


def _require(con: Connection, pipeline: str, registry: Handle) -> None:
    if not _count(con, "runs WHERE pipeline = ?", [pipeline]):
        known = con.execute("SELECT DISTINCT pipeline FROM runs ORDER BY 1").fetchall()
        raise RegistryError(
            f"pipeline '{pipeline}' never ran here",
            where=str(registry.path),
            hint=suggestion(pipeline, (name for (name,) in known)),
        )


def _affected(con: Connection, pipeline: str, column: str | None) -> tuple[list[str], list[str]]:
    """The fits that know the column, or all, and every name under which it was recorded."""
    told = _told(con, pipeline, column)
    query = """SELECT DISTINCT fit_id, document FROM fits
        WHERE fit_id IN (SELECT fit_id FROM fit_uses WHERE pipeline = ?) ORDER BY fit_id"""
    fits, names = [], told if column is None else {column, *told}
    for fit_id, document in con.execute(query, [pipeline]).fetchall():
        try:
            fit = Fit.from_json(document)
        except NormflowError:  # nobody can say what is in it
            fits.append(fit_id)
            continue
        known = [one for one in fit.columns if column in (None, one.column, one.output)]
        row_wise = [one for one in fit.row_wise if column is None or column in (*one.columns, *one.outputs)]
        if known or row_wise or column is None or (fit.groups and column in fit.groups.by):
            fits.append(fit_id)
        names |= {name for one in known for name in _names(one.column, one.output, one.index)}
    return fits, sorted(names)


def _told(con: Connection, pipeline: str, column: str | None) -> set[str]:
    """Names in the records of runs, whose fits may have been forgotten before."""
    query = "SELECT document FROM runs WHERE pipeline = ? AND document IS NOT NULL"
    return {
        name
        for (document,) in con.execute(query, [pipeline]).fetchall()
        for one in json.loads(document)["columns"]
        if column in (None, one["column"], one["output"])
        for name in _names(one["column"], one["output"], one["index"])
    }


def _names(column: str, output: str, index: int | None) -> set[str]:
    """What a column, or a place of an array column, is called in profiles, parameters and verdicts."""
    return {column, output} | (set() if index is None else {member(column, index), member(output, index)})


def _uses(con: Connection, pipeline: str, fits: Sequence[str]) -> int:
    return _delete(con, "fit_uses WHERE pipeline = ? AND fit_id = ANY(?::VARCHAR[])", [pipeline, fits])


def _profiles(con: Connection, names: Sequence[str]) -> int:
    """States of these columns, and those of all groups that were made of them."""
    query = 'SELECT DISTINCT state_key FROM profiles WHERE "column" = ANY(?::VARCHAR[])'
    keys = [key for (key,) in con.execute(query, [names]).fetchall()]
    which = """profiles WHERE state_key = ANY(?::VARCHAR[])
        AND ("column" = ANY(?::VARCHAR[]) OR "group" != '')"""
    return _delete(con, which, [keys, names])


def _drift(con: Connection, pipeline: str, names: Sequence[str] | None) -> int:
    """How far values moved; that of other columns too where groups were made of one of these."""
    clause, values = "run_id IN (SELECT run_id FROM runs WHERE pipeline = ?)", [pipeline]
    rows = f"drift WHERE {clause}"
    if names is None:
        return _delete(con, rows, values)
    keys = " OR ".join(['strpos("group", ?) > 0'] * len(names)) or "false"
    keyed = [f"{json.dumps(name, ensure_ascii=False)}:" for name in names]
    return _delete(con, f'{rows} AND ("column" = ANY(?::VARCHAR[]) OR {keys})', [*values, names, *keyed])


def _examples(con: Connection, pipeline: str, names: Sequence[str] | None) -> int:
    """What verdicts show of values; those that name no column may show any."""
    clause = "run_id IN (SELECT run_id FROM runs WHERE pipeline = ?)"
    values: list[Any] = [pipeline]
    if names is not None:
        clause += """ AND ("column" = '' OR "column" = ANY(?::VARCHAR[]))"""
        values.append(names)
    shown = _count(con, f"check_results WHERE {clause} AND coalesce(examples, '[]') != '[]'", values)
    con.execute(
        f"UPDATE check_results SET examples = NULL, value = NULL, message = '{FORGOTTEN}' WHERE {clause}",  # noqa: S608
        values,
    )
    return shown


def _runs(
    con: Connection, pipeline: str, fits: Sequence[str], column: str | None, names: Sequence[str]
) -> None:
    """Take the same out of the record of each run."""
    con.execute(
        "UPDATE runs SET fit_id = NULL WHERE pipeline = ? AND fit_id = ANY(?::VARCHAR[])",
        [pipeline, fits],
    )
    query = "SELECT run_id, document, error FROM runs WHERE pipeline = ?"
    for run_id, document, error in con.execute(query, [pipeline]).fetchall():
        told = column is None or any(name in (error or "") for name in names)
        con.execute(
            "UPDATE runs SET document = ?, error = ? WHERE run_id = ?",
            [_without(document, column, names), FORGOTTEN if error and told else error, run_id],
        )


def _without(document: str | None, column: str | None, names: Sequence[str]) -> str | None:
    if document is None:
        return None
    run = json.loads(document)
    run["columns"] = [one for one in run["columns"] if not _of(one["column"], column, names)]
    for check in run["checks"]:
        if not check["column"] or _of(check["column"], column, names):
            check |= {"examples": [], "value": None, "message": FORGOTTEN}
    run["warnings"] = [
        one for one in run["warnings"] if column is not None and not any(name in one for name in names)
    ]
    return json.dumps(run, sort_keys=True, ensure_ascii=False)


def _of(found: str, column: str | None, names: Sequence[str]) -> bool:
    return column is None or found in names


def _count(con: Connection, which: str, values: Sequence[Any]) -> int:
    (found,) = con.execute(f"SELECT count(*) FROM {which}", list(values)).fetchone() or (0,)  # noqa: S608
    return int(found)


def _delete(con: Connection, which: str, values: Sequence[Any]) -> int:
    return len(con.execute(f"DELETE FROM {which} RETURNING 1", list(values)).fetchall())  # noqa: S608
