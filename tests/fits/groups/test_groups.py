"""`nf.fit(…, by=…)`: which groups have parameters of their own, and what becomes of all other rows."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import normflow as nf

RNG = np.random.default_rng(20130217)
N = 400
DATA = pl.DataFrame(
    {
        "origin": ["EWR", "JFK", "LGA", None] * (N // 4),
        "carrier": RNG.integers(0, 3, N),
        "x": RNG.normal(50, 10, N) + np.tile([0.0, 100.0, -30.0, 5.0], N // 4),
        "y": RNG.lognormal(size=N),
    }
)


def standardized(values: np.ndarray) -> np.ndarray:
    return np.asarray((values - np.mean(values)) / np.std(values))


def test_each_group_is_standardized_by_its_own_rows() -> None:
    out = nf.fit(DATA, {"x": "zscore"}, by="origin").transform(DATA)
    for origin in ("EWR", "JFK", "LGA", None):
        here = DATA["origin"].eq_missing(pl.Series([origin], dtype=pl.String))
        expected = standardized(DATA.filter(here)["x"].to_numpy())
        assert np.allclose(out.filter(here)["x"].to_numpy(), expected, rtol=0, atol=1e-12)
    assert_frame_equal(out.drop("x"), DATA.drop("x"))


def test_the_method_is_chosen_once_from_the_whole_table() -> None:
    fit, whole = nf.fit(DATA, {"*": "auto"}, by=["origin"]), nf.fit(DATA, {"x": "auto", "y": "auto"})
    assert [(one.column, one.method) for one in fit.columns if one.column != "carrier"] == [
        (one.column, one.method) for one in whole.columns
    ]
    assert fit["x"] == whole["x"]


def test_star_and_patterns_skip_the_keys_and_an_exact_name_is_obeyed() -> None:
    fit = nf.fit(DATA, {"*": "zscore"}, by="carrier")
    assert [one.column for one in fit.columns] == ["x", "y"]
    named = nf.fit(DATA, {"*": "zscore", "carrier": "minmax"}, by="carrier")
    assert [one.column for one in named.columns] == ["carrier", "x", "y"]
    assert named.transform(DATA)["x"].equals(fit.transform(DATA)["x"])


def test_a_small_group_takes_the_parameters_of_the_whole_table() -> None:
    rows = pl.concat([DATA, DATA[:29].with_columns(origin=pl.lit("SWF"))])
    fit, whole = nf.fit(rows, {"x": "zscore"}, by="origin"), nf.fit(rows, {"x": "zscore"})
    here = pl.col("origin") == "SWF"
    assert fit.transform(rows.filter(here)).equals(whole.transform(rows.filter(here)))
    assert fit.told(fit["x"]) == {"own": 4, "too_few_rows": 1, "refused": 0, "refusals": []}
    own = nf.fit(rows, {"x": "zscore"}, by={"columns": "origin", "min_rows": 29})
    assert own.told(own["x"]) == {"own": 5, "too_few_rows": 0, "refused": 0, "refusals": []}


def test_a_group_that_the_method_refuses_takes_those_of_the_whole_table() -> None:
    """`auto` chose a power of positive numbers; a group with a zero later has none of its own."""
    rows = DATA.with_columns(
        y=pl.when(pl.col("origin") == "JFK").then(None).otherwise("y"),
        x=pl.when(pl.col("origin") == "LGA").then(float("nan")).otherwise("x"),
    )
    fit = nf.fit(rows, {"x": "zscore", "y": "boxcox"}, by="origin")
    refused = ["origin=JFK: no finite value among 100 rows"]
    assert fit.told(fit["y"]) == {"own": 3, "too_few_rows": 0, "refused": 1, "refusals": refused}
    assert fit.group({"origin": "JFK"})["y"] == fit["y"]
    assert fit.explain()["groups"].to_list() == [3, 3]
    assert nf.fit(rows, {"x": "zscore"}).explain()["groups"].to_list() == [None]


UNSEEN = pl.DataFrame({"origin": ["EWR", "PHL", None], "carrier": [0, 1, 2], "x": [50.0, 60.0, 70.0]})


def test_an_unseen_group_takes_those_of_the_whole_table_or_null() -> None:
    spoken = DATA.filter(pl.col("origin").is_not_null())
    whole = nf.fit(spoken, {"x": "zscore"}).transform(UNSEEN)["x"]
    found = nf.fit(spoken, {"x": "zscore"}, by="origin").transform(UNSEEN)["x"]
    assert found[1:].equals(whole[1:])
    assert found[0] != whole[0]
    absent = nf.fit(
        spoken,
        {"x": {"method": "minmax", "bounds": [0, 100], "nulls": 7, "outside": "flag"}},
        by={"columns": "origin", "unseen": "null"},
    ).transform(UNSEEN)
    assert absent["x"].to_list() == [0.5, None, None]
    assert absent["x_outside"].to_list() == [False, False, False]


def test_an_unseen_group_may_be_an_error() -> None:
    fit = nf.fit(DATA, {"x": "zscore"}, by={"columns": ["origin"], "unseen": "error"})
    assert fit.transform(DATA).height == N
    with pytest.raises(nf.FitError, match=re.escape(UNSEEN_ERROR)):
        fit.transform(UNSEEN)
    with pytest.raises(nf.FitError, match=re.escape(UNSEEN_ERROR)):
        fit.inverse(UNSEEN)


UNSEEN_ERROR = (
    "a row's group by origin was not there when the fit was learned, and `unseen: error` forbids it; "
    "mend the rows, or choose another policy"
)


def test_groups_that_are_constant_have_their_own_steps() -> None:
    """One value in a group: 0 by default, null where that is asked; the others are standardized."""
    rows = DATA.with_columns(x=pl.when(pl.col("origin") == "JFK").then(3.5).otherwise("x"))
    here = rows["origin"].eq_missing(pl.Series(["JFK"]))
    out = nf.fit(rows, {"x": "zscore"}, by="origin").transform(rows)
    assert set(out.filter(here)["x"]) == {0.0}
    fit = nf.fit(rows, {"x": {"method": "zscore", "constant": "null"}}, by="origin")
    out = fit.transform(rows)
    assert out.filter(here)["x"].null_count() == 100
    assert out["x"].null_count() == 100
    assert len(fit.groups.columns["x"].variants) == 2  # type: ignore[union-attr]


def test_the_inverse_takes_each_row_back_by_its_group() -> None:
    fit = nf.fit(DATA, {"x": "zscore", "y": "yeojohnson"}, by=["origin", "carrier"])
    out = fit.transform(DATA)
    assert_frame_equal(fit.inverse(out), DATA, rel_tol=1e-12)
    renamed = fit.inverse(out.rename({"x": "predicted"}), columns={"predicted": "x"})
    assert np.allclose(renamed["predicted"], DATA["x"], rtol=1e-12, atol=0)
    assert fit.lost(out) == {"x": 0, "y": 0}
    assert nf.fit(DATA, {"y": "squash"}, by="origin").lost(DATA.with_columns(y=3.5)) == {"y": N}


def test_the_rows_keep_their_order_and_the_columns_their_places() -> None:
    rows = DATA.with_row_index("n").sample(fraction=1.0, shuffle=True, seed=3)
    fit = nf.fit(rows, {"x": {"method": "zscore", "suffix": "_z"}, "y": "robust"}, by="origin")
    out = fit.transform(rows.lazy()).collect(engine="streaming")
    assert out.columns == [*rows.columns, "x_z"]
    assert out.drop("y", "x_z").equals(rows.drop("y"))


def test_row_wise_methods_and_arrays_stand_beside_groups() -> None:
    rows = DATA.with_columns(e=pl.concat_arr("x", "y"), u=pl.col("x"), v=pl.col("y"))
    lines: dict[str, Any] = {"e": "zscore", "dir": {"method": "unit", "columns": ["u", "v"]}}
    fit = nf.fit(rows, lines, by="origin")
    out = fit.transform(rows)
    here = rows["origin"].eq_missing(pl.Series(["LGA"]))
    first = out.filter(here)["e"].arr.get(0).to_numpy()
    assert np.allclose(first, standardized(rows.filter(here)["x"].to_numpy()), rtol=0, atol=1e-12)
    assert np.allclose(out["u"].pow(2) + out["v"].pow(2), 1.0)
    back = fit.inverse(out, columns=["e"])
    assert np.allclose(back["e"].to_numpy(), rows["e"].to_numpy(), rtol=1e-12, atol=1e-12)


at = datetime.fromisoformat

KEYS: dict[str, pl.Series] = {
    "text": pl.Series(["a", "b", None, "ü'\"\n"]),
    "categories": pl.Series(["b", "a", None, "c"], dtype=pl.Categorical),
    "enum": pl.Series(["z", "a", None, "m"], dtype=pl.Enum(["z", "m", "a"])),
    "whole": pl.Series([2**62, -1, None, 0]),
    "big": pl.Series([2**100, -1, None, 0], dtype=pl.Int128),
    "small": pl.Series([255, 1, None, 0], dtype=pl.UInt8),
    "float": pl.Series([float("nan"), float("inf"), None, 0.1]),
    "float32": pl.Series([0.1, -float("inf"), None, 3.0], dtype=pl.Float32),
    "boolean": pl.Series([True, False, None, True]),
    "date": pl.Series([date(2013, 1, 1), date(1, 1, 1), None, date(9999, 12, 31)]),
    "datetime": pl.Series([at("2013-03-31 02:30"), None, at("1900-01-01 00:00")], dtype=pl.Datetime("ns")),
    "zoned": pl.Series([at(f"2013-10-27 0{i}:00") for i in range(3)])
    .dt.replace_time_zone("UTC")
    .dt.convert_time_zone("Europe/Berlin"),
    "duration": pl.Series([timedelta(days=-1, microseconds=1), None, timedelta(0)]),
    "time": pl.Series([time(23, 59, 59, 999_999), None]),
    "decimal": pl.Series([Decimal("-0.10"), Decimal("12345678901234567890.12"), None]),
    "binary": pl.Series([b"", b"\x00\xff", None]),
    "null": pl.Series([None, None], dtype=pl.Null),
}


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS)
def test_a_key_may_be_of_any_plain_type(keys: pl.Series) -> None:
    """Learned, stored, read again and applied; null is a group like any other."""
    many = pl.concat([keys] * 40).alias("key")
    rows = pl.DataFrame({"key": many, "x": RNG.normal(size=len(many))})
    fit = nf.fit(rows, {"x": "zscore"}, by="key")
    again = nf.Fit.from_json(fit.to_json())
    assert (again, again.id) == (fit, fit.id)
    assert again.groups is not None
    assert again.groups.keys.equals(fit.groups.keys)  # type: ignore[union-attr]
    assert again.groups.keys.schema == rows.select("key").schema
    out = again.transform(rows)
    for one in out.group_by("key").agg("x")["x"]:
        values = one.to_numpy()
        assert (np.mean(values), np.std(values)) == pytest.approx((0.0, 1.0), abs=1e-12)
    for key in again.groups.keys["key"]:
        assert fit.group({"key": key}).rows >= 40


def test_both_zeros_are_one_key_and_so_are_all_nans() -> None:
    rows = pl.DataFrame({"key": [0.0, -0.0, float("nan"), -float("nan")] * 20, "x": RNG.normal(size=80)})
    fit = nf.fit(rows, {"x": "zscore"}, by="key")
    assert fit.groups is not None
    assert fit.groups.rows.tolist() == [40, 40]
    out = fit.transform(rows)["x"].to_numpy().reshape(-1, 4)
    assert (np.std(out[:, :2]), np.std(out[:, 2:])) == pytest.approx((1.0, 1.0))


def test_the_one_group_of_nan_is_found() -> None:
    """Polars finds no NaN where it joins two frames of one row at once."""
    rows = pl.DataFrame({"key": [1.0], "x": [2.0]})
    groups = nf.fit(rows, {"x": "center"}, by={"columns": "key", "min_rows": 1}).groups
    assert groups is not None
    assert replace(groups, keys=pl.DataFrame({"key": [float("nan")]})).place({"key": float("nan")}) == 0


@pytest.mark.parametrize(
    ("learned", "there", "seen"),
    [
        (pl.Series([1, 2], dtype=pl.Int64), pl.Series([1, 2], dtype=pl.Int16), [True, True]),
        (pl.Series([1, 2], dtype=pl.Int8), pl.Series([1.0, 1.5], dtype=pl.Float64), [True, False]),
        (pl.Series([1, 2, None], dtype=pl.Int8), pl.Series([300, None], dtype=pl.Int64), [False, True]),
        (pl.Series([1, None], dtype=pl.Int64), pl.Series(["1", "x"]), [True, False]),
        (pl.Series(["1", "a"]), pl.Series([1, 2]), [True, False]),
        (pl.Series(["a", "b"]), pl.Series(["a", "q"], dtype=pl.Categorical), [True, False]),
        (pl.Series(["a", "b"], dtype=pl.Enum(["b", "a"])), pl.Series(["a", "q"]), [True, False]),
        (
            pl.Series([date(2013, 1, 1)]),
            pl.Series([at("2013-01-01 00:00"), at("2013-01-01 01:00")]),
            [True, False],
        ),
    ],
    ids=["narrower", "float", "too large", "text", "number", "category", "enum", "datetime"],
)
def test_a_key_of_another_type_is_that_it_equals(
    learned: pl.Series, there: pl.Series, seen: list[bool]
) -> None:
    """A value that is none of the learned type is unseen, and not taken for null."""
    many = pl.concat([learned] * 40).alias("key")
    taught = pl.DataFrame({"key": many, "x": RNG.normal(size=len(many))})
    fit = nf.fit(taught, {"x": "zscore"}, by={"columns": "key", "unseen": "null"})
    out = fit.transform(pl.DataFrame({"key": there, "x": [1.0] * len(there)}))
    assert out["x"].is_not_null().to_list() == seen
    assert out["key"].dtype == there.dtype


def test_names_that_are_patterns_or_working_names_are_names() -> None:
    rows = DATA.rename({"origin": "*", "x": "^x$", "y": "__nf_0", "carrier": "number"})
    fit = nf.fit(rows, {"^x$": "zscore", "__nf_0": "minmax"}, by=["*", "number"])
    expected = nf.fit(DATA, {"x": "zscore", "y": "minmax"}, by=["origin", "carrier"]).transform(DATA)
    assert fit.transform(rows).rename(dict(zip(rows.columns, DATA.columns, strict=True))).equals(expected)


def test_the_order_of_the_keys_is_no_part_of_the_fit() -> None:
    lines: dict[str, Any] = {"x": "zscore", "y": "robust"}
    fit = nf.fit(DATA, lines, by=["origin", "carrier"])
    other = nf.fit(DATA.select("y", "carrier", "x", "origin")[::-1], lines, by=["carrier", "origin"])
    assert fit.id == other.id
    assert fit.id != nf.fit(DATA, lines, by=["origin"]).id
    assert fit.id != nf.fit(DATA, lines).id


def test_what_is_stored_is_checked() -> None:
    fit = nf.fit(DATA, {"x": "zscore"}, by="origin")
    document = json.loads(fit.to_json())
    document["groups"]["columns"]["x"]["numbers"]["p0"][0] += 1.0
    with pytest.raises(nf.FormatError) as caught:
        nf.Fit.from_json(json.dumps(document))
    assert caught.value.what == "the stored fit does not match its id"
    del document["groups"]["columns"]["x"]["numbers"]["p0"]
    with pytest.raises(nf.FormatError) as caught:
        nf.Fit.from_json(json.dumps(document))
    assert caught.value.what == (
        "the stored numbers of groups are ['high', 'low', 'p1', 'variant'], "
        "not ['high', 'low', 'p0', 'p1', 'variant']"
    )


def test_where_chooses_the_rows_of_the_groups_as_well() -> None:
    fit = nf.fit(DATA, {"x": "zscore"}, by="origin", where="carrier < 2")
    assert fit.id == nf.fit(DATA.filter(pl.col("carrier") < 2), {"x": "zscore"}, by="origin").id


def test_a_range_that_no_policy_reads_is_no_part_of_the_id() -> None:
    """Two columns of one mean and std, and of other extremes."""
    one, other = (
        pl.DataFrame({"k": ["a"] * 40, "x": values * 10})
        for values in ([-3.0, 1.0, 1.0, 1.0], [-1.0, -1.0, -1.0, 3.0])
    )
    assert nf.fit(one, {"x": "zscore"}, by="k").id == nf.fit(other, {"x": "zscore"}, by="k").id
    flagged = {"x": {"method": "zscore", "outside": "flag"}}
    assert nf.fit(one, flagged, by="k").id != nf.fit(other, flagged, by="k").id


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("orign", "by: no column 'orign' in the source; did you mean 'origin'?"),
        ([], "by.columns: columns are a column's name or a list of names, not []"),
        (3, "by.columns: columns are a column's name or a list of names, not 3"),
        (["x", "x"], "by.columns: columns 'x' is named twice; name each column once"),
        ({"colums": "x"}, "by: no such key 'colums'; did you mean 'columns'?"),
        ({"min_rows": 3}, "by: lacks columns; name the columns whose values make a group"),
        ({"columns": "x", "min_rows": 0}, "by.min_rows: min_rows is at least 1, not 0"),
        ({"columns": "x", "min_rows": True}, "by.min_rows: min_rows is a whole number, not True"),
        ({"columns": "x", "unseen": "nul"}, "by.unseen: unseen cannot be 'nul'; did you mean 'null'?"),
        (
            {"columns": "x", "resolution": 3},
            "by.resolution: resolution is between 64 and 131,072, not 3",
        ),
    ],
)
def test_what_makes_no_groups_is_refused(by: Any, message: str) -> None:
    with pytest.raises(nf.ConfigError) as caught:
        nf.fit(DATA, {"x": "zscore"}, by=by)
    assert str(caught.value) == message


def refusal(data: Any, normalize: Any, by: Any = "origin") -> str:
    with pytest.raises(nf.NormflowError) as caught:
        nf.fit(data, normalize, by=by)
    return str(caught.value)


def test_what_cannot_differ_by_group_is_refused() -> None:
    assert refusal(DATA, {"x": "quantile_normal"}) == (
        "quantile_normal of 'x' has no parameters by group: its knots are no single numbers; "
        "name another method such as yeojohnson, or fit it without groups"
    )
    assert refusal(nf.profile(DATA), {"x": "zscore"}) == (
        "by: a profile has no rows to group; give the frame"
    )
    assert refusal(DATA.with_columns(k=pl.concat_list("x")), {"x": "zscore"}, "k") == (
        "by: column 'k' is List(Float64), which makes no groups; name a column of plain values"
    )


def test_a_frame_without_its_keys_is_refused() -> None:
    fit = nf.fit(DATA, {"x": "zscore"}, by="origin")
    for use in (fit.transform, fit.inverse, fit.lost):
        with pytest.raises(nf.SchemaError) as caught:
            use(DATA.drop("origin"))
        assert str(caught.value) == (
            "the fit has parameters by 'origin', and the frame lacks that column; known are carrier, x, y"
        )
    with pytest.raises(nf.SchemaError) as caught:
        fit.transform(DATA.with_columns(origin=pl.concat_list("x")))
    assert str(caught.value) == (
        "column 'origin' is List(Float64), and the fit's groups are of String; cast it to String"
    )


def test_a_key_that_was_transformed_itself_cannot_tell_the_group() -> None:
    fit = nf.fit(DATA, {"x": "zscore", "carrier": "minmax"}, by="carrier")
    out = fit.transform(DATA)
    with pytest.raises(nf.SchemaError) as caught:
        fit.inverse(out)
    assert str(caught.value) == (
        "column 'carrier' makes the groups, and was transformed itself: no group is known; "
        "fit again with a suffix for it, so that the column stays what it is"
    )


def test_one_group_is_a_fit_of_its_own() -> None:
    fit = nf.fit(DATA, {"x": "zscore", "y": "none"}, by=["origin", "carrier"])
    one = fit.group({"origin": None, "carrier": 2})
    here = pl.col("origin").is_null() & (pl.col("carrier") == 2)
    assert (one.groups, one.rows) == (None, DATA.filter(here).height)
    assert one.id == nf.fit(DATA.filter(here), {"x": "zscore", "y": "none"}).id
    for key, message in (
        (
            {"origin": "PHL", "carrier": 1},
            "no group origin=PHL, carrier=1 taught this fit; one that did is carrier=0, origin=null",
        ),
        ({"origin": "EWR"}, "a group is named by carrier, origin, not by origin"),
    ):
        with pytest.raises(nf.FitError) as caught:
            fit.group(key)
        assert str(caught.value) == message
    with pytest.raises(nf.FitError) as caught:
        one.group({"origin": "EWR"})
    assert str(caught.value) == "the fit has no groups; learn it with by="


def test_the_query_of_one_group_stands_for_sql() -> None:
    fit = nf.fit(DATA, {"x": "zscore"}, by="origin")
    with pytest.raises(nf.ConfigError) as caught:
        fit.to_sql("weather")
    assert str(caught.value) == (
        "parameters that differ between groups have no SQL here; "
        "write one query a group, such as fit.group(key).to_sql(…)"
    )
    assert "weather" in fit.group({"origin": "EWR"}).to_sql("weather")
