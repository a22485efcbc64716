"""What a method says of itself, as plain values: for `normflow methods` and for programs."""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, get_type_hints

from normflow.methods.options import spoken

if TYPE_CHECKING:
    from dataclasses import Field

    from normflow.methods._method import Method
    from normflow.methods._row_method import RowMethod


def told(method: type[Method | RowMethod]) -> dict[str, Any]:
    """Name, version, a sentence, the whole text, and the options with their defaults and what they may be."""
    hints = get_type_hints(method)
    options: tuple[Field[Any], ...] = fields(method)  # type: ignore[arg-type]
    module = inspect.getdoc(sys.modules[method.__module__]) or ""
    return {
        "method": method.name,
        "version": method.version,
        "summary": module.partition("\n")[0].rstrip("."),
        "text": re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.getdoc(method) or ""),
        "options": [
            {"option": one.name, "default": _default(one), "may_be": spoken(hints[one.name])}
            for one in options
        ],
    }


def _default(option: Field[Any]) -> object:
    """The default as YAML has it: pairs are lists, and what must be given has none."""
    if option.default is MISSING:
        return None
    return list(option.default) if isinstance(option.default, tuple) else option.default
