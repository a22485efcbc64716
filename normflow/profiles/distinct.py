"""How many different values, once there are too many to hold each: HyperLogLog registers.

Flajolet et al. 2007, with the estimator of Ertl 2017 (New cardinality estimation algorithms for HyperLogLog
sketches), which needs no correction table. 4,096 registers: a standard error of 1.6 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from normflow.profiles.bits import Bits, Floats, Ints, bit_lengths
from normflow.profiles.workbench import STRIDE, Workbench

if TYPE_CHECKING:
    from numpy.typing import NDArray

PRECISION = 12
REGISTERS = 1 << PRECISION
RANK_BITS = 64 - PRECISION
LIMITS = np.array(
    [(1 << (64 - rank)) - 1 for rank in range(RANK_BITS + 2)], np.uint64
)  # no hash above has more
# stored states depend on these
SPARSE = 3  # the smallest register from which on looking at the rank alone leaves few values
MIX_1, MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True)
class Distinct:
    """One byte a register, the largest rank it has seen; merging takes the larger. Empty is nothing."""

    registers: bytes = b""

    @classmethod
    def of(cls, values: Floats) -> Distinct:
        """The registers of finite values (−0.0 counts as 0.0)."""
        running = RunningDistinct()
        running.add((values + 0.0).view(np.uint64), Workbench())
        return running.settled()

    def __add__(self, other: Distinct) -> Distinct:
        if not self.registers or not other.registers:
            return self if self.registers else other
        larger = np.maximum(*(np.frombuffer(one.registers, np.uint8) for one in (self, other)))
        return Distinct(larger.tobytes())

    @property
    def estimate(self) -> int:
        """About how many different values were added."""
        if not self.registers:
            return 0
        ranks = np.bincount(np.frombuffer(self.registers, np.uint8), minlength=RANK_BITS + 2).tolist()
        total = REGISTERS * _tau(1 - ranks[RANK_BITS + 1] / REGISTERS)
        for many in ranks[RANK_BITS:0:-1]:
            total = 0.5 * (total + many)
        total += REGISTERS * _sigma(ranks[0] / REGISTERS)
        return round(REGISTERS**2 / (2 * math.log(2) * total))


class RunningDistinct:
    """Registers of values that stream by.

    The 64 bits of a value are scrambled by the fixed one-to-one mix of splitmix64 (Steele, Lea & Flood 2014);
    the last 12 bits name the register, the leading zeros of the others plus 1 are the rank. Only ranks above
    the smallest register can matter, and ever fewer values have such.
    """

    def __init__(self) -> None:
        self._registers: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self._limits = np.full(REGISTERS, LIMITS[0])
        self._floor = 0

    def add(self, bits: Bits, bench: Workbench) -> None:
        """Add values by their bits."""
        if not len(self._registers) and len(bits):
            self._registers = np.zeros(REGISTERS, np.uint8)
        for start in range(0, len(bits), STRIDE):
            self._add(bits[start : start + STRIDE], bench)

    def _add(self, bits: Bits, bench: Workbench) -> None:
        hashes, other = bench.first[: len(bits)], bench.second[: len(bits)]
        np.right_shift(bits, np.uint64(30), out=hashes)
        np.bitwise_xor(hashes, bits, out=hashes)
        np.multiply(hashes, MIX_1, out=hashes)
        np.right_shift(hashes, np.uint64(27), out=other)
        np.bitwise_xor(hashes, other, out=hashes)
        np.multiply(hashes, MIX_2, out=hashes)
        if self._floor >= SPARSE:  # few are left, and the last step of the mix leaves the first 31 bits alone
            below = np.less_equal(hashes, LIMITS[self._floor], out=bench.flags[: len(bits)])
            hashes = hashes.take(np.flatnonzero(below))
            other = other[: len(hashes)]
        np.right_shift(hashes, np.uint64(31), out=other)
        np.bitwise_xor(hashes, other, out=hashes)
        register = np.bitwise_and(hashes, np.uint64(REGISTERS - 1), out=other).view(np.int64)
        higher = np.flatnonzero(hashes <= self._limits.take(register))
        if len(higher):
            self._raise(hashes.take(higher), register.take(higher))

    def _raise(self, hashes: Bits, register: Ints) -> None:
        rank = RANK_BITS + 1 - bit_lengths(hashes >> np.uint64(PRECISION))
        np.maximum.at(self._registers, register, rank.astype(np.uint8))
        self._limits = LIMITS.take(self._registers)
        self._floor = min(int(self._registers.min()), 31)

    def settled(self) -> Distinct:
        """The registers so far."""
        return Distinct(self._registers.tobytes())


def _sigma(x: float) -> float:
    """The sum x + Σ x^(2^k)·2^(k−1): what registers never touched stand for."""
    if x == 1:
        return math.inf
    total, weight = x, 1.0
    while True:
        x *= x
        before, total, weight = total, total + x * weight, weight * 2
        if total == before:
            return total


def _tau(x: float) -> float:
    """The term (1 − x − Σ (1 − x^(2^−k))²·2^−k)/3: what registers at the largest rank stand for."""
    if x in (0, 1):
        return 0.0
    total, weight = 1 - x, 1.0
    while True:
        x, before, weight = math.sqrt(x), total, weight / 2
        total -= (1 - x) ** 2 * weight
        if total == before:
            return total / 3
