"""Room to work in: arrays that one thread uses again for every column and batch."""

from __future__ import annotations

import numpy as np

SLICES = 4
BLOCK = 16_384  # values sliced at a time: with their slices they fit in the cache of a core
STRIDE = 131_072  # values counted at a time: as many as the widest window of a histogram has buckets


class Workbench:
    """Arrays without a meaning between two calls, so that a column keeps nothing but its state.

    `slices`, `rest` and `left` serve the exact sums, the others whatever walks over a stride of values.
    """

    def __init__(self) -> None:
        self.slices = np.empty((SLICES, BLOCK))
        self.rest = np.empty(BLOCK)
        self.left = np.empty(BLOCK, np.bool_)
        self.first = np.empty(STRIDE, np.uint64)
        self.second = np.empty(STRIDE, np.uint64)
        self.flags = np.empty(STRIDE, np.bool_)
