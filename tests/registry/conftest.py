"""A PostgreSQL server for the tests of registries, and an address of its own for each test."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fits.postgres import Postgres

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="nf"))  # a socket's path is short
    found = Postgres(folder)
    try:
        found.start()
        yield found
    finally:
        found.stop()
        shutil.rmtree(folder)


@pytest.fixture
def address(server: Postgres, tmp_path: Path) -> str:
    """A registry that no other test has."""
    return f"postgresql://postgres@/postgres?host={server.folder}&schema={tmp_path.name}"
