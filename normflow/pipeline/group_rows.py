"""The parameters of groups as the registry keeps them: a row a group and column."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from normflow.fits import texts_of
from normflow.registry import GroupRows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from normflow.fits import Fit
    from normflow.transforms import JsonMap


def group_rows(fit_id: str, fit: Fit) -> Iterator[GroupRows]:
    """The parameters of all groups that have their own; a group without has those of the whole table."""
    groups = fit.groups
    if groups is None:
        return
    texts = texts_of(groups.keys)
    for one in fit.columns:
        if one.label not in groups.columns:
            continue
        columns = groups.columns[one.label]
        for number, _ in enumerate(columns.variants):
            pattern, has = columns.variant(number)
            own = columns.numbers.filter(has)
            if not own.height:
                continue
            slots = {f"{slot.place}.{slot.field}": slot.column for slot in pattern.slots}
            maps = [map_.to_json() for map_ in pattern.chain.maps]
            numbers = numbers_of(maps)
            yield GroupRows(
                fit_id=fit_id,
                column=one.label,
                method=one.method,
                method_version=one.version,
                options=_json(dict(one.options)),
                groups=[text for text, mine in zip(texts, has.to_list(), strict=True) if mine],
                transform=_pieces(maps, slots),
                numbers={
                    name: own[slots[name]].to_numpy() if name in slots else value
                    for name, value in numbers.items()
                },
            )


def numbers_of(maps: Sequence[JsonMap]) -> dict[str, float]:
    """The numbers of stored maps by name: `0.shift` is the shift of the first."""
    return {
        f"{place}.{name}": value
        for place, one in enumerate(maps)
        for name, value in one.items()
        if isinstance(value, float)
    }


def _pieces(maps: Sequence[JsonMap], slots: Collection[str]) -> list[str]:
    """The maps as JSON text, cut where numbers differ: text and the names of numbers in turn."""
    marked = [
        {name: f"@{place}.{name}" if f"{place}.{name}" in slots else value for name, value in one.items()}
        for place, one in enumerate(maps)
    ]
    return re.split(r'"@([^"]+)"', _json(marked))


def _json(document: object) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=False)
