"""Sizes as people write them: `2GiB`, `512MB`."""

from __future__ import annotations

import re
from decimal import Decimal

UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
UNITS |= {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)", re.ASCII)
SPELLINGS = {unit.lower(): unit for unit in UNITS}


def bytes_of(value: object) -> int:
    """Bytes of a text such as `2GiB` (2 · 2^30) or `512MB` (512 · 10^6); the case of letters does not matter.

    Raises:
        ValueError: anything else, with a sentence.
    """
    match = SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    unit = SPELLINGS.get(match[2].lower()) if match else None
    if match is None or unit is None:
        raise ValueError("expected a size such as 2GiB or 512MB")
    return int(Decimal(match[1]) * UNITS[unit])


def as_size(count: int) -> str:
    """Bytes for people: `1.4 GiB`."""
    unit = next((one for one in ("GiB", "MiB", "KiB") if count >= UNITS[one]), "B")
    return f"{count / UNITS[unit]:.3g} {unit}"
