"""Pipeline files: strict YAML in, a frozen `Pipeline` out, and errors with their place."""

from normflow.config.file import load, parse, resolve
from normflow.config.json_schema import pipeline_schema
from normflow.config.scalars import core_value
from normflow.config.settings import Setting, settings

__all__ = ["Setting", "core_value", "load", "parse", "pipeline_schema", "resolve", "settings"]
