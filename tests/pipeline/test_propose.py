"""What is proposed for data: all that was seen passes, a guess has evidence, and reading is bounded."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from normflow.errors import SourceError
from normflow.pipeline import Proposal, propose
from normflow.pipeline import propose_seen as look
from normflow.spec import ColumnChecks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from normflow.pipeline.propose_column import ColumnProposal

WEATHER = Path(__file__).parents[2] / "configs" / "data" / "weather.parquet"


def of(folder: Path, dtype: Any = None, **columns: Sequence[Any]) -> dict[str, ColumnProposal]:
    """The proposals for columns of a Parquet file."""
    schema = dict.fromkeys(columns, dtype) if dtype else None
    pl.DataFrame(columns, schema=schema, strict=False).write_parquet(folder / "x.parquet")
    return by_name(propose(str(folder / "x.parquet")))


def by_name(proposal: Proposal) -> dict[str, ColumnProposal]:
    return {one.name: one for one in proposal.columns}


def test_weather() -> None:
    """The shipped data: lists, natural bounds, nulls where there are some, and the impossible wind speed."""
    found = propose(str(WEATHER))
    columns = by_name(found)
    raw = pl.read_parquet(WEATHER)
    assert (found.rows, found.groups) == (26_115, ("origin",))
    assert [one.name for one in found.columns] == raw.columns
    assert {one.name for one in found.columns if one.checks.nullable} == {
        name for name in raw.columns if raw[name].null_count()
    }
    assert columns["origin"].checks == ColumnChecks(
        dtype="string", nullable=False, isin=("EWR", "JFK", "LGA")
    )
    assert columns["month"].checks.isin == tuple(range(1, 13))
    assert columns["temp"].checks == ColumnChecks(dtype="float", range=(-40, 150))
    assert columns["temp"].seen == "seen 10.94 to 100.04, 1 null in 26,115"
    assert columns["year"].checks == ColumnChecks(dtype="integer", nullable=False)
    assert columns["year"].seen == "always 2013, no null in 26,115"
    wind = columns["wind_speed"]
    assert wind.stricter == ColumnChecks(dtype="float", range=(0, 60), on_fail="quarantine")
    assert wind.against == "1 of 26,111 values beyond"
    assert columns["time_hour"].seen == (
        "seen 2013-01-01 06:00:00+00:00 to 2013-12-30 23:00:00+00:00, no null in 26,115"
    )


def test_ids_are_unique_in_every_row(tmp_path: Path) -> None:
    """Proven by all values; a measurement that happens to differ everywhere is no id, nor is a sentence."""
    n = 300
    found = of(
        tmp_path,
        order_id=[i * i for i in range(n)],
        row=list(range(n)),
        price=[i * i * 7919 % 1_000_003 for i in range(n)],
        code=[f"K{i:04}" for i in range(n)],
        words=[f"word {i}" for i in range(n)],
        day=[str(date(2020, 1, 1) + timedelta(days=i)) for i in range(n)],
        snow_id=[2**62 + i for i in range(n)],
        holed_id=[None, *range(1, n)],
    )
    unique = {name for name, one in found.items() if one.checks.unique}
    assert unique == {"order_id", "row", "code", "snow_id"}
    assert found["snow_id"].seen.startswith("seen 4.61168601842739e+18 to ")
    assert found["order_id"].method == "none"
    assert found["order_id"].checks.range is None
    assert found["price"].method == "auto"
    assert found["day"].seen.startswith("text that looks like dates")


def test_an_id_is_proven_or_not_claimed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the values that are held nothing is claimed, and the comment says how far it was looked."""
    monkeypatch.setattr(look, "HELD", 1000)
    monkeypatch.setattr(look, "BATCH_ROWS", 400)
    found = of(tmp_path, a_id=list(range(5000)), b_id=[f"b{i}" for i in range(5000)])
    assert not any(one.checks.unique for one in found.values())
    assert "so unique: true may hold" in found["a_id"].seen
    assert (found["a_id"].checks.range, found["a_id"].method) == (None, "none")
    assert "so unique: true may hold" in found["b_id"].seen
    twice = of(tmp_path, a_id=[*range(899), 0], b_id=[*(f"b{i}" for i in range(899)), "b7"])
    assert not any(one.checks.unique or "unique" in one.seen for one in twice.values())


def test_lists_are_of_few_values_that_came_often(tmp_path: Path) -> None:
    """Twelve at most, two at least, each five times; whole numbers small; text short and no date."""
    n = 240
    found = of(
        tmp_path,
        twelve=[f"k{i % 12}" for i in range(n)],
        thirteen=[f"k{i % 13}" for i in range(n)],
        one=["same"] * n,
        long=["x" * 41 if i % 2 else "y" for i in range(n)],
        days=["2020-01-01" if i % 2 else "2020-01-02" for i in range(n)],
        empty=["" if i % 2 else None for i in range(n)],
        blank=["" if i % 2 else " " for i in range(n)],
        grade=[i % 5 - 2 for i in range(n)],
        count=[min(i % 7 * (i % 3), i % 11) if i else 15 for i in range(n)],
        rare=["other" if i in (3, 70, 80, 90) else "usual" for i in range(n)],
        year=[2019 + i % 5 for i in range(n)],
    )
    assert {name: one.checks.isin for name, one in found.items() if one.checks.isin} == {
        "twelve": tuple(sorted(f"k{i}" for i in range(12))),
        "blank": ("", " "),
        "grade": (-2, -1, 0, 1, 2),
    }
    assert not of(tmp_path, few=["a", "b"] * 9)["few"].checks.isin


def test_nan_and_infinity_leave_a_range_to_the_quarantine(tmp_path: Path) -> None:
    """A range lets neither pass, so it is no check that holds."""
    one = of(tmp_path, x=[1.0, 2.0, math.nan, math.inf, 3.0])["x"]
    assert one.checks == ColumnChecks(dtype="float")
    assert one.stricter == ColumnChecks(dtype="float", range=(0, 4), finite=True, on_fail="quarantine")
    assert one.against == "2 NaN or infinite"


def test_a_sentinel_is_left_to_the_quarantine(tmp_path: Path) -> None:
    """Such as -999 and 9999 for a missing value, at one end or both: the range is that of the rest."""
    rest = [i * 37 % 401 / 10 for i in range(401)]
    below = of(tmp_path, x=[*rest, -999.0, -999.0])["x"]
    assert below.stricter == ColumnChecks(dtype="float", nullable=False, range=(0, 60), on_fail="quarantine")
    assert below.against == "2 of 403 values beyond"
    both = of(tmp_path, x=[*rest, -999.0, -999.0, 9999.0, 9999.0])["x"]
    assert both.stricter == below.stricter
    assert both.against == "4 of 405 values beyond"
    assert of(tmp_path, x=rest)["x"].stricter is None


def test_types_are_those_of_the_file_where_it_keeps_them(tmp_path: Path) -> None:
    """Text files tell their types anew each day: there a number is a number."""
    frame = pl.DataFrame(
        {
            "i": [1, 2],
            "f": [1.5, 2.5],
            "b": [True, False],
            "s": ["a", "b"],
            "d": [date(2020, 1, 1), date(2021, 1, 1)],
            "t": [datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC)],
            "c": [time(1), time(2)],
            "l": [timedelta(1), timedelta(2)],
            "m": [Decimal("1.10"), Decimal("2.20")],
            "o": [[1], [2]],
            "n": [None, None],
        }
    )
    frame = frame.with_columns(v=pl.Series([[1.0, 2.0], [3.0, 4.0]], dtype=pl.Array(pl.Float64, 2)))
    frame.write_parquet(tmp_path / "x.parquet")
    found = by_name(propose(str(tmp_path / "x.parquet")))
    assert [one.checks.dtype for one in found.values()] == [
        *("integer", "float", "boolean", "string", "date", "datetime"),
        *("time", "duration", "decimal", "List", None, "Array"),
    ]
    assert found["l"].seen == "seen P1D to P2D, no null in 2"
    assert found["c"].seen == "seen 01:00:00 to 02:00:00, no null in 2"
    assert found["n"].checks == ColumnChecks()
    frame.select("i", "f", "s", "b").write_csv(tmp_path / "x.csv")
    plain = by_name(propose(str(tmp_path / "x.csv")))
    assert {name: one.checks.dtype for name, one in plain.items()} == {
        "i": "number",
        "f": "number",
        "s": "string",
        "b": "boolean",
    }


def test_a_date_that_no_calendar_has_is_no_trouble(tmp_path: Path) -> None:
    found = of(tmp_path, pl.Date, d=[10**8, -(10**8)])
    assert found["d"].seen == "Date, no null in 2"


def test_a_table_without_rows_is_described_by_its_types(tmp_path: Path) -> None:
    """Nothing was seen, so nothing is claimed of it."""
    pl.DataFrame(schema={"x": pl.Float64, "s": pl.String}).write_parquet(tmp_path / "x.parquet")
    found = propose(str(tmp_path / "x.parquet"))
    assert found.rows == 0
    assert [one.checks for one in found.columns] == [
        ColumnChecks(dtype="float"),
        ColumnChecks(dtype="string"),
    ]


def test_the_order_of_rows_and_batches_leaves_no_trace(tmp_path: Path) -> None:
    """Shuffled and split in three files, with batches of 1,000 rows: the same proposal."""
    shuffled = pl.read_parquet(WEATHER).sample(fraction=1.0, shuffle=True, seed=3)
    (tmp_path / "parts").mkdir()
    for i, start in enumerate(range(0, shuffled.height, 10_000)):
        shuffled.slice(start, 10_000).write_parquet(tmp_path / "parts" / f"{i}.parquet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(look, "BATCH_ROWS", 1000)
        assert propose(str(tmp_path / "parts")) == propose(str(WEATHER))
    assert propose(str(tmp_path / "parts" / "*.parquet")) == propose(str(WEATHER))


def test_rows_are_read_twice_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once where all columns are numbers and none may be an id."""
    passes: list[list[str]] = []
    whole = pl.LazyFrame.collect_batches

    def counted(frame: pl.LazyFrame, **options: Any) -> Any:
        passes.append(frame.collect_schema().names())
        return whole(frame, **options)

    monkeypatch.setattr(pl.LazyFrame, "collect_batches", counted)
    of(tmp_path, x=[1.5, 2.5, 2.5], y=[1, 1, 2])
    assert passes == [["x", "y"]]
    passes.clear()
    of(tmp_path, x=[1.5] * 40, k=["a", "b"] * 20, row=list(range(40)))
    assert passes == [["x", "row"], ["k", "row"]]


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        propose(str(tmp_path / "nothing.parquet"))
