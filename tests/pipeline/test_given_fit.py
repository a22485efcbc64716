"""A run by a fit of one's choice: by id, file or time, and on another machine."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

import normflow as nf
from normflow.pipeline import exported
from tests.pipeline.days import changed, day, project, registry_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def two_fits(tmp_path: Path) -> tuple[nf.Pipeline, nf.RunRecord, nf.RunRecord]:
    """A pipeline that learned twice, from three days and from the last two."""
    pipeline = project(tmp_path)
    first = nf.run(pipeline)
    (tmp_path / "days" / "00.parquet").rename(tmp_path / "00.parquet")
    second = nf.run(pipeline, mode="refit")
    (tmp_path / "00.parquet").rename(tmp_path / "days" / "00.parquet")
    assert first.fit_id != second.fit_id
    return pipeline, first, second


def test_a_fit_is_applied_by_id_prefix_name_file_and_value(
    tmp_path: Path, two_fits: tuple[nf.Pipeline, nf.RunRecord, nf.RunRecord]
) -> None:
    """The bytes are those of the run that learned it; no key is asked for, and none is left."""
    pipeline, first, second = two_fits
    with registry_of(pipeline) as registry:
        document = registry.fit(first.fit_id).document
    (tmp_path / "fit.json").write_text(document)
    (tmp_path / "export.json").write_text(exported(registry_of(pipeline), first.run_id))
    files = (str(tmp_path / "fit.json"), tmp_path / "export.json")
    for fit in (first.fit_id, first.fit_id[:10], *files, nf.Fit.from_json(document)):
        record = nf.run(pipeline, fit=fit)
        assert (record.fit, record.fit_id, record.mode) == ("given", first.fit_id, "frozen")
        assert record.outputs == first.outputs
    assert nf.run(pipeline, fit="p@latest").fit_id == first.fit_id
    assert nf.run(pipeline).fit_id == second.fit_id, "what was given once is not reused unasked"
    other = changed(pipeline, "normalize: {x: minmax}\n")
    assert nf.run(other, fit=first.fit_id).outputs == first.outputs


def test_as_of_is_the_fit_that_was_current_then(
    two_fits: tuple[nf.Pipeline, nf.RunRecord, nf.RunRecord],
) -> None:
    pipeline, first, second = two_fits
    rows = {row.run_id: row.finished for row in registry_of(pipeline).runs()}
    ends = [rows[first.run_id], rows[second.run_id]]
    assert ends[0]
    assert ends[1]
    assert ends[0] < ends[1]
    between, after = ends[0] + (ends[1] - ends[0]) / 2, ends[1] + timedelta(hours=1)
    assert nf.run(pipeline, as_of=ends[0]).fit_id == first.fit_id
    assert nf.run(pipeline, as_of=between).fit_id == first.fit_id
    naive = between.astimezone(UTC).replace(tzinfo=None).isoformat()
    assert nf.run(pipeline, as_of=naive).fit_id == first.fit_id
    assert nf.run(pipeline, as_of=ends[1]).fit_id == second.fit_id
    east = (between + timedelta(hours=9)).isoformat().replace("+00:00", "+09:00")
    assert nf.run(pipeline, as_of=east).fit_id == first.fit_id
    assert nf.run(pipeline, as_of=after).fit_id in {first.fit_id, second.fit_id}
    with pytest.raises(nf.NoFitError) as caught:
        nf.run(pipeline, as_of="2001-01-01")
    assert str(caught.value) == (
        f"{pipeline.registry}: no run of 'p' had succeeded by 2001-01-01 00:00:00Z;"
        " `normflow runs` tells when there was one"
    )
    with pytest.raises(nf.ConfigError, match="'yesterday' is no time; write it as 2024-03-01T06:00"):
        nf.run(pipeline, as_of="yesterday")


def test_what_cannot_be_given_is_refused_before_a_row_is_read(tmp_path: Path) -> None:
    pipeline = project(tmp_path)
    known = nf.run(pipeline)
    fit = nf.fit(pl.DataFrame({"x": [1.0, 2.0, 4.0], "z": [1.0, 5.0, 2.0]}))
    with pytest.raises(nf.SchemaError) as caught:
        nf.run(pipeline, fit=fit)
    assert str(caught.value) == (
        f"{pipeline.file}: fit {fit.id[:12]} does not suit this source: the fit needs column 'z';"
        " known are x, y"
    )
    day(tmp_path, 0)
    for file in (tmp_path / "days").iterdir():
        pl.read_parquet(file).with_columns(pl.col("y").cast(pl.String)).write_parquet(file)
    with pytest.raises(nf.SchemaError, match="column 'y' is String, which has no numeric value"):
        nf.run(pipeline, fit=known.fit_id)
    with pytest.raises(nf.ConfigError, match="a fit to apply is asked for, and mode 'refit' too"):
        nf.run(pipeline, fit=known.fit_id, mode="refit")
    with pytest.raises(nf.ConfigError, match="a fit to apply is asked for, and a time too"):
        nf.run(pipeline, fit=known.fit_id, as_of="2024-01-01")
    with pytest.raises(nf.ConfigError, match="the fit cannot be read: No such file or directory"):
        nf.run(pipeline, fit=str(tmp_path / "nothing.json"))
    (tmp_path / "none.json").write_text('{"fit": {"format": 1}}')
    with pytest.raises(nf.FormatError):
        nf.run(pipeline, fit=str(tmp_path / "none.json"))
    with pytest.raises(nf.RegistryError, match="no fit 'f00'"):
        nf.run(pipeline, fit="f00")
    assert len(registry_of(pipeline).runs()) == 1, "none of them began"


def test_an_export_runs_in_another_folder_with_an_empty_registry(tmp_path: Path) -> None:
    """Byte for byte, with the fit alone and no run before."""
    pipeline = project(tmp_path / "here")
    record = nf.run(pipeline)
    text = exported(registry_of(pipeline), "p@latest")
    assert text == exported(registry_of(pipeline), record.fit_id)
    other = project(tmp_path / "there")
    (tmp_path / "there" / "fit.json").write_text(text)
    again = nf.run(other, fit=str(tmp_path / "there" / "fit.json"))
    assert [one.sha256 for one in again.outputs] == [one.sha256 for one in record.outputs]
    document = json.loads(text)
    assert list(document) == ["version", "kind", "fit", "run", "config", "inputs", "versions"]
    assert document["run"]["run_id"] == record.run_id
    assert nf.Pipeline.from_json(json.dumps(document["config"])) == pipeline


@pytest.mark.parametrize("time", ["0001-01-01T00:00+14:00", "9999-12-31T23:59:59-14:00", "soon", ""])
def test_a_time_that_no_calendar_has_in_utc_is_no_time(tmp_path: Path, time: str) -> None:
    with pytest.raises(nf.ConfigError, match="is no time; write it as"):
        nf.run(project(tmp_path), as_of=time)


def test_an_export_of_another_kind_is_refused_by_its_name(tmp_path: Path) -> None:
    """Not applied as if it were one that is known; whatever is wrong, the file is named."""
    pipeline = project(tmp_path)
    record = nf.run(pipeline)
    document = json.loads(exported(registry_of(pipeline), record.run_id))
    file = tmp_path / "fit.json"
    for change, what in (({"version": 2}, "of version 2"), ({"kind": "other"}, "it is 'other'")):
        file.write_text(json.dumps({**document, **change}))
        with pytest.raises(nf.FormatError, match=what) as caught:
            nf.run(pipeline, fit=file)
        assert caught.value.where == str(file)
    for text in ("", "{}", "[", json.dumps({**document, "fit": {"columns": [{}]}})):
        file.write_text(text)
        with pytest.raises(nf.FormatError) as caught:
            nf.run(pipeline, fit=file)
        assert caught.value.where.startswith(str(file))
