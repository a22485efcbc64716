"""Policies in a run: what is written, what is counted, what is parted, and what publishes nothing."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

import normflow as nf
from normflow.cli import outcome
from tests.pipeline.one_file import pipeline

if TYPE_CHECKING:
    from pathlib import Path

NAN, INF = math.nan, math.inf
TAUGHT = pl.DataFrame({"x": [0.0, 10.0, 20.0, 40.0, None, NAN, INF], "k": [5] * 7})
LATER = pl.DataFrame({"x": [0.0, 44.0, None, -INF, 20.0, -4.0, NAN], "k": [5, 5, None, 7, 5, 5, 5]})


def run(folder: Path, data: pl.DataFrame, text: str) -> nf.RunRecord:
    return nf.run(pipeline(folder, data, text))


def both(folder: Path, line: str) -> tuple[nf.RunRecord, pl.DataFrame]:
    """Learn from the first rows, then transform the later ones with the stored fit."""
    run(folder, TAUGHT, f"normalize: {{x: {line}}}\n")
    record = run(folder, LATER, f"normalize: {{x: {line}}}\n")
    assert record.fit == "reused"
    return record, pl.read_parquet(folder / "out" / "data.parquet")


def counted(record: nf.RunRecord) -> dict[str, int]:
    (column,) = record.columns
    found: dict[str, int] = column["policies"]
    return found


def test_what_the_values_met_is_counted_without_any_policy(tmp_path: Path) -> None:
    """Nulls, what is not finite, and finite values beyond the fitted range."""
    record, out = both(tmp_path, "minmax")
    assert counted(record) == {"nulls": 1, "nonfinite": 2, "outside": 2}
    assert out["x"].to_list() == [0.0, 1.1, None, None, 0.5, -0.1, None]


CASES: dict[str, tuple[dict[str, int], list[float | None]]] = {
    "{method: minmax, nulls: 8}": (
        {"nulls": 1, "nonfinite": 2, "outside": 2, "filled": 3},
        [0.0, 1.1, 0.2, 0.2, 0.5, -0.1, 0.2],
    ),
    "{method: minmax, nulls: {fill: median, indicator: true}}": (
        {"nulls": 1, "nonfinite": 2, "outside": 2, "filled": 3},
        [0.0, 1.1, 0.375, 0.375, 0.5, -0.1, 0.375],
    ),
    "{method: minmax, nonfinite: clip}": (
        {"nulls": 1, "nonfinite": 2, "outside": 2},
        [0.0, 1.1, None, 0.0, 0.5, -0.1, None],
    ),
    "{method: minmax, nonfinite: keep}": (
        {"nulls": 1, "nonfinite": 2, "outside": 3},
        [0.0, 1.1, None, -INF, 0.5, -0.1, NAN],
    ),
    "{method: minmax, outside: clip}": (
        {"nulls": 1, "nonfinite": 2, "outside": 2, "clipped": 2},
        [0.0, 1.0, None, None, 0.5, 0.0, None],
    ),
    "{method: minmax, outside: null}": (
        {"nulls": 1, "nonfinite": 2, "outside": 2, "clipped": 0},
        [0.0, None, None, None, 0.5, None, None],
    ),
    "{method: minmax, outside: null, nulls: 8}": (
        {"nulls": 1, "nonfinite": 2, "outside": 2, "clipped": 0, "filled": 5},
        [0.0, 0.2, 0.2, 0.2, 0.5, 0.2, 0.2],
    ),
    "{method: minmax, clip: [4, 36]}": (
        {"nulls": 1, "nonfinite": 2, "outside": 2, "clipped": 3},
        [0.1, 0.9, None, None, 0.5, 0.1, None],
    ),
    "{method: minmax, outside: clip, clip: [4, 36], nulls: 0}": (
        {"nulls": 1, "nonfinite": 2, "outside": 2, "clipped": 3, "filled": 3},
        [0.1, 0.9, 0.0, 0.0, 0.5, 0.1, 0.0],
    ),
}


@pytest.mark.parametrize("line", CASES)
def test_what_policies_did_is_counted(tmp_path: Path, line: str) -> None:
    """And the file holds what a fit in Python gives."""
    record, out = both(tmp_path, line)
    counts, values = CASES[line]
    assert counted(record) == counts
    assert out["x"].equals(pl.Series("x", values, dtype=pl.Float64), null_equal=True)


def test_integers_are_finite_and_nobody_counts_that(tmp_path: Path) -> None:
    record = run(tmp_path, TAUGHT, "normalize: {k: {method: zscore, nulls: 5}}\n")
    assert counted(record) == {"nulls": 0, "outside": 0, "filled": 0}


def test_a_column_without_a_value_has_no_range(tmp_path: Path) -> None:
    """All finite values are outside of it later on."""
    text = "normalize: {x: {method: auto, outside: flag}}\n"
    run(tmp_path, TAUGHT.with_columns(x=pl.lit(None, pl.Float64)), text)
    assert counted(run(tmp_path, LATER, text)) == {"nulls": 1, "nonfinite": 2, "outside": 4}


def test_flags_and_indicators_are_columns_of_the_output(tmp_path: Path) -> None:
    """They can be checked like any other."""
    line = "{method: minmax, suffix: _n, outside: flag, nulls: {fill: 0, indicator: true}}"
    _, out = both(tmp_path, line)
    assert out.columns == ["x", "k", "x_n", "x_outside", "x_missing"]
    assert out["x_outside"].to_list() == [False, True, False, False, False, True, False]
    assert out["x_missing"].to_list() == [False, False, True, True, False, False, True]
    text = f"normalize: {{x: {line}}}\nchecks: {{x_outside: {{isin: [false]}}}}\n"
    with pytest.raises(nf.ContractError, match="x_outside is not one of False in 2 of 7 rows"):
        run(tmp_path, LATER, text)


def test_quarantined_rows_are_whole_and_say_why(tmp_path: Path) -> None:
    """The good rows are counted without them; the check has their number."""
    record, out = both(tmp_path, "{method: minmax, outside: quarantine}")
    assert (record.rows, record.quarantined, record.status) == (7, 2, "succeeded")
    assert counted(record) == {"nulls": 1, "nonfinite": 2, "outside": 0}
    assert out["x"].to_list() == [0.0, None, None, 0.5, None]
    bad = pl.read_parquet(tmp_path / "out" / "data.quarantine.parquet")
    assert bad.select(LATER.columns).equals(LATER[[1, 5]])
    assert bad["_row"].to_list() == [1, 5]
    assert bad["_failed"].to_list() == [["x.outside"]] * 2
    assert bad["_reason"].to_list() == ["x is outside the fitted range [0, 40]"] * 2
    (check,) = (one for one in record.checks if one.section == "policy")
    assert (check.check, check.failed, check.status) == ("x.outside", 2, "quarantined")
    assert [example["row"] for example in check.examples] == [1, 5]


def test_the_ceiling_of_the_quarantine_holds_for_policies_too(tmp_path: Path) -> None:
    text = "normalize: {x: {method: minmax, outside: quarantine}}\nquarantine: {max_rows: 1}\n"
    run(tmp_path, TAUGHT, text)
    with pytest.raises(nf.ContractError) as caught:
        run(tmp_path, LATER, text)
    assert caught.value.exit_code == 1
    assert pl.read_parquet(tmp_path / "out" / "data.parquet").height == TAUGHT.height


REFUSED = {
    "{method: minmax, outside: error}": (
        "policy.x.outside: x is outside the fitted range [0, 40] in 2 of 7 rows (28.6%); first in row 1: 44;"
        " mend the rows, or choose another policy"
    ),
    "{method: minmax, nonfinite: error}": (
        "policy.x.nonfinite: x is NaN or infinite in 2 of 7 rows (28.6%); first in row 3: -inf;"
        " mend the rows, or choose another policy"
    ),
}


@pytest.mark.parametrize("line", REFUSED)
def test_error_publishes_nothing_and_ends_with_1(
    tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The earlier output stays; the record tells the verdict."""
    text = f"normalize: {{x: {line}}}\n"
    finite = TAUGHT.filter(pl.col("x").is_finite())
    run(tmp_path, finite, text)
    before = (tmp_path / "out" / "data.parquet").read_bytes()
    with pytest.raises(nf.ContractError) as caught:
        run(tmp_path, LATER, text)
    assert str(caught.value).splitlines()[1].strip() == REFUSED[line]
    assert caught.value.record
    assert (caught.value.record.status, caught.value.record.outputs) == ("failed", ())
    assert (tmp_path / "out" / "data.parquet").read_bytes() == before
    assert outcome(["run", str(tmp_path / "p.yaml"), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["exit_code"], document["status"]) == (1, "failed")


def test_a_constant_column_may_be_an_error(tmp_path: Path) -> None:
    """Told at its line, with exit code 1: it was judged on the rows."""
    with pytest.raises(nf.FitError) as caught:
        run(tmp_path, TAUGHT, "normalize:\n  k: {method: zscore, constant: error}\n")
    assert str(caught.value) == (
        f"{tmp_path}/p.yaml:4:3: zscore refuses column 'k': it holds one value, 5;"
        " write another constant policy, or none; name another method, or 'auto' to let normflow choose"
    )
    assert caught.value.exit_code == 1
    assert not (tmp_path / "out" / "data.parquet").exists()


@pytest.mark.parametrize(
    ("policy", "expected"), [("zero", 0.0), ("keep", 5.0), ("null", None), ("midpoint", 0.5)]
)
def test_what_a_constant_column_became_is_written(
    tmp_path: Path, policy: str, expected: float | None
) -> None:
    """And the derived checks know it."""
    run(tmp_path, TAUGHT, f"normalize: {{k: {{method: minmax, constant: {policy}}}}}\n")
    assert pl.read_parquet(tmp_path / "out" / "data.parquet")["k"].to_list() == [expected] * 7


CLASHES = {
    "suffix": ("{method: zscore, suffix: _n}", "x_n", "choose another suffix"),
    "outside": ("{method: zscore, outside: flag}", "x_outside", "rename the column of this name"),
    "nulls": ("{method: zscore, nulls: indicator}", "x_missing", "rename the column of this name"),
}


@pytest.mark.parametrize("key", CLASHES)
def test_a_name_that_is_taken_is_told_before_a_row_is_read(tmp_path: Path, key: str) -> None:
    """At the key that asks for it."""
    line, name, hint = CLASHES[key]
    with pytest.raises(nf.ConfigError) as caught:
        run(tmp_path, TAUGHT.with_columns(pl.lit(0).alias(name)), f"normalize:\n  x: {line}\n")
    column = f"  x: {line}".index(key) + 1
    assert str(caught.value) == (
        f"{tmp_path}/p.yaml:4:{column}: normalize.x.{key}:"
        f" the new column '{name}' would be there twice; {hint}"
    )
    assert caught.value.exit_code == 2


def test_the_type_is_what_the_file_holds(tmp_path: Path) -> None:
    """A Float32 passes the derived checks, whose bounds are those of Float64."""
    run(
        tmp_path,
        TAUGHT,
        "normalize: {x: {method: minmax, dtype: Float32}, k: {method: none, dtype: Float32}}\n",
    )
    out = pl.read_parquet(tmp_path / "out" / "data.parquet")
    assert out.schema == {"x": pl.Float32, "k": pl.Float32}


def test_an_empty_plan_counts_and_writes_the_rows(tmp_path: Path) -> None:
    """The rows are published as they came, and the record says so."""
    record = run(tmp_path, TAUGHT, "normalize: {}\n")
    assert (record.rows, record.columns, record.status) == (7, (), "succeeded")
    assert record.warnings == ("no column was normalized: none is numeric, or all pass through",)
    assert pl.read_parquet(tmp_path / "out" / "data.parquet").equals(TAUGHT, null_equal=True)
    assert run(tmp_path, LATER, "normalize: {}\n").fit == "reused"


def test_another_policy_is_another_fit(tmp_path: Path) -> None:
    """A run does not use a fit with the policies of yesterday's file."""
    keys: list[Any] = ["minmax", "{method: minmax, nulls: 0}", "{method: minmax, nonfinite: null}"]
    runs = [run(tmp_path, TAUGHT, f"normalize: {{x: {line}}}\n") for line in keys]
    assert [one.fit for one in runs] == ["learned"] * 3
    assert runs[0].fit_id == runs[2].fit_id != runs[1].fit_id


def test_a_file_follows_the_conventions_it_names(tmp_path: Path) -> None:
    """`fit.compat` in a file is `compat` in Python."""
    five = pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0]})
    record = run(tmp_path, five, "fit: {compat: bigquery}\nnormalize: {x: zscore}\n")
    assert pl.read_parquet(tmp_path / "out" / "data.parquet")["x"][0] == -1.2649110640673518
    assert record.fit_id == nf.fit(five, {"x": "zscore"}, compat="bigquery").id
    assert run(tmp_path, five, "normalize: {x: zscore}\n").fit == "learned"
