"""Rows are written in order, the same bytes every time, and counted afterwards."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from normflow import sinks
from normflow.errors import ConfigError, SchemaError, SinkError
from normflow.sinks.options import KNOWN
from normflow.sinks.write import row_group_size
from normflow.spec import FileFormat, SinkSpec

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)
READ: dict[FileFormat, Callable[[Path], pl.DataFrame]] = {
    "parquet": lambda path: pl.read_parquet(path, glob=False),
    "csv": lambda path: pl.read_csv(path, glob=False),
    "tsv": lambda path: pl.read_csv(path, separator="\t", glob=False),
    "ndjson": lambda path: pl.read_ndjson(path.read_bytes()),
    "ipc": lambda path: pl.scan_ipc(path, glob=False).collect(),
}


def spec(file_format: FileFormat, **options: Any) -> SinkSpec:
    return SinkSpec(path=Path("out"), format=file_format, options=options)


def frame(rows: int = 50_000) -> pl.LazyFrame:
    return pl.LazyFrame({"i": range(rows)}).with_columns(
        x=pl.col("i") / 7, text=pl.format('a,"{}"\n\t*', "i")
    )


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_written_file_reads_back_as_the_rows_in_their_order(
    tmp_path: Path, file_format: FileFormat
) -> None:
    staged = tmp_path / ".we[1]rd *?%20 ü.run.tmp"
    sinks.sink(frame(), staged, spec(file_format)).collect()
    assert_frame_equal(READ[file_format](staged), frame().collect())
    assert sinks.rows(staged, file_format) == 50_000


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_same_rows_give_the_same_bytes(tmp_path: Path, file_format: FileFormat) -> None:
    """Also when they arrive in other batches, through a filter."""
    plans = [frame(), frame().filter(pl.col("i") >= 0), frame().collect().lazy()]
    digests = set()
    for i, plan in enumerate(plans):
        sinks.sink(plan, tmp_path / str(i), spec(file_format)).collect()
        digests.add(sinks.digest(tmp_path / str(i)))
    assert len(digests) == 1


@pytest.mark.parametrize("file_format", FORMATS)
def test_no_rows_are_written_as_a_file_of_no_rows(tmp_path: Path, file_format: FileFormat) -> None:
    sinks.sink(frame(0), tmp_path / "out", spec(file_format)).collect()
    assert sinks.rows(tmp_path / "out", file_format) == 0


@pytest.mark.parametrize("file_format", ["csv", "tsv", "ndjson"])
@given(texts=st.lists(st.none() | st.text(st.sampled_from('a,"\n\r\t \\'), max_size=4), max_size=8))
def test_rows_of_awkward_text_are_counted_right(
    tmp_path_factory: pytest.TempPathFactory, file_format: FileFormat, texts: list[str | None]
) -> None:
    path = tmp_path_factory.getbasetemp() / "awkward"
    sinks.sink(pl.LazyFrame({"t": texts}, schema={"t": pl.String}), path, spec(file_format)).collect()
    assert sinks.rows(path, file_format) == len(texts)


@pytest.mark.parametrize(
    ("columns", "rows"), [(1, 4_194_304), (4, 1_048_576), (20, 131_072), (2_000, 2_048), (10_000_000, 1)]
)
def test_row_groups_hold_at_most_32_mib_of_doubles(columns: int, rows: int) -> None:
    assert row_group_size(columns) == rows
    assert rows == 1 or 16 * 2**20 < rows * columns * 8 <= 32 * 2**20


def test_row_groups_are_of_the_size_that_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "out"
    sinks.sink(frame(10_000), path, spec("parquet", row_group_size=3_000, compression="snappy")).collect()
    metadata = path.read_bytes()
    assert sinks.rows(path, "parquet") == 10_000
    sinks.sink(frame(10_000), tmp_path / "one", spec("parquet", compression="snappy")).collect()
    assert len(metadata) > (tmp_path / "one").stat().st_size


def test_parquet_is_snappy_by_default_and_ipc_uncompressed() -> None:
    assert sinks.writer_options(spec("parquet")) == sinks.WriterOptions(compression="snappy")
    assert sinks.writer_options(spec("parquet", compression="zstd")) == sinks.WriterOptions(
        compression="zstd", compression_level=1
    )
    assert sinks.writer_options(spec("parquet", compression="gzip")) == sinks.WriterOptions(
        compression="gzip"
    )
    assert sinks.writer_options(spec("ipc")) == sinks.WriterOptions(compression="uncompressed")


@pytest.mark.parametrize("file_format", FORMATS)
def test_every_format_says_which_options_it_has(file_format: FileFormat) -> None:
    assert file_format in KNOWN


@pytest.mark.parametrize(
    ("file_format", "options", "text"),
    [
        (
            "parquet",
            {"compresion": "zstd"},
            "compresion: no such option of format parquet; did you mean 'compression'?",
        ),
        (
            "csv",
            {"compression": "gzip"},
            "compression: no such option of format csv; leave `options` out",
        ),
        (
            "parquet",
            {"compression": "zst"},
            "compression: 'zst' is no compression of parquet; did you mean 'zstd'?",
        ),
        (
            "ipc",
            {"compression": "brotli"},
            "compression: 'brotli' is no compression of ipc; known are uncompressed, lz4, zstd",
        ),
        (
            "parquet",
            {"compression": "zstd", "compression_level": 23},
            "compression_level: 23 is no level of zstd; write a whole number from 1 to 22",
        ),
        (
            "parquet",
            {"compression": "zstd", "compression_level": True},
            "compression_level: True is no level of zstd; write a whole number from 1 to 22",
        ),
        (
            "parquet",
            {"compression": "lz4", "compression_level": 1},
            "compression_level: lz4 has no levels; leave it out, or write compression: zstd",
        ),
        (
            "parquet",
            {"row_group_size": 0},
            "row_group_size: 0 is no number of rows; write a whole number from 1 on",
        ),
        (
            "parquet",
            {"row_group_size": "1M"},
            "row_group_size: '1M' is no number of rows; write a whole number from 1 on",
        ),
    ],
)
def test_a_wrong_option_is_a_configuration_error(
    file_format: FileFormat, options: dict[str, Any], text: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        sinks.writer_options(spec(file_format, **options))
    assert str(caught.value) == f"sink.options.{text}"


@pytest.mark.parametrize(
    ("file_format", "dtype", "shown"),
    [
        ("csv", pl.List(pl.Int8), "List(Int8)"),
        ("tsv", pl.Duration, "Duration(time_unit='us')"),
        ("csv", pl.Binary, "Binary"),
        ("ndjson", pl.Binary, "Binary"),
        ("ndjson", pl.Struct({"a": pl.Binary}), "Struct({'a': Binary})"),
        ("parquet", pl.Object, "Object"),
    ],
)
def test_a_type_the_format_cannot_hold_is_refused_before_rows_are_read(
    tmp_path: Path, file_format: FileFormat, dtype: pl.DataType, shown: str
) -> None:
    with pytest.raises(SchemaError) as caught:
        sinks.sink(pl.LazyFrame(schema={"x": dtype}), tmp_path / "out", spec(file_format))
    assert str(caught.value) == (
        f"column 'x' has the type {shown}, which {file_format} cannot hold; drop it, or write parquet"
    )


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_full_disk_is_told_with_the_sink(file_format: FileFormat) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(SinkError) as caught, sinks.writing(Path("out/w.parquet")):
        sinks.sink(frame(), Path("/dev/full"), spec(file_format)).collect()
    assert str(caught.value) == (
        "out/w.parquet: cannot be written: No space left on device;"
        " make room and run again; the earlier output is untouched"
    )


@pytest.mark.parametrize(
    "error", [FileNotFoundError(errno.ENOENT, "no"), OSError("what"), pl.exceptions.ComputeError("x")]
)
def test_other_errors_pass_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, sinks.writing(Path("out")):
        raise error
    assert caught.value is error


def test_a_digest_is_size_and_sha256(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    (tmp_path / "out").write_bytes(content)
    assert sinks.digest(tmp_path / "out") == sinks.Digest(2_560_000, hashlib.sha256(content).hexdigest())


def test_a_whole_file_is_verified(tmp_path: Path) -> None:
    sinks.sink(frame(10), tmp_path / "staged", spec("parquet")).collect()
    found = sinks.verify(tmp_path / "staged", tmp_path / "out", "parquet", 10)
    assert found == sinks.digest(tmp_path / "staged")


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_that_lacks_rows_is_refused(tmp_path: Path, file_format: FileFormat) -> None:
    sinks.sink(frame(10), tmp_path / "staged", spec(file_format)).collect()
    with pytest.raises(SinkError) as caught:
        sinks.verify(tmp_path / "staged", Path("out/w"), file_format, 11)
    assert str(caught.value) == (
        "out/w: the staged file holds 10 rows of 11; run again; the earlier output is untouched"
    )


@pytest.mark.parametrize("file_format", ["parquet", "ipc"])
def test_a_file_that_cannot_be_read_back_is_refused(tmp_path: Path, file_format: FileFormat) -> None:
    (tmp_path / "staged").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(
        SinkError, match=r"^out/w: the staged file cannot be read back: .*; the earlier output is untouched$"
    ):
        sinks.verify(tmp_path / "staged", Path("out/w"), file_format, 1)
