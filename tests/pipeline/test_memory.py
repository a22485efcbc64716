"""`memory:` makes the batches of wide tables short, and a run that held more says so."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import polars as pl
import pytest

import normflow as nf
from normflow import memory
from normflow.profiles.observe import default_batch_rows

GIB = 1 << 30


def _file(folder: Path, line: str) -> Path:
    pl.DataFrame({"x": [math.sqrt(i) for i in range(100)]}).write_parquet(folder / "rows.parquet")
    file = folder / "p.yaml"
    file.write_text(f"source: rows.parquet\nsink: out.parquet\n{line}\n")
    return file


@pytest.mark.parametrize(
    ("columns", "held", "rows"),
    [(20, 2 * GIB, 262_144), (2000, 2 * GIB, 16_777), (2000, GIB // 8, 4096), (10_000, 64 * GIB, 6710)],
)
def test_the_numbers_of_a_batch_take_an_eighth_of_the_memory(columns: int, held: int, rows: int) -> None:
    """At most 2^29 bytes, and never fewer than 4,096 rows or more than 262,144."""
    assert default_batch_rows(columns, held) == rows


def test_a_run_without_memory_may_hold_a_quarter_of_the_machine() -> None:
    """As the system tells it, of a container where it is one."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        assert memory.usual() > 0
        return
    whole = int(meminfo.read_text().split()[1]) << 10
    assert 0 < memory.usual() <= whole // 4


@pytest.mark.skipif(sys.platform == "win32", reason="the system does not tell what a process held")
def test_a_run_that_held_more_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("normflow.pipeline.story.peak", lambda: 3 * GIB)
    record = nf.run(nf.load(_file(tmp_path, "memory: 2GiB")))
    told = "the process held 3 GiB at most, and memory is 2 GiB; "
    way = "smaller row groups in the source, or fewer threads (POLARS_MAX_THREADS), take less"
    assert record.warnings == (told + way,)


def test_a_run_within_its_memory_says_nothing(tmp_path: Path) -> None:
    assert nf.run(nf.load(_file(tmp_path, "memory: 1TiB"))).warnings == ()


def test_memory_changes_neither_fit_nor_bytes(tmp_path: Path) -> None:
    small = nf.run(nf.load(_file(tmp_path, "memory: 128MiB")))
    large = nf.run(nf.load(_file(tmp_path, "memory: 1TiB")))
    assert (small.fit_id, small.outputs) == (large.fit_id, large.outputs)
    assert large.fit == "reused"


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("2", "expected a size such as 2GiB or 512MB, got number 2"),
        ("100MB", "a run needs at least 128 MiB, got text '100MB'"),
    ],
)
def test_another_memory_is_refused(tmp_path: Path, written: str, what: str) -> None:
    file = _file(tmp_path, f"memory: {written}")
    with pytest.raises(nf.ConfigError) as told:
        nf.load(file)
    assert told.value.message == f"{file}:3:9: memory: {what}"
