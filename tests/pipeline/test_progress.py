"""What a run tells of itself while it goes on: its stages, and how many rows have passed each."""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import normflow as nf
from normflow.pipeline import watch
from normflow.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 600_000
MIDDLE = 200_000
PIPELINE = "source: {source}\nnormalize: {{x: {method}}}\nsink: out/x.parquet\n{more}"
EXACT = "fit: {quantiles: exact}\n"
Told = list[tuple[str, int, int | None]]


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports all the time, so that a short run tells something between start and end of a stage."""
    monkeypatch.setattr(watch, "PAUSE", 0.001)


def table(rows: int = ROWS) -> pl.DataFrame:
    """Values that are all different, and three groups."""
    x = np.random.default_rng(7).normal(5.0, 2.0, rows)
    return pl.DataFrame({"x": x, "g": np.arange(rows) % 3})


def load(
    folder: Path, source: str = "data.parquet", *, method: str = "zscore", more: str = ""
) -> nf.Pipeline:
    (folder / "p.yaml").write_text(PIPELINE.format(source=source, method=method, more=more))
    return nf.load(folder / "p.yaml")


def heard(pipeline: nf.Pipeline) -> Told:
    told: Told = []
    nf.run(pipeline, mode="refit", progress=lambda *report: told.append(report))
    return told


def last(told: Told) -> dict[str, tuple[int, int | None]]:
    return {stage: (rows, total) for stage, rows, total in told}


def check_order(told: Told) -> None:
    """Each stage comes once, begins with no row, and never goes back."""
    stages = [stage for stage, *_ in told]
    in_order = list(dict.fromkeys(stages))
    assert stages == sorted(stages, key=in_order.index)
    for name in in_order:
        rows = [passed for stage, passed, _ in told if stage == name]
        assert rows[0] == 0
        assert rows == sorted(rows)


def test_every_stage_tells_its_rows(tmp_path: Path) -> None:
    """Of Parquet the total is known before a row is read."""
    table().write_parquet(tmp_path / "data.parquet")
    told = heard(load(tmp_path))
    check_order(told)
    every = (ROWS, ROWS)
    assert last(told) == {
        "learn": every,
        "refine": (0, None),  # nothing to read again
        "fit": (0, None),
        "write": every,
        "verify": every,
        "publish": every,
    }


def test_the_rows_of_text_are_counted_as_they_pass(tmp_path: Path) -> None:
    """Nobody knows how many will come, and what has come is exact: of several files, good and quarantined."""
    frame = table()
    frame.head(MIDDLE).write_csv(tmp_path / "data-1.csv")
    frame.tail(ROWS - MIDDLE).write_csv(tmp_path / "data-2.csv")
    more = "contract: {g: {range: [0, 1], on_fail: quarantine}}\n"
    told = heard(load(tmp_path, "data-*.csv", more=more))
    check_order(told)
    assert {stage: told for stage, told in last(told).items() if stage in {"learn", "write"}} == {
        "learn": (ROWS // 3 * 2, None),  # the rows that teach
        "write": (ROWS, None),
    }


def test_of_several_files_all_rows_count(tmp_path: Path) -> None:
    """Those that a reader skips too, as they do not teach; by groups as well."""
    frame = table()
    frame.head(MIDDLE).write_parquet(tmp_path / "data-1.parquet")
    frame.tail(ROWS - MIDDLE).write_parquet(tmp_path / "data-2.parquet")
    told = heard(load(tmp_path, "data-*.parquet", more="fit: {by: [g], where: g < 2}\n"))
    check_order(told)
    assert last(told)["learn"] == last(told)["write"] == (ROWS, ROWS)
    taught = [rows for stage, rows, _ in told if stage == "learn"]
    assert MIDDLE in taught


def test_the_refining_scan_tells_what_it_reads_again(tmp_path: Path) -> None:
    """It reads all rows, as often as it takes."""
    table().write_parquet(tmp_path / "data.parquet")
    told = heard(load(tmp_path, method="robust", more=EXACT))
    check_order(told)
    rows, total = last(told)["refine"]
    assert (rows >= ROWS, rows % ROWS, total) == (True, 0, None)


def test_a_failing_run_tells_that_it_looks_for_examples(tmp_path: Path) -> None:
    table().write_parquet(tmp_path / "data.parquet")
    told: Told = []
    pipeline = load(tmp_path, more="contract: {g: {range: [0, 1]}}\n")
    with pytest.raises(nf.ContractError):
        nf.run(pipeline, progress=lambda *report: told.append(report))
    assert list(last(told)) == ["learn", "refine", "fit", "write", "examples", "verify"]


def test_listening_changes_nothing_and_stays_in_its_thread(tmp_path: Path) -> None:
    """The same fit and bytes with a listener and without; a listener needs no lock."""
    table().write_parquet(tmp_path / "data.parquet")
    pipeline, threads = load(tmp_path, method="quantile_normal"), set()
    alone = nf.run(pipeline, mode="refit")
    listened = nf.run(pipeline, mode="refit", progress=lambda *_: threads.add(get_ident()))
    assert threads == {get_ident()}
    assert listened.fit_id == alone.fit_id
    assert listened.outputs == alone.outputs


@pytest.mark.parametrize("stage", ["learn", "refine", "fit", "write", "verify", "publish"])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, ZeroDivisionError])
def test_what_a_listener_raises_ends_the_run(tmp_path: Path, stage: str, kind: type[BaseException]) -> None:
    """As an interrupt does, at any place: nothing published, nothing staged, nothing left running."""
    table().write_parquet(tmp_path / "data.parquet")
    pipeline = load(tmp_path, method="robust", more=EXACT)

    def stopping(name: str, rows: int, _total: int | None, /) -> None:
        if name == stage and (rows or name not in {"learn", "refine", "write"}):
            raise kind

    with pytest.raises(kind):
        nf.run(pipeline, progress=stopping)
    assert list((tmp_path / "out").glob("*")) == []
    assert [path.name for path in (tmp_path / "out").glob(".*")] == []
    (run,) = Registry(pipeline.registry).runs(pipeline.name)
    assert (run.status, run.exit_code) == ("failed", 130 if kind is KeyboardInterrupt else 3)
