"""`on_fail: null` and `clip`: a failing value is mended, its row goes on, and the record counts it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandera.polars as pa
import polars as pl
import pytest
from pandera import extensions
from pandera.errors import SchemaErrors

import normflow as nf
from normflow.contract import compile_checks, fit_rows, mended, split
from normflow.contract.schemas import input_schema
from normflow.spec import ColumnChecks, NamedCheck
from tests.pipeline.one_file import pipeline, written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from normflow.record import CheckRecord

NAN, INF = math.nan, math.inf
WHOLE = "the check gives one verdict for all the rows it sees, and it sees them in batches"
COLUMN = [1.0, -3.0, 7.0, None, NAN, INF, -INF, 5.0]


def values(dtype: pl.DataType, given: list[float | None], rule: ColumnChecks) -> list[float | None]:
    """What a column becomes."""
    frame = pl.DataFrame({"x": pl.Series(given, dtype=pl.Float64).cast(dtype)})
    found = mended(frame.lazy(), compile_checks({"x": rule}, "contract", frame.schema))
    rows = found.rows.select("x").collect()
    assert rows.schema == frame.schema
    return rows["x"].to_list()


@pytest.mark.parametrize("dtype", [pl.Float64(), pl.Float32()], ids=str)
def test_null_takes_what_fails(dtype: pl.DataType) -> None:
    rule = ColumnChecks(range=(0, 5), on_fail="null")
    assert values(dtype, COLUMN, rule) == [1.0, None, None, None, None, None, None, 5.0]


@pytest.mark.parametrize("dtype", [pl.Float64(), pl.Float32()], ids=str)
def test_clip_moves_to_the_nearer_end_and_nan_has_none(dtype: pl.DataType) -> None:
    rule = ColumnChecks(range=(0, 5), on_fail="clip")
    assert values(dtype, COLUMN, rule) == [1.0, 0.0, 5.0, None, None, 5.0, 0.0, 5.0]


def test_an_infinity_without_an_end_becomes_null() -> None:
    rule = ColumnChecks(range=(0, None), finite=True, on_fail="clip")
    assert values(pl.Float64(), COLUMN, rule) == [1.0, 0.0, 7.0, None, None, None, 0.0, 5.0]


def test_integers_are_clipped_to_whole_numbers_in_the_range() -> None:
    rule = ColumnChecks(range=(0.5, 4.5), on_fail="clip")
    assert values(pl.Int8(), [-3, 0, 1, 4, 5, None], rule) == [1, 1, 1, 4, 4, None]


def test_text_may_be_made_null() -> None:
    frame = pl.DataFrame({"x": ["a1", "b", "a22", None, "xa1"]})
    rule = ColumnChecks(regex="a[0-9]+", length=(2, 2), on_fail="null")
    found = mended(frame.lazy(), compile_checks({"x": rule}, "contract", frame.schema))
    assert found.rows.collect()["x"].to_list() == ["a1", None, None, None, None]


def test_a_quarantined_row_has_its_values_as_they_came() -> None:
    frame = pl.DataFrame({"x": [1.0, 99.0, -1.0], "y": [1, 2, 300]})
    rules = {
        "x": ColumnChecks(range=(0, 5), on_fail="null"),
        "y": ColumnChecks(range=(0, 9), on_fail="quarantine"),
    }
    mends = mended(frame.lazy(), compile_checks(rules, "contract", frame.schema))
    parts = split(mends.rows, mends.checks, mends=mends)
    assert parts.quarantined is not None
    assert parts.good.collect().rows() == [(1.0, 1), (None, 2)]
    bad = parts.quarantined.collect()
    assert bad.select("x", "y").rows() == [(-1.0, 300)]
    assert bad["_failed"].to_list() == [["x.range", "y.range"]]


def test_mended_values_teach_as_what_they_became() -> None:
    frame = pl.DataFrame({"x": [1.0, 99.0, 3.0]})
    checks = compile_checks({"x": ColumnChecks(range=(0, 5), on_fail="clip")}, "contract", frame.schema)
    assert fit_rows(frame.lazy(), checks).select("x").collect()["x"].to_list() == [1.0, 5.0, 3.0]
    where = fit_rows(frame.lazy(), checks, pl.col("x") > 2).select("x").collect()["x"].to_list()
    assert where == [5.0, 3.0]


def verdicts(record: nf.RunRecord) -> Mapping[str, CheckRecord]:
    return {f"{one.section}.{one.check}": one for one in record.checks}


@pytest.mark.parametrize(("word", "third"), [("null", None), ("clip", 10.0)])
def test_a_run_publishes_mended_rows_and_counts_them(tmp_path: Path, word: str, third: float | None) -> None:
    data = pl.DataFrame({"x": [1.0, 2.0, 999.0, 4.0, 7.5], "y": ["a", "b", "c", "d", "e"]})
    text = f"contract: {{x: {{range: [0, 10], on_fail: {word}}}}}\n"
    text += "normalize: {x: {method: minmax, suffix: _n}}\n"
    record = nf.run(pipeline(tmp_path, data, text))
    told = verdicts(record)["contract.x.range"]
    assert (told.status, told.failed, told.threshold) == ("mended", 1, "no limit")
    assert told.message == (
        "x is not in [0, 10] in 1 of 5 rows (20%), which are "
        + {"null": "made null", "clip": "clipped"}[word]
    )
    assert (record.rows, record.quarantined, len(record.outputs)) == (5, 0, 1)
    rows = written(tmp_path)
    assert rows["x"].to_list() == [1.0, 2.0, third, 4.0, 7.5]
    assert rows["x_n"].max() == 1.0  # what was mended did not teach as it came


def test_max_failed_limits_mending(tmp_path: Path) -> None:
    data = pl.DataFrame({"x": [1.0, 2.0, 999.0, 998.0]})
    text = "contract: {x: {range: [0, 10], on_fail: null, max_failed: 1}}\nnormalize: {x: minmax}\n"
    with pytest.raises(nf.ContractError, match=r"in 2 of 4 rows \(50%\), and max_failed is 1") as told:
        nf.run(pipeline(tmp_path, data, text))
    assert told.value.record is not None
    found = verdicts(told.value.record)["contract.x.range"]
    assert [one["value"] for one in found.examples] == [999.0, 998.0]
    assert not (tmp_path / "out/data.parquet").exists()


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{unique: true, on_fail: null}", "on_fail: null does not mend unique; fail or quarantine"),
        ("{nullable: false, on_fail: null}", "on_fail: null does not mend nullable; fail or quarantine"),
        ("{isin: [1], range: [0, 1], on_fail: clip}", "on_fail: clip does not mend isin; fail or quarantine"),
        ("{finite: true, on_fail: clip}", "clip needs a range to clip to"),
        ("{range: [0, 1], on_fail: nul}", "no such on_fail 'nul'; did you mean 'null'?"),
        ('{regex: "(x"}', "contract.x.regex: no pattern that can be read: unclosed group"),
    ],
)
def test_what_cannot_be_mended_is_told_before_a_row_is_read(tmp_path: Path, line: str, what: str) -> None:
    with pytest.raises(nf.ConfigError) as told:
        pipeline(tmp_path, pl.DataFrame({"x": [1.0]}), f"contract: {{x: {line}}}\n")
    assert told.value.message.endswith(what)


def test_a_group_cannot_be_mended(tmp_path: Path) -> None:
    data = pl.DataFrame({"x": [1.0, 2.0], "g": ["a", "b"]})
    text = "contract: {g: {isin: [a], on_fail: null}}\nfit: {by: [g]}\nnormalize: {x: zscore}\n"
    with pytest.raises(nf.SchemaError) as told:
        nf.run(pipeline(tmp_path, data, text))
    assert told.value.message.endswith(
        "contract.g.on_fail: g makes groups, and on_fail: null would move rows between them; "
        "fail or quarantine"
    )


def test_yaml_null_is_the_word(tmp_path: Path) -> None:
    found = pipeline(tmp_path, pl.DataFrame({"x": [1.0]}), "contract: {x: {range: [0, 1], on_fail: ~}}\n")
    assert found.contract["x"].on_fail == "null"


@pytest.fixture
def _registered() -> None:
    """A check that Python code has registered with pandera."""
    name = "is_a_multiple"
    if name not in pa.Check.REGISTERED_CUSTOM_CHECKS:

        @extensions.register_check_method(statistics=["of"])
        def is_a_multiple(data, *, of):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            if of == 0:
                raise ZeroDivisionError("of is zero")
            if of < 0:
                return data.lazyframe.select(pl.col(data.key).sum() > 0)
            return data.lazyframe.select(pl.col(data.key) % of == 0)


@pytest.mark.usefixtures("_registered")
def test_a_registered_check_is_judged_batch_by_batch(tmp_path: Path) -> None:
    data = pl.DataFrame({"x": [2, 4, 5, None, 8, 9]})
    text = "contract: {x: {checks: [{is_a_multiple: {of: 2}}], max_failed: %s}}\nnormalize: {x: none}\n"
    told = verdicts(nf.run(pipeline(tmp_path, data, text % 2)))["contract.x.checks.is_a_multiple"]
    assert (told.failed, told.rows, told.status) == (2, 6, "passed")
    assert told.message == "x does not pass is_a_multiple in 2 of 6 rows (33.3%); judged batch by batch"
    assert told.examples == ({"row": 2, "value": 5}, {"row": 5, "value": 9})
    with pytest.raises(nf.ContractError, match="max_failed is 1"):
        nf.run(pipeline(tmp_path, data, text % 1))


@pytest.mark.usefixtures("_registered")
@pytest.mark.parametrize(
    ("of", "what"),
    [
        (
            "0",
            "the check raised ZeroDivisionError: of is zero; mend the function; it gets the rows in batches",
        ),
        (
            "-1",
            f"{WHOLE}; give a verdict for each row",
        ),
    ],
)
def test_a_check_that_cannot_judge_ends_the_run(tmp_path: Path, of: str, what: str) -> None:
    text = f"contract: {{x: {{checks: [{{is_a_multiple: {{of: {of}}}}}]}}}}\nnormalize: {{x: none}}\n"
    with pytest.raises(nf.CheckError) as told:
        nf.run(pipeline(tmp_path, pl.DataFrame({"x": [2, 4] * 500}), text))
    assert told.value.message.endswith(f"x.is_a_multiple: {what}")
    assert not (tmp_path / "out/data.parquet").exists()


def test_a_check_nobody_registered_is_told(tmp_path: Path) -> None:
    text = "contract: {x: {checks: [{greater_thann: {min_value: 1}}]}}\n"
    with pytest.raises(nf.SchemaError) as told:
        nf.run(pipeline(tmp_path, pl.DataFrame({"x": [2, 4]}), text))
    assert told.value.message.endswith(
        "contract.x.checks: no check 'greater_thann' is built in or registered; did you mean 'greater_than'?"
    )


def test_pandera_says_the_same_of_the_new_keys() -> None:
    """The contract as a pandera schema: regex, length and built-in checks."""
    rules = {
        "t": ColumnChecks(regex="a[0-9]+", length=(2, 3)),
        "n": ColumnChecks(checks=(NamedCheck(name="greater_than", arguments={"min_value": 1}),)),
        "l": ColumnChecks(length=(1, None)),
    }
    frame = pl.DataFrame(
        {"t": ["a1", "a1234", "b1", None], "n": [1, 2, 3, None], "l": [[1], [], [1, 2], None]}
    )
    checks = compile_checks(rules, "contract", frame.schema)
    failed = {check.id: frame.select(~check.ok).to_series().to_list() for check in checks}
    assert failed == {
        "contract.t.regex": [False, False, True, False],
        "contract.t.length": [False, True, False, False],
        "contract.n.checks.greater_than": [True, False, False, False],
        "contract.l.length": [False, True, False, False],
    }
    with pytest.raises(SchemaErrors) as told:
        input_schema(rules, frame.schema).validate(frame, lazy=True)
    assert told.value.failure_cases.height == sum(sum(one) for one in failed.values())
