"""What the registry asks of a database: a DuckDB file and a PostgreSQL server give it alike.

Queries are written in the SQL that both take, with `?` for values. What differs stands with each connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from normflow.registry.records import GroupRows
    from normflow.registry.tables import Row, Table


class Answer(Protocol):
    """The rows of a query."""

    def fetchone(self) -> Any:
        """The next row as a tuple, None after the last."""

    def fetchall(self) -> list[Any]:
        """All rows that are left."""


class Connection(Protocol):
    """One transaction on a registry.

    `whole` is an aggregate over rows named `one` that reads each of their values; `here` is a condition on
    runs, which begins with AND, that holds where this machine began them, empty where no other can have.
    """

    @property
    def whole(self) -> str:
        """See above."""

    @property
    def here(self) -> str:
        """See above."""

    def execute(self, query: str, values: Sequence[object] = ()) -> Answer:
        """Ask or do one thing."""

    def stream(self, query: str, size: int) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, `size` at a time; no other may be asked meanwhile."""

    def insert(self, table: Table[Row], rows: Sequence[Row], *, absent_only: bool) -> None:
        """Add rows; with `absent_only` those whose key is not there yet."""

    def insert_groups(self, rows: GroupRows) -> None:
        """Add the parameters of many groups."""


class Store(Protocol):
    """Where a registry lies: who may open it, when, and for how long. Each error names it."""

    @property
    def exists(self) -> bool:
        """Whether anything was ever recorded here."""

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that may write, alone among those; the registry is made where there is none."""

    def reading(self) -> AbstractContextManager[Connection]:
        """One state of a registry that exists."""

    def alone(self) -> AbstractContextManager[Path]:
        """The file while nobody else may open it, with all of the registry in it and no log beside it."""

    def require_ours(self) -> None:
        """See that no newer normflow wrote the registry, if there is one; changes nothing."""
