"""Quarantined rows, mended and run again through the same contract and fit."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import polars as pl
import pytest

import normflow as nf
from normflow.registry import Registry
from tests.pipeline.one_file import pipeline, recorded

if TYPE_CHECKING:
    from pathlib import Path

DATA = pl.DataFrame({"x": [1.0, 2.0, 4.0, 500.0, -3.0], "k": ["a", "b", "c", "d", "e"]})
TEXT = "contract: {x: {range: [0, 100], on_fail: quarantine, max_failed: 40%}}\nnormalize: {x: zscore}\n"
MORE = "quarantine: {max_rows: 50%}\nchecks: {x: {mean: [-0.1, 0.1]}}\n"


def registry(folder: Path) -> Registry:
    return Registry(folder / ".normflow" / "registry.duckdb")


def mend(file: Path) -> pl.DataFrame:
    """The quarantine with its first row put right."""
    found = pl.read_parquet(file)
    mended = found.with_columns(x=pl.when(pl.col("k") == "d").then(5.0).otherwise("x"))
    mended.write_parquet(file)
    return mended


def test_a_mended_row_goes_through_the_same_fit_and_the_others_stay_out(tmp_path: Path) -> None:
    first = nf.run(pipeline(tmp_path, DATA, TEXT + MORE))
    out = tmp_path / "out"
    before = {one.name: sha256(one.read_bytes()).hexdigest() for one in out.iterdir()}
    mended = mend(out / "data.quarantine.parquet")
    before["data.quarantine.parquet"] = sha256((out / "data.quarantine.parquet").read_bytes()).hexdigest()

    again = nf.replay(registry(tmp_path), first.run_id)

    assert (again.mode, again.fit, again.fit_id) == ("replay", "given", first.fit_id)
    assert (again.rows, again.quarantined, again.status) == (2, 1, "succeeded")
    good = pl.read_parquet(out / f"data.replay-{first.run_id}.parquet")
    expected = recorded(tmp_path).transform(mended[:1].select("x", "k"))
    assert good.equals(expected)
    bad = pl.read_parquet(out / f"data.replay-{first.run_id}.quarantine.parquet")
    assert bad.select("x", "k", "_source", "_row").rows() == [(-3.0, "e", "out/data.quarantine.parquet", 1)]
    assert {name: sha256((out / name).read_bytes()).hexdigest() for name in before} == before
    assert again.warnings[0] == f"replay of run {first.run_id}: its quarantine was changed since"


def test_what_judges_the_table_as_a_whole_does_not_judge_a_replay(tmp_path: Path) -> None:
    """Few rows are no sample: neither their number nor their mean says anything of the table."""
    text = "table: {unique: [k], rows: [5, null]}\nchecks: {x: {mean: [-0.1, 0.1], range: [-5, 5]}}\n"
    first = nf.run(pipeline(tmp_path, DATA, TEXT + text))
    mend(tmp_path / "out" / "data.quarantine.parquet")
    again = nf.replay(registry(tmp_path), first.run_id)
    names = [f"{one.section}.{one.check}" for one in again.checks]
    assert "checks.x.range" in names
    assert not [name for name in names if "mean" in name or name.startswith("table.rows")]
    assert again.warnings[1] == "unique was judged among the replayed rows only: k"


def test_a_replay_is_on_record_and_is_not_the_latest_run_of_its_pipeline(tmp_path: Path) -> None:
    prepared = pipeline(tmp_path, DATA, TEXT)
    first = nf.run(prepared)
    mend(tmp_path / "out" / "data.quarantine.parquet")
    again = nf.replay(registry(tmp_path), "p@latest", tmp_path / "more.csv")
    kept = registry(tmp_path)
    assert [one.run_id for one in kept.runs()] == [again.run_id, first.run_id]
    assert kept.run("p@latest").run_id == first.run_id
    assert [(one.role, one.state) for one in kept.outputs(again.run_id)] == [
        ("output", "published"),
        ("quarantine", "published"),
    ]
    assert nf.run(prepared).fit == "reused"


def test_what_a_replay_left_can_be_replayed(tmp_path: Path) -> None:
    first = nf.run(pipeline(tmp_path, DATA, TEXT))
    mend(tmp_path / "out" / "data.quarantine.parquet")
    again = nf.replay(registry(tmp_path), first.run_id, tmp_path / "more.parquet")
    rest = tmp_path / "more.quarantine.parquet"
    pl.read_parquet(rest).with_columns(x=7.0).write_parquet(rest)
    last = nf.replay(registry(tmp_path), again.run_id, tmp_path / "last.parquet")
    assert (last.rows, last.quarantined, last.fit_id) == (1, 0, first.fit_id)
    assert pl.read_parquet(tmp_path / "last.parquet").columns == DATA.columns


def test_a_replay_of_rows_that_nobody_mended_publishes_nothing(tmp_path: Path) -> None:
    first = nf.run(pipeline(tmp_path, DATA, TEXT))
    with pytest.raises(nf.NormflowError, match="all 2 rows are quarantined"):
        nf.replay(registry(tmp_path), first.run_id)
    assert len(list((tmp_path / "out").glob("*.parquet"))) == 2


def test_a_mended_file_may_have_lost_the_added_columns(tmp_path: Path) -> None:
    first = nf.run(pipeline(tmp_path, DATA, TEXT))
    DATA[3:].with_columns(x=9.0).write_parquet(tmp_path / "out" / "data.quarantine.parquet")
    assert nf.replay(registry(tmp_path), first.run_id).rows == 2


@pytest.mark.parametrize("kind", ["csv", "ndjson", "ipc"])
def test_a_quarantine_of_any_format_can_be_replayed(tmp_path: Path, kind: str) -> None:
    first = nf.run(pipeline(tmp_path, DATA, f"{TEXT}quarantine: bad.{kind}\n"))
    file = tmp_path / f"bad.{kind}"
    if kind == "ipc":
        pl.read_ipc(file.read_bytes()).with_columns(x=50.0).write_ipc(file)
    else:
        file.write_text(file.read_text().replace("500.0", "50.5").replace("-3.0", "3.5"))
    again = nf.replay(registry(tmp_path), first.run_id)
    assert (again.rows, again.quarantined) == (2, 0)


def test_a_replay_writes_over_no_file_of_its_run(tmp_path: Path) -> None:
    first = nf.run(pipeline(tmp_path, DATA, TEXT))
    for name in ("out/data.parquet", "out/data.quarantine.parquet", "data.parquet"):
        with pytest.raises(nf.ConfigError, match="is a file of run"):
            nf.replay(registry(tmp_path), first.run_id, tmp_path / name)


def test_a_run_whose_quarantine_was_overwritten_cannot_be_replayed(tmp_path: Path) -> None:
    prepared = pipeline(tmp_path, DATA, TEXT)
    first, second = nf.run(prepared), nf.run(prepared)
    with pytest.raises(nf.RegistryError, match=f"is gone: run {second.run_id} wrote this file later"):
        nf.replay(registry(tmp_path), first.run_id)


def test_a_run_without_quarantined_rows_has_nothing_to_replay(tmp_path: Path) -> None:
    first = nf.run(pipeline(tmp_path, DATA[:3], TEXT))
    with pytest.raises(nf.RegistryError, match="quarantined no row"):
        nf.replay(registry(tmp_path), first.run_id)


def test_a_quarantine_that_is_gone_is_told(tmp_path: Path) -> None:
    first = nf.run(pipeline(tmp_path, DATA, TEXT))
    (tmp_path / "out" / "data.quarantine.parquet").unlink()
    with pytest.raises(nf.SourceError, match="is gone"):
        nf.replay(registry(tmp_path), first.run_id)


def test_unique_is_judged_among_the_replayed_rows_and_says_so(tmp_path: Path) -> None:
    text = "contract: {k: {unique: true}, x: {range: [0, 100], on_fail: quarantine}}\n"
    first = nf.run(pipeline(tmp_path, DATA, text))
    mend(tmp_path / "out" / "data.quarantine.parquet")
    again = nf.replay(tmp_path / ".normflow" / "registry.duckdb", first.run_id)
    assert "unique was judged among the replayed rows only: k" in again.warnings
