"""An existing pandera schema is a contract here: the same verdicts as pandera's, row by row, in one scan."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandera.polars as pa
import polars as pl
import pytest
from pandera.errors import SchemaErrors

import normflow as nf
from normflow.contract.foreign import foreign
from tests.pipeline.one_file import pipeline

if TYPE_CHECKING:
    from pathlib import Path

NAN = float("nan")


class Orders(pa.DataFrameModel):
    """Orders as a user of pandera declares them."""

    id: int = pa.Field(ge=0, unique=True)
    amount: float = pa.Field(gt=0, le=1000, nullable=True)
    country: str = pa.Field(isin=["DE", "FR"], str_length={"min_value": 2})
    x_1: float = pa.Field(in_range={"min_value": 0, "max_value": 1}, nullable=True, raise_warning=True)

    @pa.check("amount")
    def cents(cls, data: pa.PolarsData) -> pl.LazyFrame:  # noqa: N805 (pandera's way)
        """No fraction of a cent."""
        cents = pl.col(data.key) * 100
        return data.lazyframe.select((cents - cents.round()).abs() < 1e-6)


def orders(rows: int = 400) -> pl.DataFrame:
    """Random orders, of which some break each rule."""
    draw = np.random.default_rng(3)
    amount = draw.choice([-1.0, 0.0, 5.25, 999.999, 2000.0], rows)
    return pl.DataFrame(
        {
            "id": draw.integers(-5, 300, rows),
            "amount": [None if i % 11 == 0 else float(one) for i, one in enumerate(amount)],
            "country": draw.choice(["DE", "FR", "X", "XX"], rows),
            "x_1": draw.choice([-0.5, 0.0, 0.5, 1.0, 1.5], rows),
        }
    )


def failing_rows(frame: pl.DataFrame, schema: Any) -> dict[tuple[str, str], set[int]]:
    """By column and check, the rows that pandera refuses."""
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.filter(pl.col("index").is_not_null())
        found: dict[tuple[str, str], set[int]] = {}
        for row in cases.iter_rows(named=True):
            found.setdefault((row["column"], row["check"].partition("(")[0]), set()).add(row["index"])
        return found
    return {}


@pytest.mark.filterwarnings("ignore::pandera.errors.SchemaWarning")
def test_each_row_has_the_verdict_that_pandera_gives() -> None:
    """But for `unique`, where pandera reports the first of equal values too."""
    frame = orders()
    found = foreign(Orders, frame.schema)
    mine = {
        (one.column, one.kind.removeprefix("checks.")): set(
            frame.with_row_index("i").filter(~one.ok)["i"].to_list()
        )
        for one in found.rows
        if one.rule.severity == "error"
    }
    theirs = failing_rows(frame, Orders.to_schema())
    repeated = theirs.pop(("id", "field_uniqueness"), set())
    first = set(frame.with_row_index("i").filter(pl.col("id").is_first_distinct())["i"].to_list())
    assert mine.pop(("id", "unique")) == repeated - first
    theirs.pop(("amount", "cents"))
    assert {key: rows for key, rows in mine.items() if rows} == theirs
    assert [(column, check.name) for column, check in found.batches] == [("amount", "cents")]


def test_nan_does_not_pass_a_comparison_unnoticed() -> None:
    """Pandera takes it for the largest number."""
    schema = pa.DataFrameSchema({"x": pa.Column(float, pa.Check.ge(0), nullable=True)})
    frame = pl.DataFrame({"x": [1.0, NAN, -1.0, None]})
    assert failing_rows(frame, schema) == {("x", "greater_than_or_equal_to"): {2}}
    (check,) = foreign(schema, frame.schema).rows
    assert frame.select(~check.ok).to_series().to_list() == [False, True, True, False]


def test_a_run_is_judged_by_a_schema_from_python(tmp_path: Path) -> None:
    """Its checks are on record beside the file's own, with rows and examples."""
    ready = pipeline(tmp_path, orders(), "normalize: {amount: none, x_1: zscore}\n")
    with pytest.raises(nf.ContractError) as told:
        nf.run(ready, schema=Orders)
    assert told.value.record is not None
    found = {f"{one.section}.{one.check}": one for one in told.value.record.checks}
    frame = orders()
    country = found["schema:Orders.country.checks.isin"]
    assert country.failed == frame.filter(~pl.col("country").is_in(["DE", "FR"])).height
    assert len(country.examples) == 5
    assert found["schema:Orders.id.unique"].failed == frame.height - frame["id"].n_unique()
    assert found["schema:Orders.x_1.checks.in_range"].status == "warned"
    cents = found["schema:Orders.amount.checks.cents"]
    assert cents.failed == frame.filter(pl.col("amount") == 999.999).height
    assert cents.message.endswith("judged batch by batch")
    assert not (tmp_path / "out/data.parquet").exists()


def test_rows_that_break_a_schema_do_not_teach_and_its_change_learns_anew(tmp_path: Path) -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0, 3.0, 500.0]})
    strict = pa.DataFrameSchema({"x": pa.Column(float, pa.Check.le(10))}, name="s")
    ready = pipeline(tmp_path, frame, "normalize: {x: minmax}\n")
    with pytest.raises(nf.ContractError):
        nf.run(ready, schema=strict)
    warning = pa.DataFrameSchema({"x": pa.Column(float, pa.Check.le(10, raise_warning=True))}, name="s")
    first = nf.run(ready, schema=warning)
    assert (first.fit, nf.run(ready, schema=warning).fit) == ("learned", "reused")
    assert first.columns[0]["before"]["max"] == 500.0
    assert nf.run(ready, schema=pa.DataFrameSchema({"x": pa.Column(float)}, name="s")).fit == "learned"


@pytest.mark.parametrize(
    ("schema", "what"),
    [
        ({"y": pa.Column(float)}, "schema:s: no such column 'y' in the source; known are x"),
        ({"x": pa.Column(int)}, "schema:s: x: the schema asks for Int64, and the column is Float64"),
        (
            {"x": pa.Column(int, coerce=True)},
            "schema:s: x: the schema asks for Int64, and the column is Float64, and a run converts no types",
        ),
        (
            {"x": pa.Column(float, pa.Check.str_matches("a"))},
            "schema:s: x: str_matches needs text, and the column is Float64",
        ),
        (
            {"x": pa.Column(float, pa.Check.unique_values_eq([1.0]))},
            "schema:s: x: unique_values_eq judges all rows together, and a run sees them in batches",
        ),
    ],
    ids=["missing", "type", "coerce", "kind", "aggregate"],
)
def test_what_a_run_cannot_keep_is_told_before_a_row_is_read(
    tmp_path: Path, schema: dict[str, pa.Column], what: str
) -> None:
    ready = pipeline(tmp_path, pl.DataFrame({"x": [1.0, 2.0]}), "normalize: {x: none}\n")
    with pytest.raises(nf.SchemaError) as told:
        nf.run(ready, schema=pa.DataFrameSchema(schema, name="s"))
    assert told.value.message == what


def test_strict_ordered_patterns_and_keys_are_kept(tmp_path: Path) -> None:
    frame = pl.DataFrame({"b": [1, 1], "a": [2, 2], "c": [0.5, 0.25]})
    ready = pipeline(tmp_path, frame, "normalize: {c: none}\n")

    def told(**options: Any) -> str:
        columns = {"a": pa.Column(int), "b": pa.Column(int)}
        with pytest.raises(nf.NormflowError) as error:
            nf.run(ready, schema=pa.DataFrameSchema(columns, name="s", **options))
        return error.value.message

    assert told(strict=True) == "schema:s: strict, and the source has c beside the schema's columns"
    assert (
        told(ordered=True) == "schema:s: ordered, and the source has its columns in another order than a, b"
    )
    assert "a, b repeat the values of an earlier row in 1 of 2 rows" in told(unique=["a", "b"])
    pattern = foreign(
        pa.DataFrameSchema({"^[ab]$": pa.Column(int, pa.Check.lt(2), regex=True)}), frame.schema
    )
    assert {one.column for one in pattern.rows} == {"a", "b"}


def test_a_check_of_whole_rows_sees_the_tables_columns(tmp_path: Path) -> None:
    frame = pl.DataFrame({"low": [1.0, 5.0, 2.0], "high": [2.0, 4.0, 3.0]})

    def ordered(data: pa.PolarsData) -> pl.LazyFrame:
        assert data.lazyframe.collect_schema().names() == ["low", "high"]
        return data.lazyframe.select(pl.col("low") < pl.col("high"))

    ready = pipeline(tmp_path, frame, 'normalize: {"*": none}\n')
    with pytest.raises(nf.ContractError, match="a row does not pass ordered in 1 of 3 rows"):
        nf.run(ready, schema=pa.DataFrameSchema(checks=pa.Check(ordered), name="s"))


def test_what_is_no_schema_is_refused(tmp_path: Path) -> None:
    with pytest.raises(nf.ConfigError, match="a pandera schema for Polars is asked for, not 'x'"):
        nf.run(pipeline(tmp_path, pl.DataFrame({"x": [1.0]}), ""), schema="x")


def package(folder: Path) -> None:
    """An installed package that offers a schema."""
    (folder / "shop.py").write_text(
        "import pandera.polars as pa\nOrders = pa.DataFrameSchema({'x': pa.Column(float, pa.Check.lt(3))})\n"
    )
    info = folder / "shop-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[normflow.schemas]\norders = shop:Orders\n")


def test_a_file_names_schemas_of_installed_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their entry point alone; a module only where the import was allowed."""
    package(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "shop", raising=False)
    frame = pl.DataFrame({"x": [1.0, 2.0, 3.0]})
    with pytest.raises(nf.ContractError, match=r"schema:orders\.x\.checks\.less_than: x is not below 3 in 1"):
        nf.run(pipeline(tmp_path, frame, "schemas: [orders]\n"))
    with pytest.raises(nf.ConfigError, match="no schema 'order' is installed; did you mean 'orders'"):
        nf.run(pipeline(tmp_path, frame, "schemas: [order]\n"))


def test_a_file_alone_imports_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path)
    (tmp_path / "shop.py").write_text(
        f"open({str(tmp_path / 'ran')!r}, 'w').close()\n" + (tmp_path / "shop.py").read_text()
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "shop", raising=False)
    ready = pipeline(
        tmp_path, pl.DataFrame({"x": [1.0, 2.0]}), 'schemas: ["shop:Orders"]\nnormalize: {x: none}\n'
    )
    with pytest.raises(nf.ConfigError) as told:
        nf.run(ready)
    assert told.value.message.endswith(
        "schemas: 'shop:Orders' would import shop, and a pipeline file alone imports nothing; "
        "allow it: --allow-import shop"
    )
    assert not (tmp_path / "ran").exists()
    with pytest.raises(nf.ConfigError):
        nf.run(ready, allow_import=["sho"])
    record = nf.run(ready, allow_import=["shop"])
    assert "schema:Orders" in {one.section for one in record.checks}


def test_the_contract_and_the_fit_are_pandera_schemas(tmp_path: Path) -> None:
    """The source passes the one, the output the other; a changed value does not."""
    frame = pl.DataFrame({"x": [1.0, 2.0, 4.0, 7.0], "y": [0.5, 0.25, 0.125, 1.0]})
    ready = pipeline(tmp_path, frame, "contract: {x: {range: [0, 10]}}\n")
    ready.input_schema().validate(frame, lazy=True)
    with pytest.raises(SchemaErrors):
        ready.input_schema().validate(frame.with_columns(x=pl.col("x") * 10), lazy=True)
    fit = nf.fit(frame, {"x": {"method": "minmax", "clip": ["1%", "99%"]}, "y": "quantile_normal"})
    output = fit.transform(frame)
    schema = fit.output_schema()
    schema.validate(output, lazy=True)
    for changed in (pl.lit(NAN), pl.lit(1e9), pl.lit("text")):
        with pytest.raises(SchemaErrors):
            schema.validate(output.with_columns(x=changed), lazy=True)
