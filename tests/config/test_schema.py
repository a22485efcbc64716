"""The JSON Schema of pipeline files says what `load` says, as far as shapes, words and bounds go."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from normflow.config import load, pipeline_schema
from normflow.config.document import read
from normflow.errors import ConfigError
from normflow.methods import METHODS, ROW_METHODS
from normflow.spec import TYPE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = pipeline_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference" / "pipeline-file.md"
BLOCK = re.compile(r"^(?:<!-- file: (\S+) -->\n)?^```ya?ml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHIPPED = sorted((ROOT / "configs").glob("*.yaml"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCKS = {
    f"{page.relative_to(ROOT)}:{place}": (name or "", text)
    for page in PAGES
    for place, (name, text) in enumerate(BLOCK.findall(page.read_text()))
}
MINIMAL = "source: a.csv\nsink: b.csv\n"


def conforms(value: Any, schema: dict[str, Any] | None = None) -> bool:
    """By a validator that knows nothing of this project."""
    part: dict[str, Any] = {"$defs": SCHEMA["$defs"], **schema} if schema else SCHEMA
    return bool(Draft202012Validator(part).is_valid(value))


def parsed(text: str) -> Any:
    root = read(text).root
    assert root is not None
    return root.plain()


RIGHT = [
    "vars: {n: 64, m: refit}\nsource: a.csv\nsink: b.csv\nfit: {resolution: '${var:n}', mode: '${var:m}'}\n",
    MINIMAL + "vars: {n: 6, t: true}\ncontract: {x: {range: ['${var:n}', 9], finite: '${var:t}'}}\n",
    MINIMAL + "vars: {b: 1%, m: log}\nnormalize: {x: {method: '${var:m}', clip: ['${var:b}', 99%]}}\n",
    "source: a.csv\nsink: b.csv\n",
    "source: [a.csv, c.csv]\nsink: {path: b.csv, format: csv, options: {}}\nname: x\nversion: 1\n",
    "source: {path: a.csv, options: {null_values: [NA], infer_schema_length: null}}\nsink: b.csv\n",
    "source: a.csv\nsink: b.csv\nnormalize: {'*': auto, x: {method: log, offset: 1, suffix: _n}}\n",
    "source: a.csv\nsink: b.csv\ncontract: {x: {range: [0, null], max_failed: 0.1%, isin: [a, 1, true]}}\n",
    "source: a.csv\nsink: b.csv\ncontract: {x: {dtype: Int64, on_fail: quarantine, max_failed: 25}}\n",
    "source: a.csv\nsink: b.csv\nchecks: {x: {mean: [0, 1], std: [null, 2], severity: warn}}\n",
    "source: a.csv\nsink: b.csv\nquarantine: {max_rows: 5%}\nmeta: {a: [1]}\n",
    "source: a.csv\nsink: b.csv\nfit: {mode: frozen, resolution: 64}\n",
    "source: a.csv\nsink: b.csv\nfit: {where: month <= 9}\n",
    "source: a.csv\nsink: b.csv\nengine: polars\n",
    "source: a.csv\nsink: b.csv\nengine: {kind: spark, master: yarn, options: {spark.executor.cores: 2}}\n",
]
PLUGIN = "source: a.csv\nsink: b.csv\nnormalize: {x: signedroot, y: {method: signedroot, gain: 4.0}}\n"
WRONG = [
    PLUGIN,
    "source: a.csv\nsink: b.csv\nnormalize: {x: logg}\n",
    "source: a.csv\nsink: b.csv\nfit: {resolution: '${war:n}'}\n",
    "source: a.csv\n",
    "source: a.csv\nsink: b.csv\nengine: sparc\n",
    "source: a.csv\nsink: b.csv\nversion: 2\n",
    "source: a.csv\nsink: b.csv\nname: a@b\n",
    "source: []\nsink: b.csv\n",
    "source: {path: a.csv, format: cvs}\nsink: b.csv\n",
    "source: a.csv\nsink: 5\n",
    "source: a.csv\nsink: b.csv\nnormalize: {x: {suffix: _n}}\n",
    "source: a.csv\nsink: b.csv\nnormalize: {x: {method: logg}}\n",
    "source: a.csv\nsink: b.csv\ncontract: {x: {range: [0]}}\n",
    "source: a.csv\nsink: b.csv\ncontract: {x: {range: null}}\n",
    "source: a.csv\nsink: b.csv\ncontract: {x: {max_failed: 0.05}}\n",
    "source: a.csv\nsink: b.csv\ncontract: {x: {dtype: int}}\n",
    "source: a.csv\nsink: b.csv\ncontract: {x: {nullable: yes}}\n",
    "source: a.csv\nsink: b.csv\ncontract: {x: {mean: [0, 1]}}\n",
    "source: a.csv\nsink: b.csv\nchecks: {x: {on_fail: fail}}\n",
    "source: a.csv\nsink: b.csv\nfit: {resolution: 3}\n",
    "source: a.csv\nsink: b.csv\nfit: {mode: reus}\n",
    "source: a.csv\nsink: b.csv\nfit: {where: true}\n",
    "source: a.csv\nsink: b.csv\nfit: {where: null}\n",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_loads_conforms(tmp_path: Path, text: str) -> None:
    """An editor does not underline a valid file."""
    (tmp_path / "p.yaml").write_text(text)
    load(tmp_path / "p.yaml")
    assert conforms(parsed(text))


@pytest.mark.parametrize("text", WRONG)
def test_what_does_not_conform_does_not_load(tmp_path: Path, text: str) -> None:
    """An editor underlines what `load` refuses for its shape."""
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(ConfigError):
        load(tmp_path / "p.yaml")
    assert not conforms(parsed(text))


def test_a_method_of_a_plugin_conforms_where_plugins_are_listed() -> None:
    """An editor does not know which are installed."""
    assert conforms(parsed(f"{PLUGIN}plugins: [signedroot]\n"))
    assert not conforms(parsed(f"{PLUGIN}plugins: []\n"))


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in the schema."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(inner)


def test_it_is_json_of_draft_2020_12() -> None:
    """Plain JSON, of a dialect that editors know."""
    assert json.loads(json.dumps(SCHEMA, allow_nan=False)) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_reference_leads_somewhere() -> None:
    """No reference is left over from a model that was tidied away."""
    for node in nodes(SCHEMA):
        if "$ref" in node:
            assert node["$ref"].removeprefix("#/$defs/") in SCHEMA["$defs"]


def sections() -> Iterator[tuple[str, dict[str, Any]]]:
    """The file as a whole and each section of it, by the name of its model."""
    yield "PipelineFile", SCHEMA
    yield from ((name, told) for name, told in SCHEMA["$defs"].items() if "properties" in told)


KEYS = [
    pytest.param(name, key, told, id=f"{name}.{key}")
    for name, section in sections()
    for key, told in section["properties"].items()
]


@pytest.mark.parametrize(("name", "key", "told"), KEYS)
def test_every_key_has_its_meaning_its_default_and_an_example(
    name: str, key: str, told: dict[str, Any]
) -> None:
    """What an editor shows beside a key; each default and example is what the schema itself allows."""
    assert told["description"].endswith((".", "…"))
    required = key in dict(sections())[name].get("required", ())
    assert required or "default" in told or "Default: " in told["description"]
    optional = (name, key) in ABSENT
    assert optional or "default" not in told or conforms(told["default"], told)
    assert told["examples"]
    for example in told["examples"]:
        assert conforms(example, told), example


ABSENT = {("SourceSection", "path"), ("PipelineFile", "engine")}
"""Keys whose default is what stands for their absence, and is not written."""


def lines_of(name: str, key: str, example: Any) -> dict[str, Any]:
    """The smallest file in which an example stands."""
    whole: dict[str, Any] = {"source": "a.csv", "sink": "b.csv"}
    besides: dict[str, dict[str, Any]] = {
        "on_fail": {"range": [0, 1]},
        "columns": {"method": "unit"},
    }
    beside = besides.get(key, {})
    places: dict[str, dict[str, Any]] = {
        "SourceSection": {"source": {"path": "a.csv", "format": "csv"}},
        "SinkSection": {"sink": {"path": "b.parquet"}},
        "QuarantineSection": {"quarantine": {}},
        "ContractSection": {"contract": {"x": beside}},
        "ChecksSection": {"checks": {"x": {}}},
        "OutputDriftSection": {"checks": {"x": {"drift": {}}}},
        "TableSection": {"table": {}},
        "UniqueSection": {"table": {"unique": {"columns": ["a"]}}},
        "FitSection": {"fit": {}},
        "EngineSection": {"engine": {"kind": "spark"}},
        "DriftSection": {"fit": {"drift": {}}},
        "GroupsSection": {"fit": {"by": {"columns": ["a"]}}},
        "MethodSection": {"normalize": {"x": {"method": "auto", **beside}}},
    }
    if name == "PipelineFile":
        return {**whole, key: example}
    elsewhere: dict[str, dict[str, Any]] = {
        "storage": {"path": "s3://bucket/a.csv"},
        "duckdb": {"table": "t"},
        "database": {"table": "t"},
        "table": {"duckdb": "w.duckdb"},
        "query": {"duckdb": "w.duckdb"},
        "delta": {},
        "iceberg": {},
        "catalog": {"iceberg": "lake.t"},
        "plugin": {},
        "version": {"delta": "lake/t"},
        "partition_by": {"path": "parts"},
    }
    if name in ("SourceSection", "SinkSection") and key in elsewhere:
        return {**whole, name.removesuffix("Section").lower(): {**elsewhere[key], key: example}}
    inner = whole | places[name]
    section = places[name]
    while isinstance(found := next(iter(section.values()), None), dict) and name != "x":
        section = found
    section[key] = example
    return inner


UNINSTALLED = {
    "plugins": "plugin 'my_method' is not installed",
    "plugin": "the plugin 'ledger' is not listed; write plugins: \\[ledger\\]",
}


@pytest.mark.parametrize(("name", "key", "told"), KEYS)
def test_every_example_loads(tmp_path: Path, name: str, key: str, told: dict[str, Any]) -> None:
    """In the smallest file that it may stand in."""
    if key == "include":
        (tmp_path / "shared").mkdir()
        (tmp_path / "shared" / "defaults.yaml").write_text("private: true\n")
    for example in told["examples"]:
        file = tmp_path / "p.yaml"
        file.write_text(json.dumps(lines_of(name, key, example)))
        if key in UNINSTALLED:  # none is installed here
            with pytest.raises(ConfigError, match=UNINSTALLED[key]):
                load(file)
        else:
            load(file)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_shipped_file_conforms_and_loads(path: Path) -> None:
    """With no line that an editor underlines."""
    load(path)
    assert list(VALIDATOR.iter_errors(parsed(path.read_text()))) == []


@pytest.mark.parametrize("block", BLOCKS)
def test_every_file_in_the_documentation_conforms_and_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: str
) -> None:
    """Parts of a file too, beside a source and a sink; the one that shows mistakes does neither."""
    name, text = BLOCKS[block]
    for variable in re.findall(r"\$\{(?:env|secret):(\w+)\}", text):
        monkeypatch.setenv(variable, "jfk")
    whole = text if "source:" in text else f"{MINIMAL}{text}"
    (tmp_path / "p.yaml").write_text(whole)
    if name == "wrong.yaml":
        assert not conforms(parsed(whole))
        with pytest.raises(ConfigError):
            load(tmp_path / "p.yaml")
        return
    assert list(VALIDATOR.iter_errors(parsed(whole))) == []
    load(tmp_path / "p.yaml")


TABLES = {
    "contract and checks": ("ContractSection", "ChecksSection"),
    "table": ("TableSection",),
    "normalize": ("MethodSection",),
    "fit": ("FitSection",),
}


def chapters() -> dict[str, str]:
    """The reference page by its headings."""
    parts = re.split(r"^## (.+)$", REFERENCE.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("chapter", TABLES)
def test_every_key_of_the_reference_is_one(chapter: str) -> None:
    """The first column of its tables names keys that the section has."""
    known = {key for name in TABLES[chapter] for key in SCHEMA["$defs"][name]["properties"]}
    rows = re.findall(r"^\| (`\w.*?) \|", chapters()[chapter].split("\n### ")[0], re.MULTILINE)
    named = {key for row in rows for key in re.findall(r"`(\w+)", row)}
    assert len(named) >= 4
    assert named <= known | {"lo", "hi"}


@pytest.mark.parametrize(("name", "key", "told"), KEYS)
def test_every_key_stands_in_the_reference(name: str, key: str, told: dict[str, Any]) -> None:
    """In a block of YAML, or by itself as code."""
    page = REFERENCE.read_text()
    assert re.search(rf"[`{{ \n]{key}[`:,}} ]", page), f"{name}.{key}: {told['description']}"


def test_words_come_from_where_they_are_defined() -> None:
    """Methods and types are named as the program knows them."""
    line = SCHEMA["$defs"]["MethodSection"]["properties"]["method"]["anyOf"][0]
    column_wise, row_wise = [method.name for method in METHODS], [method.name for method in ROW_METHODS]
    assert line["enum"] == ["auto", *column_wise, *row_wise]
    assert SCHEMA["$defs"]["ContractSection"]["properties"]["dtype"]["anyOf"][0]["enum"] == list(TYPE_NAMES)


def test_defaults_are_those_of_the_pipeline() -> None:
    """What the schema says is left out is what `load` fills in."""
    assert SCHEMA["properties"]["normalize"]["default"] == {"*": "auto"}
    assert SCHEMA["properties"]["registry"]["default"] == ".normflow/registry.duckdb"
    assert SCHEMA["$defs"]["FitSection"]["properties"]["resolution"]["default"] == 16_384
