"""The JSON Schema of pipeline files says what `load` says, as far as shapes, words and bounds go."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from normflow.config import load, pipeline_schema
from normflow.config.document import read
from normflow.errors import ConfigError
from normflow.methods import METHODS, ROW_METHODS
from normflow.spec import TYPE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = pipeline_schema()
KINDS: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def conforms(value: Any, schema: dict[str, Any]) -> bool:
    """The keywords of JSON Schema that the pipeline's schema uses."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if "anyOf" in schema and not any(conforms(value, one) for one in schema["anyOf"]):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "const" in schema and value != schema["const"]:
        return False
    return is_kind(value, schema.get("type")) and within(value, schema) and parts_conform(value, schema)


def is_kind(value: Any, kinds: str | list[str] | None) -> bool:
    """Python's true is a number, JSON's is none."""
    named = [kinds] if isinstance(kinds, str) else kinds or [*KINDS]
    return any(
        isinstance(value, KINDS[kind]) and isinstance(value, bool) == (kind == "boolean") for kind in named
    )


def within(value: Any, schema: dict[str, Any]) -> bool:
    if isinstance(value, str):
        return bool(len(value) >= schema.get("minLength", 0) and re.search(schema.get("pattern", ""), value))
    if isinstance(value, list):
        return bool(schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)))
    if isinstance(value, int | float):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return True


def parts_conform(value: Any, schema: dict[str, Any]) -> bool:
    if isinstance(value, list):
        return all(conforms(one, schema.get("items", {})) for one in value)
    if not isinstance(value, dict):
        return True
    known, other = schema.get("properties", {}), schema.get("additionalProperties", {})
    strangers = [key for key in value if key not in known]
    if strangers and other is False:
        return False
    other = {} if isinstance(other, bool) else other
    return set(schema.get("required", ())) <= set(value) and all(
        conforms(inner, known.get(key, other)) for key, inner in value.items()
    )


def parsed(text: str) -> Any:
    root = read(text).root
    assert root is not None
    return root.plain()


RIGHT = [
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
]
WRONG = [
    "source: a.csv\n",
    "source: a.csv\nsink: b.csv\nengine: polars\n",
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
    assert conforms(parsed(text), SCHEMA)


@pytest.mark.parametrize("text", WRONG)
def test_what_does_not_conform_does_not_load(tmp_path: Path, text: str) -> None:
    """An editor underlines what `load` refuses for its shape."""
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(ConfigError):
        load(tmp_path / "p.yaml")
    assert not conforms(parsed(text), SCHEMA)


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


def test_every_key_is_described() -> None:
    """What an editor shows beside a key, here or in the definition it refers to."""
    for node in nodes(SCHEMA):
        for name, key in node.get("properties", {}).items():
            target = SCHEMA["$defs"][key["$ref"].removeprefix("#/$defs/")] if "$ref" in key else key
            assert target.get("description"), name


def test_words_come_from_where_they_are_defined() -> None:
    """Methods and types are named as the program knows them."""
    line = SCHEMA["$defs"]["MethodSection"]["properties"]["method"]
    column_wise, row_wise = [method.name for method in METHODS], [method.name for method in ROW_METHODS]
    assert line["enum"] == ["auto", *column_wise, *row_wise]
    assert SCHEMA["$defs"]["ContractSection"]["properties"]["dtype"]["enum"] == list(TYPE_NAMES)


def test_defaults_are_those_of_the_pipeline() -> None:
    """What the schema says is left out is what `load` fills in."""
    assert SCHEMA["properties"]["normalize"]["default"] == {"*": "auto"}
    assert SCHEMA["properties"]["registry"]["default"] == ".normflow/registry.duckdb"
    assert SCHEMA["$defs"]["FitSection"]["properties"]["resolution"]["default"] == 16_384
