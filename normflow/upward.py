"""The one way up: two methods of values below give what only layers above can make.

`Pipeline.input_schema` and `Fit.output_schema` stand where users look for them, and a pandera schema is made
by the contract from a source or a fit. They ask for it by name when they are called, so that no module below
imports one above.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Literal

HOME = "normflow.pipeline.schemas"


def pandera_schema(kind: Literal["input_schema", "output_schema"], of: object) -> Any:
    """The `pandera.polars.DataFrameSchema` of a pipeline, or of a fit."""
    return getattr(import_module(HOME), kind)(of)
