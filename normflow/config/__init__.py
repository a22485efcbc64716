"""Pipeline files: strict YAML in, a frozen `Pipeline` out, and errors with their place."""

from normflow.config.file import load
from normflow.config.json_schema import pipeline_schema

__all__ = ["load", "pipeline_schema"]
