"""A stored profile of groups comes back bit for bit, or not at all."""

from __future__ import annotations

import zlib

import numpy as np
import polars as pl
import pytest

from normflow.errors import FormatError
from normflow.profiles import GroupedProfile, observe_groups
from tests.columns import ZOO

DAMAGED = "the stored profile is damaged; profile the data again"


def _small() -> GroupedProfile:
    draw = np.random.default_rng(23)
    table = pl.LazyFrame(
        {
            "g": ["a", "b", None, "b"] * 15,
            "x": draw.normal(size=60),
            "count": draw.poisson(1.0, 60),
            "word": ["a", None] * 30,
        }
    )
    return observe_groups(table, ["g"], ["x", "count", "word"], resolution=8)[1]


SMALL = _small()


@pytest.mark.parametrize("resolution", [2, 8, 512])
def test_the_zoo_comes_back(resolution: int) -> None:
    rows = [(name, value) for name, values in ZOO.items() for value in values]
    table = pl.LazyFrame(rows, {"g": pl.String, "x": pl.Float64}, orient="row")
    found = observe_groups(table, ["g"], ["x"], resolution=resolution)[1]
    back = GroupedProfile.from_bytes(found.to_bytes())
    assert back == found
    assert list(back.each("x")) == list(found.each("x"))


def test_columns_of_any_kind_come_back_in_the_order_of_their_names() -> None:
    back = GroupedProfile.from_bytes(SMALL.to_bytes())
    assert back == SMALL
    assert back.columns == ("count", "word", "x")
    assert GroupedProfile.from_bytes(GroupedProfile().to_bytes()) == GroupedProfile()


@pytest.mark.parametrize("data", [b"", b"NF", b"NFprx", zlib.compress(b"profile")])
def test_other_bytes_are_no_profile(data: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        GroupedProfile.from_bytes(data)
    assert str(caught.value) == "the bytes are no stored profile; profile the data again"


def test_another_version_is_refused() -> None:
    data = bytearray(SMALL.to_bytes())
    data[4] = 99
    with pytest.raises(FormatError) as caught:
        GroupedProfile.from_bytes(bytes(data))
    assert str(caught.value) == (
        "the stored profile has format 99, and this program reads format 1; "
        "profile the data again, or use the version of normflow that wrote it"
    )


def test_truncations_and_flipped_bits_are_refused() -> None:
    """A few bits of a compressed stream say nothing; every other one is missed."""
    data = SMALL.to_bytes()
    for end in range(0, len(data), 7):
        with pytest.raises(FormatError):
            GroupedProfile.from_bytes(data[:end])
    for place in range(0, 8 * len(data), 11):
        damaged = bytearray(data)
        damaged[place // 8] ^= 1 << place % 8
        try:
            back = GroupedProfile.from_bytes(bytes(damaged))
        except FormatError:
            continue
        assert back == SMALL


@pytest.mark.parametrize(
    "body", [b"", b"\1\0\0\0", b"\0\0\0\0" * 4, b"\0\0\0\0" * 14, b"\xff\xff\xff\xff" * 8]
)
def test_a_well_packed_stream_of_nonsense_is_refused(body: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        GroupedProfile.from_bytes(b"NFgp\1" + zlib.compress(body))
    assert str(caught.value) == DAMAGED


def test_arrays_that_contradict_each_other_are_refused() -> None:
    state = SMALL.states["x"]
    histograms = state.histograms
    contradictions = {
        "more zeros than values": (state.counts, 5, 1000),
        "an infinite smallest value": (state.low, 0, np.inf),
        "a bucket of nothing": (histograms.counts, 0, 0),
        "keys that fall": (histograms.keys, 1, histograms.keys[0] - 1),
        "a level that no float has": (histograms.levels, 0, 64),
        "groups of other sizes": (histograms.sizes, 0, 1),
    }
    for what, (array, place, wrong) in contradictions.items():
        right = array[place].copy()
        array[place] = wrong
        data = SMALL.to_bytes()
        array[place] = right
        with pytest.raises(FormatError) as caught:
            GroupedProfile.from_bytes(data)
        assert str(caught.value) == DAMAGED, what
