"""A pipeline file becomes a frozen pipeline: every key, every short form, every default."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import normflow.config
from normflow.spec import (
    ColumnChecks,
    FitSpec,
    Limit,
    MethodSpec,
    Pipeline,
    QuarantineSpec,
    SinkSpec,
    SourceSpec,
)

FULL = """\
version: 1
name: air
source: {path: data/weather-*.parquet, format: parquet, options: {}}
contract:
  origin:     {dtype: string, isin: [EWR, JFK, NO], unique: false, nullable: false}
  temp:       {range: [-40, 130.5], finite: true}
  wind_speed: {range: [0, null], on_fail: quarantine, max_failed: 0.1%}
  wind_gust:  {severity: warn, max_failed: 25}
fit:
  mode: refit
  goal: model
  resolution: 512
normalize:
  "*": auto
  humid: minmax
  "wind_*": {method: robust, quantiles: [0.1, 0.9], suffix: _n}
  2013: none
checks:
  temp: {mean: [-0.1, 0.1], std: [0.9, null], severity: warn}
  "*": {finite: true}
quarantine: {path: out/bad.csv, max_rows: 5%}
sink: {path: out/weather.dat, format: ipc, options: {compression: zstd}}
registry: runs.duckdb
meta: {owner: data-eng, since: 2024-01-31, list: [1, {a: null}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pipeline file lies."""
    return tmp_path


def load(folder: Path, text: str, name: str = "weather.yaml") -> Pipeline:
    (folder / name).write_text(text)
    return normflow.config.load(folder / name)


def test_every_key(folder: Path) -> None:
    """All that may be written, written."""
    assert load(folder, FULL) == Pipeline(
        name="air",
        file=folder / "weather.yaml",
        source=SourceSpec(paths=(str(folder / "data/weather-*.parquet"),), format="parquet"),
        contract={
            "origin": ColumnChecks(dtype="string", isin=("EWR", "JFK", "NO"), nullable=False),
            "temp": ColumnChecks(range=(-40, 130.5), finite=True),
            "wind_speed": ColumnChecks(range=(0, None), on_fail="quarantine", max_failed=Limit(share=0.001)),
            "wind_gust": ColumnChecks(severity="warn", max_failed=Limit(count=25)),
        },
        fit=FitSpec(mode="refit", goal="model", resolution=512),
        normalize={
            "*": MethodSpec(method="auto"),
            "humid": MethodSpec(method="minmax"),
            "wind_*": MethodSpec(method="robust", options={"quantiles": (0.1, 0.9)}, suffix="_n"),
            "2013": MethodSpec(method="none"),
        },
        checks={
            "temp": ColumnChecks(mean=(-0.1, 0.1), std=(0.9, None), severity="warn"),
            "*": ColumnChecks(finite=True),
        },
        quarantine=QuarantineSpec(path=folder / "out/bad.csv", format="csv", max_rows=Limit(share=0.05)),
        sink=SinkSpec(path=folder / "out/weather.dat", format="ipc", options={"compression": "zstd"}),
        registry=folder / "runs.duckdb",
        meta={"owner": "data-eng", "since": "2024-01-31", "list": [1, {"a": None}]},
    )


def test_two_lines_are_enough(folder: Path) -> None:
    """The smallest file: every numeric column by auto, and defaults beside the file and the sink."""
    assert load(folder, "source: data/weather.parquet\nsink: out/weather.parquet\n") == Pipeline(
        name="weather",
        file=folder / "weather.yaml",
        source=SourceSpec(paths=(str(folder / "data/weather.parquet"),), format="parquet"),
        normalize={"*": MethodSpec(method="auto")},
        quarantine=QuarantineSpec(path=folder / "out/weather.quarantine.parquet", format="parquet"),
        sink=SinkSpec(path=folder / "out/weather.parquet", format="parquet"),
        registry=folder / ".normflow/registry.duckdb",
    )


def test_an_empty_normalize_normalizes_nothing(folder: Path) -> None:
    """Only a missing `normalize` means auto."""
    assert load(folder, "source: a.csv\nsink: b.csv\nnormalize: {}\n").normalize == {}


@pytest.mark.parametrize(
    ("source", "paths", "file_format"),
    [
        ("a.csv", ["a.csv"], "csv"),
        ("a.CSV.gz", ["a.CSV.gz"], "csv"),
        ("[a.tsv, b.tsv]", ["a.tsv", "b.tsv"], "tsv"),
        ("{path: a.jsonl}", ["a.jsonl"], "ndjson"),
        ("{path: [a.arrow, b.feather]}", ["a.arrow", "b.feather"], "ipc"),
        ("{path: a.txt, format: csv}", ["a.txt"], "csv"),
        ("folder", ["folder"], None),
        ("data/*", ["data/*"], None),
        ("[folder, a.pq]", ["folder", "a.pq"], "parquet"),
    ],
)
def test_sources(folder: Path, source: str, paths: list[str], file_format: str | None) -> None:
    """A path, a list, a mapping; the suffix tells the format, and where none does, the files will."""
    found = load(folder, f"source: {source}\nsink: out/b.csv\n").source
    assert found == SourceSpec(paths=tuple(str(folder / path) for path in paths), format=file_format)  # type: ignore[arg-type]


def test_a_folder_may_have_a_dot_in_its_name(folder: Path) -> None:
    """A suffix that is no format is only wrong on what is no folder."""
    (folder / "v1.2").mkdir()
    assert load(folder, "source: v1.2\nsink: out/b.csv\n").source.format is None


def test_outputs_that_a_folder_does_not_read(folder: Path) -> None:
    """Hidden files, and files of another format than the one that is written."""
    load(folder, "source: data\nsink: data/.out/b.csv\n")
    load(folder, "source: {path: data, format: parquet}\nsink: data/b.csv\n")
    load(folder, "source: .\nsink: ../out/b.csv\n")


def test_the_example_in_configs_loads() -> None:
    """The file that the README runs."""
    found = normflow.config.load(Path(__file__).parents[2] / "configs" / "weather.yaml")
    assert found.name == "weather"
    assert found.contract["wind_speed"].on_fail == "quarantine"


def test_reading_options(folder: Path) -> None:
    """Lists of an option become tuples, and null stays null."""
    options = "{separator: ;, null_values: [NA, '-'], infer_schema_length: null, has_header: false}"
    text = f"source: {{path: a.csv, options: {options}}}\nsink: b.csv\n"
    assert load(folder, text).source.options == {
        "separator": ";",
        "null_values": ("NA", "-"),
        "infer_schema_length": None,
        "has_header": False,
    }


@pytest.mark.parametrize(
    ("lines", "path", "file_format"),
    [
        ("sink: out/a.parquet", "out/a.quarantine.parquet", "parquet"),
        ("sink: {path: out/a.dat, format: ndjson}", "out/a.quarantine.dat", "ndjson"),
        ("sink: {path: out/a, format: csv}", "out/a.quarantine", "csv"),
        ("sink: a.csv\nquarantine: bad/rows.parquet", "bad/rows.parquet", "parquet"),
        ("sink: a.csv\nquarantine: {max_rows: 3}", "a.quarantine.csv", "csv"),
    ],
)
def test_quarantine_lies_beside_the_sink_unless_it_is_written(
    folder: Path, lines: str, path: str, file_format: str
) -> None:
    """`<sink>.quarantine.<suffix>`, in the format of the sink."""
    found = load(folder, f"source: x.csv\n{lines}\n").quarantine
    assert (found.path, found.format) == (folder / path, file_format)


def test_paths_start_at_the_folder_of_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative file gives paths relative to where the program stands; absolute paths stay."""
    (folder / "configs").mkdir()
    load(folder, "source: [../a.csv, /data/b.csv]\nsink: out/c.csv\n", "configs/p.yaml")
    monkeypatch.chdir(folder)
    found = normflow.config.load("configs/p.yaml")
    assert found.source.paths == ("configs/../a.csv", "/data/b.csv")
    assert found.sink.path == Path("configs/out/c.csv")
    assert found.registry == Path("configs/.normflow/registry.duckdb")


def test_places_say_where_each_key_stands(folder: Path) -> None:
    """A key's own place, and the value's for the key a short form stands for."""
    found = load(
        folder, "source: a.csv\nsink: b.csv\nnormalize:\n  x: minmax\n  y: {method: log, offset: 1}\n"
    )
    file = found.file
    assert found.places == {
        "source": f"{file}:1:1",
        "sink": f"{file}:2:1",
        "normalize": f"{file}:3:1",
        "normalize.x": f"{file}:4:3",
        "normalize.y": f"{file}:5:3",
        "normalize.y.method": f"{file}:5:7",
        "normalize.y.offset": f"{file}:5:20",
        "source.path": f"{file}:1:9",
        "sink.path": f"{file}:2:7",
        "normalize.x.method": f"{file}:4:6",
    }


def test_a_place_that_was_not_written_is_that_of_what_holds_it(folder: Path) -> None:
    """Defaults point at their section, or at the file."""
    found = load(folder, "source: a.csv\nsink: b.csv\nfit: {mode: refit}\n")
    assert found.place("fit.mode") == f"{found.file}:3:7"
    assert found.place("fit.goal") == f"{found.file}:3:1"
    assert found.place("registry") == str(found.file)


def test_a_pipeline_is_plain_data(folder: Path) -> None:
    """Every part can be taken apart, as a record of a run does."""
    assert asdict(load(folder, FULL))["contract"]["temp"]["range"] == (-40, 130.5)


def test_a_byte_order_mark_is_no_part_of_the_text(folder: Path) -> None:
    """Editors on Windows write one."""
    assert load(folder, "\ufeffsource: a.csv\r\nsink: b.csv\r\n").sink.path == folder / "b.csv"


def test_aliases_share_what_is_written_once(folder: Path) -> None:
    """YAML's own reuse works, within limits."""
    found = load(folder, "source: a.csv\nsink: b.csv\ncontract:\n  x: &c {range: [0, 1]}\n  y: *c\n")
    assert found.contract["x"] == found.contract["y"] == ColumnChecks(range=(0, 1))


NAMES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp"), blacklist_characters="\ufffe\uffff\ufeff"),
    min_size=1,
    max_size=20,
).filter(str.strip)


@given(name=NAMES)
def test_any_column_name_can_be_written(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """A quoted key is the name, whatever its characters."""
    quoted = "'" + name.replace("'", "''") + "'"
    folder = tmp_path_factory.getbasetemp()
    found = load(folder, f"source: a.csv\nsink: b.csv\nnormalize: {{{quoted}: zscore}}\n", "names.yaml")
    assert found.normalize == {name: MethodSpec(method="zscore")}


@example(path=".")
@given(path=NAMES.filter(lambda text: "://" not in text))
def test_any_path_can_be_written(tmp_path_factory: pytest.TempPathFactory, path: str) -> None:
    """A quoted path starts at the file's folder, whatever its characters."""
    quoted = "'" + path.replace("'", "''") + ".parquet'"
    folder = tmp_path_factory.getbasetemp()
    found = load(folder, f"source: {quoted}\nsink: out/s.csv\n", "paths.yaml")
    assert found.source.paths == (str(folder / f"{path}.parquet"),)
