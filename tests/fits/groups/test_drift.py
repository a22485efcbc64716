"""How far the values of groups moved, beside the same of each group by itself, raw values and scipy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from scipy.stats import chi2, ks_2samp

import normflow as nf
from normflow.errors import FormatError
from normflow.fits import GroupReferences, Reference, RunningGroupDrift, drift_of, learn
from normflow.fits.groups.drift import CHANCE
from normflow.profiles import GroupedProfile, observe, observe_groups, observe_values
from normflow.profiles.grouped.ends import upper_ends
from normflow.spec import GroupSpec, MethodSpec
from tests.columns import ZOO
from tests.fits.test_drift import PAIRS, psi_by_hand

if TYPE_CHECKING:
    from normflow.fits import GroupDrift

NAN = float("nan")
AWKWARD: dict[str, tuple[list[float], list[float]]] = {
    "constant": ([3.0] * 300, [3.0] * 300),
    "constant that became another": ([3.0] * 300, [4.0] * 250),
    "two values": ([0.0] * 150 + [1.0] * 150, [0.0] * 30 + [1.0] * 270),
    "two values, one rare": ([0.0] * 299 + [1.0], [0.0] * 250 + [1.0] * 50),
    "a third value between": ([-5.0, 5.0] * 150, [-5.0, 0.0, 5.0] * 90),
    "all missing, then": ([NAN] * 300, [1.0] * 300),
    "all missing, now": ([1.0, 2.0, 3.0] * 100, [NAN] * 300),
    "all missing": ([NAN] * 300, [NAN] * 300),
    "one value": ([7.0], [7.0, 8.0]),
    "whole numbers": ([float(i % 23 - 7) for i in range(400)], [float(i % 31 - 9) for i in range(500)]),
    "infinite": ([*map(float, range(300)), np.inf, -np.inf], [*map(float, range(200)), np.inf, NAN]),
    "far ends": ([-1.7e308, 1.7e308, 0.0] * 70, [-1.7e308, 0.0, 5e-324] * 70),
    "denormal": ([5e-324, 1e-323, -5e-324, 0.0] * 60, [5e-324, 0.0] * 120),
    "both zeros": ([-0.0, 0.0, 1.0] * 80, [0.0, -0.0, -1.0] * 80),
}
EVERY = {**{name: tuple(map(np.asarray, one)) for name, one in PAIRS.items()}, **AWKWARD}


def frame(number: int) -> pl.DataFrame:
    """The values of all pairs before (0) or after (1), each pair a group."""
    parts = [
        pl.DataFrame({"x": np.asarray(pair[number], np.float64)}).select(g=pl.lit(name), x="x")
        for name, pair in EVERY.items()
    ]
    return pl.concat(parts).sample(fraction=1.0, shuffle=True, seed=number)


def grouped(data: pl.DataFrame, resolution: int = 1 << 16) -> GroupedProfile:
    return observe_groups(data.lazy(), ["g"], ["x"], resolution=resolution)[1]


def moved(before: GroupedProfile, after: pl.DataFrame) -> dict[str, tuple[int, GroupDrift]]:
    """By group, its place and the distances of all."""
    references = GroupReferences.of(before.states["x"], before.rows)
    running = RunningGroupDrift(references)
    places = {key: place for place, key in enumerate(before.keys["g"])}
    known = after.filter(pl.col("g").is_in(list(places)))
    numbers = known["g"].replace_strict(places, return_dtype=pl.Int64).to_numpy()
    for part in np.array_split(np.arange(known.height), 7):
        running.add(numbers[part], known["x"].to_numpy()[part])
    found = running.settled(np.bincount(numbers, minlength=len(places)))
    return {key: (place, found) for key, place in places.items()}


BEFORE = grouped(frame(0))
MOVED = moved(BEFORE, frame(1))
groups = pytest.mark.parametrize("group", EVERY)


@groups
def test_a_group_is_as_far_as_it_is_by_itself(group: str) -> None:
    """PSI, missing share and range excess bit for bit; KS at tenths is at most that at fortieths."""
    before, after = (np.asarray(one, np.float64) for one in EVERY[group])
    reference = Reference.of(observe_values(before))
    assert reference
    alone = drift_of(reference, observe_values(after))
    place, every = MOVED[group]
    found = every.group(place)
    assert (found.rows, found.taught) == (alone.rows, alone.taught)
    assert found.psi == pytest.approx(alone.psi, rel=1e-12, abs=1e-15)
    assert found.missing == pytest.approx(alone.missing, abs=1e-15)
    assert found.outside == pytest.approx(alone.outside, rel=1e-15)
    assert found.ks <= alone.ks + 1e-15
    if np.isfinite(before).any():
        assert found.psi == pytest.approx(psi_by_hand(before, after), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("group", PAIRS)
def test_ks_of_a_group_is_that_of_scipy_to_a_tenth(group: str) -> None:
    before, after = (one[np.isfinite(one)] for one in PAIRS[group])
    place, every = MOVED[group]
    exact = ks_2samp(before, after).statistic
    assert exact - 1 / 10 - 1e-3 <= every.ks[place] <= exact + 1e-12


@pytest.mark.parametrize(
    ("group", "within"), [("shifted", 0.1), ("spread", 0.4), ("alike", 0.1), ("log-normal", 0.1)]
)
def test_the_quartiles_of_a_group_lie_on_the_line_between_its_edges(group: str, within: float) -> None:
    before, after = PAIRS[group]
    lower, upper = np.quantile(before, [0.25, 0.75])
    shares = (0.25, 0.5, 0.75)
    exact = np.abs(np.quantile(after, shares) - np.quantile(before, shares)).max() / (upper - lower)
    place, every = MOVED[group]
    assert every.shift[place] == pytest.approx(exact, rel=within, abs=0.02)


@pytest.mark.parametrize("resolution", [64, 512, 1 << 16])
def test_the_same_rows_have_not_moved(resolution: int) -> None:
    """Whatever the buckets: the counts of the fit's rows up to an edge are those that were kept."""
    before = grouped(frame(0), resolution)
    for place, found in moved(before, frame(0).reverse()).values():
        one = found.group(place)
        assert (one.psi, one.ks, one.outside, one.missing, one.shift or 0.0) == (0.0, 0.0, 0.0, 0.0, 0.0)


def test_no_number_is_undefined_or_infinite() -> None:
    for place, found in MOVED.values():
        values = [one for one in found.group(place).to_json().values() if one is not None]
        assert np.isfinite(values).all()


@pytest.mark.parametrize("resolution", [4, 512])
def test_the_ends_are_those_of_the_points(resolution: int) -> None:
    """Of every column of the zoo, as groups side by side."""
    parts = [
        pl.DataFrame({"x": pl.Series(values, dtype=pl.Float64)}).select(g=pl.lit(name), x="x")
        for name, values in ZOO.items()
    ]
    data = pl.concat(parts)
    state = grouped(data, resolution)
    ends = upper_ends(state.states["x"], 0, len(state))
    start = 0
    for group, size in enumerate(ends.sizes.tolist()):
        points = state.column("x", group).points()
        assert np.array_equal(ends.values[start : start + size], points.high)
        assert np.array_equal(ends.counts[start : start + size], points.counts)
        start += size
    assert start == len(ends.values)


def test_a_group_that_did_not_come_has_not_moved() -> None:
    place, found = moved(BEFORE, frame(1).filter(pl.col("g") != "shifted"))["shifted"]
    one = found.group(place)
    assert (one.rows, one.psi, one.ks, one.outside, one.missing) == (0, 0.0, 0.0, 0.0, 0.0)
    assert not found.above(1e-9)[place]


def test_groups_that_did_not_move_are_hardly_ever_told_of() -> None:
    """Chance alone passes 0.1 in many small groups, and what is called chance in one of millions."""
    assert 1e-7 < chi2.sf(CHANCE, 10) < 1e-6
    draw = np.random.default_rng(5)
    many, rows = 3_000, 400
    keys = np.repeat(np.arange(many), rows)
    then, now = (pl.DataFrame({"g": keys, "x": draw.normal(size=many * rows)}) for _ in range(2))
    references = GroupReferences.of(grouped(then).states["x"], np.full(many, rows))
    running = RunningGroupDrift(references)
    running.add(keys, now["x"].to_numpy())
    found = running.settled(np.full(many, rows))
    assert (found.psi > 0.1).sum() > 10
    assert not found.above(0.1).any()
    index = found.psi * rows / 2  # χ² with nine degrees of freedom: no value is missing
    assert np.mean(index) == pytest.approx(9, rel=0.05)


def fit_with_references(data: pl.DataFrame) -> nf.Fit:
    whole, groups_ = observe_groups(data.lazy(), ["g"], ["x"])
    plan = {"x": MethodSpec(method="zscore")}
    return learn(whole, plan, by=GroupSpec(columns=("g",)), grouped=groups_, compared=True)


def test_a_fit_carries_them_and_its_id_does_not_depend_on_them() -> None:
    data = frame(0)
    fit = fit_with_references(data)
    plain = nf.fit(data, {"x": "zscore"}, by="g")
    assert fit.groups
    assert plain.groups
    assert plain.groups.references == {}
    assert fit.id == plain.id
    back = nf.Fit.from_json(fit.to_json())
    assert back.groups == fit.groups
    assert back.to_json() == fit.to_json()
    one, other = (each.references["x"] for each in (back.groups, fit.groups) if each)
    for name in ("rows", "n", "low", "high", "edges", "upto"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("damage", ["", "no base64!", "QUJD", 7, None], ids=repr)
def test_damaged_ones_are_refused(damage: object) -> None:
    document = json.loads(fit_with_references(frame(0)).to_json())
    document["groups"]["references"]["x"] = damage
    with pytest.raises(FormatError):
        nf.Fit.from_json(json.dumps(document))


@pytest.mark.parametrize("change", ["short", "rows", "edges", "upto"])
def test_ones_that_cannot_be_are_refused(change: str) -> None:
    state = grouped(frame(0))
    found = GroupReferences.of(state.states["x"], state.rows)
    if change == "rows":
        found = GroupReferences(found.rows * 0, found.n, found.low, found.high, found.edges, found.upto)
    if change == "edges":
        found.edges[0, 3] = NAN
    if change == "upto":
        found.upto[0, 8] = found.n[0] + 1
    with pytest.raises(FormatError):
        GroupReferences.from_text(found.to_text(), len(found) - (change == "short"))


def test_values_are_counted_the_same_in_any_batches() -> None:
    """Observed whole beside seven parts, and both beside the frame."""
    assert observe(frame(1).lazy())["x"].rows == sum(found.rows[place] for place, found in MOVED.values())
