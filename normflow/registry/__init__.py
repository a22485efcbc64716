"""The record of every fit and run, in a DuckDB file or in PostgreSQL."""

from normflow.registry.copies import Backup, backup, compact
from normflow.registry.forget import Forgotten, forget
from normflow.registry.health import Flaw, Health, health
from normflow.registry.records import (
    CheckRow,
    ChoiceRow,
    DriftPoint,
    DriftRow,
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
    "Backup",
    "CheckRow",
    "ChoiceRow",
    "DriftPoint",
    "DriftRow",
    "FitRow",
    "FitUseRow",
    "Flaw",
    "Forgotten",
    "GroupRows",
    "Health",
    "OutputRow",
    "ParameterRow",
    "ProfileRow",
    "Registry",
    "RunRow",
    "UnfinishedRun",
    "backup",
    "compact",
    "forget",
    "health",
]
