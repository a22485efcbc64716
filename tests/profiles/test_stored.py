"""A stored profile comes back bit for bit, or not at all."""

from __future__ import annotations

import zlib

import numpy as np
import polars as pl
import pytest
from hypothesis import given

from normflow.errors import FormatError
from normflow.profiles import ColumnProfile, Profile, observe, observe_values
from tests.columns import ZOO
from tests.profiles.values import columns, resolutions

NORMAL = np.random.default_rng(8).normal(size=2000)
FRAME = pl.LazyFrame({"x": NORMAL, "whole": np.arange(2000), "word": ["a"] * 2000})


@given(columns, resolutions)
def test_columns_come_back(column: list[float | None], resolution: int) -> None:
    profile = observe_values(column, resolution=resolution)
    assert ColumnProfile.from_bytes(profile.to_bytes()) == profile


@pytest.mark.parametrize("column", ZOO.values(), ids=ZOO)
def test_the_zoo_comes_back(column: list[float | None]) -> None:
    for resolution in (8, 16_384):
        profile = observe_values(column, resolution=resolution)
        assert ColumnProfile.from_bytes(profile.to_bytes()) == profile


def test_a_frame_comes_back_with_its_types() -> None:
    profile = observe(FRAME)
    back = Profile.from_bytes(profile.to_bytes())
    assert back == profile
    assert back.dtypes == {"x": "Float64", "whole": "Int64", "word": "String"}
    assert Profile.from_bytes(Profile().to_bytes()) == Profile()


def test_a_full_state_takes_ten_to_fifteen_kilobytes() -> None:
    profile = observe_values(np.random.default_rng(9).normal(size=300_000))
    assert len(profile.histogram.keys) > 8192
    assert 8_000 < len(profile.to_bytes()) < 17_000


@pytest.mark.parametrize("data", [b"", b"NF", b"pickle", b"NFprx", zlib.compress(b"profile")])
def test_other_bytes_are_no_profile(data: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        ColumnProfile.from_bytes(data)
    assert str(caught.value) == "the bytes are no stored profile; profile the data again"


def test_another_version_is_refused() -> None:
    data = bytearray(observe_values([1.0]).to_bytes())
    data[4] = 99
    with pytest.raises(FormatError) as caught:
        ColumnProfile.from_bytes(bytes(data))
    assert str(caught.value) == (
        "the stored profile has format 99, and this program reads format 1; "
        "profile the data again, or use the version of normflow that wrote it"
    )


SMALL = observe_values(NORMAL[:40], resolution=8)


def test_every_truncation_is_refused() -> None:
    data = SMALL.to_bytes()
    for end in range(len(data)):
        with pytest.raises(FormatError):
            ColumnProfile.from_bytes(data[:end])
    with pytest.raises(FormatError):
        ColumnProfile.from_bytes(data + b"\0")


def test_no_flipped_bit_gives_another_profile() -> None:
    """A few bits of a compressed stream say nothing; every other one is missed."""
    data, refused = SMALL.to_bytes(), 0
    for place in range(8 * len(data)):
        damaged = bytearray(data)
        damaged[place // 8] ^= 1 << place % 8
        try:
            back = ColumnProfile.from_bytes(bytes(damaged))
        except FormatError:
            refused += 1
        else:
            assert back == SMALL
    assert refused > 7 * len(data)


@pytest.mark.parametrize("body", [b"", b"\1\0\0\0", b"\1\0\0\0x", b"\0\0\0\0" * 8, b"\xff\xff\xff\xff" * 8])
def test_a_well_packed_stream_of_nonsense_is_refused(body: bytes) -> None:
    with pytest.raises(FormatError, match="the stored profile is damaged"):
        ColumnProfile.from_bytes(b"NFcp\1" + zlib.compress(body))
    with pytest.raises(FormatError, match="the stored profile is damaged"):
        Profile.from_bytes(b"NFpr\1" + zlib.compress(body))
