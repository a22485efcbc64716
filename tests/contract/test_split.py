"""Good rows and quarantined rows part in one streaming scan, and every row is counted."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normflow.contract import Counts, Split, compile_checks, fit_rows, split
from normflow.spec import ColumnChecks, Limit

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.contract import RowCheck

NAN = math.nan
HOSTILE = [
    "*",
    "^a.*$",
    "^$",
    'quo"te',
    "single'",
    "with space",
    "",
    "{x}",
    "a.range",
    "ünï",
    "line\nbreak",
    "\x01\x02, ",
    "rows",
]


def checks_of(lf: pl.LazyFrame, rules: dict[str, ColumnChecks]) -> tuple[RowCheck, ...]:
    return compile_checks(rules, "contract", lf.collect_schema())


def collected(parts: Split) -> tuple[pl.DataFrame, pl.DataFrame, Counts]:
    """Good rows, quarantined rows and counts, run together."""
    if parts.quarantined is None:
        good, counts = pl.collect_all([parts.good, parts.counts])
        return good, pl.DataFrame(), Counts.read(counts.row(0, named=True))
    good, bad, counts = pl.collect_all([parts.good, parts.quarantined, parts.counts])
    return good, bad, Counts.read(counts.row(0, named=True))


WEATHER = pl.LazyFrame(
    {
        "id": [1, 2, 2, 4, 5, 1],
        "temp": [20.0, None, 21.0, NAN, 400.0, 22.0],
        "wind_speed": [3.0, 1048.36, 4.0, 5.0, -1.0, NAN],
    }
)
RULES = {
    "id": ColumnChecks(unique=True, on_fail="quarantine"),
    "temp": ColumnChecks(nullable=False),
    "wind_speed": ColumnChecks(range=(0, 250), on_fail="quarantine", max_failed=Limit(share=0.001)),
}


def test_a_quarantined_row_keeps_its_columns_and_says_where_it_was_and_why() -> None:
    good, bad, counts = collected(split(WEATHER, checks_of(WEATHER, RULES)))
    assert good.to_dict(as_series=False)["id"] == [1, 4]
    assert good.columns == ["id", "temp", "wind_speed"]
    assert bad.columns == ["id", "temp", "wind_speed", "_row", "_failed", "_reason"]
    assert bad["_row"].to_list() == [1, 2, 4, 5]
    assert bad["_failed"].to_list() == [
        ["temp.nullable", "wind_speed.range"],
        ["id.unique"],
        ["wind_speed.range"],
        ["id.unique", "wind_speed.range"],
    ]
    assert bad["_reason"].to_list() == [
        "temp is missing; wind_speed is not in [0, 250]",
        "id repeats the value of an earlier row",
        "wind_speed is not in [0, 250]",
        "id repeats the value of an earlier row; wind_speed is not in [0, 250]",
    ]
    assert bad["wind_speed"].to_list()[0] == 1048.36
    assert counts == Counts(
        rows=6,
        quarantined=4,
        failed={"contract.id.unique": 2, "contract.temp.nullable": 2, "contract.wind_speed.range": 3},
    )


def test_a_row_that_breaks_only_failing_checks_stays_good() -> None:
    """Row 3 lacks its temperature: the run will fail on it, and nothing is moved."""
    good, _, _ = collected(split(WEATHER, checks_of(WEATHER, RULES)))
    assert good["temp"].is_nan().to_list() == [False, True]


def test_without_a_quarantining_check_all_rows_are_good_and_still_counted() -> None:
    rules = {"temp": ColumnChecks(nullable=False), "id": ColumnChecks(unique=True)}
    parts = split(WEATHER, checks_of(WEATHER, rules))
    good, _, counts = collected(parts)
    assert parts.quarantined is None
    assert good.equals(WEATHER.collect(), null_equal=True)
    assert counts == Counts(
        rows=6, quarantined=0, failed={"contract.temp.nullable": 2, "contract.id.unique": 2}
    )


def test_without_checks_rows_are_counted() -> None:
    _, _, counts = collected(split(WEATHER, ()))
    assert counts == Counts(rows=6, quarantined=0, failed={})


def test_no_rows_are_no_failures() -> None:
    empty = WEATHER.clear()
    good, bad, counts = collected(split(empty, checks_of(empty, RULES)))
    assert (good.height, bad.height, counts.rows, counts.quarantined) == (0, 0, 0, 0)
    assert set(counts.failed.values()) == {0}


def test_added_columns_step_aside_for_the_data() -> None:
    lf = pl.LazyFrame({"_row": [7], "__failed": [8], "_passed0": [9], "x": [-1]})
    parts = split(lf, checks_of(lf, {"x": ColumnChecks(range=(0, 1), on_fail="quarantine")}))
    _, bad, _ = collected(parts)
    assert bad.to_dicts() == [
        {"_row": 7, "__failed": 8, "_passed0": 9, "x": -1}
        | {"___row": 0, "___failed": ["x.range"], "___reason": "x is not in [0, 1]"}
    ]
    assert parts.columns.row == "___row"


def test_flat_formats_get_the_failed_names_as_one_text() -> None:
    _, bad, _ = collected(split(WEATHER, checks_of(WEATHER, RULES), nested=False))
    assert bad["_failed"].to_list()[0] == "temp.nullable, wind_speed.range"
    assert bad.write_csv().startswith("id,temp,wind_speed,_row,_failed,_reason\n")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_column_may_be_called_anything(name: str) -> None:
    """No name is read as a pattern or as code, with all other odd names beside it."""
    lf = pl.LazyFrame({other: [5.0, 5.0, None] for other in HOSTILE}).with_columns(
        pl.Series(name, [0.5, 3.0, None])
    )
    rule = ColumnChecks(
        range=(0, 1), nullable=False, unique=True, finite=True, isin=(0.5,), on_fail="quarantine"
    )
    good, bad, counts = collected(split(lf, checks_of(lf, {name: rule})))
    assert good.columns == lf.collect_schema().names()
    assert good.select(pl.nth(good.columns.index(name))).to_series().to_list() == [0.5]
    assert bad["_failed"].to_list() == [[f"{name}.range", f"{name}.isin"], [f"{name}.nullable"]]
    assert counts.failed == {
        f"contract.{name}.{kind}": count
        for kind, count in {"nullable": 1, "finite": 0, "range": 1, "isin": 1, "unique": 0}.items()
    }
    assert fit_rows(lf, checks_of(lf, {name: rule})).collect().height == 1


def test_fit_rows_are_those_that_errors_and_quarantine_spare() -> None:
    """Unique and mere warnings teach all the same."""
    lf = pl.LazyFrame(
        {"a": [1, 1, 2, 3], "b": [0.5, 0.6, 9.0, 0.7], "c": [1.0, 2.0, 3.0, None], "d": [9, 0, 0, 0]}
    )
    rules = {
        "a": ColumnChecks(unique=True, on_fail="quarantine"),
        "b": ColumnChecks(range=(0, 1), on_fail="quarantine", severity="warn"),
        "c": ColumnChecks(nullable=False),
        "d": ColumnChecks(range=(0, 1), severity="warn"),
    }
    assert fit_rows(lf, checks_of(lf, rules)).collect()["b"].to_list() == [0.5, 0.6]
    assert fit_rows(lf, ()).collect().height == 4


tables = st.lists(
    st.tuples(st.integers(0, 4) | st.none(), st.sampled_from([0.0, 1.0, 2.0, NAN, math.inf]) | st.none()),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_every_row_goes_exactly_one_way_in_source_order(rows: list[tuple[int | None, float | None]]) -> None:
    """Against a loop over the rows in plain Python."""
    frame = pl.DataFrame(rows, schema={"id": pl.Int64, "x": pl.Float64}, orient="row")
    rules = {
        "id": ColumnChecks(unique=True, on_fail="quarantine"),
        "x": ColumnChecks(range=(0, 1), on_fail="quarantine"),
    }
    good, bad, counts = collected(split(frame.lazy(), checks_of(frame.lazy(), rules)))
    seen: set[int | None] = set()
    expected = []
    for number, (key, x) in enumerate(rows):
        failed = [
            name
            for name, broken in (("id.unique", key in seen), ("x.range", x is not None and not 0 <= x <= 1))
            if broken
        ]
        seen.add(key)
        expected += [(number, failed)] if failed else []
    assert list(zip(bad["_row"].to_list(), bad["_failed"].to_list(), strict=True)) == expected
    kept = (
        frame.with_row_index()
        .filter(~pl.col("index").is_in([number for number, _ in expected]))
        .drop("index")
    )
    assert good.equals(kept, null_equal=True)
    assert (counts.rows, counts.quarantined) == (len(rows), len(expected))


MEMORY_NODES = re.compile(r"in-memory|columnar-function|scalar-window|sort|group-by|join")


def nodes(lf: pl.LazyFrame) -> list[str]:
    """The names of the physical nodes of a streaming plan."""
    dot = lf.show_graph(raw_output=True, show=False, plan_stage="physical", engine="streaming")
    assert dot is not None
    return re.findall(r'^\d+ \[label="([\w-]+)', dot, re.MULTILINE)


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """50,000 rows in small row groups, with nulls, NaN, repeats and values out of range."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=50_000)
    x[::1000] = np.nan
    frame = pl.DataFrame(
        {"id": rng.integers(0, 40_000, 50_000), "x": x, "name": rng.choice(["a", "b", "z"], 50_000)}
    )
    frame = frame.with_columns(x=pl.when(pl.int_range(pl.len()) % 777 == 0).then(None).otherwise("x"))
    frame.write_parquet(tmp_path / "table.parquet", row_group_size=1777)
    frame.write_csv(tmp_path / "table.csv")
    return tmp_path


STORED_RULES = {
    "id": ColumnChecks(unique=True, nullable=False, on_fail="quarantine"),
    "x": ColumnChecks(range=(-2, 2), nullable=False, finite=True, on_fail="quarantine"),
    "name": ColumnChecks(isin=("a", "b"), on_fail="quarantine"),
}


def test_no_node_of_the_plans_holds_the_table(stored: Path) -> None:
    """Row checks, quarantine texts and counts all stream; unique streams too, with its set of seen values."""
    lf = pl.scan_parquet(stored / "table.parquet")
    checks = checks_of(lf, STORED_RULES)
    parts = split(lf, checks)
    assert parts.quarantined is not None
    plans = [parts.good, parts.quarantined, parts.counts, fit_rows(lf, checks), split(lf, ()).good]
    assert "is-first-distinct" in nodes(parts.good)
    assert [node for plan in plans for node in nodes(plan) if MEMORY_NODES.search(node)] == []
    without = split(lf, [check for check in checks if check.row_wise])
    assert set(nodes(without.counts)) <= {"reduce", "select", "with-columns", "with-row-index", "multi-scan"}
    # The detector sees what it should see.
    assert any(MEMORY_NODES.search(node) for node in nodes(lf.select(pl.col("x").median())))


def test_later_occurrences_are_found_across_batches_and_row_groups(stored: Path) -> None:
    lf = pl.scan_parquet(stored / "table.parquet")
    ids = lf.collect()["id"].to_numpy()
    first = np.zeros(len(ids), dtype=bool)
    first[np.unique(ids, return_index=True)[1]] = True
    rules = {"id": ColumnChecks(unique=True, on_fail="quarantine")}
    _, bad, _ = collected(split(lf, checks_of(lf, rules)))
    assert bad["_row"].to_list() == np.flatnonzero(~first).tolist()


def test_two_thousand_columns_are_judged_in_one_plan() -> None:
    frame = pl.DataFrame({f"c{i}": [0.5, 2.0] for i in range(2000)})
    rules = {name: ColumnChecks(range=(0, 1), on_fail="quarantine") for name in frame.columns}
    good, bad, counts = collected(split(frame.lazy(), checks_of(frame.lazy(), rules)))
    assert (good.height, bad.height, len(counts.failed)) == (1, 1, 2000)
    assert len(bad["_failed"][0]) == 2000
