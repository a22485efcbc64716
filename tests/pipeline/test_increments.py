"""A refit reads only what is new: the states of known partitions stand in for their rows, bit for bit."""

from __future__ import annotations

import shutil
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import normflow as nf
from normflow.pipeline import partitions, preview, states
from normflow.registry import Registry
from normflow.sources.source import Partition, Run

if TYPE_CHECKING:
    from pathlib import Path

    from normflow.registry import ProfileRow

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
        self.rows: list[int] = []
        observed, scan = partitions._observed, Partition.scan
        asked: list[str] = []

        def scanning(partition: Partition, run: Run | None = None) -> pl.LazyFrame:
            asked.append(partition.path.name)
            return scan(partition, run)

        def observing(*args: object, **kwargs: object) -> object:
            self.names.append(asked[-1])
            found = observed(*args, **kwargs)  # type: ignore[arg-type]
            self.rows.append(found[0].rows)
            return found

        monkeypatch.setattr(Partition, "scan", scanning)
        monkeypatch.setattr(partitions, "_observed", observing)


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


def test_of_thirty_days_and_one_more_only_that_one_is_learned_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a window of thirty drops the first day, whose file nobody opens to learn."""
    text = "fit: {mode: refit, window: last 30 partitions}\nnormalize: {x: auto, y: boxcox}\n"
    pipeline = project(tmp_path / "grown", text, range(30))
    nf.run(pipeline)
    day(30).write_parquet(tmp_path / "grown" / "days" / "30.parquet")
    reads = Reads(monkeypatch)
    record = nf.run(pipeline)
    assert reads.names == ["30.parquet"]
    assert reads.rows == [300]
    last = project(tmp_path / "last", "normalize: {x: auto, y: boxcox}\n", range(1, 31))
    assert nf.run(last, mode="refit").fit_id == record.fit_id


@pytest.mark.parametrize("text", [TEXTS["auto"], TEXTS["by group"]], ids=["auto", "by group"])
@given(cuts=st.lists(st.integers(1, 899), unique=True, max_size=12), seed=st.integers(0, 9))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_fit_does_not_know_how_its_rows_lay_in_files(
    tmp_path: Path, text: str, cuts: list[int], seed: int
) -> None:
    """Rows in any order and any split of files, learned from one after another, give the fit of one file."""
    rows = pl.concat([day(number) for number in range(3)])
    folder = tmp_path / f"{seed}-{'-'.join(map(str, cuts))}"
    fits = set()
    for name, ends in (("one", []), ("many", sorted(cuts))):
        pipeline = project(folder / name, text, range(0))
        order = rows if name == "one" else rows.sample(fraction=1.0, shuffle=True, seed=seed)
        for start, end in pairwise([0, *ends, rows.height]):
            order[start:end].write_parquet(folder / name / "days" / f"{start:04}.parquet")
            if start in cuts[:2]:  # some are known before the last ones come
                nf.run(pipeline, mode="refit")
        fits.add(nf.run(pipeline, mode="refit").fit_id)
    assert len(fits) == 1
    shutil.rmtree(folder)


def test_states_are_told_while_a_run_learns_and_are_right_if_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that dies on its last file has kept the states of those before; the next one reads the rest."""
    monkeypatch.setattr(states, "PORTION", 1)
    pipeline = project(tmp_path / "broken", "", range(4))
    good = (tmp_path / "broken" / "days" / "03.parquet").read_bytes()
    (tmp_path / "broken" / "days" / "03.parquet").write_bytes(good[:200] + bytes(3_000) + good[3_200:])
    with pytest.raises(nf.SourceError):
        nf.run(pipeline)
    (tmp_path / "broken" / "days" / "03.parquet").write_bytes(good)
    reads = Reads(monkeypatch)
    record = nf.run(pipeline)
    assert reads.names == ["03.parquet"]
    assert record.fit_id == nf.run(project(tmp_path / "whole", "", range(4))).fit_id


@pytest.mark.parametrize("portion", [1, 1 << 30])
def test_states_that_wait_are_bounded_by_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    """With small portions no more than those of one file wait, when they are told and when they are asked."""
    monkeypatch.setattr(states, "PORTION", portion)
    told: list[int] = []
    asked: list[int] = []
    record, look = Registry.record_profiles, states.States._rows_of

    def recording(registry: Registry, rows: list[ProfileRow]) -> None:
        told.append(len(rows))
        record(registry, rows)

    def looking(self: states.States, prints: list[str]) -> object:
        asked.append(len(prints))
        return look(self, prints)

    monkeypatch.setattr(Registry, "record_profiles", recording)
    monkeypatch.setattr(states.States, "_rows_of", looking)
    pipeline = project(tmp_path, "", range(5))
    nf.run(pipeline)
    columns = 2
    assert told == ([columns] * 5 if portion == 1 else [columns * 5])
    asked.clear()
    nf.run(pipeline, mode="refit")
    assert asked == ([1] * 5 if portion == 1 else [5])


def test_a_preview_and_a_plan_tell_the_registry_nothing(tmp_path: Path) -> None:
    pipeline = project(tmp_path, "", range(3))
    nf.run(pipeline)
    registry = tmp_path / ".normflow" / "registry.duckdb"
    before = registry.read_bytes()
    day(8).write_parquet(tmp_path / "days" / "08.parquet")
    preview(pipeline, 3, mode="refit")
    nf.plan(pipeline, mode="refit")
    assert registry.read_bytes() == before
