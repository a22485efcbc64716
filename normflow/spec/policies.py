"""Policies: what becomes of the values that a method has no answer for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args

from normflow.errors import ConfigError, suggestion
from normflow.spec.limits import Limit

Nonfinite = Literal["null", "keep", "clip", "error"]
Constant = Literal["zero", "keep", "null", "midpoint", "error"]
Outside = Literal["keep", "clip", "null", "flag", "quarantine", "error"]
FillWith = Literal["mean", "median", "mode"]
FloatType = Literal["Float64", "Float32"]
Fill = FillWith | float | None


@dataclass(frozen=True, slots=True)
class Share:
    """A bound given as a share of the values: the quantile of that probability."""

    of: float

    def __str__(self) -> str:
        return str(Limit(share=self.of))


Bound = float | Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """What happens to a value before and after its map, in this order.

    `nonfinite` (NaN and ±∞): become null, stay, go to the ends of the fitted range (NaN to null), or are an
    error. `outside` (beyond the fitted range): stay, go to its ends, become null, stay and are flagged in
    `<column>_outside`, go into quarantine, or are an error. `clip`: bounds that values go to at the most;
    shares are quantiles of the fit rows. `fill`: what nulls become, in the units of the input, None for null;
    `indicator` tells them in `<column>_missing`. `constant`: what a column of one value becomes: 0, itself,
    null, the middle of the method's range, or an error. `dtype`: what is written.

    None stands for what nobody wrote.
    """

    fill: Fill = None
    indicator: bool = False
    nonfinite: Nonfinite = "null"
    constant: Constant | None = None
    outside: Outside | None = None
    clip: tuple[Bound, Bound] | None = None
    dtype: FloatType = "Float64"


UNTOUCHED = Policies()
POLICY_KEYS = ("nulls", "nonfinite", "constant", "outside", "clip", "dtype")
"""The keys of a column's line that are policies; all keys but `method` and `suffix` besides are options."""


def policies_of(line: Mapping[str, object]) -> Policies:
    """The policies among the keys of a column's line, each in its short or long form.

    Raises:
        ConfigError: a value that is none of the policy's; `where` is the key.
    """
    found: dict[str, object] = {}
    for key in POLICY_KEYS:
        if key in line:
            found |= READERS[key](line[key])
    return Policies(**found)  # type: ignore[arg-type]  # each reader has looked


def written(policies: Policies) -> dict[str, object]:
    """The policies that differ from the defaults, as plain JSON values."""
    return {
        field.name: _plain(getattr(policies, field.name))
        for field in fields(policies)
        if getattr(policies, field.name) != field.default
    }


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, Share) else value


def _nulls(value: object) -> dict[str, object]:
    if isinstance(value, Mapping):
        unknown = [str(key) for key in value if key not in {"fill", "indicator"}]
        if unknown:
            raise _wrong("nulls", f"no such key '{unknown[0]}'", "known are fill and indicator")
        if not isinstance(value.get("indicator", False), bool):
            raise _wrong("nulls", f"indicator is true or false, not {value['indicator']!r}")
        return {"fill": _fill(value.get("fill", "keep")), "indicator": value.get("indicator", False)}
    return {"indicator": True} if value == "indicator" else {"fill": _fill(value)}


def _fill(value: object) -> Fill:
    if value == "keep":
        return None
    if value in get_args(FillWith):
        return value  # type: ignore[return-value]
    if _is_number(value):
        return float(value)  # type: ignore[arg-type]
    words = ("keep", "indicator", *get_args(FillWith))
    known = "known are keep, indicator, mean, median, mode, a number, or {fill: …, indicator: true}"
    raise _wrong("nulls", f"cannot be {value!r}", suggestion(str(value), words) or known)


def _clip(value: object) -> dict[str, object]:
    pair = value if isinstance(value, list | tuple) else ()
    if len(pair) != 2:  # noqa: PLR2004  (an interval has two ends)
        raise _wrong(
            "clip", f"two bounds are asked for, not {value!r}", "[0.1%, 99.9%] are quantiles, [0, 250] values"
        )
    low, high = (_bound(one) for one in pair)
    if type(low) is not type(high):
        raise _wrong(
            "clip", f"a quantile and a value cannot be mixed, {low} and {high}", "write two of one kind"
        )
    ends = [one.of if isinstance(one, Share) else one for one in (low, high)]
    if not ends[0] < ends[1]:
        raise _wrong("clip", f"the first bound must be below the second, not {low}, {high}")
    return {"clip": (low, high)}


def _bound(value: object) -> Bound:
    if _is_number(value):
        return float(value)  # type: ignore[arg-type]
    try:
        share = Limit.parse(value).share if isinstance(value, str) else None
    except ValueError:
        share = None
    if share is None:
        raise _wrong("clip", f"cannot be {value!r}", "a bound is a number, or a quantile such as 0.1%")
    return Share(share)


def _word(key: str, of: object) -> Callable[[object], dict[str, object]]:
    words = get_args(of)

    def read(value: object) -> dict[str, object]:
        word = "null" if value is None and "null" in words else value
        if not isinstance(word, str) or word not in words:
            known = f"known are {', '.join(words)}"
            raise _wrong(key, f"cannot be {value!r}", suggestion(str(value), words) or known)
        return {key: word}

    return read


READERS: Mapping[str, Callable[[object], dict[str, object]]] = {
    "nulls": _nulls,
    "nonfinite": _word("nonfinite", Nonfinite),
    "constant": _word("constant", Constant),
    "outside": _word("outside", Outside),
    "clip": _clip,
    "dtype": _word("dtype", FloatType),
}


def _wrong(key: str, what: str, hint: str = "") -> ConfigError:
    return ConfigError(f"{key} {what}", where=key, hint=hint)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf
