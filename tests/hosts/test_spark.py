"""Fits and transforms on a real Spark of two threads against those of the same rows here."""

from __future__ import annotations

import doctest
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import normflow as nf
from normflow import spark
from tests.hosts.pipelines import HOME
from tests.hosts.rows import DATA, RNG, ROWS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def there(session: SparkSession, data: pl.DataFrame, partitions: int = 3) -> Any:
    return session.createDataFrame(data.to_arrow()).repartition(partitions)


def here(data: Any) -> pl.DataFrame:
    return pl.DataFrame(data.toArrow())


LINES: list[dict[str, Any]] = [
    {},
    {"lines": {"x": "zscore", "price": "yeojohnson", "count": "quantile_normal", "hole": "robust"}},
    {"lines": {"*": "auto"}, "goal": "gaussian", "where": "month <= 9"},
    {"lines": {"*": "zscore", "price": "log"}, "by": "k"},
    {"lines": {"at": "minmax"}},
    {"lines": {"price": "robust", "odd": {"method": "minmax", "outside": "clip"}}, "quantiles": "exact"},
]


@pytest.mark.parametrize("arguments", LINES, ids=str)
def test_a_fit_is_that_of_the_rows_here_bit_for_bit(session: SparkSession, arguments: dict[str, Any]) -> None:
    options = dict(arguments)
    lines = options.pop("lines", None)
    wanted = nf.fit(DATA, lines, **options)
    for partitions in (1, 4):
        found = spark.fit(there(session, DATA, partitions), lines, **options)
        assert found.id == wanted.id
        assert found.to_json() == wanted.to_json()


def test_two_scales_are_looked_at_again(session: SparkSession) -> None:
    """What a histogram knows badly is read again on the workers, as it is here."""
    values = np.concatenate(
        [1e9 + RNG.normal(size=40_000), np.zeros(500), 10 ** RNG.uniform(-300, 300, 20_000)]
    )
    data = pl.DataFrame({"x": values})
    assert spark.fit(there(session, data), {"x": "robust"}).id == nf.fit(data, {"x": "robust"}).id


def test_a_profile_is_that_of_the_rows_here(session: SparkSession) -> None:
    assert spark.profile(there(session, DATA)) == nf.profile(DATA)


@pytest.mark.parametrize("by", [None, "k"])
def test_the_transform_and_its_inverse_are_those_of_the_rows_here(
    session: SparkSession, by: str | None
) -> None:
    data = DATA.with_columns(row=pl.int_range(ROWS))
    fit = nf.fit(
        data, {"x": "zscore", "price": "boxcox", "hole": {"method": "minmax", "suffix": "_n"}}, by=by
    )
    rows = there(session, data)
    out = spark.transform(rows, fit)
    assert_frame_equal(here(out).sort("row"), fit.transform(data), check_exact=True, check_dtypes=False)
    assert [out.schema[name] for name in ("word", "at")] == [rows.schema[name] for name in ("word", "at")]
    back = here(spark.inverse(out, fit, ["x"])).sort("row")
    assert_frame_equal(back, fit.inverse(fit.transform(data), ["x"]), check_exact=True, check_dtypes=False)


def test_errors_come_before_a_job_runs(session: SparkSession) -> None:
    rows = there(session, DATA)
    with pytest.raises(nf.ConfigError, match="zscor"):
        spark.fit(rows, {"x": "zscor"})
    with pytest.raises(nf.SchemaError, match="pric"):
        spark.fit(rows, {"pric": "log"})
    with pytest.raises(nf.SchemaError, match="'x'"):
        spark.transform(rows.drop("x"), nf.fit(DATA, {"x": "zscore"}))
    with pytest.raises(nf.EmptySourceError):
        spark.fit(rows.limit(0), {"x": "zscore"})


def test_the_page_of_the_documentation_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its examples, as a session; the fixture's Spark would have other settings."""
    text = (HOME / "docs/how-to/spark.md").read_text(encoding="utf-8")
    monkeypatch.chdir(HOME)
    names = {"nf": nf}
    test = doctest.DocTestParser().get_doctest(
        "\n".join(re.findall(r"```pycon\n(.*?)```", text, re.DOTALL)), names, "spark.md", None, 0
    )
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(test)
    assert runner.summarize().attempted > 10
    assert runner.summarize().failed == 0
