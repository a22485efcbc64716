"""Which files a source names, what stops it before a row is read, and one schema for all."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from normflow.errors import ConfigError, NormflowError, SchemaError, SourceError
from normflow.sources import resolve, schema
from normflow.spec import SourceSpec
from tests.sources.tables import write

if TYPE_CHECKING:
    from normflow.sources import Source
    from normflow.spec import FileFormat

DAMAGED = "write the file again, or remove it"
SAME = "give all files the same columns, or read them by pipelines of their own"
FRAME = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test stands in a folder of its own, so that paths in messages are short."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(path: str, table: pl.DataFrame = FRAME) -> str:
    """Write the table that most tests read."""
    return write(path, table)


def found(*paths: str, file_format: FileFormat | None = None, **options: Any) -> Source:
    return resolve(SourceSpec(paths=paths, format=file_format, options=options))


def names(source: Source) -> list[str]:
    return [str(path) for path in source.paths]


def error(
    *paths: str,
    kind: type[NormflowError] = SourceError,
    file_format: FileFormat | None = None,
    **options: Any,
) -> str:
    with pytest.raises(kind) as caught:
        found(*paths, file_format=file_format, **options)
    assert type(caught.value) is kind
    return str(caught.value)


def test_one_file() -> None:
    """Its name tells its format."""
    source = found(put("a.parquet"))
    assert names(source) == ["a.parquet"]
    assert source.layout.format == "parquet"
    assert schema(source) == FRAME.schema


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".ndjson", ".arrow"])
def test_every_format(suffix: str) -> None:
    """Parquet, CSV, NDJSON and IPC hold the same table."""
    assert schema(found(put(f"a{suffix}"))) == FRAME.schema


def test_a_list_keeps_its_order_and_names_no_file_twice() -> None:
    """Overlapping patterns are one set of files."""
    for name in ("a", "b", "c"):
        put(f"{name}.csv")
    assert names(found("c.csv", "*.csv", "a.csv")) == ["c.csv", "a.csv", "b.csv"]


def test_a_glob_is_sorted() -> None:
    """Whatever order the file system gives."""
    for name in ("b", "a", "10", "9"):
        put(f"data/{name}.csv")
    assert names(found("data/*.csv")) == ["data/10.csv", "data/9.csv", "data/a.csv", "data/b.csv"]


def test_a_glob_reaches_down_and_leaves_hidden_files() -> None:
    """Two stars are any depth."""
    for name in ("x/a.csv", "x/y/b.csv", "x/.hidden.csv"):
        put(name)
    assert names(found("x/**/*.csv")) == ["x/a.csv", "x/y/b.csv"]


def test_a_folder_holds_all_data_files_below_it() -> None:
    """Without what begins with a dot or an underscore, and without what is no data."""
    for name in ("d/b.parquet", "d/sub/a.parquet", "d/.x/c.parquet", "d/_old/c.parquet", "d/_tmp.parquet"):
        put(name)
    Path("d/README.md").write_text("not data")
    assert names(found("d")) == ["d/b.parquet", "d/sub/a.parquet"]


def test_a_folder_of_one_format_among_others() -> None:
    """The format that is written chooses."""
    put("d/a.csv")
    put("d/b.parquet")
    assert names(found("d", file_format="csv")) == ["d/a.csv"]
    assert error("d", kind=ConfigError) == (
        "one source has one format, and here are csv and parquet; narrow the path or write format"
    )


def test_a_folder_of_files_without_suffixes_needs_the_format() -> None:
    """Some writers give none."""
    Path(put("d/part.csv")).rename("d/part-0")
    assert names(found("d", file_format="csv")) == ["d/part-0"]
    assert error("d") == "d: no data file in the folder; check the folder and the format"
    assert error("d/part-0") == "d/part-0: its name tells no format; write format under source"


def test_a_name_that_reads_like_a_glob_is_the_file_of_that_name() -> None:
    """What is there is meant."""
    for suffix in (".parquet", ".csv", ".ndjson", ".arrow"):
        put(f"b1{suffix}", FRAME.select("a"))
        assert schema(found(put(f"b[1]{suffix}"))) == FRAME.schema


def test_a_format_that_is_written_goes_before_the_suffix() -> None:
    """A text file may be called anything."""
    Path(put("a.csv")).rename("a.txt")
    assert schema(found("a.txt", file_format="csv")) == FRAME.schema


def test_packed_text_is_read_as_it_is() -> None:
    """The readers see through gzip."""
    with gzip.open("a.csv.gz", "wt") as stream:
        stream.write(FRAME.write_csv())
    assert schema(found("a.csv.gz")) == FRAME.schema


def test_nothing_there() -> None:
    """With the nearest name in the same folder, or the folder that is missing."""
    put("data/weather.parquet")
    assert error("data/wether.parquet") == (
        "data/wether.parquet: no such file; did you mean 'weather.parquet'?"
    )
    assert error("data/q.csv") == "data/q.csv: no such file; check the path"
    assert error("dta/weather.parquet") == "dta/weather.parquet: no such file; there is no folder 'dta'"
    assert error("data/*.csv") == "data/*.csv: no file matches; check the pattern"
    assert error("dta/*.csv") == "dta/*.csv: no file matches; there is no folder 'dta'"
    Path("link.csv").symlink_to("link.csv")
    assert error("link.csv") == "link.csv: no such file; it is a link that leads nowhere"
    long = f"{'a' * 300}.csv"
    assert error(long) == f"{long}: it cannot be read: File name too long"
    Path("empty").mkdir()
    assert error("empty") == "empty: no data file in the folder; check the folder and the format"


def test_a_file_of_no_bytes() -> None:
    """Whatever its format, and wherever it is found."""
    put("d/a.csv")
    Path("d/b.csv").touch()
    for path in ("d/b.csv", "d/*.csv", "d"):
        assert error(path) == f"d/b.csv: the file is empty (0 bytes); {DAMAGED}"


def test_a_file_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's reason."""
    put("a.csv")

    def refuse(self: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    assert error("a.csv") == "a.csv: it cannot be read: Permission denied"


def test_a_folder_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of a folder is never left out in silence."""
    put("d/sub/a.csv")
    scandir = os.scandir

    def refuse(path: str) -> Any:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert error("d") == "d: it cannot be read: Permission denied"


def test_what_is_no_file() -> None:
    """A pipe would block for ever."""
    os.mkfifo("pipe.csv")
    assert error("pipe.csv") == "pipe.csv: it is no regular file; name a file"


def test_a_delta_table_is_no_folder_of_parquet() -> None:
    """Its folder holds rows that were deleted."""
    put("table/part.parquet")
    Path("table/_delta_log").mkdir()
    assert error("table") == (
        "table: the folder is a Delta table, whose files are not all current; write it as source: {delta: …}"
    )


def parquet_bytes() -> bytes:
    put("whole.parquet")
    return Path("whole.parquet").read_bytes()


@pytest.mark.parametrize("cut", [slice(0, -20), slice(0, 6), slice(0, 200)])
def test_a_damaged_parquet_file(cut: slice) -> None:
    """Cut anywhere: the footer is at the end."""
    Path("a.parquet").write_bytes(parquet_bytes()[cut])
    assert error("a.parquet") == f"a.parquet: it is no Parquet file, or is damaged; {DAMAGED}"


def test_a_footer_that_is_rubbish() -> None:
    """The right ends, and nothing between them."""
    Path("a.parquet").write_bytes(b"PAR1" + b"x" * 200 + b"\x10\0\0\0PAR1")
    assert error("a.parquet") == f"a.parquet: it is no Parquet file, or is damaged; {DAMAGED}"


def test_what_is_another_format_than_it_says() -> None:
    """One sentence for each reader."""
    for suffix in ("parquet", "arrow"):
        Path(f"a.{suffix}").write_text("a,b\n1,2\n" * 20)
    assert error("a.parquet") == f"a.parquet: it is no Parquet file, or is damaged; {DAMAGED}"
    assert error("a.arrow") == f"a.arrow: it is no Arrow IPC file, or is damaged; {DAMAGED}"
    Path("a.ndjson").write_text("a,b\n1,2\n")
    assert error("a.ndjson") == f"a.ndjson: a line is no JSON object; {DAMAGED}"
    Path(put("b.parquet")).rename("b.csv")
    assert error("b.csv") == "b.csv: it is no UTF-8 text; save it as UTF-8, or name its format"


def test_text_of_another_encoding() -> None:
    """UTF-16 is what spreadsheets call Unicode, Latin-1 what they call CSV."""
    Path("a.csv").write_text("a,b\n1,x\n", encoding="utf-16")
    assert error("a.csv") == "a.csv: it is no UTF-8 text; save it as UTF-8, or name its format"
    Path("a.csv").write_text("a,b\n1,café\n", encoding="latin-1")
    assert error("a.csv") == "a.csv: it is not UTF-8 text; save it as UTF-8"


def test_a_csv_file_of_blank_lines() -> None:
    """There is not even a header."""
    Path("a.csv").write_text("\n\n")
    assert error("a.csv") == f"a.csv: it holds no header and no row; {DAMAGED}"


def test_a_missing_column_names_the_file_and_the_column() -> None:
    """Whichever of the files lacks it."""
    put("a.parquet")
    put("b.parquet", FRAME.select("b"))
    assert error("a.parquet", "b.parquet", kind=SchemaError) == (
        f"b.parquet: column 'a' of a.parquet is missing; {SAME}"
    )
    assert (
        error("b.parquet", "a.parquet", kind=SchemaError)
        == f"a.parquet: column 'a' is not in b.parquet; {SAME}"
    )


def test_another_type_names_the_file_and_the_column() -> None:
    """Stored types are never bent."""
    put("a.parquet")
    put("b.parquet", FRAME.with_columns(pl.col("a").cast(pl.Int32)))
    assert error("a.parquet", "b.parquet", kind=SchemaError) == (
        f"b.parquet: column 'a' is Int32, and in a.parquet it is Int64; {SAME}"
    )


def test_types_told_by_text_meet() -> None:
    """Whole numbers and decimals in decimals, nothing in anything; text and numbers do not."""
    Path("a.csv").write_text("x,y\n1,\n")
    Path("b.csv").write_text("y,x\nu,1.5\n")
    assert schema(found("a.csv", "b.csv")) == {"x": pl.Float64, "y": pl.String}
    assert schema(found("b.csv", "a.csv")) == {"y": pl.String, "x": pl.Float64}
    Path("c.csv").write_text("x,y\none,u\n")
    assert error("a.csv", "c.csv", kind=SchemaError) == (
        f"c.csv: column 'x' is String, and in a.csv it is Int64; {SAME}"
    )


def test_words_for_null_must_be_the_same_or_be_written() -> None:
    """A column has one word for null."""
    Path("a.csv").write_text("x\n1\nNA\n")
    Path("b.csv").write_text("x\n1\nN/A\n")
    assert error("a.csv", "b.csv", kind=SchemaError) == (
        "b.csv: column 'x' writes null as 'N/A', and in a.csv as 'NA';"
        " name both under source.options.null_values"
    )
    assert schema(found("a.csv", "b.csv", null_values=("NA", "N/A"))) == {"x": pl.Int64}


def test_options_are_judged_here_too() -> None:
    """A source made in Python has not passed a pipeline file."""
    put("a.csv")
    assert error("a.csv", kind=ConfigError, seperator=";") == (
        "source.options.seperator: no such option for csv; did you mean 'separator'?"
    )
    assert error(put("a.parquet"), kind=ConfigError, separator=";") == (
        "source.options.separator: no such option for parquet; parquet takes no options"
    )


def test_key_value_folders_are_columns() -> None:
    """Whole numbers, dates, or text; below the folder that is named, and never above it."""
    put("run=5/h/month=2/day=2024-02-01/p.parquet")
    put("run=5/h/month=10/day=2024-10-01/p.parquet")
    whole = found("run=5/h")
    assert schema(whole) == {**FRAME.schema, "month": pl.Int64, "day": pl.Date}
    assert schema(found("run=5/h/month=*/*/*.parquet")) == schema(whole)
    assert schema(found("run=5/h/**/*.parquet")) == schema(whole)
    assert schema(found("run=5/h/month=*")) == schema(whole)
    assert schema(found("run=5/h/month=2/day=2024-02-01/p.parquet")) == FRAME.schema


def test_key_value_folders_must_agree() -> None:
    """Otherwise a column would be missing in half of the rows."""
    put("d/month=1/p.parquet")
    put("d/year=1/p.parquet")
    put("e/month=1/p.parquet")
    put("e/p.parquet")
    assert error("d", kind=SchemaError) == (
        "d/year=1/p.parquet: its folders hold year, and those of d/month=1/p.parquet month;"
        " keep one scheme of key=value folders"
    )
    assert error("e", kind=SchemaError) == (
        "e/p.parquet: its folders hold no keys, and those of e/month=1/p.parquet month;"
        " keep one scheme of key=value folders"
    )


def test_a_header_that_cannot_be_taken_as_it_is() -> None:
    """A name that comes twice, and a name in another encoding: neither is published under a made-up name."""
    Path("twice.csv").write_text("a,a,b\n1,2,3\n")
    assert error("twice.csv") == "twice.csv: its header names column 'a' twice; rename one of them"
    Path("latin.csv").write_bytes("naïve,b\n1,2\n".encode("latin-1"))
    assert error("latin.csv") == "latin.csv: its header is not UTF-8 text; save it as UTF-8"
