"""Two runs or fits side by side: only what differs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest

import normflow as nf
from normflow.pipeline import compared
from tests.pipeline.days import changed, project, registry_of

if TYPE_CHECKING:
    from pathlib import Path


def test_diff_tells_what_differs_and_nothing_else(tmp_path: Path) -> None:
    pipeline = project(tmp_path, "normalize: {x: zscore, y: {method: log, clip: [1%, 99%]}}\n")
    first = nf.run(pipeline)
    same = nf.run(pipeline)
    registry = registry_of(pipeline)
    assert compared(registry, first.run_id, same.run_id).exit_code == 0
    second = nf.run(changed(pipeline, "normalize: {x: minmax, y: {method: log, clip: [1%, 99%]}}\n"))
    found = compared(registry, first.run_id, second.run_id)
    assert found.exit_code == 5
    whats = {(one.column, one.what): (one.a, one.b) for one in found.differences}
    assert whats["x", "method"] == ("zscore", "minmax")
    assert {one.why for one in found.differences} == {None, "named in the pipeline"}
    stored = registry.fit(first.fit_id), registry.fit(second.fit_id)
    shifts = [nf.Fit.from_json(one.document)["x"].transform.maps[0].to_json()["shift"] for one in stored]
    assert whats["x", "affine.shift"] == tuple(shifts)
    assert not [one for one in found.differences if one.column == "y"]
    assert {one.what for one in found.differences if one.column is None} == {
        "config_hash",
        "output_fingerprint",
    }
    fits = compared(registry, first.fit_id, second.fit_id)
    assert [one for one in found.differences if one.column] == list(fits.differences)
    assert compared(registry, "p@latest", second.fit_id).exit_code == 0
    document = json.loads(json.dumps(found.to_json()))
    assert document["a"] == {"reference": first.run_id, "run_id": first.run_id, "fit_id": first.fit_id}
    with pytest.raises(nf.RegistryError) as caught:
        compared(registry, "p@latest", "zzz")
    assert str(caught.value) == (
        f"{pipeline.registry}: no run and no fit 'zzz'; `normflow runs` lists what is there,"
        " and `pipeline@latest` names the last"
    )
    with pytest.raises(nf.RegistryError, match="begins 3 runs"):
        compared(registry, "p@latest", first.run_id[:4])


def test_a_diff_of_groups_columns_and_inputs(tmp_path: Path) -> None:
    pipeline = project(tmp_path)
    first = nf.run(pipeline)
    for file in (tmp_path / "days").iterdir():
        pl.read_parquet(file).with_columns(g=pl.Series(["a", "b"] * 100)).write_parquet(file)
    second = nf.run(changed(pipeline, "fit: {by: g}\nnormalize: {x: auto}\n"))
    found = compared(registry_of(pipeline), first.run_id, second.run_id).differences
    whats = {(one.column, one.what): (one.a, one.b) for one in found}
    assert whats["y", "method"][1] is None
    groups = whats[None, "groups"]
    assert groups[0] is None
    assert (groups[1]["by"], groups[1]["count"]) == (["g"], 2)
    assert len(whats[None, "inputs.changed"][1]) == 3
