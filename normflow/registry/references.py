"""What a person may write for a fit or a run: its id, a prefix that only it has, or `pipeline@latest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.errors import RegistryError, suggestion
from normflow.registry.tables import FITS, RUNS

if TYPE_CHECKING:
    from normflow.registry.connection import Connection
    from normflow.registry.records import FitRow, RunRow
    from normflow.registry.tables import Row, Table

LATEST = "@latest"
SHOWN = 5


def find_run(con: Connection, ref: str, path: object) -> RunRow:
    """The run a reference means; `pipeline@latest` is the last one that succeeded."""
    if ref.endswith(LATEST):
        return _latest_run(con, ref.removesuffix(LATEST), path)
    return _the_one(con, RUNS, "run", ref, path)


def find_fit(con: Connection, ref: str, path: object) -> FitRow:
    """The fit a reference means; `pipeline@latest` is the one its last successful run used."""
    if not ref.endswith(LATEST):
        return _the_one(con, FITS, "fit", ref, path)
    run = _latest_run(con, ref.removesuffix(LATEST), path)
    if run.fit_id is None:
        raise RegistryError(
            f"the fit of run '{run.run_id}' was forgotten", where=str(path), hint="run the pipeline once more"
        )
    return _the_one(con, FITS, "fit", run.fit_id, path)


def _latest_run(con: Connection, pipeline: str, path: object) -> RunRow:
    latest = RUNS.select(
        con,
        "WHERE pipeline = ? AND status = 'succeeded' AND mode <> 'replay'"
        " ORDER BY started DESC, run_id DESC LIMIT 1",
        [pipeline],
    )
    if latest:
        return latest[0]
    known = con.execute("SELECT DISTINCT pipeline FROM runs WHERE status = 'succeeded' ORDER BY 1").fetchall()
    raise RegistryError(
        f"pipeline '{pipeline}' has no successful run",
        where=str(path),
        hint=suggestion(pipeline, (name for (name,) in known)),
    )


def _the_one(con: Connection, table: Table[Row], kind: str, ref: str, path: object) -> Row:
    """The only row whose key begins so, or the one whose key it is."""
    (key,) = table.key
    found = table.select(con, f"WHERE {key} = ?", [ref]) or table.select(
        con, f"WHERE starts_with({key}, ?) ORDER BY {key}", [ref]
    )
    if len(found) == 1:
        return found[0]
    if not found:
        raise RegistryError(
            f"no {kind} '{ref}'",
            where=str(path),
            hint="`normflow runs` lists what is there, and `pipeline@latest` names the last",
        )
    shown = ", ".join(str(getattr(row, key)) for row in found[:SHOWN])
    more = ", …" if len(found) > SHOWN else ""
    raise RegistryError(
        f"'{ref}' begins {len(found)} {kind}s: {shown}{more}", where=str(path), hint="give more characters"
    )
