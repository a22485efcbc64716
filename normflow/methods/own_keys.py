"""Keys of a column's line that a method has as an option, and that are a policy besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.methods.quantile_normal import QuantileNormal

if TYPE_CHECKING:
    from collections.abc import Mapping

SHARED: Mapping[str, tuple[str, ...]] = {QuantileNormal.name: ("clip",)}


def own_keys(method: str, line: Mapping[str, object]) -> set[str]:
    """The policy keys of a line that are the method's own options here.

    `clip: 3` of `quantile_normal` says where its ends lie, and `clip: [1%, 99%]` is the policy on what
    enters, as everywhere.
    """
    return {key for key in SHARED.get(method, ()) if key in line and not isinstance(line[key], list | tuple)}
