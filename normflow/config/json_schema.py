"""The JSON Schema of pipeline files, for editors."""

from __future__ import annotations

from typing import Any

from normflow.config.examples import EXAMPLES
from normflow.config.models import PipelineFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


NO_DEFAULT = "Default: not set."
TOLD = ("description", "default", "examples")
REFERENCE = {
    "description": "A value from elsewhere: ${var:name}, ${env:NAME}, or a secret, ${secret:NAME}.",
    "type": "string",
    "pattern": r"^\$\{(var|env|secret):[^{}]+\}$",
}
TO_REFERENCE = {"$ref": "#/$defs/Reference"}


def pipeline_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a pipeline file: of each key its meaning, default and examples.

    It knows shapes, words and bounds; what spans several keys, and a method's options, only `load` judges.
    """
    whole = PipelineFile.model_json_schema()
    for name, section in (("PipelineFile", whole), *whole["$defs"].items()):
        for key, told in section["properties"].items():
            told["examples"] = EXAMPLES[name][key]
            if key not in section.get("required", ()):
                _tell_default(told, whole["$defs"])
    found = _referring(_tidy(whole))
    found["$defs"]["Reference"] = REFERENCE
    return {"$schema": DIALECT, **found, **_methods(found["$defs"]["MethodSection"])}


def _methods(line: dict[str, Any]) -> dict[str, Any]:
    """With plugins any name may be a method; without, only those known here, in both forms of a line."""
    known = line["properties"]["method"]
    line["properties"]["method"] = {**known, "anyOf": [*known["anyOf"], {"type": "string", "minLength": 1}]}
    named = {"anyOf": known["anyOf"]}
    own = {"if": {"type": "object"}, "then": {"properties": {"method": named}}, "else": named}
    return {
        "if": {"required": ["plugins"], "properties": {"plugins": {"minItems": 1}}},
        "else": {"properties": {"normalize": {"additionalProperties": own}}},
    }


def _tell_default(key: dict[str, Any], sections: dict[str, Any]) -> None:
    """See that what a key is without being written is a value, or stands in its description."""
    if "$ref" in key:  # a section, which may be left out as a whole
        key.setdefault("description", sections[key["$ref"].rpartition("/")[2]]["description"])
        key.setdefault("default", {})
    if key.get("default") in (None, "") and "Default: " not in key["description"]:
        key["description"] = f"{key['description']} {NO_DEFAULT}"


def _referring(node: Any) -> Any:
    """The schema with a reference allowed wherever a single value is asked for that is not any text."""
    if isinstance(node, list):
        return [_referring(one) for one in node]
    if not isinstance(node, dict):
        return node
    if "anyOf" in node:
        forms = [one if _is_value(one) else _referring(one) for one in node["anyOf"]]
        more = [TO_REFERENCE] if any(map(_is_value, forms)) and TO_REFERENCE not in forms else []
        return {**node, "anyOf": [*forms, *more]}
    if _is_value(node):
        told = {key: value for key, value in node.items() if key in TOLD}
        return {"anyOf": [{key: one for key, one in node.items() if key not in told}, TO_REFERENCE], **told}
    return {key: value if key in TOLD else _referring(value) for key, value in node.items()}


def _is_value(node: dict[str, Any]) -> bool:
    """Whether it is the schema of one value, and not one that takes every text."""
    kinds = node.get("type", ())
    listed = [kinds] if isinstance(kinds, str) else kinds
    if "enum" in node or "const" in node or "pattern" in node:
        return True
    return bool(listed) and set(listed) <= {"number", "integer", "boolean", "null"}


def _tidy(node: Any) -> Any:
    """Without the titles that repeat each key, and without defaults that are only the absence of a value."""
    if isinstance(node, list):
        return [_tidy(one) for one in node]
    if not isinstance(node, dict):
        return node
    noise = {"title"} if isinstance(node.get("title"), str) else set()
    noise |= {"default"} if node.get("default", 0) in (None, "") else set()
    return {key: _tidy(value) for key, value in node.items() if key not in noise}
