"""A registry as a static site: all pipelines, each with its last runs, and the page of every one of these."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normflow.errors import RegistryError, SinkError
from normflow.pipeline.drift_history import drift_history
from normflow.pipeline.reporting import known
from normflow.pipeline.views import run_document
from normflow.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from normflow.registry import RunRow
    from normflow.spec import Server

LAST = 20
MARK = ".normflow-site"


def write_site(registry: str | Path | Server, folder: Path, *, last: int = LAST) -> int:
    """Write the site of a registry into a folder, whole or not at all; how many pages it has.

    It is written beside the folder, and takes the place of the site that was there; a folder that holds
    anything else is left as it is. Of each pipeline the newest `last` runs have pages.

    Raises:
        RegistryError: there is no registry.
        SinkError: the folder holds something else, or cannot be written.
    """
    record = Registry(registry)
    if not record.exists:
        raise RegistryError("no registry here", where=str(record.path), hint="name it with --registry")
    folder = folder.resolve()
    if folder.exists() and not _ours(folder):
        hint = "name a new folder, or one that this command has written"
        raise SinkError("holds something other than a site of normflow", where=str(folder), hint=hint)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise SinkError(f"cannot be written: {error.strerror}", where=str(folder)) from error
    try:
        aside.chmod(0o755)  # what is shown is to be read by others, as a new folder is
        count = _fill(aside / "new", record, last)
        _swap(aside, folder)
    except OSError as error:
        raise SinkError(f"cannot be written: {error.strerror}", where=str(folder)) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return count


def _ours(folder: Path) -> bool:
    """Whether a folder may be replaced: it is a site, or empty."""
    return folder.is_dir() and ((folder / MARK).is_file() or not any(folder.iterdir()))


def _fill(folder: Path, record: Registry, last: int) -> int:
    """Write all pages, one run in memory at a time but for the documents of one pipeline."""
    from normflow.report.html import page
    from normflow.report.site import file_name, index_page, pipeline_page

    for one in ("pipelines", "runs"):
        (folder / one).mkdir(parents=True)
    (folder / MARK).touch()
    listed, count = [], 1
    for pipeline, many in record.pipelines().items():
        rows = record.runs(pipeline, limit=last)
        runs, name = [_told(row) for row in rows], file_name(pipeline)
        told = pipeline_page(pipeline, many, runs, drift_history(record, rows[0]))
        _write(folder / "pipelines" / name, told)
        judged = [one["run_id"] for one in runs if one["document"]]
        for run_id in judged:
            document = known(record.place, run_id)
            _write(folder / "runs" / f"{run_id}.html", page({**document, "home": f"../pipelines/{name}"}))
        listed.append({"pipeline": pipeline, "count": many, "runs": [_counted(one) for one in runs]})
        count += 1 + len(judged)
    _write(folder / "index.html", index_page(record.place, listed))
    return count


def _told(row: RunRow) -> dict[str, Any]:
    """A run as the page of its pipeline lists it."""
    return {
        "run_id": row.run_id,
        "started": f"{row.started:%Y-%m-%d %H:%M:%S}Z",
        "status": row.status,
        "mode": row.mode,
        "rows": row.rows,
        "quarantined": row.quarantined,
        "error": row.error,
        "document": run_document(row),
    }


def _counted(run: dict[str, Any]) -> dict[str, Any]:
    """A run as the first page needs it: of its document only how its checks ended."""
    checks: Iterable[dict[str, Any]] = run["document"]["checks"] if run["document"] else ()
    kept = {"checks": [{"status": one["status"]} for one in checks]}
    return {**run, "document": kept if run["document"] else None}


def _write(file: Path, text: str) -> None:
    file.write_bytes(f"{text}\n".encode())


def _swap(aside: Path, folder: Path) -> None:
    """Put the new site where the old one was; the old one is back where that fails."""
    old = aside / "old"
    if folder.exists():
        folder.rename(old)
    try:
        (aside / "new").rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
