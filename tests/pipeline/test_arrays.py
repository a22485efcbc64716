"""Arrays in a run, from Parquet to Parquet."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import polars as pl
import pytest
from sklearn.preprocessing import StandardScaler, normalize

import normflow as nf
from normflow.cli import outcome

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(20131224)
ROWS = RNG.normal(size=(500, 3)) * [1.0, 10.0, 100.0]


def frame(rows: Any = ROWS, width: int = 3) -> pl.DataFrame:
    values = pl.Series("e", rows, dtype=pl.Array(pl.Float64, width))
    return pl.DataFrame({"e": values, "x": pl.Series(range(len(values)), dtype=pl.Float64)})


def run(folder: Path, data: pl.DataFrame, text: str, sink: str = "out.parquet") -> nf.RunRecord:
    data.write_parquet(folder / "data.parquet")
    (folder / "p.yaml").write_text(f"source: data.parquet\nsink: {sink}\n{text}")
    return nf.run(nf.load(folder / "p.yaml"))


def written(folder: Path) -> pl.DataFrame:
    return pl.read_parquet(folder / "out.parquet")


def test_each_place_is_standardized(tmp_path: Path) -> None:
    """The file holds an array of the same width; the record has an entry a place."""
    record = run(tmp_path, frame(), "normalize: {e: zscore}\n")
    out = written(tmp_path)
    assert out.schema["e"] == pl.Array(pl.Float64, 3)
    assert np.allclose(out["e"].to_numpy(), StandardScaler().fit_transform(ROWS), rtol=0, atol=1e-12)
    assert [(one["output"], one["index"]) for one in record.columns] == [("e", 0), ("e", 1), ("e", 2)]
    assert all(one["output_values"]["std"] == pytest.approx(1.0) for one in record.columns)
    derived = {one.check for one in record.checks if one.section == "derived"}
    assert {"e[0].finite", "e[2].std", "e[1].mean"} <= derived


def test_a_stored_fit_transforms_new_arrays(tmp_path: Path) -> None:
    """And is refused none for being wider than what it knows: then it is learned anew."""
    first = run(tmp_path, frame(), "normalize: {e: minmax}\n")
    again = run(tmp_path, frame(ROWS[:10] * 2), "normalize: {e: minmax}\n")
    assert (again.fit, again.fit_id) == ("reused", first.fit_id)
    wider = run(tmp_path, frame(np.hstack([ROWS, ROWS[:, :1]]), 4), "normalize: {e: minmax}\n")
    assert wider.fit == "learned"


def test_partitions_add_up_to_the_whole(tmp_path: Path) -> None:
    """Arrays in several files teach what they teach in one."""
    whole = run(tmp_path, frame(), "normalize: {e: robust}\n").fit_id
    for i in range(3):
        frame()[i::3].write_parquet(tmp_path / f"part{i}.parquet")
    (tmp_path / "q.yaml").write_text("source: part*.parquet\nsink: q.parquet\nnormalize: {e: robust}\n")
    assert nf.run(nf.load(tmp_path / "q.yaml")).fit_id == whole


def test_unit_and_layer_write_what_scikit_learn_and_numpy_give(tmp_path: Path) -> None:
    """Beside the original; nothing is learned, and the run says nothing was."""
    text = "normalize: {e: {method: unit, suffix: _u}}\n"
    record = run(tmp_path, frame(), text)
    assert np.allclose(written(tmp_path)["e_u"].to_numpy(), normalize(ROWS), rtol=0, atol=1e-12)
    assert (record.status, record.warnings) == ("succeeded", ())
    run(tmp_path, frame(), "normalize: {e: {method: layer, dtype: Float32}}\n")
    out = written(tmp_path)["e"]
    away = ROWS - ROWS.mean(1, keepdims=True)
    expected = away / np.sqrt(ROWS.var(1, keepdims=True) + 1e-5)
    assert out.dtype == pl.Array(pl.Float32, 3)
    assert np.allclose(out.to_numpy(), expected, rtol=0, atol=1e-6)


def test_rows_over_named_columns(tmp_path: Path) -> None:
    data = pl.DataFrame({"a": [3.0, 0.0, None], "b": [4.0, 0.0, 1.0], "c": [1, 2, 3]})
    text = 'normalize: {"*": auto, row: {method: unit, columns: [a, b]}}\n'
    run(tmp_path, data, text)
    assert written(tmp_path).select("a", "b").rows() == [(0.6, 0.8), (0.0, 0.0), (None, None)]


def test_holes_are_kept_or_filled_and_counted(tmp_path: Path) -> None:
    """A place at a time."""
    holes = [[0.0, 10.0, 1.0], None, [None, 30.0, 2.0], [math.nan, 20.0, 3.0], [4.0, math.inf, 4.0]]
    record = run(tmp_path, frame(holes), "normalize: {e: {method: minmax, nulls: mean}}\n")
    out = written(tmp_path)["e"].to_list()
    assert out[1] == [0.5, 0.5, 0.5]
    assert out[2] == [0.5, 1.0, pytest.approx(1 / 3)]
    assert [one["policies"] for one in record.columns] == [
        {"nulls": 2, "nonfinite": 1, "outside": 0, "filled": 3},
        {"nulls": 1, "nonfinite": 1, "outside": 0, "filled": 2},
        {"nulls": 1, "nonfinite": 0, "outside": 0, "filled": 1},
    ]
    run(tmp_path, frame(holes), "normalize: {e: minmax}\n")
    assert written(tmp_path)["e"].to_list()[1:4] == [
        None,
        [None, 1.0, pytest.approx(1 / 3)],
        [None, 0.5, pytest.approx(2 / 3)],
    ]


def test_a_row_goes_into_quarantine_for_one_place(tmp_path: Path) -> None:
    """The check names the place, and the row keeps its array."""
    text = "normalize: {e: {method: minmax, outside: quarantine}}\n"
    run(tmp_path, frame(), text)
    far = ROWS[:3].copy()
    far[1, 2] = 1e6
    record = run(tmp_path, frame(far), text)
    assert record.quarantined == 1
    bad = pl.read_parquet(tmp_path / "out.quarantine.parquet")
    assert bad["e"].to_list() == [far[1].tolist()]
    assert bad["_failed"].to_list() == [["e.outside[2]"]]


def test_the_contract_judges_arrays_as_a_whole(tmp_path: Path) -> None:
    """Type, missing, and unique; what asks for a number is told before a row is read."""
    holes = [[0.0, 1.0, 2.0], None, [3.0, 4.0, 5.0]]
    with pytest.raises(nf.ContractError, match="e is missing in 1 of 3 rows"):
        run(tmp_path, frame(holes), "contract: {e: {nullable: false}}\nnormalize: {e: zscore}\n")
    good = "contract: {e: {dtype: Array, nullable: false, unique: true}}\nnormalize: {e: zscore}\n"
    assert run(tmp_path, frame(holes).drop_nulls(), good).status == "succeeded"
    for key in ("finite: true", "range: [0, 1]"):
        with pytest.raises(nf.SchemaError) as caught:
            run(tmp_path, frame(), f"contract:\n  e: {{{key}}}\nnormalize: {{e: zscore}}\n")
        assert str(caught.value) == (
            f"{tmp_path}/p.yaml:4:7: contract.e: {key.partition(':')[0]} needs numbers,"
            " and the column is Array(Float64, shape=(3,))"
        )


def test_outputs_of_arrays_can_be_checked(tmp_path: Path) -> None:
    text = "normalize: {e: {method: zscore, suffix: _z}}\nchecks: {e_z: {nullable: false}}\n"
    assert run(tmp_path, frame(), text).status == "succeeded"
    with pytest.raises(nf.ContractError, match="e_z is missing in 1 of 2 rows"):
        run(tmp_path, frame([[1.0, 2.0, 3.0], None]), text)


def test_a_format_without_arrays_is_told(tmp_path: Path) -> None:
    """Before anything is written."""
    with pytest.raises(nf.ConfigError) as caught:
        run(tmp_path, frame(), "normalize: {e: zscore}\n", sink="out.csv")
    assert str(caught.value) == (
        "column 'e' has the type Array(Float64, shape=(3,)), which csv cannot hold; drop it, or write parquet"
    )
    assert not (tmp_path / "out.csv").exists()


def test_arrays_that_nobody_names_pass_through(tmp_path: Path) -> None:
    """Also beside a column that is called like one of their places."""
    data = frame().with_columns(pl.col("x").alias("e[0]"))
    run(tmp_path, data, 'normalize: {"*": zscore}\n')
    out = written(tmp_path)
    assert out["e"].equals(data["e"])
    assert out["e[0]"].std(ddof=0) == pytest.approx(1.0)
    with pytest.raises(nf.SchemaError) as caught:
        run(tmp_path, data, "normalize:\n  e: zscore\n")
    assert str(caught.value) == (
        f"{tmp_path}/p.yaml:4:3: normalize.e: column 'e[0]' is there, and is a place of 'e' too; rename it"
    )


def test_row_wise_methods_are_in_the_record_and_in_the_registry(tmp_path: Path) -> None:
    """An entry an output, with what it reads; what is learned of other columns is null."""
    data = frame(ROWS[:2]).with_columns(u=pl.Series([3.0, None]), v=pl.Series([4.0, 1.0]))
    text = (
        "normalize:\n  x: zscore\n  e: {method: layer, dtype: Float32}\n"
        "  wind: {method: unit, columns: [u, v], suffix: _1}\n"
    )
    record = run(tmp_path, data, text)
    x, e, u, v = record.columns
    assert set(x) == set(e) == set(u)
    assert [one["output"] for one in record.columns] == ["x", "e", "u_1", "v_1"]
    assert [one["reads"] for one in record.columns] == [["x"], ["e"], ["u", "v"], ["u", "v"]]
    assert (e["method"], e["formula"], e["options"]) == (
        "layer",
        "layer(e; eps=1e-05)",
        {"eps": 1e-05, "dtype": "Float32"},
    )
    assert (v["column"], v["formula"], v["transform"], v["choice"]) == (
        "v",
        "unit(u, v; norm=l2)",
        None,
        None,
    )
    assert (u["output_values"]["nulls"], u["output_values"]["max"]) == (1, 0.6)
    places = written(tmp_path)["e"].to_numpy()
    assert (e["output_values"]["min"], e["output_values"]["max"]) == (places.min(), places.max())
    with duckdb.connect(tmp_path / ".normflow" / "registry.duckdb", read_only=True) as con:
        rows = con.execute(
            """SELECT "column", method, options FROM parameters
            WHERE method IN ('unit', 'layer') ORDER BY 1"""
        ).fetchall()
    assert [(name, method, json.loads(options)) for name, method, options in rows] == [
        ("e", "layer", {"columns": ["e"], "eps": 1e-05}),
        ("u_1", "unit", {"columns": ["u", "v"], "norm": "l2"}),
        ("v_1", "unit", {"columns": ["u", "v"], "norm": "l2"}),
    ]


def test_row_wise_methods_are_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the terminal by any name, in the summary of a run, and as a table in Python."""
    data = frame().with_columns(y=pl.col("x") + 1.0)
    text = "normalize:\n  e: unit\n  wind: {method: layer, columns: [x, y], suffix: _1}\n"
    run(tmp_path, data, text)
    for asked in ("e", "x", "y_1"):
        assert outcome(["explain", str(tmp_path / "p.yaml"), asked]) == 0
    told = capsys.readouterr().out
    assert told == (
        "e: unit (named in the pipeline)\n  y = unit(e; norm=l2)\n\n"
        "x_1: layer (named in the pipeline)\n  y = layer(x, y; eps=1e-05)\n\n"
        "y_1: layer (named in the pipeline)\n  y = layer(x, y; eps=1e-05)\n\n"
    )
    assert outcome(["run", str(tmp_path / "p.yaml")]) == 0
    assert "x → x_1  layer" in capsys.readouterr().err
    fit = nf.fit(data, {"x": "zscore", "e": "unit"})
    assert fit.explain().select(
        "column", "output", "reads", "method", "rule", "reason", "parameters"
    ).rows() == [
        ("x", "x", ["x"], "zscore", "named", "named in the pipeline", "(x − 249.5)/144.337"),
        ("e", "e", ["e"], "unit", "named", "named in the pipeline", "unit(e; norm=l2)"),
    ]
