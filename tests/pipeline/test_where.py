"""`fit.where` in a run: which rows teach, what is reused, and what is refused before a row is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.cli import main
from normflow.registry import Registry
from tests.pipeline import one_file
from tests.pipeline.one_file import recorded, written

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(20131001)
DATA = pl.DataFrame(
    {
        "month": np.repeat(np.arange(1, 13), 50),
        "x": np.append(RNG.normal(50, 10, 450), RNG.normal(90, 1, 150)),
    }
)
WHERE = "fit: {where: month <= 9}\nnormalize: {x: zscore}\n"


def pipeline(folder: Path, data: pl.DataFrame, text: str = WHERE) -> nf.Pipeline:
    return one_file.pipeline(folder, data, text)


def test_matching_rows_teach_and_all_rows_are_written(tmp_path: Path) -> None:
    record = nf.run(pipeline(tmp_path, DATA))
    taught = DATA["x"].to_numpy()[:450]
    assert (record.status, record.rows, recorded(tmp_path).rows) == ("succeeded", 600, 450)
    out = written(tmp_path)
    expected = (DATA["x"].to_numpy() - np.mean(taught)) / np.std(taught)
    assert np.allclose(out["x"].to_numpy(), expected, rtol=0, atol=1e-13)
    assert out["month"].equals(DATA["month"])


def test_only_rows_that_pass_the_contract_teach(tmp_path: Path) -> None:
    """The predicate chooses among the rows that the contract lets through."""
    data = DATA.with_columns(x=pl.when(pl.int_range(pl.len()) < 10).then(1e6).otherwise("x"))
    nf.run(pipeline(tmp_path, data, f"contract: {{x: {{range: [0, 200], on_fail: quarantine}}}}\n{WHERE}"))
    taught = data["x"].to_numpy()[10:450]
    assert recorded(tmp_path).rows == 440
    assert written(tmp_path)["x"][0] == pytest.approx((data["x"][10] - np.mean(taught)) / np.std(taught))


def test_several_files_and_a_second_look_read_the_same_rows(tmp_path: Path) -> None:
    """Quantiles that are read again come from matching rows, too."""
    taught = 1e9 + RNG.normal(0, 1, 40_000)
    x = np.append(taught, np.repeat(np.quantile(taught, [0.25, 0.5, 0.75]) - 1e-6, 4_000))
    data = pl.DataFrame({"keep": np.arange(x.size) < taught.size, "x": x})
    for i, part in enumerate((data[:25_000], data[25_000:])):
        part.write_parquet(tmp_path / f"part-{i}.parquet")
    (tmp_path / "p.yaml").write_text(
        "source: part-*.parquet\nsink: out/data.parquet\n"
        "fit: {where: keep, quantiles: exact}\nnormalize: {x: robust}\n"
    )
    nf.run(nf.load(tmp_path / "p.yaml"))
    low, middle, high = np.quantile(taught, [0.25, 0.5, 0.75])
    assert written(tmp_path)["x"][0] == pytest.approx((x[0] - middle) / (high - low), rel=1e-12)


def test_rows_that_do_not_match_teach_nothing_when_they_come(tmp_path: Path) -> None:
    """A refit after more rows of October gives the same fit."""
    first = nf.run(pipeline(tmp_path, DATA))
    more = pl.concat([DATA, pl.DataFrame({"month": [10] * 50, "x": [1e6] * 50})])
    again = nf.run(pipeline(tmp_path, more), mode="refit")
    assert (again.fit, again.fit_id, again.rows) == ("learned", first.fit_id, 650)


def test_the_predicate_is_part_of_what_a_fit_is_reused_for(tmp_path: Path) -> None:
    assert nf.run(pipeline(tmp_path, DATA)).fit == "learned"
    assert nf.run(pipeline(tmp_path, DATA)).fit == "reused"
    other = nf.run(pipeline(tmp_path, DATA, WHERE.replace("<= 9", "<= 8")))
    assert other.fit == "learned"
    assert nf.run(pipeline(tmp_path, DATA, "normalize: {x: zscore}\n")).fit == "learned"


def test_the_type_of_a_column_it_asks_is_part_of_it_too(tmp_path: Path) -> None:
    """A column that only the predicate reads: `month <= 9` asks another question to another type."""
    nf.run(pipeline(tmp_path, DATA))
    assert nf.run(pipeline(tmp_path, DATA.with_columns(pl.col("month").cast(pl.Float64)))).fit == "learned"


def test_the_registry_tells_the_predicate(tmp_path: Path) -> None:
    nf.run(pipeline(tmp_path, DATA))
    with Registry(tmp_path / ".normflow" / "registry.duckdb") as registry:
        assert registry.fit("p@latest").where == "month <= 9"
    assert recorded(tmp_path).where == "month <= 9"


def test_a_reused_fit_asks_for_no_matching_row(tmp_path: Path) -> None:
    """Rows of October alone are transformed by the fit of the months before."""
    nf.run(pipeline(tmp_path, DATA))
    record = nf.run(pipeline(tmp_path, DATA.filter(pl.col("month") == 10)))
    assert (record.status, record.fit, record.rows) == ("succeeded", "reused", 50)


@pytest.mark.parametrize(("where", "promised"), [("month <= 9", False), ("month >= 1", True)])
def test_moments_are_promised_only_where_all_written_rows_taught(
    tmp_path: Path, where: str, promised: bool
) -> None:
    record = nf.run(pipeline(tmp_path, DATA, WHERE.replace("month <= 9", where)))
    judged = {one.check for one in record.checks if one.section == "derived"}
    assert ({"x.mean", "x.std"} <= judged, record.status) == (promised, "succeeded")


def test_as_many_written_as_taught_and_others_raise_no_alarm(tmp_path: Path) -> None:
    """150 rows teach and go to quarantine as repeated; the last 150 are written and do not teach."""
    data = pl.concat([DATA[:1], DATA]).with_columns(id=pl.int_range(pl.len()).clip(150))
    text = f"contract: {{id: {{unique: true, on_fail: quarantine}}}}\n{WHERE}"
    record = nf.run(pipeline(tmp_path, data, text))
    assert (record.status, record.rows, record.quarantined) == ("succeeded", 601, 150)
    assert recorded(tmp_path).rows == 601 - 150


def test_no_matching_row_is_an_error_with_its_place(tmp_path: Path) -> None:
    asked = pipeline(tmp_path, DATA, WHERE.replace("<= 9", "> 12"))
    with pytest.raises(nf.EmptySourceError) as caught:
        nf.run(asked)
    assert str(caught.value) == (
        f"{tmp_path}/p.yaml:3:7: fit.where: no row matches month > 12, and only rows that match teach "
        "the parameters; check it against the source, and the contract's ranges"
    )
    assert caught.value.exit_code == 1
    assert not (tmp_path / "out" / "data.parquet").exists()


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("mnth <= 9", "there is no column 'mnth'; did you mean 'month'?"),
        ("x > AVG(x)", "AVG looks at other rows, and a row matches by its own values alone; write"),
        ("month < CURRENT_DATE", "CURRENT_DATE reads the clock, and the same rows must teach the same on"),
        ("month", "it gives Int64, not true or false; compare it, as in: month <= 9"),
    ],
)
def test_what_is_no_row_wise_predicate_is_refused_before_a_row_is_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], where: str, message: str
) -> None:
    pipeline(tmp_path, DATA, WHERE.replace("month <= 9", where))
    with pytest.raises(SystemExit) as end:
        main(["check", str(tmp_path / "p.yaml")])
    assert end.value.code == 2
    assert f"p.yaml:3:7: fit.where: {message}" in " ".join(capfd.readouterr().err.split())


def test_it_is_told_together_with_all_else_that_is_wrong(tmp_path: Path) -> None:
    asked = pipeline(tmp_path, DATA, "fit: {where: mnth <= 9}\nnormalize: {y: zscore}\n")
    with pytest.raises(nf.SchemaError) as caught:
        nf.run(asked)
    assert str(caught.value) == (
        f"{tmp_path}/p.yaml:3:7: fit.where: there is no column 'mnth'; did you mean 'month'?\n"
        f"{tmp_path}/p.yaml:4:13: normalize.y: no such column in the source; known are month, x"
    )
    assert len(caught.value.problems) == 2
