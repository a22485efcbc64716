"""The pipeline file as pydantic models: every key it may hold, strictly typed."""

# Annotations are read at run time here, so they are not postponed.
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationInfo, model_validator

from normflow.config.columns import ChecksSection, ContractSection
from normflow.config.engine import ENGINES, EngineSection
from normflow.config.files import QuarantineSection, SinkSection, SourceSection
from normflow.config.fit import FitSection
from normflow.config.methods import (
    PLUGINS,
    auto_faults,
    method_faults,
    method_names,
    plugin_faults,
    policy_faults,
)
from normflow.config.policies import (
    ClipPolicy,
    ConstantPolicy,
    DtypePolicy,
    NonfinitePolicy,
    NullsPolicy,
    OutsidePolicy,
)
from normflow.config.section import Section
from normflow.config.short import ANY_TEXTS, TEXT, TEXTS, Short
from normflow.config.table import TableSection
from normflow.config.values import (
    Fault,
    Name,
    OptionValue,
    Scalar,
    Size,
    Text,
    VersionOne,
    Written,
    faults,
)
from normflow.errors import ConfigError
from normflow.methods import own_keys
from normflow.naming import without_secrets
from normflow.plugins import PluginKind, listed
from normflow.spec import (
    POLICY_KEYS,
    Goal,
    registry_place,
)
from normflow.spec.server import SCHEMES

EVERY_COLUMN_AUTO: Any = {"*": "auto"}


class MethodSection(Section):
    """How a column, or the columns a pattern names, is normalized."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, OptionValue]

    method: Annotated[str, Field(json_schema_extra=lambda schema: schema.update(enum=method_names()))] = (
        Field(description="A method's name, or auto; its options stand beside it.")
    )
    suffix: Text = Field(default="", description="Keep the column, and add one with this suffix.")
    goal: Written[Goal] = Field(
        default=None, description="What auto aims at here. Default: the goal under fit."
    )
    candidates: Written[Annotated[list[Text], Field(min_length=1)]] = Field(
        default=None, description="The only methods that auto may choose. Default: all that suit the goal."
    )
    columns: Written[Annotated[list[Text], Field(min_length=1)]] = Field(
        default=None, description="The members of a row, for unit and layer."
    )
    nulls: NullsPolicy = Field(
        default=None,
        description="What nulls become: keep, mean, median, mode, 0 … Default: keep.",
    )
    nonfinite: NonfinitePolicy = Field(
        default=None, description="What NaN and infinities become. Default: null."
    )
    constant: ConstantPolicy = Field(
        default=None, description="What a column of one value becomes. Default: zero; with auto, as it says."
    )
    outside: OutsidePolicy = Field(
        default=None, description="What values outside the fitted range become. Default: keep."
    )
    clip: ClipPolicy = Field(default=None, description="Bounds: [0.1%, 99.9%] quantiles, or two values.")
    dtype: DtypePolicy = Field(default=None, description="The type that is written. Default: Float64.")

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> "MethodSection":
        plugins = (info.context or {}).get(PLUGINS, ())
        if found := [
            *method_faults(self.method, self.options(), plugins, type(self).model_fields),
            *policy_faults(self.policies()),
            *auto_faults(self.method, self.goal, self.candidates, plugins),
        ]:
            raise faults(found)
        return self

    def options(self) -> dict[str, Any]:
        """The options that were written."""
        return {**self.__pydantic_extra__, **{key: getattr(self, key) for key in self._own_keys()}}

    def policies(self) -> dict[str, Any]:
        """The policies that were written."""
        named = self.model_fields_set - self._own_keys()
        return {key: getattr(self, key) for key in POLICY_KEYS if key in named}

    def _own_keys(self) -> set[str]:
        return own_keys(self.method, {key: getattr(self, key) for key in self.model_fields_set})


class PipelineFile(Section):
    """A normflow pipeline: what to read, what must hold, how to normalize, where to publish and record."""

    version: VersionOne = Field(default=1, description="The version of this format.")
    name: Written[Name] = Field(
        default=None, description="What the record calls it. Default: the file's stem."
    )
    vars: dict[str, Scalar | None] = Field(default={}, description="Values for ${var:name} in this file.")
    include: Annotated[list[Text], Short("a path or a list of paths", ANY_TEXTS)] = Field(
        default=[], description="Files below this one, key by key; relative to this file's folder."
    )
    targets: dict[str, dict[str, Any]] = Field(
        default={}, description="Overlays above this file, key by key; --target chooses one."
    )
    source: Annotated[SourceSection, Short("a path, a list of paths or a mapping", TEXTS, "path")] = Field(
        description="Where the rows come from."
    )
    contract: dict[str, ContractSection] = Field(default={}, description="What may enter, by column.")
    table: TableSection = Field(
        default_factory=TableSection, description="What must hold for the table as a whole."
    )
    schemas: list[Text] = Field(
        default=[], description="pandera schemas of installed packages that are judged as well."
    )
    fit: FitSection = Field(default_factory=FitSection, description="How parameters are learned.")
    normalize: dict[str, Annotated[MethodSection, Short("a method's name or a mapping", TEXT, "method")]] = (
        Field(
            default=EVERY_COLUMN_AUTO,
            validate_default=True,
            description="How to normalize, by column or pattern.",
        )
    )
    checks: dict[str, ChecksSection] = Field(
        default={}, description="What may leave, by output column or pattern."
    )
    quarantine: Annotated[QuarantineSection, Short("a path or a mapping", TEXT, "path")] = Field(
        default_factory=QuarantineSection,
        description="Where rows go that broke a quarantining check. Default: beside the sink.",
    )
    sink: Annotated[SinkSection, Short("a path or a mapping", TEXT, "path")] = Field(
        description="Where the normalized rows go."
    )
    registry: Text = Field(
        default=".normflow/registry.duckdb",
        description="The record of fits and runs: a file, or postgresql://user@host/database.",
    )
    engine: Annotated[EngineSection, Short("polars, spark or a mapping", ENGINES, "kind")] = Field(
        default=EngineSection(kind="polars"),
        description="What learns and transforms the rows: polars, or spark.",
    )
    plugins: list[Text] = Field(
        default=[],
        description="What of other installed packages is loaded: methods, checks, sources, sinks, secrets, "
        "reporters and hooks.",
    )
    memory: Written[Size] = Field(
        default=None, description="What a run may hold: 2GiB. Default: a quarter of the machine."
    )
    private: bool = Field(
        default=False, description="Whether no values of the data are kept: no examples, no profiles."
    )
    report: Written[Text] = Field(
        default=None, description="Where the page of each run goes: a file to open."
    )
    meta: dict[str, Any] = Field(default={}, description="Anything; normflow does not read it.")

    def _place_faults(self) -> list[Fault]:
        """An address of a server that cannot be read."""
        try:
            registry_place(self.registry)
        except ValueError as error:
            return [Fault(("registry",), str(error))]
        except ConfigError:  # a secret that is not there is told where its reference stands
            return []
        return []

    def faults(self) -> list[Fault]:
        """A registry or report that is nowhere to write; plugins that are not there, or have a taken name."""
        files = (("registry", self.registry), ("report", self.report or ""))
        return [
            *(
                Fault((key,), f"the {key} is a local file, and '{without_secrets(path)}' is none")
                for key, path in files
                if "://" in path and not (key == "registry" and path.startswith(SCHEMES))
            ),
            *self._place_faults(),
            *plugin_faults(self.plugins),
            *_unlisted("source", self.source.plugin, self.plugins),
            *_unlisted("sink", self.sink.plugin, self.plugins),
        ]


def _unlisted(section: str, plugin: str | None, plugins: Sequence[str]) -> list[Fault]:
    """A source or sink of a plugin that is not listed, or is none."""
    if plugin is None:
        return []
    if plugin not in plugins:
        return [Fault((section, "plugin"), f"the plugin '{plugin}' is not listed; write plugins: [{plugin}]")]
    kind: PluginKind = "sources" if section == "source" else "sinks"
    return [] if listed(kind, [plugin]) else [Fault((section, "plugin"), f"'{plugin}' offers no {section}")]
