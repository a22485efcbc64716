"""A PostgreSQL server for the tests of registries, and an address of its own for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fits.postgres import Postgres, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with running() as found:
        yield found


@pytest.fixture
def address(server: Postgres, tmp_path: Path) -> str:
    """A registry that no other test has."""
    return f"postgresql://postgres@/postgres?host={server.folder}&schema={tmp_path.name}"
