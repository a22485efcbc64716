"""The page on the registry's tables says what a fresh registry has: each column, its type, the keys."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from normflow.registry import Registry
from normflow.registry.tables import FORMAT

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "registry.md"
SECTION = re.compile(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^\| (\**)`(\w+)`\1 \| ([^|]+) \|", re.MULTILINE)


def told() -> dict[str, list[tuple[str, str, bool]]]:
    """By table or view: its columns in order, each with its type and whether it is set as a key."""
    return {
        name: [(column, kind.strip(), bool(bold)) for bold, column, kind in LINE.findall(text)]
        for name, text in SECTION.findall(PAGE.read_text())
    }


@pytest.fixture
def con(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    with Registry(tmp_path / "registry.duckdb").transaction():
        pass
    return duckdb.connect(tmp_path / "registry.duckdb", read_only=True)


def test_every_table_and_view_is_told_of_column_by_column(con: duckdb.DuckDBPyConnection) -> None:
    query = """SELECT table_name, column_name, data_type FROM duckdb_columns()
        WHERE NOT internal ORDER BY table_name, column_index"""
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in con.execute(query).fetchall():
        found.setdefault(table, []).append((column, kind))
    assert {name: [one[:2] for one in columns] for name, columns in told().items()} == found


def test_the_keys_are_set_as_such(con: duckdb.DuckDBPyConnection) -> None:
    query = """SELECT table_name, constraint_column_names FROM duckdb_constraints()
        WHERE constraint_type = 'PRIMARY KEY'"""
    keys = {table: sorted(columns) for table, columns in con.execute(query).fetchall()}
    bold = {name: sorted(one for one, _, key in columns if key) for name, columns in told().items()}
    assert {name: columns for name, columns in bold.items() if columns} == keys


def test_the_format_is_the_one_there_is() -> None:
    assert f"The format is {FORMAT}:" in PAGE.read_text()
