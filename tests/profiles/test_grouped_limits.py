"""What profiles of groups may cost, and what is refused."""

from __future__ import annotations

import threading
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from normflow.errors import ConfigError, FormatError
from normflow.profiles import GroupedProfile, observe_groups

if TYPE_CHECKING:
    from pathlib import Path

TABLE = pl.LazyFrame({"g": ["a", "b", "a"], "x": [1.0, 2.0, 3.0]})


def grouped(resolution: int = 8) -> GroupedProfile:
    return observe_groups(TABLE, ["g"], ["x"], resolution=resolution)[1]


def test_memory_does_not_grow_with_the_rows() -> None:
    draw = np.random.default_rng(22)
    table = pl.DataFrame({"g": draw.integers(0, 50, 100_000), "x": draw.normal(size=100_000)})

    def peak(repeats: int) -> int:
        rows = pl.concat([table] * repeats).lazy()
        tracemalloc.start()
        observe_groups(rows, ["g"], ["x"], resolution=64, threads=1, batch_rows=50_000)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(11)
    assert peak(44) <= 1.1 * peak(11)


def test_what_polars_raises_passes_through_and_leaves_no_thread(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("g,x\n" + "a,1\n" * 5000 + "a,oops\n")
    table = pl.scan_csv(tmp_path / "bad.csv", schema={"g": pl.String, "x": pl.Float64})
    with pytest.raises(pl.exceptions.ComputeError, match="oops"):
        observe_groups(table, ["g"], ["x"], threads=2, batch_rows=500)
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        observe_groups(table, ["nowhere"], ["x"])
    assert not [one.name for one in threading.enumerate() if one.name.startswith("normflow-observe")]


def test_what_cannot_be_observed_is_refused_in_a_sentence() -> None:
    with pytest.raises(ConfigError) as caught:
        observe_groups(TABLE, [], ["x"])
    assert str(caught.value) == "groups are asked for by no column; name one or more in 'by'"
    with pytest.raises(ConfigError) as caught:
        observe_groups(TABLE, ["g"], ["x"], resolution=1)
    assert str(caught.value) == (
        "a histogram needs at least 2 buckets, one for each sign, not 1; leave the resolution out for 512"
    )
    with pytest.raises(ConfigError) as caught:
        observe_groups(TABLE, ["g"], ["x"], threads=0)
    assert str(caught.value) == "threads is at least 1, and here it is 0"


def test_what_does_not_merge_is_refused_in_a_sentence() -> None:
    with pytest.raises(FormatError) as caught:
        grouped(8) + grouped(64)
    assert str(caught.value) == (
        "profiles of 8 and of 64 buckets do not merge; profile the data again with one resolution"
    )
    with pytest.raises(FormatError) as caught:
        grouped() + observe_groups(pl.LazyFrame({"g": [1], "x": [1.0]}), ["g"], ["x"])[1]
    assert str(caught.value) == (
        "profiles of groups by 'g' (String) and by 'g' (Int64) do not merge; "
        "profile the data again with one set of keys"
    )
