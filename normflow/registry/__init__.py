"""The record of every fit and run, in one DuckDB file."""

from normflow.registry.records import (
    CheckRow,
    ChoiceRow,
    FitRow,
    FitUseRow,
    GroupRows,
    OutputRow,
    ParameterRow,
    ProfileRow,
    RunRow,
    UnfinishedRun,
)
from normflow.registry.registry import Registry

__all__ = [
    "CheckRow",
    "ChoiceRow",
    "FitRow",
    "FitUseRow",
    "GroupRows",
    "OutputRow",
    "ParameterRow",
    "ProfileRow",
    "Registry",
    "RunRow",
    "UnfinishedRun",
]
