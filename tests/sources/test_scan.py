"""Scans: the whole source and its files one by one hold the same rows, in the same order and types."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from normflow.errors import SourceError
from normflow.sources import reading, resolve, scan, schema
from normflow.spec import SourceSpec
from tests.sources.tables import write

if TYPE_CHECKING:
    from normflow.sources import Source
    from normflow.spec import FileFormat


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test stands in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*paths: str, file_format: FileFormat | None = None, **options: Any) -> Source:
    return resolve(SourceSpec(paths=paths, format=file_format, options=options))


def rows(source: Source) -> pl.DataFrame:
    """The whole source, which must be what its schema says and what its files hold."""
    whole = scan(source).collect()
    assert whole.schema == schema(source)
    assert pl.concat([one.scan().collect() for one in source.partitions]).equals(whole)
    return whole


def csv(text: str, **options: Any) -> pl.DataFrame:
    Path("t.csv").write_text(text)
    return rows(found("t.csv", **options))


@pytest.mark.parametrize("suffix", ["parquet", "csv", "ndjson", "arrow"])
def test_files_with_columns_in_another_order_are_one_table(suffix: str) -> None:
    """By name, in the order of the first file."""
    first, second = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]}), pl.DataFrame({"b": ["z"], "a": [3]})
    for place, frame in enumerate((first, second)):
        write(f"{place}.{suffix}", frame)
    assert rows(found(f"*.{suffix}")).equals(pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}))


@pytest.mark.parametrize("suffix", ["parquet", "csv", "ndjson", "arrow"])
def test_key_value_folders_give_every_row_their_value(suffix: str) -> None:
    """In every format, with the odd values that folders can have; Hive's default partition is null."""
    keys = ["10", "9", "__HIVE_DEFAULT_PARTITION__", "a%20b", "c d", "x=y", ""]
    for place, key in enumerate(keys):
        write(f"d/k={key}/p.{suffix}", pl.DataFrame({"v": [place, place]}))
    table = rows(found("d", file_format="ipc" if suffix == "arrow" else None))
    values = {0: "10", 1: "9", 2: None, 3: "a b", 4: "c d", 5: "x=y", 6: ""}
    assert table["k"].to_list() == [values[place] for place in table["v"]]


def test_a_folder_goes_before_a_column_of_its_name() -> None:
    """As in Polars; the column keeps its place."""
    write("d/month=7/p.parquet", pl.DataFrame({"month": [1], "origin": [2]}))
    assert rows(found("d")).equals(pl.DataFrame({"month": [7], "origin": [2]}))


def test_one_file_in_one_folder() -> None:
    """A single value is no broadcast."""
    write("d/day=2024-02-29/p.parquet", pl.DataFrame({"a": [1, 2]}))
    assert [str(day) for day in rows(found("d"))["day"]] == ["2024-02-29", "2024-02-29"]


def test_words_for_missing_and_not_a_number() -> None:
    """NA is null among numbers and text among text; nan and the infinities are numbers among numbers."""
    table = csv("a,b,c,d\n1,nan,NA,x\nNA,Infinity,u,nan\n3,-inf,v,NA\n4,1.5,w,Infinity\n")
    assert table.schema == {"a": pl.Int64, "b": pl.Float64, "c": pl.String, "d": pl.String}
    assert table["a"].to_list() == [1, None, 3, 4]
    assert str(table["b"].to_list()) == "[nan, inf, -inf, 1.5]"
    assert table["c"].to_list() == ["NA", "u", "v", "w"]
    assert table["d"].to_list() == ["x", "nan", "NA", "Infinity"]


@pytest.mark.parametrize("word", ["NA", "N/A", "n/a", "#N/A", "NULL", "null", "None"])
def test_each_word_for_null(word: str) -> None:
    """Where it is the only one besides numbers."""
    assert csv(f"a\n1.5\n{word}\n\n")["a"].to_list() == [1.5, None, None]


@pytest.mark.parametrize(
    "word", ["NaN", "nan", "-nan", "NAN", "inf", "Inf", "INF", "+inf", "-inf", "infinity", "-Infinity"]
)
def test_each_word_for_what_is_no_finite_number(word: str) -> None:
    """What the types promise, the reader reads."""
    assert csv(f"a\n1\n{word}\n")["a"].is_finite().to_list() == [True, False]


@pytest.mark.parametrize(
    "text", ["a\n1\nNA\nN/A\n", "a\n1\nNA\nx\n", "a\nNA\nNA\n", "a\n1\n-\n", "a\n1\nTrue\n"]
)
def test_what_stays_text(text: str) -> None:
    """Two words, a word nobody knows, or no number at all: the column is not touched."""
    assert csv(text)["a"].to_list() == text.split()[1:]


def test_null_values_that_are_written_are_the_only_ones() -> None:
    """And hold in every column, besides empty fields."""
    table = csv("a,b\n1,NA\n-,u\nNA,\n", null_values=("-", "NA"))
    assert table["a"].to_list() == [1, None, None]
    assert table["b"].to_list() == [None, "u", None]
    assert csv("a,b\n1,NA\n-,u\n", null_values="-")["b"].to_list() == ["NA", "u"]
    assert csv("a\n1\nNA\n", null_values="-")["a"].to_list() == ["1", "NA"]


def test_separator_and_header() -> None:
    """A table without a header gets numbered columns."""
    assert csv("a;b\n1;2,5\n", separator=";").rows() == [(1, "2,5")]
    assert csv("1,x\n2,y\n", has_header=False).rows() == [(1, "x"), (2, "y")]
    Path("t.tsv").write_text("a\tb\n1\t2\n")
    assert rows(found("t.tsv")).to_dict(as_series=False) == {"a": [1], "b": [2]}


def test_a_column_without_values_is_text() -> None:
    """Nothing says otherwise."""
    assert csv("a,b\n1,\n2,\n").schema == {"a": pl.Int64, "b": pl.String}
    assert csv("a,b\n").schema == {"a": pl.String, "b": pl.String}


def test_dates_stay_text() -> None:
    """Nothing is guessed but numbers and truth values."""
    assert csv("a,b,c\n2024-01-31,true,1e3\n").schema == {"a": pl.String, "b": pl.Boolean, "c": pl.Float64}


LATE = "the first rows told its type: write infer_schema_length: null under source.options to look at all"


@pytest.mark.parametrize(("value", "number"), [("1.5", 1.5), ("NA", None), ("1e400", float("inf"))])
def test_a_type_that_changes_late_is_told_and_can_be_looked_for(value: str, number: float | None) -> None:
    """The first 10,000 rows tell the types; looking at all rows is asked for."""
    text = "a\n" + "1\n" * 10_000 + f"{value}\n"
    with pytest.raises(SourceError) as caught, reading("t.csv"):
        csv(text)
    assert str(caught.value) == (
        f"t.csv: column 'a' holds '{value}', which is no whole number; {LATE},"
        " or name the value in null_values"
    )
    assert csv(text, infer_schema_length=None)["a"][-1] == number


def test_ndjson_types_that_change_late() -> None:
    """A decimal after whole numbers, and a value after nulls."""
    for first, last in (("1", "1.5"), ("null", "5")):
        Path("t.ndjson").write_text(f'{{"a": {first}}}\n' * 10_000 + f'{{"a": {last}}}\n')
        with pytest.raises(SourceError) as caught, reading("t.ndjson"):
            scan(found("t.ndjson")).collect()
        what = "a column of Int64 holds 1.5" if last == "1.5" else "a column without values before holds 5"
        assert str(caught.value) == f"t.ndjson: {what}; {LATE}"
        assert scan(found("t.ndjson", infer_schema_length=None)).collect()["a"][-1] == float(last)


def test_ragged_rows_and_open_quotes() -> None:
    """A short row ends in nulls, a long one and an open quote are errors."""
    assert csv("a,b\n1,2\n3\n").rows() == [(1, 2), (3, None)]
    with pytest.raises(SourceError) as caught, reading("t.csv"):
        csv("a,b\n1,2,3\n4,5\n")
    assert str(caught.value) == (
        "t.csv: a row has more fields than the header; check the separator, and quote fields that hold it"
    )
    with pytest.raises(SourceError) as caught, reading("t.csv"):
        csv('a,b\n1,"x\n2,y\n')
    assert str(caught.value) == (
        "t.csv: a quoted field is never closed; close it, or check that the separator is right"
    )


def test_a_damaged_body_is_told_while_rows_stream() -> None:
    """The footer is whole, the data is not."""
    pl.DataFrame({"a": [1, 2, 3] * 100}).write_parquet("a.parquet")
    data = bytearray(Path("a.parquet").read_bytes())
    data[4:60] = bytes(byte ^ 0xFF for byte in data[4:60])
    Path("a.parquet").write_bytes(data)
    source = found("a.parquet")
    with pytest.raises(SourceError) as caught, reading("a.parquet"):
        scan(source).collect()
    assert str(caught.value) == (
        "a.parquet: it is no Parquet file, or is damaged; write the file again, or remove it"
    )


def test_a_file_that_goes_away() -> None:
    """Between the look and the pass."""
    pl.DataFrame({"a": [1]}).write_parquet("a.parquet")
    source = found("a.parquet")
    Path("a.parquet").unlink()
    with pytest.raises(SourceError) as caught, reading("a.parquet"):
        scan(source).collect()
    assert str(caught.value) == "a.parquet: no such file; it was there when the run began; run again"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.none() | st.floats(), min_size=1, max_size=20))
def test_numbers_survive_csv(values: list[float | None]) -> None:
    """Every double comes back with its bits, NaN and infinities included."""
    frame = pl.DataFrame({"id": range(len(values)), "x": pl.Series(values, dtype=pl.Float64)})
    frame.write_csv("t.csv")
    table = rows(found("t.csv"))
    if frame["x"].null_count() < len(values):
        assert table["x"].cast(pl.Float64).equals(frame["x"], null_equal=True)
