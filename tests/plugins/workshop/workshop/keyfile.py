"""A keeper of secrets: a file of NAME=VALUE lines, which WORKSHOP_KEYS names."""

from __future__ import annotations

import os
from pathlib import Path


def secret(name: str) -> str:
    """The value in the line of this name.

    Raises:
        KeyError: there is no such line.
    """
    lines = Path(os.environ["WORKSHOP_KEYS"]).read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)[name]
