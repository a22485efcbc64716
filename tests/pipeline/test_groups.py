"""`fit.by` in a run: parameters by group learned, applied, promised, counted and kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.cli import main
from normflow.profiles import GroupedProfile
from normflow.registry import Registry
from tests.pipeline import one_file
from tests.pipeline.one_file import recorded, written

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(20131224)
DATA = pl.DataFrame(
    {
        "origin": ["EWR", "JFK", "LGA", None, "EWR", "JFK"] * 100,
        "month": np.repeat(np.arange(1, 13), 50),
        "x": RNG.normal(50, 10, 600) + np.tile([0.0, 1000.0, -30.0, 5.0, 0.0, 1000.0], 100),
        "y": RNG.lognormal(size=600),
        "z": [None if i % 17 == 0 else float(i % 5) for i in range(600)],
    }
)
BY = "fit: {by: origin}\nnormalize: {x: zscore, y: boxcox, z: {method: minmax, nulls: median}}\n"


def pipeline(folder: Path, data: pl.DataFrame, text: str = BY) -> nf.Pipeline:
    return one_file.pipeline(folder, data, text)


def test_a_run_learns_and_applies_parameters_by_group(tmp_path: Path) -> None:
    record = nf.run(pipeline(tmp_path, DATA))
    lines: dict[str, Any] = {"x": "zscore", "y": "boxcox", "z": {"method": "minmax", "nulls": "median"}}
    fit = nf.fit(DATA, lines, by="origin")
    assert (record.status, record.fit_id) == ("succeeded", fit.id)
    assert written(tmp_path).equals(fit.transform(DATA))
    assert record.groups == {
        "by": ["origin"],
        "count": 4,
        "min_rows": 30,
        "too_few_rows": 0,
        "unseen": "global",
        "unseen_rows": 0,
    }
    assert [one["groups"] for one in record.columns] == [
        {"own": 4, "too_few_rows": 0, "refused": 0, "refusals": []}
    ] * 3


def test_several_files_teach_what_one_teaches(tmp_path: Path) -> None:
    """Groups that are in some files only, too."""
    whole = nf.run(pipeline(tmp_path, DATA))
    for i, part in enumerate((DATA[:7], DATA[7:200], DATA[200:])):
        part.write_parquet(tmp_path / f"part-{i}.parquet")
    (tmp_path / "parts.yaml").write_text(f"source: part-*.parquet\nsink: out/parts.parquet\n{BY}")
    assert nf.run(nf.load(tmp_path / "parts.yaml")).fit_id == whole.fit_id
    assert pl.read_parquet(tmp_path / "out" / "parts.parquet").equals(written(tmp_path))


def test_only_rows_that_pass_the_contract_and_match_where_teach(tmp_path: Path) -> None:
    text = "contract: {x: {range: [null, 1e5], on_fail: quarantine}}\n"
    text += BY.replace("by: origin", "by: origin, where: month <= 9")
    data = DATA.with_columns(x=pl.when(pl.int_range(600) < 10).then(1e6).otherwise("x"))
    record = nf.run(pipeline(tmp_path, data, text))
    taught = data[10:].filter(pl.col("month") <= 9)
    lines: dict[str, Any] = {"x": "zscore", "y": "boxcox", "z": {"method": "minmax", "nulls": "median"}}
    assert (record.fit_id, record.quarantined) == (nf.fit(taught, lines, by="origin").id, 10)
    bad = pl.read_parquet(tmp_path / "out" / "data.quarantine.parquet")
    assert bad.columns == [*data.columns, "_source", "_row", "_failed", "_reason"]


def test_rows_of_unseen_groups_are_counted(tmp_path: Path) -> None:
    nf.run(pipeline(tmp_path, DATA))
    new = DATA.with_columns(origin=pl.when(pl.int_range(600) < 7).then(pl.lit("PHL")).otherwise("origin"))
    record = nf.run(pipeline(tmp_path, new))
    assert record.groups is not None
    assert (record.status, record.fit, record.groups["unseen_rows"]) == ("succeeded", "reused", 7)
    whole = nf.fit(DATA, {"x": "zscore"}).transform(new)
    assert written(tmp_path)["x"][:7].equals(whole["x"][:7])


def test_rows_of_unseen_groups_may_be_null(tmp_path: Path) -> None:
    """Also where nulls are filled: such a row has no value to be filled with, and no check is alarmed."""
    text = BY.replace("by: origin", "by: {columns: origin, unseen: null}")
    nf.run(pipeline(tmp_path, DATA, text))
    new = DATA.with_columns(origin=pl.when(pl.int_range(600) < 7).then(pl.lit("PHL")).otherwise("origin"))
    record = nf.run(pipeline(tmp_path, new, text))
    assert (record.status, record.fit) == ("succeeded", "reused")
    assert written(tmp_path).select(pl.col("x", "y", "z").null_count()).row(0) == (7, 7, 7)


def test_rows_of_unseen_groups_may_fail_the_run(tmp_path: Path) -> None:
    text = BY.replace("by: origin", "by: {columns: origin, unseen: error}")
    assert nf.run(pipeline(tmp_path, DATA, text)).status == "succeeded"
    before = written(tmp_path)
    new = DATA.with_columns(origin=pl.when(pl.int_range(600) == 7).then(pl.lit("PHL")).otherwise("origin"))
    with pytest.raises(nf.ContractError) as caught:
        nf.run(pipeline(tmp_path, new, text))
    record = caught.value.record
    assert record is not None
    failed = [one for one in record.checks if one.status == "failed"]
    assert [(one.section, one.check, one.failed) for one in failed] == [("policy", "origin.unseen", 1)]
    assert failed[0].message == (
        "the group by origin was not there when the fit was learned in 1 of 600 rows (0.167%);"
        " first in row 7: PHL"
    )
    assert written(tmp_path).equals(before)


def test_values_outside_the_range_of_their_group_are_parted(tmp_path: Path) -> None:
    """1,050 is common at JFK, and was never seen at EWR."""
    text = "fit: {by: origin}\nnormalize: {x: {method: zscore, outside: quarantine}}\n"
    nf.run(pipeline(tmp_path, DATA, text))
    new = DATA.with_columns(x=pl.when(pl.int_range(600) < 2).then(1050.0).otherwise("x"))
    record = nf.run(pipeline(tmp_path, new, text))
    bad = pl.read_parquet(tmp_path / "out" / "data.quarantine.parquet")
    assert (record.quarantined, bad["origin"].to_list()) == (1, ["EWR"])
    (check,) = [one for one in record.checks if one.status == "quarantined"]
    assert check.message == (
        "x is outside the fitted range of its group in 1 of 600 rows (0.167%), which are quarantined;"
        " first in row 0: 1050"
    )


METHODS = (
    *(
        "center",
        "zscore",
        "minmax",
        "maxabs",
        "meannorm",
        "decimal",
        "robust",
        "log",
        "sqrt",
        "cbrt",
        "asinh",
    ),
    *("logit", "boxcox", "yeojohnson", "squash", "auto", "none"),
)
POLICIES = (
    "",
    ", outside: clip, nulls: median",
    ", outside: null, nonfinite: clip, constant: 'null'",
    ', clip: ["5%", "95%"], nulls: mean, dtype: Float32',
    ", outside: flag, nonfinite: keep, constant: midpoint",
)


@pytest.mark.parametrize("unseen", ["global", "null"])
@pytest.mark.parametrize("policies", POLICIES)
def test_no_derived_check_raises_a_false_alarm(tmp_path: Path, policies: str, unseen: str) -> None:
    """Every method, on groups of other scales, constant ones and ones without a value, then on other rows."""
    names = [f"{method}_{i}" for i, method in enumerate(METHODS)]
    values = {
        name: RNG.lognormal(2, 1, 600) * np.tile([1.0, 1e6, 1e-6, 1.0, 1.0, 1e6], 100) for name in names
    }
    data = DATA.select("origin").with_columns(**values)
    odd = pl.when(pl.col("origin") == "LGA").then(2.5).when(pl.col("origin").is_null()).then(None)
    data = data.with_columns(
        odd.otherwise(pl.when(pl.int_range(600) % 7 == 1).then(float("inf")).otherwise(pl.col(name))).alias(
            name
        )
        for name in names
    )
    options = {"log": ", offset: auto", "logit": ", bounds: [-1, 1e12]"}
    lines = ", ".join(
        f"{name}: {{method: {method}{options.get(method, '')}{policies}}}"
        for name, method in zip(names, METHODS, strict=True)
    )
    text = f"fit: {{by: {{columns: origin, unseen: {unseen}}}}}\nnormalize: {{{lines}}}\n"
    assert nf.run(pipeline(tmp_path, data, text)).status == "succeeded"
    other = data.with_columns(
        origin=pl.when(pl.int_range(600) % 11 == 0).then(pl.lit("PHL")).otherwise(pl.col("origin").reverse())
    )
    record = nf.run(pipeline(tmp_path, other, text), mode="frozen")
    assert [one.message for one in record.checks if one.status not in {"passed", "warned"}] == []


def test_the_groups_are_part_of_what_a_fit_is_reused_for(tmp_path: Path) -> None:
    nf.run(pipeline(tmp_path, DATA))
    assert nf.run(pipeline(tmp_path, DATA)).fit == "reused"
    for by in (
        "month",
        "[origin, month]",
        "{columns: origin, min_rows: 31}",
        "{columns: origin, unseen: null}",
    ):
        changed = BY.replace("by: origin", f"by: {by}")
        assert nf.run(pipeline(tmp_path, DATA, changed)).fit == "learned"
    assert nf.run(pipeline(tmp_path, DATA, BY.replace("fit: {by: origin}\n", ""))).fit == "learned"


def test_the_registry_has_a_row_a_group_and_column(tmp_path: Path) -> None:
    nf.run(pipeline(tmp_path, DATA, BY.replace("by: origin", "by: [origin, month]")))
    fit = recorded(tmp_path)
    assert fit.groups is not None
    assert len(fit.groups) == 48
    with Registry(tmp_path / ".normflow" / "registry.duckdb") as registry:
        assert registry.fit("p@latest").by == ("month", "origin")
        rows = registry.parameters(fit.id)
    own = sum(one.own for one in fit.groups.columns.values())
    assert len(rows) == own + 3
    for row in rows:
        one = fit.group(json.loads(row.group)) if row.group else fit
        maps = [map_.to_json() for map_ in one[row.column].transform.maps]
        assert (json.loads(row.transform), row.method) == (maps, one[row.column].method)
        assert row.numbers == {
            f"{i}.{name}": value
            for i, map_ in enumerate(maps)
            for name, value in map_.items()
            if name != "kind"
        }


def test_the_states_of_all_groups_of_a_partition_are_kept_in_one_piece(tmp_path: Path) -> None:
    nf.run(pipeline(tmp_path, DATA))
    with duckdb.connect(tmp_path / ".normflow" / "registry.duckdb", read_only=True) as con:
        found = con.execute('SELECT "column", state, rows FROM profiles WHERE "group" = \'*\'').fetchall()
    ((column, state, rows),) = found
    assert (column, rows) == ("*", 600)
    assert GroupedProfile.from_bytes(state).rows.tolist() == [100, 200, 200, 100]


def test_equal_documents_are_kept_once(tmp_path: Path) -> None:
    """A fit of many groups is large, and every run uses one."""
    first = nf.run(pipeline(tmp_path, DATA))
    nf.run(pipeline(tmp_path, DATA))
    with duckdb.connect(tmp_path / ".normflow" / "registry.duckdb", read_only=True) as con:
        assert con.execute("SELECT document FROM fit_uses").fetchall() == [("",), ("",)]
    assert recorded(tmp_path).id == first.fit_id


def test_a_group_key_is_normalized_where_it_is_named(tmp_path: Path) -> None:
    text = 'fit: {by: month}\nnormalize: {"*": zscore, month: minmax}\n'
    record = nf.run(pipeline(tmp_path, DATA, text))
    assert [one["column"] for one in record.columns] == ["month", "x", "y", "z"]
    assert written(tmp_path)["month"].to_list()[:2] == [0.0, 0.0]
    star = nf.run(pipeline(tmp_path, DATA, 'fit: {by: month}\nnormalize: {"*": zscore}\n'))
    assert [one["column"] for one in star.columns] == ["x", "y", "z"]


def test_a_missing_key_is_told_at_its_place(tmp_path: Path) -> None:
    with pytest.raises(nf.SchemaError) as caught:
        nf.run(pipeline(tmp_path, DATA, BY.replace("by: origin", "by: orign")))
    place = f"{tmp_path / 'p.yaml'}:3:7"
    assert str(caught.value) == f"{place}: fit.by: no column 'orign' in the source; did you mean 'origin'?"


def test_a_method_without_parameters_by_group_is_told_at_its_place(tmp_path: Path) -> None:
    with pytest.raises(nf.FitError) as caught:
        nf.run(pipeline(tmp_path, DATA, "fit: {by: origin}\nnormalize: {x: quantile_uniform}\n"))
    assert str(caught.value) == (
        f"{tmp_path / 'p.yaml'}:4:13: quantile_uniform of 'x' has no parameters by group: "
        "its knots are no single numbers; name another method such as yeojohnson, or fit it without groups"
    )


def answered(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert not end.value.code


def test_the_summary_and_explain_tell_of_groups(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = DATA.with_columns(origin=pl.when(pl.int_range(600) < 12).then(pl.lit("PHL")).otherwise("origin"))
    pipeline(tmp_path, data)
    file = str(tmp_path / "p.yaml")
    answered(["run", file])
    assert "5 groups by origin; 1 of fewer than 30 rows" in capsys.readouterr().err.splitlines()
    answered(["explain", file, "x"])
    told = capsys.readouterr().out
    assert "  4 groups with parameters of their own, 1 of too few rows" in told.splitlines()
    answered(["run", file, "--json"])
    assert json.loads(capsys.readouterr().out)["groups"]["count"] == 5


@pytest.mark.parametrize("unseen", ["global", "'null'"])
def test_a_column_that_becomes_null_in_every_group_is_no_alarm(tmp_path: Path, unseen: str) -> None:
    """As many nulls as rows are expected, not one for the whole column."""
    by = f"fit: {{by: {{columns: origin, unseen: {unseen}}}}}\n"
    text = f"{by}normalize: {{x: {{method: zscore, constant: 'null'}}}}\n"
    record = nf.run(pipeline(tmp_path, DATA.with_columns(x=pl.lit(7.0)), text))
    assert (record.status, written(tmp_path)["x"].null_count()) == ("succeeded", 600)
    (nulls,) = (one for one in record.checks if one.check == "x.nulls")
    assert (nulls.value, nulls.threshold, nulls.status) == (600.0, "600", "passed")
