"""Rows that repeat an earlier one are found whatever the batches, and in bounded memory."""

from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaError, SchemaErrors

from normflow.contract import Repeats
from normflow.contract.schemas import input_schema
from normflow.spec import ColumnChecks, TableSpec, UniqueSpec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SMALL = 200  # bytes held: so nearly every batch goes to the file


def later(frame: pl.DataFrame, folder: Path, cuts: Sequence[int], held: int = SMALL) -> list[int]:
    """The rows that repeat an earlier one, shown in pieces of which the last comes first."""
    numbered = frame.with_row_index("row")
    ends = sorted({0, *(cut % (frame.height + 1) for cut in cuts), frame.height})
    seen = Repeats(frame.columns, folder, row="row", held=held)
    for begin, end in reversed(list(pairwise(ends))):
        seen.see(numbered[begin:end])
    found = numbered.filter(~seen.later().others("row"))["row"].to_list()
    assert seen.count() == len(found)
    return found


def expected(rows: Sequence[tuple[object, ...]]) -> list[int]:
    """The same by a Python set; NaN equals NaN, and -0.0 is 0.0."""
    known: set[object] = set()
    found = []
    for place, row in enumerate(rows):
        key = tuple("nan" if isinstance(x, float) and math.isnan(x) else x for x in row)
        if key in known:
            found.append(place)
        known.add(key)
    return found


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from([0.0, -0.0, math.nan, math.inf, 1.5, None]),
            st.sampled_from(["", "a", "ä", None]),
            st.sampled_from([1, 2, None]),
        ),
        max_size=60,
    ),
    cuts=st.lists(st.integers(0, 60), max_size=6),
    held=st.sampled_from([SMALL, 1 << 20]),
)
def test_a_key_of_several_columns_is_that_of_a_set(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[float | None, str | None, int | None]],
    cuts: list[int],
    held: int,
) -> None:
    frame = pl.DataFrame(rows, schema={"x": pl.Float64, "t": pl.String, "i": pl.Int64}, orient="row")
    assert later(frame, tmp_path_factory.getbasetemp(), cuts, held) == expected(rows)


DAY = dt.date(2024, 2, 29)
TYPES: list[tuple[pl.DataType, list[object]]] = [
    (pl.Int8(), [1, -1, 0]),
    (pl.UInt64(), [2**64 - 1, 0, 1]),
    (pl.Int128(), [2**100, 2**36, 1]),
    (pl.Float32(), [0.5, 1e30, 0.0]),
    (pl.Boolean(), [True, False]),
    (pl.String(), ["", "a", "b", "a" * 100]),
    (pl.Categorical(), ["a", "b", "c"]),
    (pl.Enum(["a", "b"]), ["a", "b"]),
    (pl.Binary(), [b"", b"a", b"\0"]),
    (pl.Date(), [DAY, DAY + dt.timedelta(1)]),
    (pl.Time(), [dt.time(1), dt.time(2)]),
    (
        pl.Datetime("ns", "UTC"),
        [dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.datetime(2025, 1, 1, tzinfo=dt.UTC)],
    ),
    (pl.Duration(), [dt.timedelta(1), dt.timedelta(2)]),
    (pl.Decimal(20, 2), [Decimal("1.10"), Decimal("11.00"), Decimal("1.11")]),
    (pl.Array(pl.Int64, 2), [[1, 2], [2, 1], [1, 1]]),
    (pl.List(pl.String), [["a", "b"], ["ab"], [], [None]]),
    (pl.Struct({"a": pl.Int64}), [{"a": 1}, {"a": 2}]),
    (pl.Null(), []),
]


@pytest.mark.parametrize(("dtype", "values"), TYPES, ids=str)
def test_every_type_of_column(tmp_path: Path, dtype: pl.DataType, values: list[object]) -> None:
    rng = np.random.default_rng(3)
    picked = [([*values, None])[place] for place in rng.integers(0, len(values) + 1, 40)]
    frame = pl.DataFrame({"k": pl.Series(picked, dtype=dtype)})
    assert later(frame, tmp_path, [7, 8, 20]) == expected([(repr(one),) for one in picked])


def test_columns_that_change_places_are_other_keys(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, 2, None, 1], "b": [2, 1, 1, None]})
    assert later(frame, tmp_path, []) == []


def test_columns_with_names_that_polars_reads_as_patterns(tmp_path: Path) -> None:
    frame = pl.DataFrame({"*": [1, 1, 1], "^.*$": [1, 2, 1]})
    assert later(frame, tmp_path, []) == [2]


def test_no_row_and_one_row(tmp_path: Path) -> None:
    assert later(pl.DataFrame({"k": [1]}).clear(), tmp_path, []) == []
    assert later(pl.DataFrame({"k": [1]}), tmp_path, []) == []


def test_threads_in_any_order_find_what_one_finds(tmp_path: Path) -> None:
    """200 batches on four threads, through the file: the first in source order passes."""
    keys = np.random.default_rng(5).integers(0, 60_000, 200_000)
    frame = pl.DataFrame({"k": keys}).with_row_index("row")
    seen = Repeats(["k"], tmp_path, row="row", held=1 << 18)
    pieces = [frame[place : place + 1000] for place in range(0, 200_000, 1000)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(seen.see, reversed(pieces)))
    found = frame.filter(~seen.later().others("row"))["row"].to_numpy()
    firsts = np.unique(keys, return_index=True)[1]
    assert found.tolist() == np.setdiff1d(np.arange(200_000), firsts).tolist()


def test_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    later(pl.DataFrame({"k": list(range(100)) * 2}), tmp_path, range(0, 200, 10))
    assert list(tmp_path.iterdir()) == []


GROWTH = """
import resource, sys
import numpy as np, polars as pl
from pandera.errors import SchemaError, SchemaErrors

from normflow.contract import Repeats
from normflow.contract.schemas import input_schema
from normflow.spec import ColumnChecks, TableSpec, UniqueSpec
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
seen = Repeats(["k"], sys.argv[1])
seen.see(pl.DataFrame({"k": np.arange(1000)}))
before = peak()
for begin in range(1, 161):
    seen.see(pl.DataFrame({"k": np.arange(100_000) + 100_000 * begin}))
print(seen.count(), peak() - before)
"""


def test_memory_is_bounded(tmp_path: Path) -> None:
    """16 million keys, 244 MiB of hashes: what is held grows by less than 170."""
    done = subprocess.run(
        [sys.executable, "-c", GROWTH, str(tmp_path)], capture_output=True, text=True, check=True
    )
    count, grown = done.stdout.split()
    assert int(count) == 0
    assert float(grown) < 170


@pytest.mark.parametrize("keys", [[("a", "b")], [("a", "b"), ("c",)], []])
def test_pandera_has_the_keys_of_a_table(keys: list[tuple[str, ...]]) -> None:
    """All rows of a key that comes twice are refused; one key or several."""
    table = TableSpec(unique=tuple(UniqueSpec(columns=key) for key in keys))
    schema = input_schema({"a": ColumnChecks()}, table=table)
    good = pl.DataFrame({"a": [1, 1, 2], "b": [1, 2, 1], "c": [1, 2, 3]})
    schema.validate(good)
    if keys:
        with pytest.raises((SchemaError, SchemaErrors)):
            schema.validate(good.with_columns(b=pl.lit(1)), lazy=True)
