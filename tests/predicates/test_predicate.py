"""A predicate asks each row by itself, is tried out first, and is read exactly as written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from normflow.errors import ConfigError, EmptySourceError, NormflowError, SchemaError
from normflow.predicates import FUNCTIONS, predicate

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "pipeline-file.md"
ROWS = pl.DataFrame(
    {
        "a": [1, -2, 3, None, 0, 7],
        "b": [2, 2, 5, 1, None, 7],
        "x": [0.5, -0.25, float("nan"), None, 1e300, 2.0],
        "s": ["ab c", "Xy", "é", None, "", "a-b"],
        "p": [True, False, None, True, False, True],
        "d": ["2013-01-05", "2013-09-30", "1969-12-31", None, "2024-02-29", "2013-06-01"],
        "t": ["2013-01-05 03:04:05", "2013-09-30 00:00:00", None, "1969-12-31 00:00:00"]
        + ["2024-02-29 23:59:00"] * 2,
        "l": [[1, 2], [3], [], None, [1, 1], [7]],
        "w": [["a", "b"], ["c"], [], None, ["d"], ["e"]],
    }
).with_columns(pl.col("d").str.to_date(), pl.col("t").str.to_datetime())
ONE_NUMBER = "ABS CBRT CEIL CEILING EXP FLOOR LN LOG10 LOG1P LOG2 ROUND SIGN SQRT TRUNC TRUNCATE"
ANGLES = "ACOS ACOSD ASIN ASIND ATAN ATAND COS COSD COT COTD DEGREES RADIANS SIN SIND TAN TAND"
TWO_NUMBERS = "BIT_AND BIT_OR BIT_XOR DIV GREATEST LEAST MOD"
ONE_TEXT = "INITCAP LOWER LTRIM NORMALIZE REVERSE RTRIM TRIM UPPER"
LENGTHS = "BIT_LENGTH CHARACTER_LENGTH CHAR_LENGTH LENGTH OCTET_LENGTH"
PARTS = "DAY DAYOFMONTH DAYOFWEEK DAYOFYEAR MONTH QUARTER WEEK YEAR"
CALLS = {
    **{name: f"{name}(x) > 0.7" for name in f"{ONE_NUMBER} {ANGLES}".split()},
    **{name: f"{name}(s) < 'b'" for name in ONE_TEXT.split()},
    **{name: f"{name}(s) > 2" for name in LENGTHS.split()},
    **{name: f"{name}(d) > 2" for name in PARTS.split()},
    **{name: f"{name}(t) > 2" for name in ("HOUR", "MINUTE", "SECOND")},
    **{name: f"{name}(l) > 1" for name in ("ARRAY_LENGTH", "ARRAY_MEAN")},
    **{name: f"{name}(a, b) > 1" for name in TWO_NUMBERS.split()},
    "ARRAY_CONTAINS": "ARRAY_CONTAINS(l, 1)",
    "ARRAY_GET": "ARRAY_GET(l, 2) > 1",
    "ARRAY_SUM": "ARRAY_SUM(l) > 2",
    "ARRAY_TO_STRING": "ARRAY_TO_STRING(w, '-') = 'a-b'",
    "ATAN2": "ATAN2(a, b) > 0.5",
    "ATAN2D": "ATAN2D(a, b) > 0.5",
    "BIT_COUNT": "BIT_COUNT(a) = 2",
    "BIT_NOT": "BIT_NOT(a) < 0",
    "CAST": "CAST(a AS DOUBLE) > 1.5",
    "COALESCE": "COALESCE(a, b) > 1",
    "CONCAT": "CONCAT(s, 'x') = 'éx'",
    "CONCAT_WS": "CONCAT_WS('-', s, 'x') = 'é-x'",
    "DATE_PART": "DATE_PART('month', d) = 9",
    "ENDS_WITH": "ENDS_WITH(s, 'c')",
    "EXTRACT": "EXTRACT(month FROM d) = 9",
    "IF": "IF(a > 1, p, NOT p)",
    "IFNULL": "IFNULL(a, b) = 1",
    "LEFT": "LEFT(s, 1) = 'a'",
    "LOG": "LOG(x, 3) > 0",
    "LPAD": "LPAD(s, 3) = ' Xy'",
    "NULLIF": "NULLIF(a, b) IS NULL",
    "POSITION": "POSITION('b' IN s) > 1",
    "POW": "POW(a, 2) > 4",
    "POWER": "POWER(a, 2) > 4",
    "REGEXP_LIKE": "REGEXP_LIKE(s, '^[aX]')",
    "REGEXP_REPLACE": "REGEXP_REPLACE(s, '[ab]', 'z') = 'zz c'",
    "REPLACE": "REPLACE(s, 'a', 'b') = 'bb c'",
    "RIGHT": "RIGHT(s, 1) = 'y'",
    "SAFE_CAST": "SAFE_CAST(s AS BIGINT) IS NULL",
    "SPLIT_PART": "SPLIT_PART(s, '-', 2) = 'b'",
    "STARTS_WITH": "STARTS_WITH(s, 'a')",
    "STRFTIME": "STRFTIME(d, '%m') = '09'",
    "STRING_TO_ARRAY": "ARRAY_LENGTH(STRING_TO_ARRAY(s, '-')) = 2",
    "STRPOS": "STRPOS(s, 'b') = 2",
    "SUBSTR": "SUBSTR(s, 2, 1) = 'y'",
    "SUBSTRING": "SUBSTRING(s, 2, 1) = 'y'",
    "TRY_CAST": "TRY_CAST(s AS BIGINT) IS NULL",
}
GRAMMAR = [
    "a <= 1 AND b > 1",
    "a < 1 OR NOT p",
    "p",
    "a IN (1, 3)",
    "a IN (b, 3)",
    "a NOT IN (1, 3)",
    "s IN ('', 'Xy')",
    "a BETWEEN 1 AND 3",
    "a NOT BETWEEN 1 AND 3",
    "s LIKE 'a%'",
    "s NOT LIKE '%b'",
    "a IS NULL",
    "a IS NOT NULL AND x > 1",
    "p IS DISTINCT FROM FALSE",
    "a IS DISTINCT FROM b",
    "a IS NOT DISTINCT FROM b",
    "CASE WHEN a > 1 THEN p ELSE b = 2 END",
    "CASE a WHEN 1 THEN true WHEN 3 THEN false ELSE p END",
    "(a + b) * 2 - 1 > 5",
    "a % 2 = 0",
    "-a > 1",
    "a = b",
    "a <> 2",
    "a != 2",
    "s || 'x' = 'éx'",
    "s = 'it''s' OR s = 'é'",
    "d >= DATE '2013-06-01'",
    "t < TIMESTAMP '2013-09-30 00:00:01'",
    "x > .5",
    "x > 1e3",
    "TRY_CAST(a AS DECIMAL(10, 2)) > 1.5",
    "true",
    "1 = 2",
]
POLARS_ONLY = ["s ~ '^[aX]'", "s RLIKE 'b'", "a <=> b", "a // 2 = 1", "s ^@ 'a'", "a::double > 1.5"]


def matching(text: str, rows: pl.DataFrame = ROWS) -> pl.DataFrame:
    return rows.filter(predicate(text, rows.schema).expr)


def one_by_one(text: str) -> pl.DataFrame:
    """The rows that match when each row is all there is."""
    return pl.concat([matching(text, ROWS[i : i + 1]) for i in range(ROWS.height)])


def test_every_function_has_its_call() -> None:
    assert set(CALLS) == FUNCTIONS


def test_the_reference_lists_every_function() -> None:
    _, table = PAGE.read_text().split("Functions that a predicate may call:")
    assert set(re.findall("`([A-Z0-9_]+)`", table)) == FUNCTIONS


@pytest.mark.parametrize("text", [*CALLS.values(), *GRAMMAR, *POLARS_ONLY])
def test_a_row_matches_by_its_own_values_alone(text: str) -> None:
    """The matching rows of a frame are the rows that match alone, in one batch or streaming."""
    assert_frame_equal(matching(text), one_by_one(text))
    lazy = ROWS.lazy().filter(predicate(text, ROWS.schema).expr)
    assert_frame_equal(lazy.collect(engine="streaming"), one_by_one(text))


@pytest.mark.parametrize("text", GRAMMAR)
def test_predicates_mean_what_duckdb_says(text: str, tmp_path: Path) -> None:
    """SQL is SQL: nulls, IN, BETWEEN and CASE included."""
    ROWS.select("a", "b", "x", "s", "p", "d", "t").write_parquet(tmp_path / "rows.parquet")
    query = f"SELECT file_row_number FROM read_parquet(?, file_row_number = true) WHERE {text}"  # noqa: S608
    with duckdb.connect() as con:
        expected = con.execute(query, [str(tmp_path / "rows.parquet")]).fetchall()
    assert matching(text, ROWS.with_row_index())["index"].to_list() == [row for (row,) in expected]


OTHER = (
    "looks at other rows, and a row matches by its own values alone; write the number, or make it a column"
)
CLOCK = (
    "reads the clock, and the same rows must teach the same on any day; "
    "write the date, as in DATE '2013-09-30'"
)
RANDOM = "draws at random, and the same rows must teach the same every time; choose the rows by a column"
EXAMPLE = "such as: month <= 9 AND origin = 'EWR'; a name that SQL knows stands in double quotes"
TYPES = "compare values of one type; TRY_CAST gives null where CAST fails, and DATE '…' is a date"
REFUSED = {
    "SUM(a) > 1": f"SUM {OTHER} of the source",
    "sum (a) > 1": f"SUM {OTHER} of the source",
    '"sum"(a) > 1': f"SUM {OTHER} of the source",
    "count(*) > 1": f"COUNT {OTHER} of the source",
    "a > max(a) - 1": f"MAX {OTHER} of the source",
    "first(a) > 1": f"FIRST {OTHER} of the source",
    "median(a) > 1": f"MEDIAN {OTHER} of the source",
    "quantile_cont(a, 0.5) > 1": f"QUANTILE_CONT {OTHER} of the source",
    "corr(a, b) > 0": f"CORR {OTHER} of the source",
    "stddev(a) > 0": f"STDDEV {OTHER} of the source",
    "unnest(l) > 1": f"UNNEST {OTHER} of the source",
    "lag(a) OVER (ORDER BY b) > 1": f"LAG {OTHER} of the source",
    "row_number() OVER (ORDER BY a) < 3": f"ROW_NUMBER {OTHER} of the source",
    "abs(a) OVER (PARTITION BY b) > 1": f"OVER {OTHER} of the source",
    "abs(a) FILTER (WHERE a > 1) > 1": f"FILTER {OTHER} of the source",
    "a IN (SELECT b FROM self)": f"SELECT {OTHER} of the source",
    "a > (SELECT 1)": f"SELECT {OTHER} of the source",
    "EXISTS (SELECT 1)": f"EXISTS {OTHER} of the source",
    "a = ANY(b)": f"ANY {OTHER} of the source",
    "d < CURRENT_DATE": f"CURRENT_DATE {CLOCK}",
    "t < current_timestamp": f"CURRENT_TIMESTAMP {CLOCK}",
    "t < now()": f"NOW {CLOCK}",
    "t < localtimestamp": f"LOCALTIMESTAMP {CLOCK}",
    "d < today()": f"TODAY {CLOCK}",
    "random() < 0.5": f"RANDOM {RANDOM}",
    "uper(s) = 'A'": "no row-wise function 'UPER'; did you mean 'UPPER'?",
    "a > read_csv('a.csv')": "no row-wise function 'READ_CSV'; docs/reference/pipeline-file.md lists them",
    "columns('.*') > 1": "no row-wise function 'COLUMNS'; did you mean 'COS'?",
    "ARRAY_GET(ARRAY_REVERSE(l), 1) = 1": "no row-wise function 'ARRAY_REVERSE'; did you mean 'REVERSE'?",
    "p IS NOT FALSE": "IS NOT FALSE means another thing to Polars than to SQL where a value is null; "
    "write IS DISTINCT FROM FALSE",
    "(a = 1) is true": "IS TRUE means another thing to Polars than to SQL where a value is null; "
    "write IS NOT DISTINCT FROM TRUE",
    "a > 1 -- or": "it holds a comment; remove it",
    "a > 1 /* or */": "it holds a comment; remove it",
    "a > 1; SELECT 1": "it holds more than one statement; remove the ';'",
    "s = 'a": "a text is never closed; end it with '",
    '"a > 1': 'a name is never closed; end it with "',
    "rows.a > 1": """'.' means nothing here; quote a name that holds a dot, as in "a.b\"""",
    "`a` > 1": """'`' means nothing here; quote names with ", as in "wind speed\"""",
    "l[1] > 1": "'[' means nothing here; take a list's first item with ARRAY_GET(items, 1)",
    "s = e'a\\' OR s = 'b'": "e' means nothing here; put a space before the text, or a comma",
    "a = 1_000": "'1_000' is no number; write it as 1000, 0.5 or 1e3",
    "a = 0x10": "'0x10' is no number; write it as 1000, 0.5 or 1e3",
    "a = $1": """'$' means nothing here; quote a name that holds it, as in "a$b\"""",
    "a >": f"it cannot be read as SQL: unable to parse 'a >' as Expr; {EXAMPLE}",
    "": f"it cannot be read as SQL: unable to parse '' as Expr; {EXAMPLE}",
    "(a > 1": f"it cannot be read as SQL: unable to parse '(a > 1' as Expr; {EXAMPLE}",
    "user = 'x'": f"it cannot be read as SQL: unsupported function 'user'; {EXAMPLE}",
    "a > 1 AS q": "it goes on behind its end; join conditions with AND or OR",
    "s = 'a' 'b'": "it goes on behind its end; join conditions with AND or OR",
    "a": "it gives Int64, not true or false; compare it, as in: month <= 9",
    "NULL": "it gives Null, not true or false; compare it, as in: month <= 9",
    "a > 'x'": f"it could fail on a row: cannot compare string with numeric type (i64); {TYPES}",
    "CAST(s AS INT) > 1": "it could fail on a row: conversion from `str` to `i32` failed in column 's' "
    f'for 2 out of 4 values: ["", "?"]; {TYPES}',
    "x::int > 1": "it could fail on a row: conversion from `f64` to `i32` failed in column 'x' "
    f"for 2 out of 4 values: [-inf, NaN]; {TYPES}",
    "CAST(a AS INT) > 1": "it could fail on a row: conversion from `i64` to `i32` failed in column 'a' "
    f"for 2 out of 4 values: [-9223372036854775808, 92…; {TYPES}",
    "s ~ '('": f"it could fail on a row: regex error: regex parse error:; {TYPES}",
    " OR ".join(["p"] * 1000): "it has too many parts; write many values as: origin IN (…)",
    "a > 1" + " " * 9_996: "it has 10,001 characters, and 10,000 are read; make it a column of the source",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:40])
def test_what_is_no_question_to_one_row_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        predicate(text, ROWS.schema, place="p.yaml:3:9: fit.where")
    assert str(caught.value) == f"p.yaml:3:9: fit.where: {REFUSED[text]}"
    assert [str(one) for one in caught.value.listed()] == [str(caught.value)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mnth <= 9", "where: there is no column 'mnth'; did you mean 'month'?"),
        ("Month <= 9", "where: there is no column 'Month'; did you mean 'month'?"),
        ('origin = "EWR"', "where: there is no column 'EWR'; text stands in single quotes: 'EWR'"),
        ('"*" > 1', "where: there is no column '*'; text stands in single quotes: '*'"),
        ("temp > 1", "where: there is no column 'temp'; known are month, origin"),
    ],
)
def test_a_column_that_is_not_there_is_named(text: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        predicate(text, {"month": pl.Int64(), "origin": pl.String()})
    assert str(caught.value) == message


@pytest.mark.parametrize("wrong", [True, 5, None, pl.lit(value=True)], ids=str)
def test_what_is_no_text_is_refused(wrong: Any) -> None:
    with pytest.raises(ConfigError, match=r"^where: SQL text is asked for, not .*; such as \"month <= 9\"$"):
        predicate(wrong, ROWS.schema)


HOSTILE = ["*", "^a$", "^.*$", 'say "x"', "it's", "a.b", " ", "é", "CURRENT_DATE", "select", "sum", "a\nb"]
HOSTILE += ["^it's \\ (a)|b\n$", "--", "/*", ";", "COLUMNS", "$1"]


@pytest.mark.parametrize("name", HOSTILE, ids=repr)
@pytest.mark.parametrize(
    "form",
    ["{} > 2", "{} IN (2, 3)", "{} BETWEEN 2 AND 3", "COALESCE({}, 0) + a > 3", "{} IS NULL OR {} = 1"],
)
def test_a_quoted_name_is_only_a_name(name: str, form: str) -> None:
    """Patterns, quotes and words of SQL mean nothing in double quotes."""
    rows = pl.DataFrame(
        {**{one: [9, 9, 9, 9] for one in HOSTILE}, "a": [1, 2, 3, 4], "plain": [1, 2, 3, None]}
    )
    rows = rows.with_columns(rows["plain"].alias(name))
    quoted = '"' + name.replace('"', '""') + '"'
    asked = predicate(form.replace("{}", quoted), rows.schema)
    assert_frame_equal(rows.filter(asked.expr), matching(form.replace("{}", "plain"), rows))
    assert set(asked.columns) <= {name, "a"}


def test_a_null_answer_is_no_match() -> None:
    assert matching("a > 0")["a"].to_list() == [1, 3, 7]
    assert matching("NOT (a > 0)")["a"].to_list() == [-2, 0]


def test_the_columns_it_reads_are_known() -> None:
    rows = pl.DataFrame({"b": [1], "*": [1], "^a$": [1], "c": [1]})
    assert predicate('b > 1 OR "^a$" = b', rows.schema).columns == ("b", "^a$")


def test_no_matching_row_is_told_with_the_predicate() -> None:
    error = predicate("a > 99", ROWS.schema, place="p.yaml:3:9: fit.where").unmatched()
    assert isinstance(error, EmptySourceError)
    assert str(error) == (
        "p.yaml:3:9: fit.where: no row matches a > 99, and only rows that match teach the parameters; "
        "check it against the source, and the contract's ranges"
    )


@pytest.mark.parametrize("dtype", [pl.Decimal(10, 2), pl.Time(), pl.Duration("ms"), pl.Datetime("ns", "UTC")])
def test_every_type_of_column_can_be_asked_for_null(dtype: pl.DataType) -> None:
    rows = pl.DataFrame({"v": pl.Series([0, None], dtype=pl.Int64).cast(dtype)})
    assert matching("v IS NOT NULL", rows).height == 1


@pytest.mark.parametrize(
    "dtype",
    [
        pl.Categorical(),
        pl.Enum(["a"]),
        pl.Binary(),
        pl.Struct({"f": pl.Int8}),
        pl.Array(pl.Int8, 2),
        pl.Null(),
    ],
    ids=str,
)
def test_types_without_numbers_can_be_asked_for_null(dtype: pl.DataType) -> None:
    rows = pl.DataFrame({"v": pl.Series([None, None], dtype=dtype)})
    assert matching("v IS NULL", rows).height == 2


PIECES = """
    a b x s p d l AND OR NOT IN ( ) , = < > + - * / 1 2.5 'a' '' true NULL IS BETWEEN CASE WHEN THEN
    ELSE END SUM COUNT ABS COALESCE OVER ORDER BY PARTITION SELECT FROM self EXISTS ANY now CURRENT_DATE
    MAX FIRST LAG UNNEST LIKE CAST AS INT DOUBLE DISTINCT FILTER WHERE LIMIT IF random AVG || % ~ ::
    COLUMNS INTERVAL DATE "a" "*" '2013-01-01' '(' -- ;
"""


@given(st.lists(st.sampled_from(PIECES.split()), max_size=9))
def test_whatever_is_written_is_refused_or_row_wise(pieces: list[str]) -> None:
    """No text gets past with an answer that depends on other rows, or with an error that is not ours."""
    text = " ".join(pieces)
    try:
        predicate(text, ROWS.schema)
    except NormflowError:
        return
    assert_frame_equal(matching(text), one_by_one(text))
