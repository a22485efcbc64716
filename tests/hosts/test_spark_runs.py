"""Runs of pipeline files on a real Spark of two threads against those here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.sql import SparkSession

import normflow as nf
from normflow.pipeline import engines
from tests.hosts.rows import DATA, ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENGINE = """
engine:
  kind: spark
  master: local[2]
  options: {spark.ui.enabled: false, spark.driver.host: 127.0.0.1, spark.driver.bindAddress: 127.0.0.1}
"""
RULES = """
contract:
  x: {range: [30, 70], on_fail: quarantine}
  count: {unique: true, on_fail: quarantine}
quarantine: {max_rows: 100%}
fit: {where: month <= 9, quantiles: exact}
normalize: {x: zscore, price: auto, hole: {method: robust, nulls: median}, odd: minmax}
checks: {x: {finite: true, mean: [-1, 1], unique: true, severity: warn}, price: {drift: 0.5}}
"""
GROUPED = """
contract: {price: {range: [0, 20], on_fail: clip, severity: warn}}
fit: {by: k}
normalize: {x: zscore, price: {method: yeojohnson, suffix: _n}}
"""
PIPELINES = {
    "parquet": ("parquet", "out.parquet", RULES),
    "csv": ("csv", "out.csv", RULES),
    "groups": ("parquet", "{path: out, partition_by: [k]}", GROUPED),
}


def project(folder: Path, kind: str, sink: str, text: str) -> nf.Pipeline:
    """The rows in three files of two folders, one with a row group of its own size."""
    for number, rows in enumerate((DATA[:1000], DATA[1000:1800], DATA[1800:])):
        file = folder / f"data/part={number // 2}/{number}.{kind}"
        file.parent.mkdir(parents=True, exist_ok=True)
        rows.write_parquet(file, row_group_size=300) if kind == "parquet" else rows.write_csv(file)
    file = folder / "shop.yaml"
    file.write_text(f"source: data/\nsink: {sink}\n{text}", encoding="utf-8")
    return nf.load(file)


def told(record: Any, folder: Path) -> dict[str, Any]:
    """A record without what is of this run alone."""
    unlike = ("run_id", "started", "finished", "registry", "config_hash")
    found = {key: value for key, value in record.to_json().items() if key not in unlike}
    for output in found["outputs"]:
        output["path"] = os.path.relpath(output["path"], folder)
    return dict(flat(found))


def flat(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a document, each by its path."""
    if isinstance(value, dict | list | tuple):
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from flat(one, f"{key}.{name}")
    else:
        yield key, value


@pytest.mark.parametrize("name", PIPELINES)
def test_a_run_has_the_record_and_the_bytes_of_a_run_here(
    session: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Quarantine, repeats, policies, drift and checks among them; some files are several pieces."""
    kind, sink, text = PIPELINES[name]
    monkeypatch.setattr(engines, "PIECE", 3000)
    monkeypatch.setattr(engines, "LONGER", 2)
    here, there = (
        project(tmp_path / where, kind, sink, text + more) for where, more in (("h", ""), ("t", ENGINE))
    )
    wanted, found = nf.run(here), nf.run(there)
    # the mean and std of outputs are sums of batches, in a run here too
    one, other = told(found, tmp_path / "t"), told(wanted, tmp_path / "h")
    sums = {key for key, value in other.items() if isinstance(value, float)}
    assert {key: one[key] for key in one if key not in sums} == {
        key: other[key] for key in other if key not in sums
    }
    assert {key: one[key] for key in sums} == pytest.approx(
        {key: other[key] for key in sums}, rel=1e-12, nan_ok=True
    )
    assert [one.sha256 for one in found.outputs] == [one.sha256 for one in wanted.outputs]
    assert found.fit == "learned"
    again = nf.run(there)
    assert (again.fit, again.outputs) == ("reused", found.outputs)
    assert session.range(1).count() == 1, "a session of somebody else is left alone"


@pytest.mark.usefixtures("session")
def test_a_fit_of_one_engine_is_used_by_the_other(tmp_path: Path) -> None:
    first = nf.run(project(tmp_path, *PIPELINES["parquet"][:2], RULES + ENGINE))
    second = nf.run(project(tmp_path, *PIPELINES["parquet"][:2], RULES))
    assert (first.fit, second.fit) == ("learned", "reused")
    assert first.fit_id == second.fit_id
    assert [one.sha256 for one in first.outputs] == [one.sha256 for one in second.outputs]


WRONG = {
    "a contract": "contract: {x: {range: [40, 60]}}\n",
    "a check": "normalize: {x: zscore}\nchecks: {x: {range: [-1, 1]}}\n",
    "all quarantined": "contract: {x: {range: [900, null], on_fail: quarantine}}\nfit: {where: x > 0}\n",
    "a damaged file": "",
}


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_as_here(tmp_path: Path, name: str) -> None:
    errors = []
    for more in ("", ENGINE):
        asked = project(tmp_path, "csv", "out.parquet", WRONG[name] + more)
        if name == "a damaged file":
            with (tmp_path / "data/part=1/2.csv").open("a") as file:
                file.write("JFK,1,no number,1,1,1,1,,w\n")
        with pytest.raises(nf.NormflowError) as error:
            nf.run(asked)
        errors.append((type(error.value), error.value.exit_code, error.value.message))
        assert not (tmp_path / "out.parquet").exists()
        assert not list(tmp_path.glob("*.tmp*"))
    assert errors[0] == errors[1]


def alone() -> None:
    """No session of these tests; they stand behind all that need it."""
    if active := SparkSession.getActiveSession():
        active.stop()


def test_a_run_without_a_session_starts_and_stops_its_own(tmp_path: Path) -> None:
    alone()
    asked = project(tmp_path, "parquet", "out.parquet", "normalize: {x: zscore}\n" + ENGINE)
    assert nf.run(asked).rows == ROWS
    assert SparkSession.getActiveSession() is None


def test_a_cluster_that_is_not_there_is_an_error_of_the_run(tmp_path: Path) -> None:
    alone()
    asked = project(tmp_path, "parquet", "out.parquet", "engine: {kind: spark, master: nonsense}\n")
    with pytest.raises(nf.PluginError, match=r"engine: spark, nonsense: Spark failed: .*nonsense") as error:
        nf.run(asked)
    assert error.value.exit_code == 3
    assert not (tmp_path / "out.parquet").exists()
