"""What a method maps, its inverse brings back: on every column of the zoo, from the rows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from normflow.transforms import Affine, Transform
from tests.columns import ZOO
from tests.methods.catalogue import PROFILES, VARIANTS, finite
from tests.transforms import exact
from tests.transforms.catalogue import applied, column

if TYPE_CHECKING:
    from normflow.methods import Method

FEW = 7  # rows of a column: 60-digit decimals are slow


def some(name: str) -> np.ndarray:
    """The ends of a column, and rows between them; not 0, which has no relative error."""
    values = np.sort(finite(name))
    values = values[values != 0.0]
    found: np.ndarray = values[np.unique(np.linspace(0, values.size - 1, FEW).astype(int))]
    return found


@pytest.mark.parametrize("method", VARIANTS, ids=str)
@pytest.mark.parametrize("name", [name for name, p in PROFILES.items() if p.n and not p.is_constant])
def test_rows_come_back(method: Method, name: str) -> None:
    """To 1e-9 where the inverse's condition number is at most 1e5, else to 8 ulp times it; affine to 1e-12.

    The condition is the largest of the links': each rounds what it hands on. Relative to x, or to what an
    affine link measures x from, which is as near as float64 tells numbers apart.
    """
    outcome = method.attempt(PROFILES[name])
    if isinstance(outcome, str):
        return
    x = some(name)
    there = applied(column(x), outcome.stages("x", "_"))
    back = applied(there.to_frame(), outcome.inverse_stages("x", "_")).to_numpy()
    links = [Transform(outcome.maps[: i + 1]) for i in range(len(outcome.maps))]
    condition = np.array(
        [max([0.0, *(exact.inverse_condition(one, v) for one in links)]) for v in x.tolist()]
    )
    affine = all(isinstance(link, Affine) for link in outcome.maps)
    allowed = np.where(condition <= 1e5, 1e-12 if affine else 1e-9, 8 * 2.0**-52 * condition)
    known = np.maximum(np.abs(x), [_measured_from(outcome)] * x.size)
    assert ((np.abs(back - x) <= allowed * known) | (condition > 1e15)).all()


def _measured_from(transform: Transform) -> float:
    first = transform.maps[0] if transform.maps else None
    return abs(first.shift) if isinstance(first, Affine) else 0.0


def test_the_law_is_tried_on_most_pairs() -> None:
    outcomes = [method.attempt(PROFILES[name]) for method in VARIANTS for name in ZOO if PROFILES[name].n]
    assert sum(isinstance(one, Transform) for one in outcomes) > 0.7 * len(outcomes)
