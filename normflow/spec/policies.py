"""Policies: what becomes of the values that a method has no answer for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args

from normflow.errors import ConfigError, suggestion
from normflow.spec.limits import Limit
from normflow.spec.problems import said

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

    `nonfinite` (NaN and ±∞): become null (the default), stay, go to the ends of the fitted range (NaN to
    null), or are an error. `outside` (beyond the fitted range): stay (the default), go to its ends, become
    null, stay and are flagged in `<column>_outside`, go into quarantine, or are an error. `clip`: bounds that
    values go to at the most; shares are quantiles of the fit rows. `fill`: what nulls become, in the units
    of the input, None for null;
    `indicator` tells them in `<column>_missing`. `constant`: what a column of one value becomes: 0, itself,
    null, the middle of the method's range, or an error. `dtype`: what is written, Float64 by default.

    None stands for what nobody wrote.
    """

    fill: Fill = None
    indicator: bool = False
    nonfinite: Nonfinite | None = None
    constant: Constant | None = None
    outside: Outside | None = None
    clip: tuple[Bound, Bound] | None = None
    dtype: FloatType | None = None


UNTOUCHED = Policies()
FILLS = ("keep", *get_args(FillWith))
INDICATOR = "indicator"
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
        indicator = value.get("indicator", False)
        if not isinstance(indicator, bool):
            raise _wrong("nulls", f"indicator is true or false, and not {said(indicator)}")
        return {"fill": _fill(value.get("fill", "keep"), FILLS), "indicator": indicator}
    if value == INDICATOR:
        return {"indicator": True}
    return {"fill": _fill(value, (*FILLS, INDICATOR))}


def _fill(value: object, words: tuple[str, ...]) -> Fill:
    if value == "keep":
        return None
    if value in get_args(FillWith):
        return value  # type: ignore[return-value]
    if _is_number(value):
        return float(value)  # type: ignore[arg-type]
    raise _wrong("nulls", f"cannot be {said(value)}", _near(value, words, f"{', '.join(words)} and a number"))


def _clip(value: object) -> dict[str, object]:
    pair = value if isinstance(value, list | tuple) else ()
    if len(pair) != 2:  # noqa: PLR2004  (an interval has two ends)
        what = f"expected two bounds, got {len(pair) if pair else said(value)}"
        raise _wrong("clip", what, "[0.1%, 99.9%] are quantiles, and [0, 250] are values")
    low, high = (_bound(one) for one in pair)
    if type(low) is not type(high):
        what = f"{pair[0]} and {pair[1]} are a quantile and a value"
        raise _wrong("clip", what, "write two quantiles or two values")
    ends = [one.of if isinstance(one, Share) else one for one in (low, high)]
    if not ends[0] < ends[1]:
        what = f"the first bound must be below the second, and {pair[0]} is not below {pair[1]}"
        raise _wrong("clip", what)
    return {"clip": (low, high)}


def _bound(value: object) -> Bound:
    if _is_number(value):
        return float(value)  # type: ignore[arg-type]
    try:
        share = Limit.parse(value).share if isinstance(value, str) else None
    except ValueError:
        share = None
    if share is None:
        raise _wrong("clip", f"a bound cannot be {said(value)}", "write a number, or a quantile such as 0.1%")
    return Share(share)


def _word(key: str, of: object) -> Callable[[object], dict[str, object]]:
    words = get_args(of)

    def read(value: object) -> dict[str, object]:
        word = "null" if value is None and "null" in words else value
        if not isinstance(word, str) or word not in words:
            raise _wrong(key, f"cannot be {said(value)}", _near(value, words, ", ".join(words)))
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
    return ConfigError(what, where=key, hint=hint)


def _near(value: object, words: tuple[str, ...], known: str) -> str:
    """The word that was probably meant, else all that are known."""
    meant = suggestion(value, words) if isinstance(value, str) else ""
    return meant if meant.startswith("did you mean") else f"known are {known}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
