"""The main job on real data: configs/weather.yaml, from the file to the record."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

import normflow as nf

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture
def weather(tmp_path: Path) -> Path:
    """A project folder with the shipped pipeline in it; its outputs go to the folder above the configs."""
    shutil.copytree(CONFIGS, tmp_path / "configs")
    return tmp_path / "configs" / "weather.yaml"


def source(weather: Path) -> pl.DataFrame:
    return pl.read_parquet(weather.parent / "data" / "weather.parquet")


def test_good_and_quarantined_rows_are_the_input(weather: Path) -> None:
    """The row with 1048 mph goes to quarantine, whole, with the reason; the others are published in order."""
    record = nf.run(nf.load(weather))
    raw = source(weather)
    good = pl.read_parquet(weather.parents[1] / "out" / "weather.parquet")
    bad = pl.read_parquet(weather.parents[1] / "out" / "weather.quarantine.parquet")
    assert (record.rows, record.quarantined, good.height, bad.height) == (26_115, 1, 26_114, 1)
    assert good.columns == raw.columns
    number = bad["_row"].item()
    assert bad.select(raw.columns).equals(raw[number : number + 1])
    assert bad["wind_speed"].item() == 1048.36058
    assert bad["_failed"].to_list() == [["wind_speed.range"]]
    assert bad["_reason"].item() == "wind_speed is not in [0, 250]"
    kept = raw.filter(pl.int_range(pl.len()) != number)
    untouched = ["origin", "year", "month", "day", "hour", "wind_dir", "time_hour"]
    assert good.select(untouched).equals(kept.select(untouched))


def test_named_methods_do_what_they_say(weather: Path) -> None:
    """Min-max over the bounds 0 to 100, and a z-score, as plain arithmetic on the kept rows gives them."""
    nf.run(nf.load(weather))
    good = pl.read_parquet(weather.parents[1] / "out" / "weather.parquet")
    kept = source(weather).filter(pl.col("wind_speed").is_null() | (pl.col("wind_speed") < 250))
    humid = (good["humid"] - kept["humid"] / 100).abs().max()
    pressure = kept["pressure"]
    expected = (pressure - pressure.mean()) / pressure.std(ddof=0)
    difference = (good["pressure"] - expected).abs().max()
    assert isinstance(humid, float)
    assert isinstance(difference, float)
    assert humid < 1e-15
    assert difference < 1e-12


def test_the_choices_are_not_fooled(weather: Path) -> None:
    """Each column got the method its shape asks for."""
    record = nf.run(nf.load(weather))
    rules = {one["column"]: one["choice"]["rule"] if one["choice"] else "named" for one in record.columns}
    assert rules == {
        "year": "constant",
        "month": "named",
        "day": "named",
        "hour": "named",
        "temp": "symmetric",
        "dewp": "symmetric",
        "humid": "named",
        "wind_dir": "named",
        "wind_speed": "symmetric",
        "wind_gust": "skewed",
        "precip": "zero_inflated",
        "pressure": "named",
        "visib": "skewed",
    }


def test_the_raw_file_is_not_judged_by_its_outlier(weather: Path) -> None:
    """Without a contract: an outlier in `wind_speed` (moment skew 69), zeros in `precip`, one `year`."""
    fit = nf.fit(pl.scan_parquet(weather.parent / "data" / "weather.parquet"))
    rules = {one.column: one.choice.rule for one in fit.columns if one.choice}
    assert rules["wind_speed"] == "outliers"
    assert fit["wind_speed"].method == "robust"
    assert rules["precip"] == "zero_inflated"
    assert rules["year"] == "constant"


def test_a_second_run_reuses_the_fit_and_writes_the_same_bytes(weather: Path) -> None:
    """Reuse by key, not by data: same fit, byte-identical outputs."""
    first, second = (nf.run(nf.load(weather)) for _ in range(2))
    assert (first.fit, second.fit) == ("learned", "reused")
    assert first.fit_id == second.fit_id
    assert first.outputs == second.outputs


def test_refit_gives_the_same_fit_after_shuffling_and_splitting_in_seven(weather: Path) -> None:
    """A fit is a function of the set of rows."""
    pipeline = nf.load(weather)
    first = nf.run(pipeline)
    raw = source(weather).sample(fraction=1.0, shuffle=True, seed=7)
    paths = []
    for i in range(7):
        paths.append(str(weather.parent / "data" / f"part-{i}.parquet"))
        raw.gather_every(7, offset=i).write_parquet(paths[-1], row_group_size=1000)
    split = replace(pipeline, source=replace(pipeline.source, paths=tuple(paths)))
    second = nf.run(split, mode="refit")
    assert second.fit == "learned"
    assert second.fit_id == first.fit_id


def test_the_registry_holds_the_run_whole(weather: Path) -> None:
    """Runs, fit, parameters, choices, profiles, verdicts and outputs; doubles bit for bit."""
    record = nf.run(nf.load(weather))
    with duckdb.connect(record.registry, read_only=True) as con:
        one = "SELECT count(*) FROM "
        assert con.execute(f"{one} runs WHERE status = 'succeeded' AND exit_code = 0").fetchall() == [(1,)]
        assert con.execute(f"{one} parameters WHERE fit_id = ?", [record.fit_id]).fetchall() == [(13,)]
        assert con.execute(f"{one} profiles").fetchall() == [(13,)]
        assert con.execute(f"{one} outputs WHERE state = 'published'").fetchall() == [(2,)]
        assert con.execute(f"{one} check_results").fetchall() == [(len(record.checks),)]
        document = con.execute("SELECT document FROM fits WHERE fit_id = ?", [record.fit_id]).fetchall()[0][0]
    stored = nf.Fit.from_json(document)
    assert stored.id == record.fit_id
    teaching = source(weather).lazy().filter(pl.col("wind_speed").is_null() | (pl.col("wind_speed") < 250))
    pressure = nf.fit(teaching, {"pressure": "zscore"})["pressure"].transform
    assert stored["pressure"].transform == pressure


def test_what_was_transformed_comes_back(weather: Path) -> None:
    """The stored fit undoes the published output: every normalized column is its source again."""
    record = nf.run(nf.load(weather))
    with duckdb.connect(record.registry, read_only=True) as con:
        document = con.execute("SELECT document FROM fits").fetchall()[0][0]
    good = pl.read_parquet(weather.parents[1] / "out" / "weather.parquet")
    back = nf.Fit.from_json(document).inverse(good)
    kept = source(weather).filter(pl.col("wind_speed").is_null() | (pl.col("wind_speed") < 250))
    for name in ("temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib"):
        assert back[name].null_count() == kept[name].null_count(), name
        error = ((back[name] - kept[name]).abs() / kept[name].abs().clip(lower_bound=1.0)).max()
        assert isinstance(error, float)
        assert error < 1e-9, name


def test_a_frozen_run_without_a_fit_ends_with_5(weather: Path) -> None:
    """Frozen never fits."""
    with pytest.raises(nf.NoFitError) as caught:
        nf.run(nf.load(weather), mode="frozen")
    assert caught.value.exit_code == 5
    nf.run(nf.load(weather))
    assert nf.run(nf.load(weather), mode="frozen").fit == "reused"


def test_a_misspelled_mode_is_refused(weather: Path) -> None:
    """A scheduler that means frozen must not learn."""
    wrong: Any = "forzen"
    with pytest.raises(nf.ConfigError, match=r"no such mode 'forzen'; did you mean 'frozen'\?"):
        nf.run(nf.load(weather), mode=wrong)
