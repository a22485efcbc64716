"""One pass over a frame: how it was cut, read and shared among threads leaves no trace."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import subprocess
import sys
import threading
import tracemalloc
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.errors import ConfigError, FitError
from normflow.profiles import ColumnProfile, Profile, observe, observe_values
from normflow.profiles.counts import Counts
from normflow.profiles.running_column import RunningColumn
from tests.columns import ZOO

if TYPE_CHECKING:
    from pathlib import Path


def _frame(n: int = 6000) -> pl.DataFrame:
    draw = np.random.default_rng(10)
    return pl.DataFrame(
        {
            "normal": draw.normal(size=n),
            "cents": np.round(draw.gamma(2, 30, n), 2),
            "count": draw.poisson(0.7, n),
            "one 1e14": np.append(np.exp(draw.normal(size=n - 1)), 1e14),
            "holes": pl.Series(draw.normal(size=n)).set(pl.Series(draw.random(n) < 0.1), None),
            "broken": pl.Series(draw.normal(size=n)).set(pl.Series(draw.random(n) < 0.1), float("nan")),
            "word": pl.Series(["a", None, "b"] * (n // 3)),
        }
    )


FRAME = _frame()


def by_column(profile: Profile) -> dict[str, bytes]:
    return {name: column.to_bytes() for name, column in profile.items()}


WHOLE = observe(FRAME.lazy(), resolution=64, threads=1)


@pytest.mark.parametrize("threads", [1, 2, 3, 9])
@pytest.mark.parametrize("batch_rows", [1000, 1777, None])
def test_threads_and_batches_leave_no_trace(threads: int, batch_rows: int | None) -> None:
    assert observe(FRAME.lazy(), resolution=64, threads=threads, batch_rows=batch_rows) == WHOLE


def test_files_and_row_groups_leave_no_trace(tmp_path: Path) -> None:
    """Nor do the file format and the order of the rows."""
    for i, (start, rows) in enumerate([(0, 1), (1, 2500), (2501, 3499)]):
        FRAME.slice(start, rows).write_parquet(tmp_path / f"{i}.parquet", row_group_size=700)
    FRAME.write_ipc(tmp_path / "whole.arrow")
    parts = [observe(pl.scan_parquet(tmp_path / f"{i}.parquet"), resolution=64) for i in (2, 0, 1)]
    assert observe(pl.scan_parquet(tmp_path / "*.parquet"), resolution=64) == WHOLE
    assert observe(pl.scan_ipc(tmp_path / "whole.arrow"), resolution=64) == WHOLE
    assert observe(FRAME.sample(fraction=1.0, shuffle=True, seed=1).lazy(), resolution=64) == WHOLE
    assert sum(parts, Profile()) == WHOLE


def test_polars_own_threads_leave_no_trace(tmp_path: Path) -> None:
    FRAME.write_parquet(tmp_path / "frame.parquet", row_group_size=500)
    code = (
        "import hashlib, sys, polars as pl\n"
        "from normflow.profiles import observe\n"
        "profile = observe(pl.scan_parquet(sys.argv[1]), resolution=64)\n"
        "print(hashlib.sha256(b''.join(c.to_bytes() for c in profile.values())).hexdigest())\n"
    )
    expected = hashlib.sha256(b"".join(by_column(WHOLE).values())).hexdigest()
    for threads in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "frame.parquet")],
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stdout.strip() == expected


@pytest.mark.parametrize("column", ZOO.values(), ids=ZOO)
def test_a_frame_of_one_column_has_the_profile_of_its_values(column: list[float | None]) -> None:
    frame = pl.LazyFrame({"x": pl.Series(column, dtype=pl.Float64)})
    assert observe(frame, batch_rows=7)["x"] == observe_values(column)


def test_numbers_are_observed_and_everything_else_is_counted() -> None:
    profile = observe(FRAME.lazy())
    assert profile.rows == 6000
    assert profile.columns == tuple(FRAME.columns)
    assert profile.dtypes["count"] == "Int64"
    word = profile["word"]
    assert (word.rows, word.nulls, word.n, word.counts.opaque) == (6000, 2000, 0, 4000)
    assert word.missing == 1 / 3
    assert profile["holes"].nulls == FRAME["holes"].null_count()
    assert profile["broken"].nans == FRAME["broken"].is_nan().sum()
    assert profile["count"].is_whole
    assert profile["count"].zeros == (FRAME["count"] == 0).sum()


def test_counts_are_those_of_the_column() -> None:
    column = observe_values(
        [None, 1.5, float("nan"), float("inf"), -float("inf"), -float("inf"), -2.0, 0.0, -0.0, 3.0]
    )
    assert (column.rows, column.nulls, column.nans, column.pos_infs, column.neg_infs) == (10, 1, 1, 1, 2)
    assert (column.n, column.zeros, column.negatives, column.wholes) == (5, 2, 1, 4)
    assert (column.min, column.max, column.is_constant, column.is_whole) == (-2.0, 3.0, False, False)


DAY = 86_400.0
OF_ALL_TYPES = pl.LazyFrame(
    {
        "flag": [True, False, None],
        "price": pl.Series([Decimal("1.25"), Decimal("2.50"), None], dtype=pl.Decimal(10, 2)),
        "day": [dt.date(1970, 1, 2), dt.date(1969, 12, 31), None],
        "at": [dt.datetime(1970, 1, 1, 0, 0, 1), dt.datetime(1970, 1, 1, 0, 0, 2, 500_000), None],  # noqa: DTZ001
        "at_ns": pl.Series([1, 2_500_000_001, None], dtype=pl.Int64).cast(pl.Datetime("ns", "Asia/Tokyo")),
        "clock": [dt.time(0, 0, 1), dt.time(23, 59, 59, 999_999), None],
        "took": [dt.timedelta(seconds=3), dt.timedelta(milliseconds=1), None],
        "took_ns": pl.Series([-7, 1, None], dtype=pl.Int64).cast(pl.Duration("ns")),
        "small": pl.Series([1, 255, None], dtype=pl.UInt8),
        "single": pl.Series([0.5, -0.1, None], dtype=pl.Float32),
        "word": ["a", "b", None],
    }
)
AS_FLOATS: dict[str, list[float | None]] = {
    "flag": [1.0, 0.0, None],
    "price": [1.25, 2.5, None],
    "day": [DAY, -DAY, None],
    "at": [1.0, 2.5, None],
    "at_ns": [1e-9, 2.500000001, None],
    "clock": [1.0, 86_399.999999, None],
    "took": [3.0, 0.001, None],
    "took_ns": [-7e-9, 1e-9, None],
    "small": [1.0, 255.0, None],
    "single": [0.5, float(np.float32(-0.1)), None],
}


@pytest.mark.parametrize("name", AS_FLOATS)
def test_a_named_column_has_the_profile_of_its_floats(name: str) -> None:
    """Booleans as 0 and 1, times in seconds, each the nearest float64."""
    named = observe(OF_ALL_TYPES, OF_ALL_TYPES.collect_schema().names())
    assert named[name] == observe_values(AS_FLOATS[name])
    assert (named["word"].counts.opaque, named["word"].nulls, named["word"].n) == (2, 1, 0)


def test_unnamed_columns_are_numbers_only_where_their_type_is() -> None:
    """Booleans and times are counted as values of another kind, nulls apart."""
    unnamed = observe(OF_ALL_TYPES)
    assert [name for name in unnamed if unnamed[name].n] == ["price", "small", "single"]
    for name in ("flag", "day", "at", "at_ns", "clock", "took", "took_ns", "word"):
        assert unnamed[name].counts == Counts(rows=3, nulls=1, opaque=2)
        assert unnamed[name].missing == 1 / 3


def test_a_boolean_is_two_valued() -> None:
    flag = observe(pl.LazyFrame({"flag": [True, False, None, True]}), ["flag"])["flag"]
    assert (flag.rows, flag.nulls, flag.zeros, flag.distinct, flag.is_whole) == (4, 1, 1, 2, True)
    assert (flag.min, flag.max, flag.mean, flag.quantile(0.5), flag.top_share) == (0, 1, 2 / 3, 1, 2 / 3)


def test_missing_is_the_share_of_rows_without_a_finite_value() -> None:
    """In the profile, in the evidence of a decision and in the fit alike."""
    column = [None, float("nan"), float("inf"), -float("inf"), 1.0, 2.0, 4.0, 9.0]
    profile = observe_values(column)
    fit = nf.fit(pl.DataFrame({"x": pl.Series(column, dtype=pl.Float64)}))["x"]
    assert fit.choice is not None
    assert (profile.missing, fit.choice.evidence.missing, fit.missing) == (0.5, 0.5, 0.5)
    assert ColumnProfile().missing == 0.0


@pytest.mark.parametrize("resolution", [1, 0, -3])
def test_fewer_than_two_buckets_are_refused(resolution: int) -> None:
    for observed in (
        lambda: observe(FRAME.lazy(), resolution=resolution),
        lambda: observe_values([1.0, 2.0, 3.0], resolution=resolution),
    ):
        with pytest.raises(ConfigError) as caught:
            observed()
        assert str(caught.value) == (
            f"a histogram needs at least 2 buckets, one for each sign, not {resolution}; "
            "leave the resolution out for 16384"
        )


@pytest.mark.parametrize("name", ["threads", "batch_rows"])
def test_less_than_one_thread_or_row_is_refused(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        observe(FRAME.lazy(), **{name: 0})  # type: ignore[arg-type]
    assert str(caught.value) == f"{name} is at least 1, and here it is 0"


def test_only_named_columns_are_read(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("x,y\n1,2\n3,oops\n")
    frame = pl.scan_csv(tmp_path / "bad.csv", schema={"x": pl.Float64, "y": pl.Float64})
    assert observe(frame, ["x"])["x"] == observe_values([1.0, 3.0])


def test_a_frame_without_rows_or_columns_is_nothing() -> None:
    empty = observe(pl.LazyFrame(schema={"x": pl.Float64, "word": pl.String}))
    assert (empty.rows, empty["x"].rows, empty["x"].n) == (0, 0, 0)
    assert observe(pl.LazyFrame()) == Profile()


def test_what_polars_raises_passes_through_and_leaves_no_thread(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("x\n" + "1\n" * 5000 + "oops\n")
    frame = pl.scan_csv(tmp_path / "bad.csv", schema={"x": pl.Float64})
    with pytest.raises(pl.exceptions.ComputeError, match="oops"):
        observe(frame, threads=2, batch_rows=500)
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        observe(FRAME.lazy(), ["nowhere"])
    assert not _observers()


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError])
def test_an_interruption_leaves_no_thread(monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]) -> None:
    calls = iter(range(100))

    def interrupted(*_: object) -> None:
        if next(calls) == 5:
            raise stop

    monkeypatch.setattr(RunningColumn, "add", interrupted)
    with pytest.raises(stop):
        observe(FRAME.lazy(), threads=3, batch_rows=500)
    assert not _observers()


def _observers() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("normflow-observe")]


def test_memory_does_not_grow_with_the_rows() -> None:
    """The state of four times the rows takes the room of the state."""
    draw = np.random.default_rng(12)
    parts = [draw.normal(size=100_000) for _ in range(2)]

    def peak(repeats: int) -> tuple[int, int]:
        column = pl.Series(np.concatenate(parts * repeats))
        tracemalloc.start()
        profile = observe(pl.LazyFrame({"x": column}), threads=1, batch_rows=50_000)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most, len(profile["x"].to_bytes())

    peak(1)
    (once, once_stored), (often, often_stored) = peak(1), peak(4)
    assert often <= 1.05 * once
    assert often_stored <= 1.1 * once_stored


def test_a_column_takes_a_megabyte_and_a_half_while_it_is_observed() -> None:
    """What Python and numpy hold at the most, for ten columns: buckets, first values, room to work."""
    draw = np.random.default_rng(12)
    frame = pl.DataFrame({f"x{i}": draw.normal(size=200_000) for i in range(10)})
    observe(frame.head(1000).lazy())
    tracemalloc.start()
    observe(frame.lazy(), threads=1, batch_rows=50_000)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10 * 1.6 * 2**20


@pytest.mark.parametrize("name", ZOO)
def test_without_a_shape_the_rest_of_a_profile_is_the_same(name: str) -> None:
    """Counts, extremes and sums of a `shapeless` column; what needs values says that it lacks them."""
    lf = pl.LazyFrame({"x": pl.Series(ZOO[name], dtype=pl.Float64)})
    whole, bare = observe(lf)["x"], observe(lf, shapeless=["x"])["x"]
    assert (bare.counts, bare.extremes, bare.sums) == (whole.counts, whole.extremes, whole.sums)
    assert bare.has_shape == (whole.n == whole.zeros)
    if not bare.has_shape:
        for read in (lambda: bare.skew, lambda: bare.median, lambda: bare.distinct, bare.to_bytes):
            with pytest.raises(FitError, match="not their shape"):
                read()
        assert not bare.exact
        assert not (bare + whole).has_shape
