"""Derived checks raise no false alarm, and what changed between two runs is told."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.contract.outputs import promise
from normflow.fits import entering
from normflow.pipeline.learn import fit_for
from normflow.pipeline.prepare import prepare
from normflow.pipeline.promises import promises
from normflow.pipeline.watch import Watch
from normflow.registry import Registry
from normflow.sources import scan

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(20131031)
NORMAL = RNG.normal(50, 10, 1000)


def run(folder: Path, data: pl.DataFrame, text: str, mode: str | None = None) -> nf.RunRecord:
    """One run of a pipeline over these rows."""
    data.write_parquet(folder / "data.parquet")
    (folder / "p.yaml").write_text(f"source: data.parquet\nsink: out/data.parquet\n{text}")
    return nf.run(nf.load(folder / "p.yaml"), mode=mode)  # type: ignore[arg-type]  # one of the three words


def test_a_range_that_only_warns_bounds_no_output(tmp_path: Path) -> None:
    """The row is published, so the derived bound may not exclude it."""
    data = pl.DataFrame({"x": np.append(NORMAL, 150.0)})
    record = run(tmp_path, data, "contract: {x: {range: [0, 100], severity: warn}}\nnormalize: {x: zscore}\n")
    assert record.status == "succeeded"
    assert [one.check for one in record.checks if one.status == "warned"] == ["x.range"]


def test_a_float32_value_at_the_declared_end_passes_both_gates(tmp_path: Path) -> None:
    """0.1 as Float32 is above 0.1 as Float64; the contract and the derived bound agree on it."""
    data = pl.DataFrame({"x": pl.Series([0, 0.05, 0.1, 0.02], dtype=pl.Float32)})
    text = "contract: {x: {range: [0, 0.1]}}\nnormalize: {x: zscore}\n"
    assert run(tmp_path, data, text).status == "succeeded"


def test_moments_are_judged_only_on_the_rows_that_taught(tmp_path: Path) -> None:
    """One row written but not taught, one taught but not written: as many, and not the same."""
    data = pl.DataFrame({"x": np.append(NORMAL, 1e6), "id": [*range(1000), 0]})
    text = (
        "contract:\n  x: {range: [0, 100], max_failed: 5%}\n  id: {unique: true, on_fail: quarantine}\n"
        "normalize: {x: zscore}\n"
    )
    assert run(tmp_path, data, text).status == "succeeded"


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e150, 1e160])
@pytest.mark.parametrize("method", ["auto", "center", "robust"])
def test_extreme_magnitudes_pass(tmp_path: Path, scale: float, method: str) -> None:
    """Squares that leave float64 judge nothing, and crash nothing."""
    data = pl.DataFrame({"x": np.append(NORMAL[:200], [1.0]) * scale, "y": np.append(NORMAL[:200], scale)})
    assert run(tmp_path, data, f'normalize: {{"*": {method}}}\n').status == "succeeded"


def test_new_extremes_and_values_outside_the_domain_pass_a_reused_fit(tmp_path: Path) -> None:
    """Tomorrow's new maximum is no failure; what has no logarithm becomes null and is told."""
    text = "normalize: {x: boxcox}\n"
    run(tmp_path, pl.DataFrame({"x": np.exp(NORMAL / 20)}), text)
    record = run(tmp_path, pl.DataFrame({"x": [1e9, -3.0, 0.0, None, float("nan")]}), text)
    assert (record.status, record.fit) == ("succeeded", "reused")
    (told,) = (one.message for one in record.checks if one.status == "warned")
    assert told == "x has 4 nulls, 2 of them from values outside the transform's domain"


def test_a_column_nobody_normalizes_changes_no_key(tmp_path: Path) -> None:
    """A new text column is no reason to learn anew; a lost numeric one is, and is told."""
    text = 'normalize: {"*": auto}\n'
    data = pl.DataFrame({"x": NORMAL, "y": NORMAL})
    first = run(tmp_path, data, text)
    assert run(tmp_path, data.with_columns(note=pl.lit("a")), text).fit == "reused"
    changed = run(tmp_path, data.with_columns(y=pl.lit("error")), text)
    assert changed.fit == "learned"
    assert changed.warnings[0] == (
        "learned anew, because the configuration or the types of the columns are not those "
        f"of the earlier fit {first.fit_id[:12]}; no longer normalized: y"
    )


def test_text_has_no_types_of_its_own(tmp_path: Path) -> None:
    """A day on which all prices are whole reuses the fit of the others."""
    (tmp_path / "p.yaml").write_text("source: data.csv\nsink: out/data.parquet\nnormalize: {x: zscore}\n")
    pipeline = nf.load(tmp_path / "p.yaml")
    pl.DataFrame({"x": NORMAL}).write_csv(tmp_path / "data.csv")
    nf.run(pipeline)
    pl.DataFrame({"x": [1, 2, 3]}).write_csv(tmp_path / "data.csv")
    assert nf.run(pipeline).fit == "reused"


def test_a_source_that_changes_during_the_run_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was judged must be what was read."""
    original = fit_for

    def replaced(*given: object, **keep: object) -> object:
        learned = original(*given, **keep)  # type: ignore[arg-type]  # as they came
        os.utime(tmp_path / "data.parquet", ns=(1, 1))
        return learned

    monkeypatch.setattr("normflow.pipeline.execute.fit_for", replaced)
    with pytest.raises(nf.SourceError, match="it was changed while it was read; run again"):
        run(tmp_path, pl.DataFrame({"x": NORMAL}), "")
    assert not (tmp_path / "out" / "data.parquet").exists()


def test_reuse_knows_its_own_rows(tmp_path: Path) -> None:
    """Two pipelines with equal transforms share an id, and each tells its own evidence."""
    constant = run(tmp_path, pl.DataFrame({"x": [2013.0] * 50}), "name: a\n")
    kept = run(tmp_path, pl.DataFrame({"x": NORMAL}), "name: b\nnormalize: {x: none}\n")
    assert constant.fit_id == kept.fit_id
    again = run(tmp_path, pl.DataFrame({"x": NORMAL}), "name: b\nnormalize: {x: none}\n")
    assert again.fit == "reused"
    assert again.columns[0]["before"] == kept.columns[0]["before"]


def test_publishing_keeps_the_permissions_of_the_output(tmp_path: Path) -> None:
    run(tmp_path, pl.DataFrame({"x": NORMAL}), "")
    (tmp_path / "out" / "data.parquet").chmod(0o600)
    run(tmp_path, pl.DataFrame({"x": NORMAL}), "")
    assert (tmp_path / "out" / "data.parquet").stat().st_mode & 0o777 == 0o600


def test_what_is_beyond_float32_publishes_nothing_and_is_told(tmp_path: Path) -> None:
    """The bound lies beyond the type as well: no interval of Float32 holds it."""
    data = pl.DataFrame({"x": [1e-150 * i for i in range(1, 40)]})
    text = "normalize: {x: {method: robust, clip: [1, 55], dtype: Float32}}\n"
    with pytest.raises(nf.ContractError) as caught:
        run(tmp_path, data, text)
    assert "derived.x.finite: x is NaN or infinite in 39 of 39 rows (100%); first in row 0: inf" in str(
        caught.value
    )
    assert not (tmp_path / "out" / "data.parquet").exists()


@pytest.mark.parametrize(
    ("limit", "bounds"),
    [
        ("", (-1.5, 1.5)),
        (", max_failed: 0", (-1.5, 1.5)),
        (", max_failed: 0%", (-1.5, 1.5)),
        (", max_failed: 1, on_fail: quarantine, severity: warn", (-1.5, 1.5)),
        (", max_failed: 1", None),
        (", severity: warn", None),
    ],
)
def test_a_range_bounds_the_output_where_no_row_outside_it_is_published(
    tmp_path: Path, limit: str, bounds: tuple[float, float] | None
) -> None:
    """[-5, 25] of a column of median 10 and quartiles 5 and 15."""
    data = pl.DataFrame({"x": [0.0, 5.0, 10.0, 15.0, 20.0]})
    asked = f"contract: {{x: {{range: [-5, 25]{limit}}}}}\nnormalize: {{x: robust}}\n"
    record = run(tmp_path, data, asked)
    told = [one.threshold for one in record.checks if one.section == "derived" and one.check == "x.range"]
    promised = [check for check in promised_ranges(tmp_path) if check is not None]
    assert len(told) == (bounds is not None)
    assert promised == ([pytest.approx(bounds, rel=1e-14)] if bounds else [])


def promised_ranges(folder: Path) -> list[tuple[float | None, float | None] | None]:
    """The ranges that the fit of the pipeline in a folder promises of its outputs."""
    prepared = prepare(nf.load(folder / "p.yaml"))
    learned = fit_for(prepared, Registry(prepared.pipeline.registry), "reuse", Watch(prepared.source))
    rows = entering(scan(prepared.source), learned.fit, ranges=True)
    return [promise(column).range for column in promises(prepared, learned, rows)]
