"""Paths of `normflow init`: data of all kinds, a sink that the source does not read, and links."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

import normflow as nf
from normflow.cli import outcome
from tests.cli.test_init import named, runs


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("data", "file"),
    [
        ("parts", "parts.yaml"),
        ("parts/*.csv", "parts.yaml"),
        ("parts/p-*.csv", "p.yaml"),
        ("parts/**/p-?.csv", "p.yaml"),
        ("parts/p-1.csv", "p-1.yaml"),
        (".", "home.yaml"),
        ("we ird@[1].csv.gz", "we-ird-1.yaml"),
    ],
)
def test_data_may_be_a_file_a_folder_or_a_glob(
    data: str, file: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is named after it, and a sink is found that the source does not read."""
    (folder / "home" / "parts").mkdir(parents=True)
    monkeypatch.chdir(folder / "home")
    for part in (1, 2):
        named(["a", "b"]).write_csv(f"parts/p-{part}.csv")
    if data.endswith(".gz"):
        Path(data).write_bytes(gzip.compress(named(["a", "b"]).write_csv().encode()))
    runs(data, file)
    expected = 60 if "1" not in data else 30
    assert pl.read_parquet(nf.load(file).sink.path).height == expected


@pytest.mark.parametrize("data", ["data", "data/*.parquet", "data/**/*.parquet", ".", "**/*.parquet"])
def test_the_sink_is_none_that_the_source_reads(
    data: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second run reads what the first one read."""
    (folder / "home" / "data" / "deep").mkdir(parents=True)
    monkeypatch.chdir(folder / "home")
    named(["a", "b"]).write_parquet("data/x.parquet")
    named(["a", "b"]).write_parquet("data/deep/y.parquet")
    for run in range(2):
        runs(data, "p.yaml", "-o", "p.yaml", *(["--force"] if run else []))
        rows = {"data/*.parquet": 30}.get(data, 60)
        assert nf.run(nf.load("p.yaml")).rows == rows


def test_paths_are_relative_to_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the file's folder, or that of the data, is reached by a link."""
    (folder / "real" / "deep").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "link").symlink_to(folder / "real" / "deep")
    (folder / "linked").symlink_to(folder / "data")
    named(["a", "b"]).write_parquet("data/x.parquet")
    (folder / "data" / "today.parquet").symlink_to(folder / "data" / "x.parquet")
    runs("linked/today.parquet", "link/p.yaml", "-o", "link/p.yaml", "--sink", "data/out.parquet")
    assert "\nsource: ../../data/today.parquet\n" in Path("link/p.yaml").read_text(encoding="utf-8")
    assert (folder / "data" / "out.parquet").exists()
    monkeypatch.chdir(folder / "real")
    assert outcome(["check", "deep/p.yaml", "-q"]) == 0
