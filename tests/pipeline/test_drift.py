"""A run that uses an earlier fit says how far its rows are from what taught it, and does what was asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import ks_2samp

import normflow as nf
from normflow.errors import DriftError
from normflow.fits import Reference, drift_of
from normflow.profiles import observe
from normflow.registry import Registry
from tests.fits.test_drift import psi_by_hand
from tests.pipeline.one_file import pipeline, recorded, written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

N = 4_000
ALL = "fit: {drift: {warn: 0.1, refit: 0.25, fail: 8}}\n"


def day(seed: int, shift: float = 0.0, rows: int = N) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "x": draw.normal(shift, 1, rows),
            "y": np.exp(draw.normal(size=rows)),
            "g": pl.Series(["a", "b"]).sample(rows, with_replacement=True, seed=seed),
        }
    )


def runs(folder: Path, text: str, *days: pl.DataFrame) -> list[nf.RunRecord]:
    """A run a day, each over the one file."""
    return [nf.run(pipeline(folder, data, text)) for data in days]


def told(record: nf.RunRecord) -> dict[str, str]:
    return {one.check: one.status for one in record.checks if one.section == "drift"}


def drift(record: nf.RunRecord) -> Mapping[str, Mapping[str, Any]]:
    return {one["output"]: one["drift"] for one in record.columns if one["drift"]}


def test_the_numbers_are_those_of_the_rows(tmp_path: Path) -> None:
    first, second = day(1), day(2, 0.3)
    _, record = runs(tmp_path, ALL, first, second)
    assert record.fit == "reused"
    fit = recorded(tmp_path)
    for name in ("x", "y"):
        reference = fit[name].reference
        assert reference
        assert reference == Reference.of(observe(first.lazy())[name])
        assert drift(record)[name] == drift_of(reference, observe(second.lazy())[name]).to_json()
        exact = ks_2samp(first[name], second[name]).statistic
        assert exact - 0.026 <= drift(record)[name]["ks"] <= exact + 1e-12


def test_the_same_rows_have_not_drifted_and_a_run_that_learns_measures_nothing(tmp_path: Path) -> None:
    learned, reused = runs(tmp_path, ALL, day(1), day(1).reverse())
    assert (learned.fit, told(learned), drift(learned)) == ("learned", {}, {})
    assert (reused.fit, told(reused), reused.warnings) == ("reused", {"x": "passed", "y": "passed"}, ())
    assert {one["psi"] for one in drift(reused).values()} == {0.0}


def test_nothing_is_measured_unless_it_is_asked_for(tmp_path: Path) -> None:
    _, record = runs(tmp_path, "", day(1), day(2, 3.0))
    assert (record.fit, told(record), drift(record), record.warnings) == ("reused", {}, {}, ())


def test_above_warn_the_run_warns(tmp_path: Path) -> None:
    _, record = runs(tmp_path, ALL, day(1), day(2, 0.4))
    assert (record.status, record.fit) == ("succeeded", "reused")
    assert told(record) == {"x": "warned", "y": "passed"}
    (warning,) = record.warnings
    assert warning.startswith("x: drifted from what taught the fit, PSI 0.1")


def test_above_refit_the_run_learns_from_todays_rows(tmp_path: Path) -> None:
    first, second = day(1), day(2, 1.0)
    _, record = runs(tmp_path, ALL, first, second)
    assert (record.status, record.fit, told(record)) == (
        "succeeded",
        "learned",
        {"x": "warned", "y": "passed"},
    )
    assert record.warnings[0].startswith(
        "learned anew, because these drifted from what taught the earlier fit above 0.25: x (PSI "
    )
    fit = nf.fit(second, earlier=nf.fit(first))
    assert record.fit_id == fit.id == recorded(tmp_path).id
    assert written(tmp_path).equals(fit.transform(second))
    (again,) = runs(tmp_path, ALL, second)
    assert (again.fit, again.fit_id, again.warnings) == ("reused", fit.id, ())


def test_above_fail_nothing_is_published(tmp_path: Path) -> None:
    text = ALL.replace("fail: 8", "fail: 1")
    runs(tmp_path, text, day(1))
    before = written(tmp_path)
    with pytest.raises(DriftError, match=r"drift\.x: x has PSI .* and fail is 1; look into") as caught:
        runs(tmp_path, text, day(2, 4.0))
    assert caught.value.exit_code == 5
    record = caught.value.record
    assert record
    assert (record.status, record.exit_code, told(record)["x"]) == ("failed", 5, "failed")
    assert written(tmp_path).equals(before)
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["data.parquet"]


def test_a_broken_contract_comes_before_drift(tmp_path: Path) -> None:
    """Exit 1: rows that may not be there are no reason to learn anew, nor to try again."""
    text = ALL + "contract: {x: {range: [-6, 6]}}\n"
    runs(tmp_path, text, day(1))
    fit = recorded(tmp_path).id
    with pytest.raises(nf.errors.ContractError) as caught:
        runs(tmp_path, text, day(2, 4.0))
    assert (caught.value.exit_code, caught.value.record and caught.value.record.fit_id) == (1, fit)


@pytest.mark.parametrize("text", [ALL, ALL.replace("fail: 8", "fail: 0.5")], ids=["refit", "fail"])
def test_few_rows_only_warn(tmp_path: Path, text: str) -> None:
    _, record = runs(tmp_path, text, day(1), day(2, 3.0, rows=199))
    assert (record.status, record.fit, told(record)["x"]) == ("succeeded", "reused", "warned")


def test_a_frozen_fit_stays(tmp_path: Path) -> None:
    """Mode `frozen`, and a fit that was given, warn where `reuse` would learn anew."""
    runs(tmp_path, ALL, day(1))
    other = pipeline(tmp_path, day(2, 1.0), ALL)
    for record in (nf.run(other, mode="frozen"), nf.run(other, fit="p@latest")):
        assert record.fit != "learned"
        assert told(record)["x"] == "warned"


def test_a_frozen_fit_fails_all_the_same(tmp_path: Path) -> None:
    text = ALL.replace("fail: 8", "fail: 1")
    runs(tmp_path, text, day(1))
    with pytest.raises(DriftError) as caught:
        nf.run(pipeline(tmp_path, day(2, 4.0), text), mode="frozen")
    assert caught.value.exit_code == 5
    assert caught.value.record
    assert caught.value.record.fit == "reused"


def test_a_fit_that_few_rows_taught_only_warns(tmp_path: Path) -> None:
    text = ALL.replace("fail: 8", "fail: 1")
    _, record = runs(tmp_path, text, day(1, rows=199), day(2, 3.0))
    assert (record.status, record.fit, told(record)["x"]) == ("succeeded", "reused", "warned")
    (found,) = (one for one in record.checks if one.check == "x")
    assert found.message.endswith(", and fail is 1, but few rows taught the fit")


def test_a_column_that_came_or_went_is_no_drift(tmp_path: Path) -> None:
    """Under `*` the run learns anew and says why; without the star a column more is nobody's."""
    more = day(1).with_columns(z=pl.col("x") * 2)
    _, record = runs(tmp_path, ALL, day(1), more)
    assert (record.fit, told(record)) == ("learned", {})
    assert record.warnings[0].startswith("learned anew, because the configuration or the types")
    named = ALL + "normalize: {x: zscore, y: zscore}\n"
    _, record = runs(tmp_path, named, day(1), more)
    assert (record.fit, told(record)) == ("reused", {"x": "passed", "y": "passed"})
    with pytest.raises(nf.errors.ConfigError, match="no such column"):
        runs(tmp_path, named, more.drop("y"))


def test_columns_that_hurt_have_the_index_of_their_values(tmp_path: Path) -> None:
    """Beside numpy on the raw rows: atoms at edges, constants, nothing at all, infinities, whole numbers."""

    def rows(seed: int, high: int) -> pl.DataFrame:
        draw = np.random.default_rng(seed)
        many = 900
        x = draw.normal(size=many)
        return pl.DataFrame(
            {
                "constant": pl.Series([3.0] * many),
                "two": (draw.random(many) < 0.1 * high).astype(float),
                "nothing": pl.Series([None] * many, dtype=pl.Float64),
                "infinite": np.where(draw.random(many) < 0.02 * high, np.inf, x),
                "whole": draw.integers(0, 3 * high, many),
                "huge": np.where(draw.random(many) < 0.5, 1.7e308, -1.7e308 / high),
                "tiny": draw.integers(0, 4 * high, many) * 5e-324,
                "flags": draw.random(many) < 0.1 * high,
            }
        )

    first, second = rows(1, 2), rows(2, 3)
    text = 'fit: {drift: 0.1}\nnormalize: {"*": auto, flags: minmax}\n'
    _, record = runs(tmp_path, text, first, second)
    found = drift(record)
    assert set(found) == set(first.columns)
    for name in first.columns:
        before, after = (one[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for one in (first, second))
        expected = psi_by_hand(before, after) if np.isfinite(before).any() else 0.0
        assert found[name]["psi"] == pytest.approx(expected, rel=1e-9, abs=1e-12), name
        assert (found[name]["rows"], found[name]["taught"]) == (900, 900)


def test_only_rows_that_would_teach_are_compared(tmp_path: Path) -> None:
    """Those that pass the contract and match `where`; all are written."""
    text = (
        "fit: {where: \"g = 'a'\", drift: 0.1}\n"
        "contract: {x: {range: [-5, 5], on_fail: quarantine}}\nnormalize: {x: zscore}\n"
    )
    wild = pl.concat([day(1), day(5, 50.0).head(50)])
    other = wild.with_columns(pl.when(pl.col("g") == "b").then(pl.col("x") / 2).otherwise("x").alias("x"))
    _, record = runs(tmp_path, text, day(1), other)
    assert (told(record), drift(record)["x"]["psi"], record.quarantined) == ({"x": "passed"}, 0.0, 50)
    assert drift(record)["x"]["rows"] == day(1).filter(pl.col("g") == "a").height
    assert record.rows == N + 50


@pytest.mark.parametrize("on_fail", ["clip", "null"])
def test_values_are_compared_as_the_contract_mends_them(tmp_path: Path, on_fail: str) -> None:
    """They teach as they are mended, so the same rows have not drifted."""
    text = f"fit: {{drift: 0.1}}\ncontract: {{x: {{range: [-1, 1], on_fail: {on_fail}}}}}\n"
    _, record = runs(tmp_path, text, day(1), day(1))
    assert (record.fit, {one["psi"] for one in drift(record).values()}) == ("reused", {0.0})


def test_groups_are_compared_as_one(tmp_path: Path) -> None:
    _, record = runs(tmp_path, "fit: {by: g, drift: 0.1}\n", day(1), day(2, 1.0))
    assert told(record) == {"x": "warned", "y": "passed"}


def test_places_of_arrays_are_compared_one_by_one(tmp_path: Path) -> None:
    def rows(shift: float) -> pl.DataFrame:
        draw = np.random.default_rng(4)
        values = draw.normal([0.0, shift], size=(500, 2))
        return pl.DataFrame({"v": pl.Series(values, dtype=pl.Array(pl.Float64, 2))})

    text = "fit: {drift: 0.1}\nnormalize: {v: zscore}\n"
    _, record = runs(tmp_path, text, rows(0.0), rows(2.0))
    assert told(record) == {"v[0]": "passed", "v[1]": "warned"}


def test_the_registry_keeps_the_history(tmp_path: Path) -> None:
    records = runs(tmp_path, ALL, day(1), day(2, 0.2), day(3, 0.4))
    with Registry(records[-1].registry) as registry, registry.reading() as con:
        found = con.execute(
            "SELECT run_id, value, status FROM quality_trend"
            " WHERE section = 'drift' AND \"column\" = 'x' ORDER BY started"
        ).fetchall()
    assert found == [
        (one.run_id, drift(one)["x"]["psi"], told(one)["x"]) for one in records if one.fit == "reused"
    ]
    assert len(found) == 2


def test_the_documents_of_a_run_stay_small(tmp_path: Path) -> None:
    """What later values are compared with stands in the fit, and not in each run's record."""
    (record,) = runs(tmp_path, ALL, day(1))
    assert "reference" not in json.dumps(record.to_json())


def test_a_fit_without_a_reference_is_told_of(tmp_path: Path) -> None:
    runs(tmp_path, ALL, day(1))
    document = json.loads(recorded(tmp_path).to_json())
    for column in document["columns"]:
        del column["reference"]
    (tmp_path / "fit.json").write_text(json.dumps(document))
    record = nf.run(nf.load(tmp_path / "p.yaml"), fit=tmp_path / "fit.json")
    assert record.warnings[0] == (
        "the fit keeps nothing to compare x, y with; `--mode refit` once mends that"
    )


def test_a_private_pipeline_keeps_nothing_to_compare_with(tmp_path: Path) -> None:
    runs(tmp_path, "private: true\n", day(1))
    assert [one.reference for one in recorded(tmp_path).columns] == [None, None]
    for text in (ALL, "checks: {x: {drift: 0.1}}\n"):
        with pytest.raises(nf.errors.ConfigError, match="`private: true` keeps no values to compare with"):
            runs(tmp_path, text + "private: true\n", day(1))
