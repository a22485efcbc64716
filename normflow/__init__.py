"""normflow: normalize tables by a YAML file, reproducibly.

The public names load at first use, so that importing normflow costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normflow.config import load
    from normflow.errors import (
        CheckError,
        ConfigError,
        ContractError,
        EmptySourceError,
        FitError,
        FormatError,
        NoFitError,
        NormflowError,
        PluginError,
        RegistryBusyError,
        RegistryError,
        SchemaError,
        SinkBusyError,
        SinkError,
        SourceError,
    )
    from normflow.fits import ColumnFit, Fit, fit
    from normflow.pipeline import Plan, plan, replay, run, validate
    from normflow.profiles import ColumnProfile, Profile, profile
    from normflow.record import RunRecord
    from normflow.spec import Pipeline

__version__ = "0.1.0"

_HOMES = {
    "errors": (
        "CheckError",
        "ConfigError",
        "ContractError",
        "EmptySourceError",
        "FitError",
        "FormatError",
        "NoFitError",
        "NormflowError",
        "PluginError",
        "RegistryBusyError",
        "RegistryError",
        "SchemaError",
        "SinkBusyError",
        "SinkError",
        "SourceError",
    ),
    "config": ("load",),
    "fits": ("ColumnFit", "Fit", "fit"),
    "pipeline": ("Plan", "plan", "replay", "run", "validate"),
    "profiles": ("ColumnProfile", "Profile", "profile"),
    "record": ("RunRecord",),
    "spec": ("Pipeline",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "CheckError",
    "ColumnFit",
    "ColumnProfile",
    "ConfigError",
    "ContractError",
    "EmptySourceError",
    "Fit",
    "FitError",
    "FormatError",
    "NoFitError",
    "NormflowError",
    "Pipeline",
    "Plan",
    "PluginError",
    "Profile",
    "RegistryBusyError",
    "RegistryError",
    "RunRecord",
    "SchemaError",
    "SinkBusyError",
    "SinkError",
    "SourceError",
    "fit",
    "load",
    "plan",
    "profile",
    "replay",
    "run",
    "validate",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'normflow' has no attribute '{name}'")
    value = getattr(import_module(f"normflow.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
