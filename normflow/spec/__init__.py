"""What a pipeline asks for: frozen values, resolved and checked, that the edges share.

`normflow.config` makes a `Pipeline` from YAML; everything after it reads these and never the file.
"""

from normflow.spec.columns import column_keys, resolve_checks, resolve_columns
from normflow.spec.declared import ColumnChecks, NamedCheck, TableSpec, UniqueSpec
from normflow.spec.drift import DriftSpec
from normflow.spec.engine import EngineKind, EngineSpec
from normflow.spec.formats import (
    COMPRESSED,
    TEXT_FORMATS,
    FileFormat,
    format_of,
    read_option_error,
)
from normflow.spec.groups import GroupSpec, Unseen, groups_of
from normflow.spec.limits import Limit
from normflow.spec.pipeline import (
    ROW_WISE,
    FitSpec,
    MethodSpec,
    Pipeline,
    QuarantineSpec,
    SinkSpec,
    SourceSpec,
    quarantine_beside,
)
from normflow.spec.policies import POLICY_KEYS, UNTOUCHED, Policies, Share, policies_of, written
from normflow.spec.problems import said
from normflow.spec.secrets import revealed
from normflow.spec.server import Server, registry_files, registry_place
from normflow.spec.sizes import SIZE, as_size, bytes_of
from normflow.spec.suitable import MISSING, OUTSIDE, added_names
from normflow.spec.tables import TableSink, TableSource
from normflow.spec.types import TYPE_NAMES, is_type
from normflow.spec.words import (
    ColumnChange,
    Compat,
    Goal,
    Interval,
    JsonScalar,
    Mode,
    OnFail,
    Option,
    Options,
    Quantiles,
    RunMode,
    Severity,
)

__all__ = [
    "COMPRESSED",
    "MISSING",
    "OUTSIDE",
    "POLICY_KEYS",
    "ROW_WISE",
    "SIZE",
    "TEXT_FORMATS",
    "TYPE_NAMES",
    "UNTOUCHED",
    "ColumnChange",
    "ColumnChecks",
    "Compat",
    "DriftSpec",
    "EngineKind",
    "EngineSpec",
    "FileFormat",
    "FitSpec",
    "Goal",
    "GroupSpec",
    "Interval",
    "JsonScalar",
    "Limit",
    "MethodSpec",
    "Mode",
    "NamedCheck",
    "OnFail",
    "Option",
    "Options",
    "Pipeline",
    "Policies",
    "Quantiles",
    "QuarantineSpec",
    "RunMode",
    "Server",
    "Severity",
    "Share",
    "SinkSpec",
    "SourceSpec",
    "TableSink",
    "TableSource",
    "TableSpec",
    "UniqueSpec",
    "Unseen",
    "added_names",
    "as_size",
    "bytes_of",
    "column_keys",
    "format_of",
    "groups_of",
    "is_type",
    "policies_of",
    "quarantine_beside",
    "read_option_error",
    "registry_files",
    "registry_place",
    "resolve_checks",
    "resolve_columns",
    "revealed",
    "said",
    "written",
]
