"""The rows of a table as a file of the run's own: read once, and there as long as the run."""

from __future__ import annotations

import secrets
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from normflow import sinks
from normflow.locks import Busy, FileLock
from normflow.pipeline.taps import watched
from normflow.pipeline.watch import Watch
from normflow.sources import Layout, Source, tables
from normflow.spec import SinkSpec, SourceSpec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from normflow.pipeline.watch import Progress
    from normflow.spec import Pipeline, TableSource

FOLDER = ".normflow/spool"


class Brought(NamedTuple):
    """The files a run reads, and the table they came from, at its version."""

    files: SourceSpec
    table: TableSource | None = None


@contextmanager
def brought(pipeline: Pipeline, progress: Progress | None = None) -> Iterator[Brought]:
    """The source of a pipeline as files: itself, or what a table holds now, in a Parquet file.

    A table is read once, so that all that follows sees the same rows. The file lies below the pipeline
    file's folder and is removed at the end; one that a killed run left is removed by the next.

    Raises:
        SourceError: the table is not there, or cannot be read.
        SinkError: the file cannot be written.
    """
    table = pipeline.source.table
    if table is None:
        yield Brought(pipeline.source)
        return
    table = tables.pinned(table)
    home = pipeline.file.absolute().parent / FOLDER
    _sweep(home)
    mark = secrets.token_hex(8)
    folder, lock = home / mark, _locked(home / f"{mark}.lock")
    try:
        folder.mkdir()
        file = folder / "rows.parquet"
        _read(table, file, progress)
        yield Brought(SourceSpec(paths=(str(file),), format="parquet"), table)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
        with suppress(OSError):
            home.rmdir()


def _read(table: TableSource, file: Path, progress: Progress | None) -> None:
    watch = Watch(Source(partitions=(), layout=Layout(format="parquet", columns={})), progress)
    spec = SinkSpec(path=file, format="parquet", options={"compression": "lz4"})
    with watch.stage("read"), sinks.writing(file), tables.read(table) as rows:
        watch.working(sinks.sink(watched(rows, [watch.passing]), file, spec).collect, engine="streaming")


def _locked(path: Path) -> FileLock:
    try:
        return FileLock.acquire(path, wait=10.0)
    except OSError as error:
        raise sinks.unwritable(path, error) from error


def _sweep(home: Path) -> None:
    """Remove what dead runs left: the system drops the lock of a run together with the run."""
    for lock in home.glob("*.lock") if home.is_dir() else ():
        with suppress(Busy, OSError):
            held = FileLock.acquire(lock, wait=0)
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            held.release()
