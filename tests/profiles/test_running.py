"""However values stream by, the state they end in is the one that the definitions give."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normflow.profiles import ColumnProfile, observe_values
from normflow.profiles.running_column import RunningColumn
from normflow.profiles.workbench import STRIDE, Workbench
from tests.profiles.values import buckets

Values = np.ndarray
BENCH = Workbench()


def streamed(values: Values, cuts: list[int], resolution: int) -> ColumnProfile:
    """The profile of values that come in batches with these cuts."""
    running = RunningColumn(resolution)
    for part in np.split(values, sorted(cuts)):
        running.add(pl.Series(part), BENCH)
    return running.settled(BENCH)


def _streams(n: int = 3000) -> dict[str, Values]:
    draw = np.random.default_rng(7)
    normal = draw.normal(size=n)
    cents = np.round(draw.gamma(2, 30, n), 2)
    return {
        "normal": normal,
        "log-normal": np.exp(normal),
        "sorted": np.sort(normal),
        "row ids": np.arange(1.0, n + 1),
        "row ids backwards": np.arange(1.0, n + 1)[::-1],
        "integers, then halves": np.concatenate([np.arange(100.0), np.arange(100) + 0.5, normal]),
        "powers of two": 2.0 ** draw.integers(-30, 30, n),
        "cents": cents,
        "few prices": np.round(draw.gamma(2, 1, n), 2),
        "few prices, then many": np.concatenate([np.full(500, 0.1), cents]),
        "positive, then negative": np.concatenate([np.exp(normal), -np.exp(normal)]),
        "negative, then both": np.concatenate([-np.exp(normal), normal]),
        "two scales": np.where(draw.random(n) < 0.5, 1e9 + normal, 1e-3 * normal),
        "three scales, both signs": np.concatenate([1e200 * normal, normal, 1e-200 * normal]),
        "all magnitudes": draw.choice([-1.0, 1.0], n) * np.exp2(draw.uniform(-1074, 1023, n)),
        "growing": np.exp(np.linspace(-300, 300, n)),
        "offset": 1e9 + normal,
        "atom": np.where(draw.random(n) < 0.5, 0.1, normal),
        "zeros": np.where(draw.random(n) < 0.5, 0.0, normal),
        "denormals": 5e-324 * draw.integers(-400, 400, n),
        "negatives up to 1.7e308, then positive denormals": np.concatenate(
            [-np.exp2(draw.uniform(900, 1023.9, n)), 5e-324 * draw.integers(1, 400, n)]
        ),
        "one 1e14": np.append(np.exp(normal), 1e14),
        "not finite": np.concatenate([normal, [np.nan, np.inf, -np.inf, np.nan], normal]),
    }


STREAMS = _streams()


@pytest.mark.parametrize("values", STREAMS.values(), ids=STREAMS)
@pytest.mark.parametrize("resolution", [2, 8, 64, 600])
def test_streams_end_in_the_smallest_level_and_its_counts(values: Values, resolution: int) -> None:
    """Brute force over all levels finds the same buckets."""
    histogram = streamed(values, list(range(0, len(values), 157)), resolution).histogram
    level, counts = buckets(values.tolist(), resolution)
    assert histogram.level == level
    assert dict(zip(histogram.keys.tolist(), histogram.counts.tolist(), strict=True)) == counts


@pytest.mark.parametrize("name", STREAMS)
@settings(max_examples=4)
@given(data=st.data(), resolution=st.sampled_from([4, 32, 256]))
def test_batches_leave_no_trace(name: str, data: st.DataObject, resolution: int) -> None:
    values = STREAMS[name]
    cuts = data.draw(st.lists(st.integers(0, len(values)), max_size=12))
    whole = streamed(values, [], resolution)
    assert streamed(values, cuts, resolution) == whole
    parts = [observe_values(part, resolution=resolution) for part in np.split(values, sorted(cuts))]
    assert sum(parts, ColumnProfile()) == whole


@pytest.mark.parametrize(
    "name", ["normal", "cents", "few prices, then many", "row ids", "two scales", "atom"]
)
def test_long_streams_end_where_their_merged_parts_end(name: str) -> None:
    """Several strides, and the default resolution."""
    values = _streams(2 * STRIDE + 1000)[name]
    whole = streamed(values, [], 16_384)
    assert streamed(values[::-1], [STRIDE // 3, STRIDE + 7], 16_384) == whole
    assert sum((observe_values(part) for part in np.array_split(values, 5)), ColumnProfile()) == whole


def test_a_stream_that_turns_from_few_values_to_many_is_counted_whole() -> None:
    """More new buckets than a stride holds places, right after the start was exact."""
    values = np.concatenate([np.full(40_000, 1.5), np.random.default_rng(1).normal(size=2 * STRIDE)])
    profile = streamed(values, [40_000], 16_384)
    assert int(profile.histogram.counts.sum()) == len(values)
    assert profile == streamed(values[::-1], [], 16_384)


def test_a_window_at_the_largest_floats_counts_no_other_sign() -> None:
    """Negatives up to 1.7e308, then positive denormals: the same state in either order."""
    large = -np.exp2(np.random.default_rng(0).uniform(900, 1023.99, 40_000))
    tiny = np.full(1000, 1e-310)
    first = observe_values(np.concatenate([large, tiny]))
    assert first == observe_values(np.concatenate([tiny, large]))
    assert int(first.histogram.counts[first.histogram.keys < 0].sum()) == len(large)
