"""A reporter: a line a run in the file that WORKSHOP_JOURNAL names, where it names one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normflow import RunRecord


def write(record: RunRecord) -> None:
    """Add the line of a run."""
    if file := os.environ.get("WORKSHOP_JOURNAL"):
        with Path(file).open("a", encoding="utf-8") as journal:
            journal.write(f"{record.pipeline} {record.status} {record.rows}\n")
