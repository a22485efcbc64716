"""The adapter in a real dlt, which loads into DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dlt
import duckdb
import polars as pl
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

import normflow as nf
from normflow.integrations.dlt import normalize
from tests.hosts.pipelines import pipeline, ran

if TYPE_CHECKING:
    from pathlib import Path

TAUGHT = pl.DataFrame({"price": [0.0, 5.0, 10.0], "kind": ["a", "b", "a"]})


def load(folder: Path, batches: list[pl.DataFrame], **options: Any) -> Any:
    """Load batches through the transformer; the connection to what was loaded."""

    @dlt.resource(name="shop")
    def shop() -> Any:
        for batch in batches:
            yield batch.to_arrow()

    there = folder / "loaded.duckdb"
    loading = dlt.pipeline(
        "shop",
        destination=dlt.destinations.duckdb(str(there)),
        dataset_name="raw",
        pipelines_dir=str(folder / "dlt"),
    )
    fit = nf.fit(TAUGHT, {"price": "minmax"})
    loading.run(shop() | normalize(fit, name="prices", **options), loader_file_format="parquet")
    return duckdb.connect(str(there), read_only=True)


def test_batches_are_normalized_by_one_fit(tmp_path: Path) -> None:
    with load(tmp_path, [TAUGHT.head(2), TAUGHT.tail(1)]) as loaded:
        assert loaded.sql("select price from raw.prices order by price").fetchall() == [
            (0.0,),
            (0.5,),
            (1.0,),
        ]


def test_rejected_rows_are_a_second_table(tmp_path: Path) -> None:
    file = pipeline(tmp_path, [1.0])
    bad = pl.DataFrame({"price": [5.0, 1.0], "kind": ["x", "b"]})
    with load(tmp_path, [TAUGHT, bad], contract=str(file)) as loaded:
        assert loaded.sql("select count(*) from raw.prices").fetchall() == [(4,)]
        rejected = loaded.sql("select price, kind, _failed from raw.prices_rejects").fetchall()
        assert rejected == [(5.0, "x", '["kind.isin"]')]


def test_a_check_that_fails_ends_the_load(tmp_path: Path) -> None:
    file = pipeline(tmp_path, [1.0])
    with pytest.raises(PipelineStepFailed) as raised:
        load(tmp_path, [pl.DataFrame({"price": [500.0], "kind": ["a"]})], contract=str(file))
    seen: BaseException | None = raised.value
    while seen and not isinstance(seen, nf.ContractError):
        seen = seen.__cause__
    assert "price is not in [0, 100] in 1 of 1 row (100%); first in row 0: 500" in str(seen)


def test_what_a_batch_cannot_tell_is_refused(tmp_path: Path) -> None:
    file = pipeline(tmp_path, [1.0])
    file.write_text(
        file.read_text(encoding="utf-8").replace("{range: [0, 100]}", "{unique: true}"), encoding="utf-8"
    )
    with pytest.raises(nf.ConfigError, match="unique"):
        normalize(nf.fit(TAUGHT, {"price": "minmax"}), contract=str(file))


def test_the_example_of_the_documentation_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    ran("dlt", tmp_path)
    with duckdb.connect(str(tmp_path / "weather.duckdb"), read_only=True) as loaded:
        assert loaded.sql("select count(*) from raw.weather_normalized").fetchall() == [(26114,)]
        assert loaded.sql("select wind_speed > 250 from raw.weather_normalized_rejects").fetchall() == [
            (True,)
        ]
