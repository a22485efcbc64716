"""Every problem of a pipeline file at once, in file order, each at its place, in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from normflow.config import load
from normflow.config.models import PipelineFile
from normflow.errors import ConfigError, Problem

MINIMAL = "source: a.csv\nsink: b.csv\n"


def told(folder: Path, text: str) -> list[str]:
    """The problems, without the file's path."""
    file = folder / "p.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file)
    return [line.removeprefix(f"{file}:") for line in str(caught.value).splitlines()]


def column(checks: str) -> str:
    """A file with one column in its contract."""
    return f"{MINIMAL}contract:\n  x: {{{checks}}}\n"


def method(line: str) -> str:
    """A file with one line in `normalize`."""
    return f"{MINIMAL}normalize:\n  x: {line}\n"


KEYS = ", ".join(PipelineFile.model_fields)
COLUMN_KEYS = (
    "dtype, nullable, unique, range, isin, regex, length, finite, checks, severity, redact, max_failed"
)
OUTPUT_KEYS = "mean, std, skew, quantile, nulls_at_most, drift"
METHODS = (
    "auto, none, center, zscore, minmax, maxabs, meannorm, decimal, robust, log, sqrt, cbrt, asinh, logit,"
    " boxcox, yeojohnson, quantile_uniform, quantile_normal, squash, unit, layer"
)
ENDINGS = "end it in .parquet, .csv, .tsv, .ndjson or .ipc, or write format"

WRONG = {
    # the file as a whole
    "nothing that is required": (
        "name: x\n",
        ["1:1: source: this key is required", "1:1: sink: this key is required"],
    ),
    "text instead of a mapping": ("hello\n", ["1:1: expected a mapping, got text 'hello'"]),
    "list instead of a mapping": ("- a\n", ["1:1: expected a mapping, got a list"]),
    "null": ("~\n", ["1:1: expected a mapping, got nothing"]),
    "misspelt key": (
        f"{MINIMAL}normalise: {{}}\n",
        ["3:1: normalise: unknown key; did you mean 'normalize'?"],
    ),
    "key of a later version": (
        f"{MINIMAL}lineage: on\n",
        [f"3:1: lineage: unknown key; known are {KEYS}; free text goes under meta"],
    ),
    "engine of another name": (
        f"{MINIMAL}engine: sparc\n",
        ["3:9: engine: no such kind 'sparc'; did you mean 'spark'?"],
    ),
    "engine without a kind": (
        f"{MINIMAL}engine: {{master: x}}\n",
        ["3:9: engine.kind: this key is required"],
    ),
    "cluster of no engine": (
        f"{MINIMAL}engine: {{kind: polars, master: yarn}}\n",
        ["3:24: engine.master: polars takes no master"],
    ),
    "secret of an engine": (
        f"{MINIMAL}engine: {{kind: spark, options: {{spark.ssl.keyPassword: x}}}}\n",
        [
            (
                "3:56: engine.options.spark.ssl.keyPassword: what the file says is in every record, so no"
                " secret stands here; it belongs in Spark's own settings"
            )
        ],
    ),
    "merge key": (
        f"{MINIMAL}<<: {{}}\n",
        [f"3:1: <<: unknown key; known are {KEYS}; free text goes under meta"],
    ),
    "syntax": (
        "source: [a\n",
        ["2:1: not valid YAML: did not find expected ',' or ']' while parsing a flow sequence from line 1"],
    ),
    # version, name, registry, meta
    "version 2": (
        f"version: 2\n{MINIMAL}",
        ["1:10: version: this normflow reads version 1, got 2; a newer normflow may read it"],
    ),
    "version as text": (f"version: '1'\n{MINIMAL}", ["1:10: version: expected a whole number, got text '1'"]),
    "version as a decimal": (
        f"version: 1.0\n{MINIMAL}",
        ["1:10: version: expected a whole number, got number 1.0"],
    ),
    "name that is a number": (f"name: 5\n{MINIMAL}", ["1:7: name: expected text, got number 5"]),
    "name with an at sign": (
        f"name: a@latest\n{MINIMAL}",
        ["1:7: name: a name holds no '@', which separates it from 'latest'"],
    ),
    "registry that is empty": (f"{MINIMAL}registry: ''\n", ["3:11: registry: expected text, got empty text"]),
    "registry over two lines": (
        f'{MINIMAL}registry: "a\\nb"\n',
        ["3:11: registry: expected text in one line, without control characters"],
    ),
    "meta that is a list": (f"{MINIMAL}meta: [a]\n", ["3:7: meta: expected a mapping, got a list"]),
    # source
    "source without a path": (
        "source: {format: csv}\nsink: b.csv\n",
        ["1:9: source: write one of path, duckdb, database, delta, iceberg and plugin"],
    ),
    "source that is a number": (
        "source: 5\nsink: b.csv\n",
        ["1:9: source: expected a path, a list of paths or a mapping, got number 5"],
    ),
    "source path that is a mapping": (
        "source: {path: {a: b}}\nsink: b.csv\n",
        ["1:16: source.path: expected a path or a list of paths, got a mapping"],
    ),
    "source list with a number": (
        "source: [a.csv, 5]\nsink: b.csv\n",
        ["1:17: source[1]: expected text, got number 5"],
    ),
    "no source at all": (
        "source: []\nsink: b.csv\n",
        ["1:9: source: expected at least one value, got an empty list"],
    ),
    "source formats": (
        "source: [a.csv, b.parquet]\nsink: b.csv\n",
        ["1:9: source: one source has one format, and here are csv and parquet"],
    ),
    "source format": (
        "source: {path: a.csv, format: cvs}\nsink: b.csv\n",
        ["1:31: source.format: no such format 'cvs'; did you mean 'csv'?"],
    ),
    "source format that is null": (
        "source: {path: a.csv, format: null}\nsink: b.csv\n",
        ["1:31: source.format: expected a value, got nothing; write one or remove the key"],
    ),
    "source without a known suffix": (
        "source: a.xlsx\nsink: b.csv\n",
        [f"1:9: source: cannot tell the format of 'a.xlsx'; {ENDINGS}"],
    ),
    "remote source": (
        "source: ftp://host/a.csv\nsink: b.csv\n",
        ["1:9: source: no such store in 'ftp://host/a.csv'; local paths, s3://, gs:// and az:// are known"],
    ),
    "option of a source": (
        "source: {path: a.csv, options: {seperator: ';'}}\nsink: b.csv\n",
        ["1:33: source.options.seperator: no such option for csv; did you mean 'separator'?"],
    ),
    "option of a source without options": (
        "source: {path: a.parquet, options: {separator: ';'}}\nsink: b.csv\n",
        ["1:37: source.options.separator: no such option for parquet; parquet takes no options"],
    ),
    "values of options": (
        (
            "source: {path: a.csv, options: {separator: ab, has_header: 1, null_values: [NA, 1],"
            " infer_schema_length: 0}}\nsink: b.csv\n"
        ),
        [
            "1:33: source.options.separator: expected one character such as ';'",
            "1:48: source.options.has_header: expected true or false",
            "1:63: source.options.null_values: expected text or a list of texts",
            "1:85: source.options.infer_schema_length: expected a whole number above 0, or null for all rows",
        ],
    ),
    "options of no format": (
        "source: {path: folder, options: {separator: ';'}}\nsink: b.csv\n",
        ["1:24: source.options: options belong to a format; write format too"],
    ),
    "option that is a mapping": (
        "source: {path: a.csv, options: {null_values: {a: b}}}\nsink: b.csv\n",
        ["1:46: source.options.null_values: expected a value or a list of values, got a mapping"],
    ),
    # sink and quarantine
    "sink without a format": (
        "source: a.csv\nsink: out/b.txt\n",
        [f"2:7: sink: cannot tell the format of 'out/b.txt'; {ENDINGS}"],
    ),
    "packed sink": (
        "source: a.csv\nsink: b.csv.gz\n",
        [f"2:7: sink: cannot tell the format of 'b.csv.gz'; {ENDINGS}"],
    ),
    "remote sink": (
        "source: a.csv\nsink: ftp://b.csv\n",
        ["2:7: sink: no such store in 'ftp://b.csv'; local paths, s3://, gs:// and az:// are known"],
    ),
    "sink that is a list": (
        "source: a.csv\nsink: [b.csv]\n",
        ["2:7: sink: expected a path or a mapping, got a list"],
    ),
    "quarantine without a format": (
        f"{MINIMAL}quarantine: {{path: bad}}\n",
        [f"3:20: quarantine.path: cannot tell the format of 'bad'; {ENDINGS}"],
    ),
    "quarantine limit": (
        f"{MINIMAL}quarantine: {{max_rows: 0.05}}\n",
        ["3:24: quarantine.max_rows: expected a share such as 5% or a whole number of rows, got number 0.05"],
    ),
    "sink over the source": (
        "source: a.csv\nsink: {path: a.csv}\n",
        ["2:14: sink: the source reads 'a.csv' too; write to another file or folder"],
    ),
    "sink within the glob": (
        "source: data/*.csv\nsink: data/b.csv\nquarantine: c.csv\n",
        ["2:7: sink: the source reads 'b.csv' too; write to another file or folder"],
    ),
    "outputs within the folder": (
        "source: data\nsink: data/out/b.csv\n",
        [
            "1:1: quarantine: the source reads 'b.quarantine.csv' too; write to another file or folder",
            "2:7: sink: the source reads 'b.csv' too; write to another file or folder",
        ],
    ),
    "quarantine over the sink": (
        "source: a.csv\nsink: b.csv\nquarantine: x/../b.csv\n",
        ["3:13: quarantine: 'b.csv' is written by the sink; choose another"],
    ),
    "report on a server": (
        f"{MINIMAL}report: s3://bucket/page.html\n",
        ["3:9: report: the report is a local file, and 's3://bucket/page.html' is none"],
    ),
    "report over the sink": (
        "source: a.csv\nsink: b.csv\nreport: b.csv\n",
        ["3:9: report: 'b.csv' is written by the sink; choose another"],
    ),
    "report over the source": (
        "source: a.csv\nsink: b.csv\nreport: a.csv\n",
        ["3:9: report: the source reads 'a.csv' too; write to another file or folder"],
    ),
    "registry over the quarantine": (
        "source: a.csv\nsink: b.csv\nregistry: b.quarantine.csv\n",
        ["3:11: registry: 'b.quarantine.csv' is written by the quarantine; choose another"],
    ),
    "sink over the pipeline file": (
        "source: a.csv\nsink: {path: p.yaml, format: csv}\n",
        ["2:14: sink: 'p.yaml' is this file; choose another"],
    ),
    # contract and checks
    "column that is nothing": (
        f"{MINIMAL}contract:\n  x:\n",
        ["4:5: contract.x: expected a mapping, got nothing"],
    ),
    "contract that is nothing": (
        f"{MINIMAL}contract:\n",
        ["3:10: contract: expected a mapping, got nothing"],
    ),
    "key of a check": (column("rang: [0, 1]"), ["4:7: contract.x.rang: unknown key; did you mean 'range'?"]),
    "mean in a contract": (
        column("mean: [0, 1]"),
        [f"4:7: contract.x.mean: unknown key; known are {COLUMN_KEYS}, on_fail"],
    ),
    "on_fail in a check": (
        f"{MINIMAL}checks:\n  x: {{on_fail: fail}}\n",
        [f"4:7: checks.x.on_fail: unknown key; known are {COLUMN_KEYS}, {OUTPUT_KEYS}"],
    ),
    "dtype": (column("dtype: int"), ["4:14: contract.x.dtype: no such type 'int'; did you mean 'integer'?"]),
    "dtype in small letters": (
        column("dtype: float64"),
        ["4:14: contract.x.dtype: no such type 'float64'; did you mean 'Float64'?"],
    ),
    "dtype like no other": (
        column("dtype: q"),
        [
            (
                "4:14: contract.x.dtype: no such type 'q';"
                " known are families such as number and types such as Int64"
            )
        ],
    ),
    "yes": (
        column("nullable: yes"),
        ["4:17: contract.x.nullable: expected true or false, got text 'yes', which YAML 1.2 reads as text"],
    ),
    "one for true": (column("unique: 1"), ["4:15: contract.x.unique: expected true or false, got number 1"]),
    "range upside down": (
        column("range: [130, -40]"),
        ["4:14: contract.x.range: the lower end 130 is above the upper end -40; write [lower, upper]"],
    ),
    "range of three": (
        column("range: [1, 2, 3]"),
        ["4:14: contract.x.range: expected two ends [lower, upper], got 3"],
    ),
    "range of words": (
        column("range: [low, .inf]"),
        [
            "4:15: contract.x.range[0]: expected a finite number, or null for an open end, got text 'low'",
            "4:20: contract.x.range[1]: expected a finite number, or null for an open end, got number inf",
        ],
    ),
    "range of truth": (
        column("range: [true, 1]"),
        ["4:15: contract.x.range[0]: expected a finite number, or null for an open end, got true"],
    ),
    "range that is null": (
        column("range: null"),
        ["4:14: contract.x.range: expected a value, got nothing; write one or remove the key"],
    ),
    "range that is a number": (column("range: 5"), ["4:14: contract.x.range: expected a list, got number 5"]),
    "isin that is text": (column("isin: EWR"), ["4:13: contract.x.isin: expected a list, got text 'EWR'"]),
    "isin of nothing": (
        column("isin: []"),
        ["4:13: contract.x.isin: expected at least one value, got an empty list"],
    ),
    "isin of more than values": (
        column("isin: [null, .nan, [a]]"),
        [
            "4:14: contract.x.isin[0]: expected text, a finite number, true or false, got nothing",
            "4:20: contract.x.isin[1]: expected text, a finite number, true or false, got number nan",
            "4:26: contract.x.isin[2]: expected text, a finite number, true or false, got a list",
        ],
    ),
    "severity": (
        column("severity: warning"),
        ["4:17: contract.x.severity: no such severity 'warning'; did you mean 'warn'?"],
    ),
    "severity that is a number": (
        column("severity: 1"),
        ["4:17: contract.x.severity: expected error or warn, got number 1"],
    ),
    "warn that fails": (
        column("severity: warn, on_fail: fail"),
        [
            (
                "4:23: contract.x.on_fail: severity warn never fails the run;"
                " remove on_fail, or write severity: error"
            )
        ],
    ),
    "share beyond all": (
        column("max_failed: 101%"),
        ["4:19: contract.x.max_failed: expected a share of at most 100%, got text '101%'"],
    ),
    "share below nothing": (
        column("max_failed: -1"),
        ["4:19: contract.x.max_failed: expected a share such as 5% or a whole number of rows, got number -1"],
    ),
    # fit
    "mode": (
        f"{MINIMAL}fit: {{mode: reus}}\n",
        ["3:13: fit.mode: no such mode 'reus'; did you mean 'reuse'?"],
    ),
    "goal": (
        f"{MINIMAL}fit: {{goal: gausian}}\n",
        ["3:13: fit.goal: no such goal 'gausian'; did you mean 'gaussian'?"],
    ),
    "margin as a number": (
        f"{MINIMAL}fit: {{margin: 5}}\n",
        ["3:15: fit.margin: expected a share below 100% such as 5%, got number 5"],
    ),
    "margin of everything": (
        f"{MINIMAL}fit: {{margin: 100%}}\n",
        ["3:15: fit.margin: expected a share below 100% such as 5%, got text '100%'"],
    ),
    "plugin": (
        f"{MINIMAL}plugins: [signed_root, log]\n",
        [
            "3:11: plugins[0]: plugin 'signed_root' is not installed; known are openlineage, opentelemetry",
            (
                "3:24: plugins[1]: plugin 'log' has the name of a method of normflow's own; "
                "ask its makers to rename it"
            ),
        ],
    ),
    "resolution": (
        f"{MINIMAL}fit: {{resolution: 3}}\n",
        ["3:19: fit.resolution: expected at least 64, got number 3"],
    ),
    "resolution that is large": (
        f"{MINIMAL}fit: {{resolution: 1000000}}\n",
        ["3:19: fit.resolution: expected at most 131,072, got number 1000000"],
    ),
    "resolution by half": (
        f"{MINIMAL}fit: {{resolution: 100.5}}\n",
        ["3:19: fit.resolution: expected a whole number, got number 100.5"],
    ),
    # normalize
    "method": (method("minmaxx"), ["4:6: normalize.x: no such method 'minmaxx'; did you mean 'minmax'?"]),
    "method like auto": (
        method("{method: atuo}"),
        ["4:15: normalize.x.method: no such method 'atuo'; did you mean 'auto'?"],
    ),
    "method like no other": (method("qqq"), [f"4:6: normalize.x: no such method 'qqq'; known are {METHODS}"]),
    "no method": (method("{suffix: _n}"), ["4:6: normalize.x.method: this key is required"]),
    "null for none": (
        method("null"),
        ["4:6: normalize.x: expected a method's name or a mapping, got nothing"],
    ),
    "method that is a number": (
        method("{method: 5}"),
        ["4:15: normalize.x.method: expected text, got number 5"],
    ),
    "suffix that is empty": (
        method("{method: log, suffix: ''}"),
        ["4:28: normalize.x.suffix: expected text, got empty text"],
    ),
    "options of auto": (
        method("{method: auto, ddof: 1}"),
        ["4:21: normalize.x.ddof: auto takes no options; it chooses by itself"],
    ),
    "goal of a column": (
        method("{method: auto, goal: bound}"),
        ["4:27: normalize.x.goal: no such goal 'bound'; did you mean 'bounded'?"],
    ),
    "goal and candidates of a named method": (
        method("{method: log, goal: robust, candidates: [log]}"),
        [
            "4:20: normalize.x.goal: goal is for auto, and log is named; remove one",
            "4:34: normalize.x.candidates: candidates is for auto, and log is named; remove one",
        ],
    ),
    "candidates": (
        method("{method: auto, candidates: [log, zscroe, unit, log]}"),
        [
            "4:39: normalize.x.candidates[1]: no method 'zscroe'; did you mean 'zscore'?",
            (
                "4:47: normalize.x.candidates[2]: unit works on the members of a row, and auto on columns; "
                "leave it out"
            ),
            "4:53: normalize.x.candidates[3]: 'log' is named twice; name each candidate once",
        ],
    ),
    "no candidates": (
        method("{method: auto, candidates: []}"),
        ["4:33: normalize.x.candidates: expected at least one value, got an empty list"],
    ),
    "option that is infinite": (
        method("{method: minmax, range: [0, .inf]}"),
        ["4:30: normalize.x.range: expected a value or a list of values, got number inf"],
    ),
    "unquoted star": (
        f"{MINIMAL}normalize:\n  *: auto\n",
        ['4:3: not valid YAML: quote the star, as in "*": auto'],
    ),
    "column named twice": (
        f"{MINIMAL}normalize:\n  2013: log\n  '2013': zscore\n",
        ["5:3: normalize.2013: the key was already written on line 4; remove one"],
    ),
    "long text": (
        method("{method: log, offset: 0, suffix: 1}").replace("suffix: 1", f"suffix: [{'x' * 100}]"),
        ["4:39: normalize.x.suffix: expected text, got a list"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_problem_is_told_at_its_place(tmp_path: Path, case: str) -> None:
    """The whole text of each."""
    text, problems = WRONG[case]
    assert told(tmp_path, text) == problems


def test_a_long_text_is_cut_in_the_message(tmp_path: Path) -> None:
    """Forty characters tell which text was meant."""
    assert told(tmp_path, f"{MINIMAL}version: {'x' * 100}\n") == [
        f"3:10: version: expected a whole number, got text '{'x' * 40}'…"
    ]


def test_a_wrong_option_is_told_in_the_words_of_its_method(tmp_path: Path) -> None:
    """Each option by itself, so that one typing error does not hide another."""
    lines = told(tmp_path, method("{method: minmax, rnage: [0, 1], bounds: 5, range: [0, 1]}"))
    assert [line.partition(": ")[0] for line in lines] == ["4:23", "4:38"]
    assert "rnage" in lines[0]
    assert lines[0].startswith("4:23: normalize.x.rnage: ")
    assert lines[0].endswith("; did you mean 'range'?")
    assert lines[1].startswith("4:38: normalize.x.bounds: ")


def test_all_problems_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """From the reader, the types and the methods alike."""
    text = """\
versoin: 1
source: {path: a.csv, format: cvs}
contract:
  temp: {range: [130, -40], nullable: yes}
  temp: {}
normalize:
  a: minmaxx
sink: out.txt
meta: !!set {a}
"""
    assert told(tmp_path, text) == [
        "1:1: versoin: unknown key; did you mean 'version'?",
        "2:31: source.format: no such format 'cvs'; did you mean 'csv'?",
        "4:17: contract.temp.range: the lower end 130 is above the upper end -40; write [lower, upper]",
        "4:39: contract.temp.nullable: expected true or false, got text 'yes', which YAML 1.2 reads as text",
        "5:3: contract.temp: the key was already written on line 4; remove one",
        "7:6: normalize.a: no such method 'minmaxx'; did you mean 'minmax'?",
        f"8:7: sink: cannot tell the format of 'out.txt'; {ENDINGS}",
        "9:7: meta: tags such as !!set are not read; remove the tag",
    ]


def test_problems_can_be_listed(tmp_path: Path) -> None:
    """A program gets them one by one, with the place apart."""
    file = tmp_path / "p.yaml"
    file.write_text("sink: b.csv\nfit: 5\n")
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert caught.value.exit_code == 2
    assert caught.value.problems == (
        Problem(f"{file}:1:1", "this key is required", "source"),
        Problem(f"{file}:2:6", "expected a mapping, got number 5", "fit"),
    )


def error(file: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(file)
    return str(caught.value)


def test_a_missing_file_is_told_with_its_neighbours(tmp_path: Path) -> None:
    """A near name is proposed."""
    (tmp_path / "weather.yaml").write_text(MINIMAL)
    file = tmp_path / "wether.yaml"
    assert error(file) == f"{file}: no such file; did you mean 'weather.yaml'?"
    assert error(tmp_path / "no" / "p.yaml") == f"{tmp_path}/no/p.yaml: no such file; check the path"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """The pipeline file in it must be named."""
    assert error(tmp_path) == f"{tmp_path}: is a folder; name the pipeline file in it"


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file(tmp_path: Path, text: str) -> None:
    """The way out is the smallest file."""
    file = tmp_path / "p.yaml"
    file.write_text(text)
    assert error(file) == f"{file}: the file is empty; the smallest pipeline has two lines, source and sink"


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """The line and the byte."""
    file = tmp_path / "p.yaml"
    file.write_bytes(b"source: a.csv\nname: caf\xe9\n")
    assert error(file) == f"{file}:2: byte 0xe9 is no UTF-8; save the file as UTF-8"


def test_a_file_of_a_megabyte(tmp_path: Path) -> None:
    """The limit is a megabyte, and a little below it is read."""
    file = tmp_path / "p.yaml"
    file.write_text(f"{MINIMAL}# {'x' * 1_000_000}\n")
    assert error(file) == f"{file}: the file is larger than 1 MB; a pipeline file is a few kB"
    file.write_text(f"{MINIMAL}# {'x' * 900_000}\n")
    assert load(file).name == "p"


def test_a_file_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's reason is passed on."""
    file = tmp_path / "p.yaml"

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert error(file) == f"{file}: cannot be read: Permission denied"


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    """A zero byte is refused by the system."""
    assert error(tmp_path / "a\0.yaml") == f"{tmp_path}/a\\x00.yaml: cannot be read: embedded null byte"


def test_paths_that_no_file_can_have(tmp_path: Path) -> None:
    """A name too long and a link that leads to itself are for the source to tell; here they only compare."""
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "p.yaml").write_text(f"source: [loop/a.csv, {'a' * 300}]\nsink: {'b' * 300}.csv\n")
    assert load(tmp_path / "p.yaml").source.format == "csv"
    long = f"{'a' * 300}.zzz"
    assert told(tmp_path, f"source: {long}\nsink: b.csv\n") == [
        f"1:9: source: cannot tell the format of '{long}'; {ENDINGS}"
    ]


def test_a_link_to_the_source_is_the_source(tmp_path: Path) -> None:
    """Names are compared by what they lead to."""
    (tmp_path / "a.csv").write_text("x\n1\n")
    (tmp_path / "b.csv").symlink_to("a.csv")
    assert told(tmp_path, "source: a.csv\nsink: b.csv\n") == [
        "2:7: sink: the source reads 'b.csv' too; write to another file or folder"
    ]


def test_a_file_whose_stem_is_no_name(tmp_path: Path) -> None:
    """The name has to be written then."""
    file = tmp_path / "a@b.yaml"
    file.write_text(MINIMAL)
    assert (
        error(file)
        == f"{file}:1:1: name: the file's name holds '@', which a pipeline's name may not; write name"
    )


@pytest.mark.parametrize("line", ["{rnge: 1}", "5", "{isin: '${var:no}'}"])
def test_of_thousands_of_problems_a_hundred_are_told(tmp_path: Path, line: str) -> None:
    """The first of them in the order of the file, and that there are more."""
    lines = "\n".join(f"  c{n}: {line}" for n in range(5_000))
    found = told(tmp_path, f"{MINIMAL}contract:\n{lines}\n")
    assert [one.split(":")[0] for one in found] == [str(n) for n in range(4, 105)]
    assert found[-1].endswith(": more is wrong from here on; mend the first")
