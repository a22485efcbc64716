"""The stored form of a state: a magic, a format version, and compressed blocks.

    magic (4 bytes), version (1 byte), zlib stream with its own checksum, of blocks: length (4 bytes), bytes

Numbers are little-endian. Keys and counts of a histogram are byte planes (all lowest bytes, then all next
ones, as many as the largest needs), keys as steps from one to the next: most planes are runs that compress to
nothing. Equal states have equal bytes.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from normflow.errors import FormatError
from normflow.profiles.counts import Counts, numbers
from normflow.profiles.distinct import REGISTERS, Distinct
from normflow.profiles.extremes import Extremes
from normflow.profiles.histogram import Histogram
from normflow.profiles.sums import Sums

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from normflow.profiles.bits import Ints

Parts = tuple[Counts, Extremes, Sums, Histogram, Distinct]

MAGIC = b"NFcp"
VERSION = 1
LARGEST = 1 << 28  # bytes that one state may unfold to: 16 million buckets
COUNTS = struct.Struct("<9Q")
ENDS = struct.Struct("<2d")
SHAPE = struct.Struct("<BIIq")  # level, resolution, buckets, first key


def packed(parts: Parts) -> bytes:
    """The parts of a column's state as bytes."""
    counts, extremes, sums, histogram, registers = parts
    keys = histogram.keys
    return sealed(
        MAGIC,
        VERSION,
        [
            COUNTS.pack(*numbers(counts)),
            b"" if extremes.low is None or extremes.high is None else ENDS.pack(extremes.low, extremes.high),
            _integer(sums.first),
            _integer(sums.second),
            SHAPE.pack(histogram.level, histogram.resolution, len(keys), int(keys[0]) if len(keys) else 0),
            planes((keys[1:] - keys[:-1]).view(np.uint64)),  # a step may wrap around, and wraps back
            planes(histogram.counts.view(np.uint64)),
            registers.registers,
        ],
    )


def unpacked(data: bytes) -> Parts:
    """The parts that `packed` made bytes of.

    Raises:
        FormatError: where the bytes are damaged or of another version.
    """
    blocks = opened(MAGIC, VERSION, data)
    try:
        counts_, ends, first, second, shape, steps, many, registers = blocks
        counts = Counts(*COUNTS.unpack(counts_))
        level, resolution, buckets, first_key = SHAPE.unpack(shape)
        keys = np.cumsum(np.append(first_key, from_planes(steps, buckets - 1)))[:buckets]
        parts = (
            counts,
            Extremes(*ENDS.unpack(ends)) if ends else Extremes(),
            Sums(
                counts.finite, int.from_bytes(first, "little", signed=True), int.from_bytes(second, "little")
            ),
            Histogram(level, keys, from_planes(many, buckets), resolution),
            Distinct(registers),
        )
    except (ValueError, struct.error) as error:
        raise damaged() from error
    if not _consistent(parts):
        raise damaged()
    return parts


def _consistent(parts: Parts) -> bool:
    counts, extremes, _, histogram, registers = parts
    return (
        (extremes.low is None) == (counts.finite == 0)
        and int(histogram.counts.sum()) + counts.zeros == counts.finite
        and len(histogram.keys) <= histogram.resolution
        and bool((histogram.keys[1:] > histogram.keys[:-1]).all() and (histogram.counts > 0).all())
        and len(registers.registers) in ((0,) if histogram.exact else (0, REGISTERS))
    )


def sealed(magic: bytes, version: int, blocks: Iterable[bytes]) -> bytes:
    """Blocks behind a magic and a version, compressed."""
    body = b"".join(struct.pack("<I", len(block)) + block for block in blocks)
    return magic + bytes([version]) + zlib.compress(body)


def opened(magic: bytes, version: int, data: bytes, largest: int = LARGEST) -> list[bytes]:
    """The blocks that `sealed` put behind the magic and the version, which unfold to `largest` bytes at most.

    Raises:
        FormatError: where the bytes are damaged, or of another kind or version.
    """
    start = len(magic) + 1
    if len(data) < start or data[: start - 1] != magic:
        raise FormatError("the bytes are no stored profile", hint=_WAY_OUT)
    if data[start - 1] != version:
        raise FormatError(
            f"the stored profile has format {data[start - 1]}, and this program reads format {version}",
            hint="profile the data again, or use the version of normflow that wrote it",
        )
    unfolding = zlib.decompressobj()
    try:
        body = unfolding.decompress(data[start:], largest)
    except zlib.error as error:
        raise damaged() from error
    if not unfolding.eof or unfolding.unused_data:
        raise damaged()
    return _blocks(body)


def _blocks(body: bytes) -> list[bytes]:
    found, place = [], 0
    while place < len(body):
        length = int.from_bytes(body[place : place + 4], "little")
        place += 4 + length
        found.append(body[place - length : place])
    if place != len(body):
        raise damaged()
    return found


_WAY_OUT = "profile the data again"


def damaged() -> FormatError:
    """What is said of bytes that no state has."""
    return FormatError("the stored profile is damaged", hint=_WAY_OUT)


def _integer(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "little", signed=True)


def planes(numbers: NDArray[np.uint64]) -> bytes:
    """Integers as byte planes, lowest first, as many as the largest needs."""
    width = (int(numbers.max(initial=0)).bit_length() + 7) // 8
    every: NDArray[np.uint8] = numbers.astype("<u8").view(np.uint8).reshape(-1, 8).T
    return every[:width].tobytes()


def from_planes(data: bytes, many: int) -> Ints:
    """So many integers of their byte planes."""
    all_planes = np.zeros((8, max(many, 0)), np.uint8)
    if data:
        found = np.frombuffer(data, np.uint8).reshape(-1, many)
        all_planes[: len(found)] = found
    return all_planes.T.copy().view("<i8").reshape(-1).astype(np.int64)
