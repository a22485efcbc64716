"""The closed set of elementary maps, and how a stored one is read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

from normflow.errors import FitError, FormatError, suggestion
from normflow.transforms.affine import Affine
from normflow.transforms.boxcox import BoxCox
from normflow.transforms.log import Log
from normflow.transforms.squash import Squash
from normflow.transforms.yeojohnson import YeoJohnson

if TYPE_CHECKING:
    from collections.abc import Iterable

    from normflow.transforms.formula import FormulaMap

ELEMENTARY: tuple[type[FormulaMap], ...] = (Affine, Log, BoxCox, YeoJohnson, Squash)


def elementary_from_json(stored: object) -> FormulaMap:
    """The map that `to_json` stored.

    Raises:
        FormatError: an unknown kind, a missing or an extra field, or something that is no finite number.
    """
    if not isinstance(stored, Mapping):
        raise FormatError(f"a stored map is an object, not {stored!r}")
    by_kind = {one.kind: one for one in ELEMENTARY}
    kind = str(stored.get("kind"))
    if kind not in by_kind:
        raise FormatError(f"no map of kind '{kind}'", hint=suggestion(kind, by_kind))
    names = [field.name for field in fields(by_kind[kind])]  # type: ignore[arg-type]
    only_fields(stored, kind, ("kind", *names))
    try:
        return by_kind[kind](**{name: _number(stored[name], f"{kind}.{name}") for name in names})
    except FitError as error:
        raise FormatError(error.what, hint=error.hint) from error


def only_fields(stored: Mapping[str, object], kind: str, names: Iterable[str]) -> None:
    """Refuse a stored map with other fields than these.

    Raises:
        FormatError: a field is missing, or one too many.
    """
    wanted = set(names)
    if wanted != set(stored):
        missing, extra = sorted(wanted - set(stored)), sorted(set(stored) - wanted)
        what = f"lacks {', '.join(missing)}" if missing else f"has no field {', '.join(extra)}"
        raise FormatError(f"a stored map of kind '{kind}' {what}")


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormatError(f"{value!r} is no number", where=where)
    return float(value)
