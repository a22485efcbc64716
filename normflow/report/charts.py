"""Small charts of a column as SVG paths: histograms before and after the map, and the map as a curve.

A chart is drawn in whole units of a box of `WIDTH` by `HEIGHT`, so that a path takes a few hundred
characters: a page may hold thousands of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from normflow.report.text import short
from normflow.transforms import Transform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WIDTH, HEIGHT = 160, 48
BARS = 32
STEPS = 32
FORTIETHS = 40
ATOM = 1.5  # so many fortieths at an edge are one value that repeats


@dataclass(frozen=True, slots=True)
class Chart:
    """A path, what it shows in words, and the ends of its horizontal axis."""

    path: str
    label: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts of a column; None where there is nothing to draw."""

    before: Chart | None = None
    after: Chart | None = None
    curve: Chart | None = None


def charts(column: Mapping[str, Any]) -> Charts:
    """What can be drawn of a column's entry in a run's document.

    Histograms need its `reference`, the values at each fortieth of the rows that taught the fit; the curve
    its transform and the range that it was fitted on.
    """
    reference = column.get("reference") or {}
    bends = bool(column["transform"] and column["transform"]["maps"])
    with np.errstate(all="ignore"):  # what has no finite result is not drawn
        chain = chain_of(column) if bends else None
        before = _histogram(reference, None, "Before")
        after = _histogram(reference, chain, "After") if chain else None
        return Charts(before, after, _curve(column, chain) if chain else None)


def chain_of(column: Mapping[str, Any]) -> Transform:
    """All maps that a value of a column goes through."""
    guards = Transform.from_json(column["treatment"]["guards"])
    return guards.then(Transform.from_json(column["transform"]))


def binned(
    reference: Mapping[str, Any], chain: Transform | None, bars: int = BARS
) -> tuple[Floats, Floats] | None:
    """The share of each of so many equal bins, and the values at the edges that they were filled from.

    Less than a fortieth of the values can lie between two edges; what is more than that lies at the upper
    one, and where it is much more, a value that repeats, all is counted there. None without values, or where
    all are one.
    """
    if not reference.get("n"):
        return None
    x = np.array([reference["low"], *reference["edges"], reference["high"]], np.float64)
    counts = np.diff(np.array([0, *reference["upto"], reference["n"]], np.float64))
    y = np.sort(chain.points(x)) if chain else x
    place = _places(y, bars)
    if place is None:
        return None
    fortieth = reference["n"] / FORTIETHS
    between = np.where((counts > ATOM * fortieth) | (np.diff(place) == 0), 0.0, np.minimum(counts, fortieth))
    upto = np.interp(np.arange(1, bars + 1), place, np.append(0, between.cumsum()))
    shares = np.diff(np.append(0, upto))
    at = np.clip(place[1:].astype(np.int64), 0, bars - 1)
    np.add.at(shares, at, counts - between)
    return shares, y


def _histogram(reference: Mapping[str, Any], chain: Transform | None, when: str) -> Chart | None:
    """Equal bins between the ends, as a path."""
    found = binned(reference, chain)
    if found is None:
        return None
    shares, y = found
    tallest = float(shares.max())
    heights = np.ceil(shares / tallest * HEIGHT).astype(int) if tallest > 0 else np.zeros(BARS, int)
    step = WIDTH // BARS
    told = (f"V{HEIGHT - height}h{step}" for height in heights.tolist())
    peak = float(y[0] + (y[-1] - y[0]) * (int(heights.argmax()) + 0.5) / BARS)
    low, high = short(float(y[0])), short(float(y[-1]))
    label = f"{when}: histogram from {low} to {high}, highest near {short(peak)}"
    return Chart(f"M0 {HEIGHT}{''.join(told)}V{HEIGHT}Z", label, low, high)


def _curve(column: Mapping[str, Any], chain: Transform) -> Chart | None:
    low, high = column["treatment"]["low"], column["treatment"]["high"]
    if low is None or high is None:
        return None
    share = np.linspace(0.0, 1.0, STEPS + 1)
    y = chain.points(low * (1 - share) + high * share)
    known = np.isfinite(y)
    if low == high or not known.any():
        return None
    height = _places(y[known], HEIGHT, ends=(float(y[known].min()), float(y[known].max())))
    if height is None:
        return None
    across = (share[known] * WIDTH).astype(int).tolist()
    points = " ".join(f"{a} {HEIGHT - round(b)}" for a, b in zip(across, height.tolist(), strict=True))
    first, last = short(float(y[known][0])), short(float(y[known][-1]))
    label = f"Map: from {short(low)} to {short(high)} it goes from {first} to {last}"
    return Chart(f"M{points}", label, short(low), short(high))


def _places(values: Floats, size: int, ends: tuple[float, float] | None = None) -> Floats | None:
    """Where values lie between the ends, from 0 to `size`; None where these are no interval of numbers."""
    low, high = ends or (float(values[0]), float(values[-1]))
    width = high / 2 - low / 2  # halves, since the width of all numbers is none itself
    found = (values / 2 - low / 2) / width * size
    return found if width > 0 and np.isfinite(found).all() else None
