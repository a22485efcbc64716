"""The profile of a group is that of its rows alone: no order, cut, batch or thread leaves a trace in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normflow.profiles import ColumnProfile, GroupedProfile, observe, observe_groups, observe_values
from normflow.profiles.distinct import Distinct
from normflow.profiles.grouped import histograms, running
from normflow.profiles.grouped import observe as grouped_observe
from tests.columns import ZOO
from tests.profiles.values import anything, buckets, fractions_of

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[tuple[str | None, float | None]]
rows_of_groups = st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), anything), max_size=80)
resolutions = st.sampled_from([2, 5, 8, 64])
SCHEMA = {"g": pl.String, "x": pl.Float64}


def frame(rows: Rows) -> pl.LazyFrame:
    return pl.LazyFrame(rows, SCHEMA, orient="row")


def grouped(rows: Rows, resolution: int = 8, batch_rows: int | None = None) -> GroupedProfile:
    return observe_groups(frame(rows), ["g"], ["x"], resolution=resolution, batch_rows=batch_rows)[1]


def of_rows(values: list[float | None], resolution: int) -> ColumnProfile:
    """The profile of a group's rows, without the registers that groups do not keep."""
    return replace(observe_values(values, resolution=resolution), registers=Distinct())


def same(one: GroupedProfile, other: GroupedProfile) -> bool:
    return one == other and hash(one) == hash(other) and one.to_bytes() == other.to_bytes()


@given(rows_of_groups, resolutions, st.sampled_from([1, 7, None]))
def test_each_group_has_the_profile_of_its_rows(rows: Rows, resolution: int, batch_rows: int | None) -> None:
    found = grouped(rows, resolution, batch_rows)
    keys = found.keys["g"].to_list()
    assert keys == sorted({key for key, _ in rows}, key=lambda key: (key is not None, key))
    for i, key in enumerate(keys):
        values = [value for other, value in rows if other == key]
        assert found.rows[i] == len(values)
        assert found.column("x", i) == of_rows(values, resolution)


@given(rows_of_groups, resolutions)
def test_sums_and_buckets_are_those_of_exact_fractions(rows: Rows, resolution: int) -> None:
    found = grouped(rows, resolution)
    for key, column in zip(found.keys["g"], found.each("x"), strict=True):
        values = [value for other, value in rows if other == key]
        fractions = fractions_of(values)
        assert column.sums.first == sum(fractions) * 2**1074
        assert column.sums.second == sum(one * one for one in fractions) * 2**2148
        level, counts = buckets(values, resolution)
        histogram = column.histogram
        assert histogram.level == level
        assert dict(zip(histogram.keys.tolist(), histogram.counts.tolist(), strict=True)) == counts


@given(rows_of_groups, rows_of_groups, rows_of_groups, resolutions)
def test_merging_commutes_associates_and_equals_the_whole(
    one: Rows, two: Rows, three: Rows, resolution: int
) -> None:
    a, b, c = (grouped(rows, resolution) for rows in (one, two, three))
    assert same(a + b, grouped(one + two, resolution))
    assert same(a + b, b + a)
    assert same((a + b) + c, a + (b + c))
    assert same(a + GroupedProfile(), a)
    assert same(GroupedProfile() + a, a)


def zoo() -> pl.DataFrame:
    return pl.concat(
        pl.DataFrame({"g": [name] * len(values), "x": values}, schema=SCHEMA) for name, values in ZOO.items()
    )


@pytest.mark.parametrize("resolution", [2, 8, 64, 512])
def test_the_zoo_has_the_profiles_of_its_columns(resolution: int) -> None:
    """In any order, whatever the batches, and merged at any cut."""
    rows = zoo()
    whole, found = observe_groups(rows.lazy(), ["g"], ["x"], resolution=resolution)
    assert whole == observe(rows.lazy(), ["x"])
    for name, column in zip(found.keys["g"], found.each("x"), strict=True):
        assert column == of_rows(ZOO[name], resolution)
    for seed, batch_rows in enumerate([37, 500, None]):
        shuffled = rows.sample(fraction=1, shuffle=True, seed=seed).lazy()
        assert same(
            observe_groups(shuffled, ["g"], ["x"], resolution=resolution, batch_rows=batch_rows)[1], found
        )
    for cut in (0, 100, 3000):
        one, other = (
            observe_groups(part.lazy(), ["g"], ["x"], resolution=resolution)[1]
            for part in (rows[:cut], rows[cut:])
        )
        assert same(one + other, found)
        assert same(other + one, found)


def _table(n: int = 6000) -> pl.DataFrame:
    draw = np.random.default_rng(20)
    normal = draw.normal(size=n)
    return pl.DataFrame(
        {
            "g": draw.choice(["a", "b", "c", "d"], n, p=[0.6, 0.3, 0.09, 0.01]),
            "normal": normal,
            "cents": np.round(draw.gamma(2, 30, n), 2),
            "whole": draw.integers(-300, 3000, n),
            "one 1e14": np.append(np.exp(normal[1:]), 1e14),
            "all magnitudes": draw.choice([-1.0, 1.0], n) * np.exp2(draw.uniform(-1074, 1023, n)),
            "offset": 1e9 + normal,
            "offset by little": 1 + 1e-13 * draw.integers(0, 4000, n),
            "holes": pl.Series(normal).set(pl.Series(draw.random(n) < 0.1), None),
            "broken": pl.Series(normal).set(pl.Series(draw.random(n) < 0.1), float("nan")),
            "word": pl.Series(["a", None, "b"] * (n // 3)),
        }
    )


TABLE = _table()
NAMES = TABLE.columns[1:]
WHOLE, GROUPS = observe_groups(TABLE.lazy(), ["g"], NAMES, resolution=64, threads=1)


def test_one_pass_tells_of_the_whole_and_of_each_group() -> None:
    assert observe(TABLE.lazy(), NAMES) == WHOLE
    assert GROUPS.columns == tuple(NAMES)
    for i, key in enumerate(GROUPS.keys["g"]):
        rows = TABLE.filter(pl.col("g") == key)
        expected = observe(rows.lazy(), NAMES, resolution=64)
        assert GROUPS.rows[i] == rows.height
        for name in NAMES:
            assert GROUPS.column(name, i) == replace(expected[name], registers=Distinct()), name


@pytest.mark.parametrize("threads", [1, 2, 30])
@pytest.mark.parametrize("batch_rows", [1000, 1777, None])
def test_threads_and_batches_leave_no_trace(threads: int, batch_rows: int | None) -> None:
    found = observe_groups(TABLE.lazy(), ["g"], NAMES, resolution=64, threads=threads, batch_rows=batch_rows)
    assert found[0] == WHOLE
    assert same(found[1], GROUPS)


@pytest.mark.parametrize(("stretch", "chunk"), [(100, 7), (700, 64), (2500, 1000)])
def test_how_much_is_worked_on_at_a_time_leaves_no_trace(
    monkeypatch: pytest.MonkeyPatch, stretch: int, chunk: int
) -> None:
    """Many stretches, of which histograms wait and are merged, cut into chunks."""
    monkeypatch.setattr(grouped_observe, "STRETCH_ROWS", stretch)
    monkeypatch.setattr(grouped_observe, "FEWEST_ROWS", 1)
    monkeypatch.setattr(running, "CHUNK", chunk)
    monkeypatch.setattr(running, "MOST_WAITING", 5)
    monkeypatch.setattr(histograms, "CHUNK", chunk)
    found = observe_groups(TABLE.lazy(), ["g"], NAMES, resolution=64, batch_rows=stretch)
    assert found[0] == WHOLE
    assert same(found[1], GROUPS)


def test_files_leave_no_trace(tmp_path: Path) -> None:
    for i, (start, rows) in enumerate([(0, 1), (1, 2500), (2501, 3499)]):
        TABLE.slice(start, rows).write_parquet(tmp_path / f"{i}.parquet", row_group_size=700)
    files = [pl.scan_parquet(tmp_path / f"{i}.parquet") for i in (2, 0, 1)]
    parts = [observe_groups(file, ["g"], NAMES, resolution=64)[1] for file in files]
    assert same(sum(parts, GroupedProfile()), GROUPS)
    assert observe_groups(pl.concat(files), ["g"], NAMES, resolution=64) == (WHOLE, GROUPS)


def test_many_groups_agree_with_a_group_by() -> None:
    """Of whole numbers, whose float sums are exact."""
    draw = np.random.default_rng(21)
    table = pl.DataFrame({"g": draw.integers(0, 70_000, 200_000), "x": draw.integers(-500, 500, 200_000)})
    _, found = observe_groups(table.lazy(), ["g"], ["x"])
    expected = (
        table.group_by("g")
        .agg(pl.len(), low=pl.col("x").min(), high=pl.col("x").max(), mean=pl.col("x").mean())
        .sort("g")
    )
    assert found.keys["g"].to_list() == expected["g"].to_list()
    assert found.rows.tolist() == expected["len"].to_list()
    columns = list(found.each("x"))
    assert [one.min for one in columns] == expected["low"].to_list()
    assert [one.max for one in columns] == expected["high"].to_list()
    assert [one.mean for one in columns] == expected["mean"].to_list()


def test_arrays_are_columns_a_place() -> None:
    table = pl.LazyFrame(
        {
            "g": ["a", "b", "a"],
            "v": pl.Series([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], dtype=pl.Array(pl.Float64, 2)),
        }
    )
    whole, found = observe_groups(table, ["g"], ["v"], resolution=8)
    assert whole == observe(table, ["v"])
    assert found.columns == ("v[0]", "v[1]")
    assert found.column("v[1]", 0) == observe_values([2.0, 6.0], resolution=8)


def test_a_column_that_one_side_lacks_is_nothing_there() -> None:
    one, other = pl.LazyFrame({"g": [1, 2], "x": [1.0, 2.0]}), pl.LazyFrame({"g": [2, 3], "y": [3.0, 4.0]})
    both = observe_groups(one, ["g"], ["x"])[1] + observe_groups(other, ["g"], ["y"])[1]
    assert both.keys["g"].to_list() == [1, 2, 3]
    assert both.rows.tolist() == [1, 2, 1]
    assert both.columns == ("x", "y")
    assert [column.mean for column in both.each("x")] == [1.0, 2.0, None]
    assert both.column("x", 2) == ColumnProfile()


def test_nothing_has_no_group() -> None:
    assert not len(GroupedProfile())
    assert not GroupedProfile().columns
    whole, none = observe_groups(pl.LazyFrame(schema=SCHEMA), ["g"], ["x"])
    assert whole.rows == len(none) == 0
    assert none.columns == ("x",)
    assert same(none + GROUPS, GROUPS + none)
    no_columns = observe_groups(TABLE.lazy(), ["g"], [])[1]
    assert no_columns.rows.tolist() == GROUPS.rows.tolist()


def test_distinct_is_a_lower_bound_where_a_group_is_not_exact() -> None:
    values = [float(i) for i in range(1, 101)]
    exact = grouped([("a", value) for value in values], 512).column("x", 0)
    coarse = grouped([("a", value) for value in values], 64).column("x", 0)
    assert exact.distinct == 100
    assert 32 < coarse.distinct == len(coarse.histogram.keys) <= 64
    assert ColumnProfile.from_bytes(coarse.to_bytes()) == coarse
    more = observe_values([0.5], resolution=64)
    assert (coarse + more).registers == (more + coarse).registers == Distinct()
