"""Fingerprints know files by what is in them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from normflow.errors import SourceError
from normflow.sources import fingerprint, resolve
from normflow.spec import SourceSpec

if TYPE_CHECKING:
    from pathlib import Path

MODULE = "normflow.sources.fingerprints"


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    """A file of several column chunks."""
    file = tmp_path / "a.parquet"
    table = pl.DataFrame({"a": np.random.default_rng(1).normal(size=20_000), "b": range(20_000)})
    table.write_parquet(file, row_group_size=5_000, compression="uncompressed")
    return file


def test_the_whole_content_is_hashed(tmp_path: Path) -> None:
    """BLAKE2b of the bytes, as any other program computes it."""
    (tmp_path / "a.csv").write_bytes(b"a\n1\n")
    assert (
        fingerprint(tmp_path / "a.csv")
        == f"blake2b:{hashlib.blake2b(b'a' + bytes([10]) + b'1' + bytes([10]), digest_size=32).hexdigest()}"
    )


def test_a_name_and_a_time_are_no_content(tmp_path: Path, parquet: Path) -> None:
    """A copy is the same."""
    copy = tmp_path / "b.parquet"
    copy.write_bytes(parquet.read_bytes())
    assert fingerprint(copy) == fingerprint(parquet)


@pytest.mark.parametrize("content", [b"", b"x", b"PAR1", b"short", b"x" * 100 + b"PAR1"])
def test_small_and_odd_files(tmp_path: Path, content: bytes) -> None:
    """Nothing about the format is assumed."""
    (tmp_path / "a").write_bytes(content)
    assert fingerprint(tmp_path / "a") == f"blake2b:{hashlib.blake2b(content, digest_size=32).hexdigest()}"


def test_a_large_parquet_file_is_sampled(parquet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Size, ends and footer: rows written anew are seen, and the name says how it was made."""
    monkeypatch.setattr(f"{MODULE}.WHOLE", 1_000)
    monkeypatch.setattr(f"{MODULE}.END", 2_000)
    before = fingerprint(parquet)
    assert before.startswith("blake2b-sampled:")
    table = pl.read_parquet(parquet)
    changed = table.with_columns(pl.when(pl.col("b") == 7_000).then(99.0).otherwise("a").alias("a"))
    changed.write_parquet(parquet, row_group_size=5_000, compression="uncompressed")
    assert fingerprint(parquet) != before
    table.write_parquet(parquet, row_group_size=5_000, compression="uncompressed")
    assert fingerprint(parquet) == before


def test_a_sample_does_not_see_bytes_changed_in_place(parquet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the documentation says it does not see; the whole content does."""
    full = fingerprint(parquet)
    data = bytearray(parquet.read_bytes())
    data[len(data) // 2] ^= 1
    monkeypatch.setattr(f"{MODULE}.WHOLE", 1_000)
    monkeypatch.setattr(f"{MODULE}.END", 2_000)
    sampled = fingerprint(parquet)
    parquet.write_bytes(data)
    assert fingerprint(parquet) == sampled
    monkeypatch.undo()
    assert fingerprint(parquet) != full


def test_large_text_is_never_sampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A digit changed in the middle changes nothing else."""
    monkeypatch.setattr(f"{MODULE}.WHOLE", 1_000)
    monkeypatch.setattr(f"{MODULE}.END", 100)
    file = tmp_path / "a.csv"
    file.write_text("a\n" + "1\n" * 2_000)
    before = fingerprint(file)
    file.write_text("a\n" + "1\n" * 1_000 + "2\n" + "1\n" * 999)
    assert fingerprint(file) != before


def test_a_missing_file(tmp_path: Path) -> None:
    """The system's reason."""
    with pytest.raises(SourceError) as caught:
        fingerprint(tmp_path / "a")
    assert str(caught.value) == f"{tmp_path}/a: no such file; it was there when the run began; run again"


def fingerprints(*paths: Path, **options: object) -> list[str]:
    source = resolve(SourceSpec(paths=tuple(map(str, paths)), options=options))  # type: ignore[arg-type]  # options as a user writes them
    return [one.fingerprint() for one in source.partitions]


def test_a_partition_of_parquet_is_its_file(parquet: Path) -> None:
    """Nothing but the content says what its rows are."""
    assert fingerprints(parquet) == [fingerprint(parquet)]


def test_a_partition_is_its_folders_too(tmp_path: Path) -> None:
    """The same file under another month holds other rows."""
    for month in ("1", "2"):
        (tmp_path / f"d/month={month}").mkdir(parents=True)
        pl.DataFrame({"a": [1]}).write_parquet(tmp_path / f"d/month={month}/p.parquet")
    first, second = fingerprints(tmp_path / "d")
    assert first != second
    assert first.startswith("blake2b:")


def test_a_partition_is_how_its_text_is_read(tmp_path: Path) -> None:
    """Another word for null makes other rows of the same bytes."""
    file = tmp_path / "a.csv"
    file.write_text("a,b\nu,1\nv,2\n")
    assert fingerprints(file) == fingerprints(file)
    assert fingerprints(file) != fingerprints(file, null_values="u")
