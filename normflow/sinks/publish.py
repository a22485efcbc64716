"""Publishing: what is staged becomes the outputs, after its bytes are on the disk."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from normflow.errors import SinkError
from normflow.lasting import flush
from normflow.sinks import tables
from normflow.sinks.exchange import exchange
from normflow.sinks.stage import UNTOUCHED, check, destination, discard

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from normflow.spec import SinkSpec, TableSink

ROLLS_FORWARD = "what comes before it is published, and the next run finishes the rest"


def publish(files: Mapping[Path, Path | SinkSpec], run_id: str = "") -> None:
    """Put staged files, and folders, where they belong, in order.

    A file is renamed, a folder changes places with the one that is there, and a table takes the rows of the
    staged file in one step of its own. All is on the disk before the first is put anywhere, so a crash finds
    each destination either old or new, and the recorded intent tells which are still to come: several roll
    forward.

    Args:
        files: the destination of each staged file.
        run_id: the run, for tables that keep it with their rows.

    Raises:
        SinkError: a destination is a folder, or the system refuses.
    """
    targets = {staged: _parted(target) for staged, target in files.items()}
    for path, keys, table in targets.values():
        if table is None:
            check(path, keys=keys)
    for staged, (path, _, _) in targets.items():
        with _told(path, UNTOUCHED):
            for one in [*staged.rglob("*"), staged] if staged.is_dir() else [staged]:
                flush(one)
    hint = UNTOUCHED
    for staged, (path, _, table) in targets.items():
        with _told(path, hint):
            if table:
                tables.publish(staged, table, run_id)
                discard(staged)
            elif staged.is_dir():
                exchange(staged, destination(path))
                discard(staged)
            else:
                staged.replace(destination(path))
        hint = ROLLS_FORWARD
    for path, _, _ in targets.values():
        if destination(path).parent.is_dir():
            with _told(path, ROLLS_FORWARD):
                flush(destination(path).parent)


def _parted(target: Path | SinkSpec) -> tuple[Path, tuple[str, ...], TableSink | None]:
    """The path, the columns that make its folders, and the table."""
    return (
        (target, (), None) if isinstance(target, Path) else (target.path, target.partition_by, target.table)
    )


@contextmanager
def _told(path: Path, hint: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SinkError(f"cannot be published: {error.strerror}", where=str(path), hint=hint) from error
