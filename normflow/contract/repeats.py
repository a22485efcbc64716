"""Rows whose key an earlier row has, found in bounded memory.

A key, the values of a row in some columns, is hashed to 128 bits with two seeds of this process. So two rows
of different keys are taken for equal with a chance of n²/2^129 among n rows: 1e-21 for a billion. Beyond
32 MB the hashes go to a temporary file in parts by their first bits, and each part is sorted by itself.
Null and NaN are values like any other, and -0.0 is 0.0.
"""

from __future__ import annotations

import secrets
import tempfile
import weakref
from threading import Lock
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import polars as pl

from normflow.naming import column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]  # a row each: both hashes and, where it is asked for, the row's number

HELD_BYTES = 1 << 25
PARTS = 256
FIRST_BITS = np.uint64(56)  # what is above them tells the part


class Repeats:
    """The keys of rows that are shown batch by batch, in any order, and on several threads.

    With `row`, the column of row numbers, it can be asked which rows repeat an earlier one; without, how
    many. What is more than `held` bytes goes to a nameless file in `folder`, which goes with the process.
    """

    def __init__(
        self, keys: Sequence[str], folder: Path, *, row: str | None = None, held: int = HELD_BYTES
    ) -> None:
        self._folder, self._most = folder, held
        key = pl.struct(column(name) for name in keys)
        first, second = (key.hash(secrets.randbits(64)) for _ in range(2))
        numbers = [] if row is None else [pl.col(row).cast(pl.UInt64)]
        self._exprs = [one.alias(name) for name, one in zip("012", [first, second, *numbers], strict=False)]
        self._width = len(self._exprs)
        self._held: list[Hashes] = []
        self._spills: list[
            NDArray[np.int64]
        ] = []  # where each part of a spill begins in the file, and its end
        self._file: IO[bytes] | None = None
        self._bytes = self.rows = 0
        self._keeping = Lock()

    def see(self, batch: pl.DataFrame) -> None:
        """Keep the hashes of a batch.

        Raises:
            OSError: there is no room for the file.
        """
        found = batch.select(self._exprs).to_numpy(order="c").astype(np.uint64, copy=False)
        with self._keeping:
            self._held.append(found)
            self._bytes += found.nbytes
            self.rows += len(found)
            if self._bytes > self._most:
                self._spill()

    def count(self) -> int:
        """How many of the rows repeat an earlier one."""
        return sum(len(later) for later in self._later())

    def later(self) -> LaterRows:
        """Which rows do."""
        bits = np.zeros(self.rows // 8 + 1, dtype=np.uint8)
        for later in self._later():
            place = later[:, 2]
            np.bitwise_or.at(bits, place >> np.uint64(3), _bit(place))
        return LaterRows(bits)

    def _later(self) -> Iterator[Hashes]:
        return (_repeated(part) for part in self._parts() if len(part) > 1)

    def _parts(self) -> Iterator[Hashes]:
        """The hashes, equal ones in one part."""
        if not self._spills:
            yield np.concatenate(self._held) if self._held else np.empty((0, self._width), np.uint64)
            return
        if self._held:
            self._spill()
        for part in range(PARTS):
            yield np.concatenate([self._read(ends[part], ends[part + 1]) for ends in self._spills])

    def _spill(self) -> None:
        hashes = np.concatenate(self._held)
        part = (hashes[:, 0] >> FIRST_BITS).astype(np.uint8)
        sizes = np.bincount(part, minlength=PARTS) * hashes.itemsize * self._width
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  (closed with its owner)
            weakref.finalize(self, self._file.close)
        begin = self._file.seek(0, 2)
        self._file.write(np.take(hashes, np.argsort(part, kind="stable"), axis=0).data)
        self._spills.append(begin + np.concatenate([[0], np.cumsum(sizes)]))
        self._held, self._bytes = [], 0

    def _read(self, begin: int, end: int) -> Hashes:
        assert self._file is not None  # noqa: S101  (there is no spill without it)
        self._file.seek(begin)
        found = np.frombuffer(self._file.read(end - begin), dtype=np.uint64)
        return found.reshape(-1, self._width)


class LaterRows:
    """The rows that repeat an earlier one, one bit a row."""

    def __init__(self, bits: NDArray[np.uint8]) -> None:
        self._bits = bits

    def others(self, row: str) -> pl.Expr:
        """True where a row, by the column of its number, is none of them."""

        def absent(numbers: pl.Series) -> pl.Series:
            place: NDArray[Any] = numbers.to_numpy().astype(np.uint64)
            return pl.Series(self._bits[place >> np.uint64(3)] & _bit(place) == 0)

        return pl.col(row).map_batches(absent, return_dtype=pl.Boolean, is_elementwise=True)


def _bit(place: Hashes) -> NDArray[np.uint8]:
    bit: NDArray[np.uint8] = np.left_shift(1, place & np.uint64(7), dtype=np.uint64).astype(np.uint8)
    return bit


def _repeated(hashes: Hashes) -> Hashes:
    """Those of a part whose key another one has: all but the first of each key, by the row's number."""
    order = np.argsort(hashes[:, 0])
    first = hashes[order, 0]
    alike = first[1:] == first[:-1]
    near = np.append(alike, False) | np.append(False, alike)
    few = hashes[order[near]]
    few = few[np.lexsort(few.T[::-1])]
    again: NDArray[np.bool_] = (few[1:, :2] == few[:-1, :2]).all(axis=1)
    later: Hashes = few[1:][again]
    return later
