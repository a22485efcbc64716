"""The section `table`: keys that come once, how many rows, and what changed since the last run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import normflow as nf

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.record import CheckRecord, RunRecord

RNG = np.random.default_rng(1)
ROWS = 20_000
DATA = pl.DataFrame(
    {"a": RNG.integers(0, 150, ROWS), "b": RNG.integers(0, 150, ROWS), "x": RNG.normal(size=ROWS)}
)


def run(tmp_path: Path, data: pl.DataFrame, text: str) -> RunRecord:
    data.write_parquet(tmp_path / "data.parquet", row_group_size=1000)
    (tmp_path / "p.yaml").write_text(f"source: data.parquet\nsink: out.parquet\n{text}\n")
    return nf.run(nf.load(tmp_path / "p.yaml"))


def refused(tmp_path: Path, data: pl.DataFrame, text: str) -> str:
    with pytest.raises(nf.ContractError) as caught:
        run(tmp_path, data, text)
    return str(caught.value)


def verdict(record: RunRecord, check: str) -> CheckRecord:
    return next(one for one in record.checks if one.section == "table" and one.check == check)


def repeating(data: pl.DataFrame, columns: list[str]) -> list[int]:
    """The rows whose key an earlier row has, by a Python set."""
    known: set[object] = set()
    found = []
    for place, key in enumerate(data.select(columns).iter_rows()):
        if key in known:
            found.append(place)
        known.add(key)
    return found


def test_a_key_of_two_columns_that_comes_twice_fails_the_run(tmp_path: Path) -> None:
    """The first rows that repeat are told with their values, and nothing is published."""
    rows = repeating(DATA, ["a", "b"])
    values = DATA.row(rows[0])[:2]
    assert refused(tmp_path, DATA, "table: {unique: [a, b]}") == (
        "1 check failed, nothing was published\n"
        f"  {tmp_path}/p.yaml:3:9: table.unique(a, b): a, b repeat the values of an earlier row in "
        f"{len(rows):,} of 20,000 rows ({100 * len(rows) / ROWS:.3g}%); first in row {rows[0]:,}: "
        f"{values[0]}, {values[1]}; mend the source, or relax the check"
    )
    assert not (tmp_path / "out.parquet").exists()


def test_later_rows_of_a_key_go_to_quarantine_in_source_order(tmp_path: Path) -> None:
    text = "table: {unique: {columns: [a, b], on_fail: quarantine}}\nnormalize: {x: none}"
    record = run(tmp_path, DATA, text)
    rows = repeating(DATA, ["a", "b"])
    assert record.quarantined == len(rows)
    bad = pl.read_parquet(tmp_path / "out.quarantine.parquet")
    assert bad["_row"].to_list() == rows
    assert bad["_failed"].to_list() == [["unique(a, b)"]] * len(rows)
    kept = np.setdiff1d(np.arange(ROWS), rows)
    assert pl.read_parquet(tmp_path / "out.parquet").equals(DATA[kept])
    assert record.source_columns == ("a", "b", "x")


def test_several_keys_each_with_its_own_policy(tmp_path: Path) -> None:
    text = "table: {unique: [[a, b], {columns: [x]}, {columns: [a], severity: warn}]}\nnormalize: {x: none}"
    data = DATA.unique(["a", "b"], maintain_order=True)
    record = run(tmp_path, data, text)
    assert [(one.check, one.status, one.failed) for one in record.checks if one.section == "table"] == [
        ("unique(a, b)", "passed", 0),
        ("unique(x)", "passed", 0),
        ("unique(a)", "warned", len(repeating(data, ["a"]))),
    ]


def test_columns_of_a_key_are_normalized_by_their_name_only(tmp_path: Path) -> None:
    data = pl.DataFrame({"id": range(100), "x": RNG.normal(size=100)})
    record = run(tmp_path, data, "table: {unique: id}")
    assert [one["column"] for one in record.columns] == ["x"]


def test_what_leaves_is_looked_at_across_batches(tmp_path: Path) -> None:
    """`unique` among the checks knows the rows of all batches, not only those of its own."""
    data = pl.DataFrame({"b": range(60_000), "x": RNG.normal(size=60_000)})
    twice = data.with_columns(b=pl.col("b") % 59_999)
    assert run(tmp_path, data, "checks: {b: {unique: true}}\nnormalize: {x: zscore}").status == "succeeded"
    told = refused(tmp_path, twice, "checks: {b: {unique: true}}\nnormalize: {x: zscore}")
    assert "checks.b.unique: b repeats the value of an earlier row in 1 of 60,000 rows" in told
    assert "first in row 59,999: 0" in told


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("[30000, null]", "20,000 rows, not at least 30,000"),
        ("[null, 10]", "20,000 rows, not at most 10"),
        ("[1, 10]", "20,000 rows, not at least 1 and at most 10"),
    ],
)
def test_too_few_or_too_many_rows(tmp_path: Path, asked: str, message: str) -> None:
    assert refused(tmp_path, DATA, f"table: {{rows: {asked}}}") == (
        "1 check failed, nothing was published\n"
        f"  {tmp_path}/p.yaml:3:9: table.rows: {message}; mend the source, or relax the check"
    )


def test_rows_are_compared_with_those_of_the_last_successful_run(tmp_path: Path) -> None:
    text = "table: {row_change: 30%}"
    assert verdict(run(tmp_path, DATA, text), "row_change").message == "no earlier run"
    assert verdict(run(tmp_path, DATA.head(14_000), text), "row_change").status == "passed"
    assert refused(tmp_path, DATA, text) == (
        "1 check failed, nothing was published\n"
        f"  {tmp_path}/p.yaml:3:9: table.row_change: 20,000 rows, and 14,000 in the last run: +42.9%, and "
        "row_change is 30%; mend the source, or relax the check"
    )
    # the run that failed is not the last successful one
    assert verdict(run(tmp_path, DATA.head(10_000), text), "row_change").value == pytest.approx(-4 / 14)


def test_columns_that_came_or_went_since_the_last_run(tmp_path: Path) -> None:
    text = "table: {columns: error}\nnormalize: {x: zscore}"
    assert verdict(run(tmp_path, DATA, text), "columns").message == "no earlier run"
    other = DATA.rename({"b": "c"})
    assert refused(tmp_path, other, text) == (
        "1 check failed, nothing was published\n"
        f"  {tmp_path}/p.yaml:3:9: table.columns: new since the last run: c; gone since the last run: b; "
        "mend the source, or relax the check"
    )
    warned = run(tmp_path, other, text.replace("error", "warn"))
    assert (warned.status, verdict(warned, "columns").status) == ("succeeded", "warned")
    assert verdict(run(tmp_path, other, text), "columns").status == "passed"


def test_a_column_that_the_contract_names_is_expected(tmp_path: Path) -> None:
    text = "contract: {z: {range: [0, 2]}}\ntable: {columns: error}\nnormalize: {x: zscore}"
    run(tmp_path, DATA, text.partition("\n")[2])
    record = run(tmp_path, DATA.with_columns(z=pl.lit(1.0)), text)
    assert verdict(record, "columns").status == "passed"


def test_a_key_that_is_no_column(tmp_path: Path) -> None:
    with pytest.raises(nf.SchemaError) as caught:
        run(tmp_path, DATA, "table: {unique: [a, bb]}")
    assert str(caught.value) == (
        f"{tmp_path}/p.yaml:3:21: table.unique: no column 'bb' in the source; did you mean 'b'?"
    )


def test_a_redacted_column_of_a_key_is_not_told(tmp_path: Path) -> None:
    told = refused(tmp_path, DATA, "contract: {b: {redact: true}}\ntable: {unique: [a, b]}")
    assert f"first in row {repeating(DATA, ['a', 'b'])[0]}: •••" in told
