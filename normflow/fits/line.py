"""One line of `normalize` as Python writes it: a method's name, or a mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from normflow.errors import ConfigError
from normflow.methods import method_named, own_keys, row_method_named
from normflow.select import candidates_of, goal_of
from normflow.spec import POLICY_KEYS, MethodSpec, policies_of, said

AUTO_KEYS = ("goal", "candidates")
LINE_KEYS = ("method", "suffix", "columns", *AUTO_KEYS, *POLICY_KEYS)


def method_spec(key: str, value: str | Mapping[str, object], plugins: Sequence[str] = ()) -> MethodSpec:
    """The long form of a column's line: a method name, or a mapping with `method`, options and policies.

    `plugins` are the methods of other packages that it may name.

    Raises:
        ConfigError: it is neither, names no method, gives options to `auto`, what is auto's to another
            method, or a policy that is none; or the key is no text.
    """
    if not isinstance(key, str):
        raise ConfigError(f"a column's name is text, not {key!r}", where="normalize")
    if isinstance(value, str):
        return MethodSpec(method=value, plugins=tuple(plugins))
    if not isinstance(value, Mapping) or "method" not in value:
        raise ConfigError(f"a method's name or a mapping with `method` is asked for, not {value!r}")
    method, suffix = str(value["method"]), value.get("suffix", "")
    own = own_keys(method, value)
    options = {name: one for name, one in value.items() if name not in LINE_KEYS or name in own}
    if not isinstance(suffix, str):
        raise ConfigError(f"a suffix is text, not {said(suffix)}", where=f"normalize.{key}.suffix")
    if method == "auto" and options:
        raise ConfigError(f"auto takes no option, and here is '{next(iter(options))}'", hint="name a method")
    try:
        policies = policies_of({name: one for name, one in value.items() if name not in own})
        asked = _asked(method, value, plugins)
    except ConfigError as error:
        place = f"normalize.{key}.{error.where}"
        raise ConfigError(error.what, where=place, hint=error.hint) from None
    line = MethodSpec(
        method=method,
        options=options,  # type: ignore[arg-type]  # the method has looked
        suffix=suffix,
        policies=policies,
        columns=_names(key, value["columns"]) if "columns" in value else (),
        plugins=tuple(plugins),
        **asked,  # type: ignore[arg-type]  # each was read
    )
    if line.row_wise:
        row_method_named(method, options)
    elif method != "auto":
        method_named(method, options, plugins)
    return line


def _asked(method: str, value: Mapping[str, object], plugins: Sequence[str]) -> dict[str, object]:
    """The goal and the candidates, which are for `auto` alone."""
    found: dict[str, object] = {}
    for name in AUTO_KEYS:
        if name in value and method != "auto":
            raise ConfigError(f"{name} is for auto, and {method} is named", where=name, hint="remove one")
    if "goal" in value:
        found["goal"] = goal_of(value["goal"])
    if "candidates" in value:
        found["candidates"] = candidates_of(value["candidates"], plugins)
    return found


def _names(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(one, str) for one in value):
        what = f"columns are a list of names, not {said(value) if value else 'nothing'}"
        raise ConfigError(what, where=f"normalize.{key}.columns")
    return tuple(value)
