"""The quarantine: every row once, with its file and its number there, or nothing is published."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import normflow as nf
from normflow.contract import QuarantineColumns
from normflow.registry import Registry
from tests.pipeline.one_file import pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

WRITE: dict[str, Callable[[pl.DataFrame, Path], Any]] = {
    "parquet": pl.DataFrame.write_parquet,
    "ipc": pl.DataFrame.write_ipc,
    "csv": pl.DataFrame.write_csv,
    "ndjson": pl.DataFrame.write_ndjson,
}
READ: dict[str, Callable[[Path], pl.DataFrame]] = {
    "parquet": pl.read_parquet,
    "ipc": pl.read_ipc,
    "csv": pl.read_csv,
    "ndjson": pl.read_ndjson,
}
TEXT = """\
contract:
  x: {range: [0, 100], on_fail: quarantine}
  k: {isin: [a, "b\\"\\n,"], on_fail: quarantine}
"""
NONE = "normalize: {x: none}\n"
ROW = st.tuples(st.sampled_from([1.5, 50.0, 400.0, -1.0]), st.sampled_from(["a", 'b"\n,', "c"]))


@settings(max_examples=15)
@given(
    files=st.lists(st.lists(ROW, max_size=12), min_size=1, max_size=4),
    kind=st.sampled_from(sorted(WRITE)),
)
def test_good_and_quarantined_rows_are_the_input_in_order(files: list[list[Any]], kind: str) -> None:
    """Over all formats and several files: each quarantined row is found at its number in its file."""
    files[0].append((1.5, "a"))
    frames = [pl.DataFrame(rows, schema={"x": pl.Float64, "k": pl.String}, orient="row") for rows in files]
    frames = [one for one in frames if one.height or kind in ("parquet", "ipc")]
    with TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / "in").mkdir()
        for i, frame in enumerate(frames):
            WRITE[kind](frame, folder / "in" / f"part-{i}.{kind}")
        (folder / "p.yaml").write_text(f"source: in/*.{kind}\nsink: out.{kind}\n{TEXT}{NONE}")
        record = nf.run(nf.load(folder / "p.yaml"))
        good = READ[kind](folder / f"out.{kind}")
        bad = READ[kind](folder / f"out.quarantine.{kind}") if record.quarantined else pl.DataFrame()
    whole = pl.concat(frames)
    fails = ~(pl.col("x").is_between(0, 100) & pl.col("k").is_in(["a", 'b"\n,']))
    assert good.rows() == whole.filter(~fails).rows()
    assert record.quarantined == bad.height == whole.filter(fails).height
    if bad.height:
        assert bad.select("x", "k").rows() == whole.filter(fails).rows()
        told = [(f"in/part-{i}.{kind}", row) for i, one in enumerate(frames) for row in numbers(one, fails)]
        assert bad.select("_source", "_row").rows() == told


def numbers(frame: pl.DataFrame, which: pl.Expr) -> list[int]:
    return frame.with_row_index("n").filter(which)["n"].to_list()


def test_a_row_of_a_hive_folder_keeps_its_key_and_says_its_file(tmp_path: Path) -> None:
    for month in (1, 2):
        (tmp_path / "in" / f"month={month}").mkdir(parents=True)
        pl.DataFrame({"x": [1.0, 2.0, 500.0 * month]}).write_parquet(tmp_path / f"in/month={month}/a.parquet")
    (tmp_path / "p.yaml").write_text(
        "source: in\nsink: out.parquet\ncontract: {x: {range: [0, 100], on_fail: quarantine}}\n"
    )
    nf.run(nf.load(tmp_path / "p.yaml"))
    bad = pl.read_parquet(tmp_path / "out.quarantine.parquet")
    assert bad.drop("_failed", "_reason").rows() == [
        (500.0, 1, "in/month=1/a.parquet", 2),
        (1000.0, 2, "in/month=2/a.parquet", 2),
    ]


def test_the_added_columns_stand_aside_for_the_datas_own(tmp_path: Path) -> None:
    data = pl.DataFrame({"x": [1.0, 500.0], "_source": ["u", "v"]})
    nf.run(pipeline(tmp_path, data, "contract: {x: {range: [0, 100], on_fail: quarantine}}\n"))
    bad = pl.read_parquet(tmp_path / "out" / "data.quarantine.parquet")
    assert bad.columns == ["x", "_source", "__source", "__row", "__failed", "__reason"]
    assert QuarantineColumns.among(bad.columns) == ("__source", "__row", "__failed", "__reason")


@pytest.mark.parametrize(
    ("names", "added"),
    [
        (["x", "_source", "_row", "_failed", "_reason"], 4),
        (["x", "_source", "_row", "_failed"], 0),
        (["x", "____y"], 0),
    ],
)
def test_what_was_added_is_known_by_its_names(names: list[str], added: int) -> None:
    assert len(QuarantineColumns.among(names)) == added


BAD = pl.DataFrame({"x": [1.0, 2.0, 3.0, 500.0]})
PARTED = "contract: {x: {range: [0, 100], on_fail: quarantine}}\n"


def test_a_ceiling_makes_too_many_quarantined_rows_a_failure(tmp_path: Path) -> None:
    with pytest.raises(nf.ContractError, match=r"1 of 4 rows \(25%\) quarantined, and max_rows is 20%"):
        nf.run(pipeline(tmp_path, BAD, f"{PARTED}quarantine: {{max_rows: 20%}}\n"))
    assert not list((tmp_path / "out").iterdir())
    assert nf.run(pipeline(tmp_path, BAD, f"{PARTED}quarantine: {{max_rows: 25%}}\n")).quarantined == 1


def test_nothing_is_published_where_the_quarantine_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").mkdir()
    with pytest.raises(nf.SinkError, match="is a folder, not a file"):
        nf.run(pipeline(tmp_path, BAD, f"{PARTED}quarantine: bad.parquet\n"))
    assert not (tmp_path / "out").exists()


def test_nothing_is_published_where_the_quarantines_folder_takes_no_file(tmp_path: Path) -> None:
    """Its folder cannot be made, because a file has its name: so for root as well."""
    (tmp_path / "shut").touch()
    with pytest.raises(nf.SinkError):
        nf.run(pipeline(tmp_path, BAD, f"{PARTED}quarantine: shut/bad.parquet\n"))
    assert not (tmp_path / "out" / "data.parquet").exists()


@pytest.mark.parametrize("target", ["write_ipc", "sink_parquet"])
def test_nothing_is_published_when_the_disk_is_full_for_the_quarantine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """Whether rows are kept aside on disk at the time, or the file itself is written."""
    from normflow.pipeline import aside

    def full(self: Any, where: object, *rest: Any, **options: Any) -> Any:
        if target == "write_ipc" or "quarantine" in str(where):
            raise OSError(28, os.strerror(28))
        return original(self, where, *rest, **options)

    holder: Any = pl.DataFrame if target == "write_ipc" else pl.LazyFrame
    original = getattr(holder, target)
    monkeypatch.setattr(holder, target, full)
    monkeypatch.setattr(aside, "HELD_BYTES", 0)
    with pytest.raises((nf.SinkError, OSError)):
        nf.run(pipeline(tmp_path, BAD, PARTED))
    assert not list((tmp_path / "out").iterdir())


def test_a_verdict_is_the_same_in_the_record_its_json_and_the_registry(tmp_path: Path) -> None:
    """Below the ceiling, failed rows are counted too; of quarantined ones the first five are examples."""
    data = pl.DataFrame({"x": [1.0, 2.0, *([500.0] * 8), 3.0], "y": [-1.0] + [1.0] * 10, "z": [1.0] * 11})
    text = """\
contract:
  x: {range: [0, 100], on_fail: quarantine, max_failed: 80%}
  y: {range: [0, 100], max_failed: 1}
  z: {range: [2, 100], severity: warn}
"""
    record = nf.run(pipeline(tmp_path, data, text))
    entering = {one.check: one for one in record.checks if one.section == "contract"}
    assert [(one.failed, one.rows, one.threshold, one.status) for one in entering.values()] == [
        (8, 11, "80%", "quarantined"),
        (1, 11, "1", "passed"),
        (11, 11, "0", "warned"),
    ]
    assert [one.share for one in entering.values()] == [8 / 11, 1 / 11, 1.0]
    assert entering["x.range"].examples == tuple({"row": row, "value": 500.0} for row in range(2, 7))
    with Registry(tmp_path / ".normflow" / "registry.duckdb") as registry:
        kept = registry.checks(record.run_id)
    same = ("section", "column", "severity", "rows", "failed", "share", "threshold", "status", "message")
    for verdict, row, plain in zip(record.checks, kept, record.to_json()["checks"], strict=True):
        assert row.check == f"{verdict.section}.{verdict.check}"
        assert [getattr(row, name) for name in same] == [getattr(verdict, name) for name in same]
        assert [plain[name] for name in same] == [getattr(verdict, name) for name in same]
        assert json.loads(row.examples or "[]") == list(verdict.examples) == list(plain["examples"])
