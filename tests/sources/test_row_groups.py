"""Runs of row groups: the same rows have the same fingerprint in every version of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import numpy as np
import polars as pl
import pytest
from pyarrow import parquet

from normflow.errors import SourceError
from normflow.sources import Run, resolve, row_groups
from normflow.sources.row_groups import runs_of
from normflow.spec import SourceSpec

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GROUP = 100


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_groups, "TARGET", 300)
    monkeypatch.setattr(row_groups, "MOST", 600)


def frame(groups: int, seed: int = 0) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    rows = groups * GROUP
    return pl.DataFrame(
        {
            "x": draw.normal(size=rows),
            "n": pl.Series(draw.integers(0, 5, rows)).cast(pl.Int16).replace(0, None),
            "s": [f"s{i}" for i in draw.integers(0, 9, rows)],
            "l": [[float(i), None] for i in range(rows)],
        }
    )


def by_polars(rows: pl.DataFrame, path: Path) -> None:
    rows.write_parquet(path, row_group_size=GROUP)


def by_pyarrow(rows: pl.DataFrame, path: Path) -> None:
    parquet.write_table(rows.to_arrow(), path, row_group_size=GROUP)


def written(
    path: Path, rows: pl.DataFrame, write: Callable[[pl.DataFrame, Path], None] = by_polars
) -> list[Run]:
    write(rows, path)
    return list(runs_of(path))


def prints(runs: list[Run]) -> list[str]:
    return [one.fingerprint for one in runs]


@pytest.mark.parametrize("write", [by_polars, by_pyarrow])
def test_runs_are_known_again_where_rows_come_go_or_change(
    tmp_path: Path, write: Callable[[pl.DataFrame, Path], None]
) -> None:
    file, rows, more = tmp_path / "a.parquet", frame(40), frame(7, seed=1)
    before = written(file, rows, write)
    assert len(before) > 5
    assert sum(one.rows for one in before) == rows.height
    assert [one.offset for one in before] == np.cumsum([0, *(one.rows for one in before[:-1])]).tolist()
    assert len(set(prints(before))) == len(before)
    appended = written(file, pl.concat([rows, more]), write)
    assert prints(appended)[: len(before) - 1] == prints(before)[:-1]
    ahead = written(file, pl.concat([more, rows]), write)
    assert prints(ahead)[-(len(before) - 1) :] == prints(before)[1:]
    assert prints(written(file, rows[5 * GROUP :], write))[-5:] == prints(before)[-5:]
    changed = rows.with_columns(x=pl.when(pl.int_range(pl.len()) == 2_050).then(9.0).otherwise("x"))
    assert len(set(prints(before)) - set(prints(written(file, changed, write)))) in (1, 2)
    assert prints(written(tmp_path / "other [1]*{a,b}.parquet", rows, write)) == prints(before)


def test_other_types_or_folders_are_other_rows(tmp_path: Path) -> None:
    """The bytes of a column alone do not tell what its values are."""
    file, numbers = tmp_path / "a.parquet", pl.DataFrame({"x": range(2_000)})
    plain = written(file, numbers)
    times = written(file, numbers.cast(pl.Duration("ms")))
    assert not set(prints(plain)) & set(prints(times))
    assert not set(prints(times)) & set(prints(written(file, numbers.cast(pl.Duration("us")))))
    assert not set(prints(plain)) & set(prints(written(file, numbers.rename({"x": "y"}))))
    by_polars(numbers, file)
    assert not set(prints(plain)) & {one.fingerprint for one in runs_of(file, "k=1")}


def test_a_run_is_read_alone(tmp_path: Path) -> None:
    """With the bytes of every other row group spoilt, its rows are still those of the file."""
    file, rows = tmp_path / "k=3" / "a.parquet", frame(40)
    file.parent.mkdir()
    run = written(file, rows)[2]
    partition = resolve(SourceSpec(paths=(str(tmp_path / "*" / "*.parquet"),))).partitions[0]
    content = bytearray(file.read_bytes())
    with duckdb.connect() as con:
        chunks = con.execute(row_groups.CHUNKS, [str(file)]).fetchall()
    for group, _, _, _, _, offset, size in chunks:
        if not run.offset <= group * GROUP < run.offset + run.rows:
            content[offset : offset + size] = bytes(size)
    file.write_bytes(content)
    found = partition.scan(run).collect()
    assert found.equals(rows[run.offset : run.offset + run.rows].with_columns(k=pl.lit(3, found.schema["k"])))
    assert (
        partition.scan(run).filter(pl.col("x") > 0).collect().height == found.filter(pl.col("x") > 0).height
    )
    with pytest.raises(pl.exceptions.PolarsError):
        partition.scan().collect()


def test_a_small_file_and_a_single_row_group_have_no_runs(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    assert written(file, frame(6)) == []
    frame(9).write_parquet(file, row_group_size=10_000)
    assert runs_of(file) == ()
    file.write_text("no parquet")
    assert runs_of(file) == ()
    frame(9).drop("l").write_csv(tmp_path / "a.csv")
    (partition,) = resolve(SourceSpec(paths=(str(tmp_path / "a.csv"),))).partitions
    assert partition.runs() == ()


def test_a_file_that_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.parquet"
    by_polars(frame(9), file)
    footer = row_groups._footer(file)
    assert footer
    file.unlink()
    monkeypatch.setattr(row_groups, "_footer", lambda _: footer)
    with pytest.raises(SourceError, match="no such file"):
        runs_of(file)
