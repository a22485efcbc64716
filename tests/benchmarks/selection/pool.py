"""Work on every data set in several processes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.selection.shipped import DataSet

T = TypeVar("T")


def each(work: Callable[[DataSet], T], sets: Sequence[DataSet], jobs: int) -> list[T]:
    """The results in the order of the data sets, whatever the number of processes."""
    if jobs == 1:
        return [work(one) for one in sets]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, sets))
