"""The histogram of values that stream by, at three to five nanoseconds a value.

Raw bits are counted, not keys, at a shift that loses nothing the final histogram needs: the level that the
values so far call for (a level never falls as values are added), or, while no level is called for, the zero
bits that all values end in, so that whole numbers stay exact in few buckets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from normflow.errors import ConfigError
from normflow.profiles.bits import SIGN
from normflow.profiles.counters import Slots, Tally, Window, tallied, together
from normflow.profiles.distinct import Distinct, RunningDistinct
from normflow.profiles.histogram import RESOLUTION, Histogram, folded, smallest_rise
from normflow.profiles.workbench import STRIDE

if TYPE_CHECKING:
    from normflow.profiles.bits import Bits, Floats
    from normflow.profiles.workbench import Workbench

FEWEST = 2  # buckets: values of different sign never share one
WIDEST = 8  # buckets of a window, and slots, for each bucket of the resolution
ABOVE, BELOW = 2, 8  # powers of two that a window reaches past the values seen so far
MISSES = 16  # counters that miss more than one value in so many are arranged anew
FEW = 64  # buckets that may wait outside the counters


def check_resolution(resolution: int, usual: int = RESOLUTION) -> None:
    """Refuse too few buckets.

    Raises:
        ConfigError: with the usual number in the hint.
    """
    if resolution < FEWEST:
        raise ConfigError(
            f"a histogram needs at least {FEWEST} buckets, one for each sign, not {resolution}",
            hint=f"leave the resolution out for {usual}",
        )


class RunningHistogram:
    """Counts of non-zero finite values per bucket while they stream by, and registers once they are many."""

    def __init__(self, resolution: int) -> None:
        check_resolution(resolution)
        self._resolution = resolution
        self._first: list[Floats] = []  # the values that choose where to start
        self._wanted = 2 * resolution  # how many of them are still to come
        self._exact = True
        self._shift = 0
        self._counters: list[Window | Slots] = []
        self._rest: list[Tally] = []
        self._patience = 0
        self._distinct = RunningDistinct()

    def add(self, values: Floats, low: float, high: float, bench: Workbench) -> None:
        """Add non-zero values between `low` and `high`."""
        if self._wanted:
            first, values = values[: self._wanted], values[self._wanted :]
            self._first.append(first.copy())
            self._wanted -= len(first)
            if self._wanted:
                return
            self._begin(bench)
        for start in range(0, len(values), STRIDE):
            self._count(values[start : start + STRIDE].view(np.uint64), low, high, bench)

    def settled(self, *, zeros: bool) -> tuple[Histogram, Distinct]:
        """The histogram of all that was added, and if it is not exact the registers, with zero if `zeros`."""
        first = np.concatenate([np.empty(0), *self._first])
        histogram = Histogram.of(first, self._resolution) if self._wanted else self._counted()
        if histogram.exact:
            return histogram, Distinct()
        return histogram, Distinct.of(first) + self._distinct.settled() + Distinct.of(np.zeros(int(zeros)))

    def _counted(self) -> Histogram:
        buckets, counts = self._tally()
        magnitudes = (buckets & np.uint64((SIGN >> self._shift) - 1)).view(np.int64)
        level = 0 if self._exact else self._shift
        magnitudes <<= np.int64(self._shift - level)
        keys = np.where(buckets >> np.uint64(63 - self._shift), -1 - magnitudes, magnitudes)
        order = np.argsort(keys, kind="stable")
        return Histogram(level, keys[order], counts[order], self._resolution)

    def _begin(self, bench: Workbench) -> None:
        buckets, counts = tallied(np.concatenate(self._first).view(np.uint64))
        self._first = []
        self._shift = _ending_zeros(buckets)
        self._arrange(Tally(buckets >> np.uint64(self._shift), counts), bench)

    def _count(self, bits: Bits, low: float, high: float, bench: Workbench) -> None:
        if self._exact:
            self._keep_exact(bits, bench)
        else:
            self._distinct.add(bits, bench)
        missed = bits
        for counter in self._counters:
            missed = counter.count(missed, low, high, bench)
            if not len(missed):
                break
        else:
            self._rest.append(tallied(missed >> np.uint64(self._shift)))
        if self._waiting() > self._patience:
            self._rest = [together(self._rest)]
        taken = sum(counter.taken for counter in self._counters) + self._waiting()
        misfit = self._waiting() > self._patience or len(missed) * MISSES > len(bits)
        if taken > self._resolution or misfit:
            self._arrange(self._tally(), bench)

    def _waiting(self) -> int:
        return sum(len(one.buckets) for one in self._rest)

    def _keep_exact(self, bits: Bits, bench: Workbench) -> None:
        """Lower the shift where values come that end in fewer zero bits."""
        ending = _ending_zeros(bits)
        if ending < self._shift:
            buckets, counts = self._tally()
            buckets = buckets << np.uint64(self._shift - ending)
            self._shift = ending
            self._arrange(Tally(buckets, counts), bench)

    def _tally(self) -> Tally:
        return together([*(counter.tally() for counter in self._counters), *self._rest])

    def _arrange(self, tally: Tally, bench: Workbench) -> None:
        """Find the shift that these buckets call for, and the counters that suit them there."""
        rise = smallest_rise(tally.buckets, self._resolution)
        if rise and self._exact:
            self._exact = False
            self._distinct.add(tally.buckets << np.uint64(self._shift), bench)
        self._shift += rise
        tally = Tally(*folded(tally.buckets >> np.uint64(rise), tally.counts))
        taken = len(tally.buckets)
        window, tally = _window(tally, self._shift, WIDEST * self._resolution)
        self._counters = [window] if window else []
        for attempt in range(2):
            if len(tally.buckets):
                slots = Slots(self._shift, tally, attempt, WIDEST * self._resolution)
                self._counters.append(slots)
                tally = slots.left
        self._rest = [tally] if len(tally.buckets) else []
        self._patience = 2 * len(tally.buckets) + max(FEW, taken // 8)


def _ending_zeros(bits: Bits) -> int:
    """How many zero bits all of these end in."""
    either = int(np.bitwise_or.reduce(bits))
    return (either & -either).bit_length() - 1


def _window(tally: Tally, shift: int, most: int) -> tuple[Window | None, Tally]:
    """The window of at most so many buckets that holds most of these values, and what it leaves out.

    None where half the values would be left out.
    """
    sign_bit = np.uint64(SIGN >> shift)
    negative = tally.buckets >= sign_bit
    signs = 0 if negative.any() and not negative.all() else (-1 if negative.any() else 1)
    most = most if signs else most // 2
    sizes = tally.buckets & (sign_bit - np.uint64(1))
    order = np.argsort(sizes, kind="stable")
    sizes, ranks = sizes[order], np.append(0, np.cumsum(tally.counts[order]))
    ends = np.searchsorted(sizes, sizes + np.uint64(most))
    inside = ranks[ends] - ranks[: len(sizes)]
    start = int(np.argmax(inside))
    if 2 * inside[start] < ranks[-1]:
        return None, tally
    base, span = int(sizes[start]), int(sizes[ends[start] - 1] - sizes[start]) + 1
    power = (1 << 52) >> shift  # buckets from one power of two to the next
    room = (
        ((1 << 63) >> shift) - base - span
    )  # past the largest float an index would wrap into the other sign
    above = min(ABOVE * power, span, most - span, room)
    below = min(BELOW * power, span, most - span - above, base)
    window = Window(shift, base - below, span + below + above, signs)
    return window, window.start(tally)
