"""A real Postgres gives what a frame gives; DuckDB's own tests are beside this one."""

from __future__ import annotations

import math
import subprocess
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import polars as pl
import pytest

import normflow as nf
from normflow.methods import METHODS
from normflow.naming import quoted
from normflow.profiles import observe
from normflow.transforms import Affine, Transform, YeoJohnson
from normflow.transforms.arithmetic import sql_number
from tests.columns import ZOO
from tests.fits.postgres import NULL, Postgres, running
from tests.fits.warehouse import near, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAN, INF = math.nan, math.inf
AFFINE = {"none", "center", "zscore", "minmax", "maxabs", "meannorm", "decimal", "robust"}


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running() as server:
        yield server


def table(name: str, numbers: Sequence[float | None]) -> str:
    """The statements that make a table of row numbers and DOUBLEs."""
    rows = ", ".join(f"({i}, {literal(x)})" for i, x in enumerate(numbers))
    made = f"CREATE TABLE {quoted(name)} (i INTEGER, x DOUBLE PRECISION);"
    filled = f"INSERT INTO {quoted(name)} VALUES {rows};"  # noqa: S608  (our own text)
    return f"SET client_min_messages = error; DROP TABLE IF EXISTS {quoted(name)};\n{made}\n{filled}\n"


def literal(x: float | None) -> str:
    if x is None:
        return "NULL"
    return sql_number(x) if math.isfinite(x) else f"'{x}'"


def value(line: str) -> float | None:
    return None if line == NULL else float(line)


@cache
def profiled(name: str) -> nf.Profile:
    return observe(pl.LazyFrame({"x": pl.Series(ZOO[name], dtype=pl.Float64)}), ["x"])


NAMES = [
    "nan and infinities",
    "constant tenth",
    "offset 1e15",
    "tiny 1e-18",
    "tiny 1e-160",
    "huge 1.7e308",
    "one 1e14 among small ones",
    "student t2",
    "zero-inflated",
    "years",
    "signed zeros",
    "uniform with nulls",
]
"""Of the zoo, what tries the ends of float64, the guards, and each method."""


@pytest.mark.parametrize("name", NAMES)
def test_postgres_gives_what_a_frame_gives(postgres: Postgres, name: str) -> None:
    """Every method, there and back: affine ones bit for bit, others to 1e-12·max(1, |y|)."""
    data = pl.DataFrame({"i": range(len(ZOO[name])), "x": pl.Series(ZOO[name], dtype=pl.Float64)})
    script, wanted = table("t", ZOO[name]), []
    for method in METHODS:
        try:
            fit = nf.fit(profiled(name), {"x": method.name})
        except nf.NormflowError:
            continue
        out = fit.transform(data)
        script += table("u", out["x"].to_list())
        for source, inverse, result in (("t", False, out), ("u", True, fit.inverse(out))):
            query = fit.to_sql(source, "postgres", columns=["i", "x"], inverse=inverse)
            script += f"{query} ORDER BY i;\n"
            tolerance = 0.0 if method.name in AFFINE else 1e-12
            floor = resolved(ZOO[name]) if tolerance and inverse else 0.0
            wanted += [(row, x, (tolerance, floor), method.name) for row, x in result.rows()]
    found = postgres.lines(script)
    assert len(found) == len(wanted)
    for line, (i, y, allowed, method_name) in zip(found, wanted, strict=True):
        row, _, number = line.partition("|")
        assert int(row) == i
        assert near(value(number), y, *allowed), method_name


def test_policies_and_names_in_postgres(postgres: Postgres) -> None:
    """A hostile name, what lies outside the fitted range, an indicator and a single-precision result."""
    name = 'a"b; DROP TABLE t; --'
    data = pl.DataFrame({"i": [0, 1, 2, 3], name: [1.0, 2.0, None, 9.0]})
    line = {"method": "yeojohnson", "outside": "flag", "nulls": {"fill": 1.5, "indicator": True}}
    fit = nf.fit(data[:3], {name: {**line, "dtype": "Float32", "nonfinite": "clip"}})
    source = pl.concat([data, pl.DataFrame({"i": [4, 5, 6], name: [NAN, INF, -INF]})])
    script = table(name, source[name].to_list()) + f"ALTER TABLE {quoted(name)} RENAME x TO {quoted(name)};\n"
    query = fit.to_sql(name, "postgres", columns=["i", name])
    found = [row.split("|") for row in postgres.lines(f"{script}{query}\nORDER BY 1;\n")]
    wanted = fit.transform(source)
    assert [bool(row[2] == "t") for row in found] == wanted[f"{name}_outside"].to_list()
    assert [bool(row[3] == "t") for row in found] == wanted[f"{name}_missing"].to_list()
    assert [value(row[1]) for row in found] == pytest.approx(wanted[name].to_list(), rel=1e-6)


def test_a_policy_of_error_stops_postgres_with_its_sentence(postgres: Postgres) -> None:
    fit = nf.fit(pl.DataFrame({"i": [0, 1], "x": [1.0, 2.0]}), {"x": {"method": "log", "nonfinite": "error"}})
    query = fit.to_sql("t", "postgres", columns=["i", "x"])
    assert len(postgres.lines(f"{table('t', [1.0, None])}{query};\n")) == 2
    with pytest.raises(subprocess.CalledProcessError) as stop:
        postgres.lines(f"{table('t', [1.0, INF])}{query};\n")
    assert "column 'x' holds NaN or ±inf, and `nonfinite: error` forbids them: Infinity" in stop.value.stderr


def test_postgres_does_not_merge_the_stages(postgres: Postgres) -> None:
    """A chain of forty maps is planned and run at once; merged, its text would have 4^40 letters."""
    numbers = [0.5, 3.0, 9.0, None]
    fit = nf.fit(pl.DataFrame({"i": range(4), "x": numbers}), {"x": "yeojohnson"})
    maps = Transform((YeoJohnson(0.5), Affine(shift=0.5, scale=0.75)) * 20)
    deep = replace(fit, columns=tuple(replace(one, transform=maps) for one in fit.columns))
    query = deep.to_sql("t", "postgres", columns=["i", "x"])
    found = postgres.lines(f"{table('t', numbers)}{query} ORDER BY i;\n")
    wanted = deep.transform(pl.DataFrame({"i": range(4), "x": numbers}))["x"]
    numbers = [value(line.partition("|")[2]) for line in found]
    assert all(near(x, y, 1e-12) for x, y in zip(numbers, wanted, strict=True))
