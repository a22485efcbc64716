"""The closed set of elementary maps, and how a stored one is read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

from normflow.errors import FitError, FormatError, suggestion
from normflow.transforms.affine import Affine
from normflow.transforms.asinh import Asinh
from normflow.transforms.boxcox import BoxCox
from normflow.transforms.cbrt import Cbrt
from normflow.transforms.clip import Clip
from normflow.transforms.fill import Fill
from normflow.transforms.interpolate import Interpolate
from normflow.transforms.log import Log
from normflow.transforms.logit import Logit
from normflow.transforms.normal_quantile import NormalQuantile
from normflow.transforms.nothing import Nothing
from normflow.transforms.sqrt import Sqrt
from normflow.transforms.squash import Squash
from normflow.transforms.within import Within
from normflow.transforms.yeojohnson import YeoJohnson

if TYPE_CHECKING:
    from collections.abc import Iterable

    from normflow.transforms.formula import FormulaMap

ELEMENTARY: tuple[type[FormulaMap], ...] = (
    Affine,
    Log,
    Sqrt,
    Cbrt,
    Asinh,
    Logit,
    BoxCox,
    YeoJohnson,
    Interpolate,
    NormalQuantile,
    Squash,
    Clip,
    Within,
    Fill,
    Nothing,
)


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
    types = {field.name: field.type for field in fields(by_kind[kind])}  # type: ignore[arg-type]
    only_fields(stored, kind, ("kind", *types))
    read = {"float": _number, "tuple[float, ...]": _numbers}
    try:
        return by_kind[kind](
            **{name: read[str(of)](stored[name], f"{kind}.{name}") for name, of in types.items()}
        )
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
    try:
        return float(value)
    except OverflowError:
        raise FormatError("a whole number beyond what a float64 holds", where=where) from None


def _numbers(value: object, where: str) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise FormatError(f"{value!r} is no list of numbers", where=where)
    return tuple(_number(one, where) for one in value)
