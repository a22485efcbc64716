"""A stored profile comes back bit for bit, or not at all."""

from __future__ import annotations

import hashlib
import math
import struct
import zlib
from fractions import Fraction
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given

from normflow.errors import FormatError
from normflow.profiles import ColumnProfile, Profile, observe, observe_values
from normflow.profiles.stored import MAGIC, VERSION
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


def unfolded(profile: ColumnProfile) -> list[bytes]:
    """The blocks of a stored state: what compresses them may differ from one zlib to the next."""
    data = profile.to_bytes()
    assert data[:5] == b"NFcp\1", BUMP
    blocks, body = [], zlib.decompress(data[5:])
    while body:
        (length,) = struct.unpack("<I", body[:4])
        blocks.append(body[4 : 4 + length])
        body = body[4 + length :]
    return blocks


def whole(number: Fraction, unit: int) -> bytes:
    """So many units of 2^-unit as an integer of as few bytes as it and its sign take."""
    units = int(number * 2**unit)
    return units.to_bytes(units.bit_length() // 8 + 1, "little", signed=True)


BUMP = (
    "the stored format has changed: states in registries no longer read the same; bump VERSION in stored.py"
)


def test_the_format_of_an_exact_state_is_version_1() -> None:
    """Byte by byte, as the module describes it; keys of −3.5, 1 and 2 are their ordered bits."""
    profile = observe_values([1.0, 2.0, 2.0, None, math.nan, 0.0, -3.5, -math.inf])
    keys = [-1 - 0x400C_0000_0000_0000, 0x3FF0_0000_0000_0000, 0x4000_0000_0000_0000]
    steps = [struct.pack("<Q", after - before) for before, after in pairwise(keys)]
    assert unfolded(profile) == [
        struct.pack("<9Q", 8, 1, 1, 0, 1, 1, 1, 4, 0),
        struct.pack("<2d", -3.5, 2.0),
        whole(Fraction(3, 2), 1074),
        whole(Fraction(85, 4), 2148),
        struct.pack("<BIIq", 0, 16_384, 3, keys[0]),
        b"".join(bytes(plane) for plane in zip(*steps, strict=True)),
        bytes([1, 1, 2]),
        b"",
    ], BUMP


def test_the_format_of_a_state_that_is_not_exact_is_version_1() -> None:
    """A tenth, a half and 1 to 40 in eight buckets of one power of two each, with the registers."""
    profile = observe_values([*map(float, range(1, 41)), 0.5, -0.1, 0.0], resolution=8)
    counts, ends, first, second, shape, steps, many, registers = unfolded(profile)
    assert counts == struct.pack("<9Q", 43, 0, 0, 0, 0, 1, 1, 41, 0), BUMP
    assert ends == struct.pack("<2d", -0.1, 40.0), BUMP
    assert first == whole(820 + Fraction(1, 2) - Fraction(0.1), 1074), BUMP
    assert second == whole(22_140 + Fraction(1, 4) + Fraction(0.1) ** 2, 2148), BUMP
    assert shape == struct.pack("<BIIq", 52, 8, 8, -1 - 1019), BUMP
    assert steps == bytes([2042 % 256, 1, 1, 1, 1, 1, 1, 2042 // 256, 0, 0, 0, 0, 0, 0]), BUMP
    assert many == bytes([1, 1, 1, 2, 4, 8, 16, 9]), BUMP
    assert len(registers) == 4096
    golden = "71607cb05fc992023d826cab9ca7e1ed854ad044faa010cf8811148644b85481"
    assert hashlib.sha256(registers).hexdigest() == golden, BUMP


STORED = (
    "4e46637001789cf3606060e060800046349a0187388c664153270067f11c80321cda19060b60e343f7d70807218c8260"
    "da8181811948fd0783cffb41b1881c527f04eac1f28c8c4c202e002b730c0a"
)


def test_a_state_that_was_stored_with_version_1_is_read() -> None:
    assert ColumnProfile.from_bytes(bytes.fromhex(STORED)) == observe_values(
        [1.0, 2.0, 2.0, None, math.nan, 0.0, -3.5, -math.inf]
    ), BUMP


def test_the_version_of_the_format_is_1() -> None:
    """A changed format is a new version, and then the tests above get new bytes."""
    assert (MAGIC, VERSION) == (b"NFcp", 1), BUMP


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
