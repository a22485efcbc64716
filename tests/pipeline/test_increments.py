"""A refit reads only what is new: the states of known partitions stand in for their rows, bit for bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.pipeline import learn
from normflow.registry import Registry
from normflow.sources.source import Partition

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {
    "auto": "",
    "contract and where": (
        'contract: {x: {range: [-2, 2], on_fail: quarantine}}\nfit: {where: "y > 0.2"}\n'
        "normalize: {x: robust, y: boxcox}\n"
    ),
    "by group": "fit: {by: {columns: [g], min_rows: 5}}\n",
    "arrays": "normalize: {v: zscore}\n",
}


def day(number: int) -> pl.DataFrame:
    draw = np.random.default_rng(number)
    return pl.DataFrame(
        {
            "x": draw.normal(size=300),
            "y": np.exp(draw.normal(size=300)),
            "g": ["a", "b", None] * 100,
            "v": pl.Series(draw.normal(size=(300, 2)), dtype=pl.Array(pl.Float64, 2)),
        }
    )


class Reads:
    """Which partitions are scanned to be observed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: list[str] = []
        observed, scan = learn._observed, Partition.scan
        asked: list[str] = []

        def scanning(partition: Partition) -> pl.LazyFrame:
            asked.append(partition.path.name)
            return scan(partition)

        def observing(*args: object, **kwargs: object) -> object:
            self.names.append(asked[-1])
            return observed(*args, **kwargs)  # type: ignore[arg-type]

        monkeypatch.setattr(Partition, "scan", scanning)
        monkeypatch.setattr(learn, "_observed", observing)


def project(folder: Path, text: str, days: range) -> nf.Pipeline:
    (folder / "days").mkdir(parents=True)
    for number in days:
        day(number).write_parquet(folder / "days" / f"{number:02}.parquet")
    (folder / "p.yaml").write_text(f"source: days/*.parquet\nsink: out/all.parquet\n{text}")
    return nf.load(folder / "p.yaml")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_new_day_is_the_only_one_that_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Five days, then one more, one changed and one gone; each refit is that of a fresh registry."""
    grown = project(tmp_path / "grown", text, range(5))
    nf.run(grown, mode="refit")
    reads = Reads(monkeypatch)
    assert nf.run(grown, mode="refit").fit == "learned"
    assert reads.names == []
    day(5).write_parquet(tmp_path / "grown" / "days" / "05.parquet")
    nf.run(grown, mode="refit")
    assert reads.names == ["05.parquet"]
    day(7).write_parquet(tmp_path / "grown" / "days" / "02.parquet")
    (tmp_path / "grown" / "days" / "00.parquet").unlink()
    record = nf.run(grown, mode="refit")
    assert reads.names == ["05.parquet", "02.parquet"]
    whole = project(tmp_path / "whole", text, range(1, 6))
    day(7).write_parquet(tmp_path / "whole" / "days" / "02.parquet")
    again = nf.run(whole, mode="refit")
    assert (again.fit_id, again.rows) == (record.fit_id, record.rows)
    assert again.outputs[0].sha256 == record.outputs[0].sha256
    assert [one["choice"] for one in again.columns] == [one["choice"] for one in record.columns]


def test_a_state_that_is_damaged_or_lacks_a_column_counts_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows are read again, and the fit is what it was."""
    pipeline = project(tmp_path, "", range(3))
    fit_id = nf.run(pipeline, mode="refit").fit_id
    with Registry(pipeline.registry) as registry, registry.transaction() as con:
        prints = [row[0] for row in con.execute("SELECT DISTINCT fingerprint FROM profiles").fetchall()]
        con.execute(
            "UPDATE profiles SET state = ? WHERE fingerprint = ? AND \"column\" = 'x'",
            [b"no state", prints[0]],
        )
        con.execute("DELETE FROM profiles WHERE fingerprint = ? AND \"column\" = 'y'", [prints[1]])
    reads = Reads(monkeypatch)
    assert nf.run(pipeline, mode="refit").fit_id == fit_id
    assert len(reads.names) == 2


def test_another_contract_is_another_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which rows teach is part of what a state stands for."""
    pipeline = project(tmp_path, TEXTS["contract and where"], range(2))
    nf.run(pipeline, mode="refit")
    text = (tmp_path / "p.yaml").read_text()
    (tmp_path / "p.yaml").write_text(text.replace("[-2, 2]", "[-1, 1]"))
    reads = Reads(monkeypatch)
    nf.run(nf.load(tmp_path / "p.yaml"), mode="refit")
    assert reads.names == ["00.parquet", "01.parquet"]
