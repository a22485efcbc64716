"""The JSON Schema of pipeline files, for editors."""

from __future__ import annotations

from typing import Any

from normflow.config.models import PipelineFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def pipeline_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a pipeline file, with the description of each key.

    It knows shapes, words and bounds; what spans several keys, and a method's options, only `load` judges.
    """
    return {"$schema": DIALECT, **_tidy(PipelineFile.model_json_schema())}


def _tidy(node: Any) -> Any:
    """Without the titles that repeat each key, and without null as the default of what may be absent."""
    if isinstance(node, list):
        return [_tidy(one) for one in node]
    if not isinstance(node, dict):
        return node
    noise = {"title"} if isinstance(node.get("title"), str) else set()
    noise |= {"default"} if "default" in node and node["default"] is None else set()
    return {key: _tidy(value) for key, value in node.items() if key not in noise}
