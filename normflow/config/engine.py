"""The key `engine`: what learns and transforms the rows."""

# Annotations are read at run time here, so they are not postponed.
from typing import get_args

from pydantic import Field
from pydantic.json_schema import JsonSchemaValue

from normflow.config.confidential import is_secretive
from normflow.config.section import Section
from normflow.config.values import Fault, Scalar, Text, Written
from normflow.spec import EngineKind, EngineSpec

ENGINES: JsonSchemaValue = {"type": "string", "enum": list(get_args(EngineKind))}
OPEN = "what the file says is in every record, so no secret stands here; it belongs in Spark's own settings"


class EngineSection(Section):
    """What learns and transforms the rows: Polars here, or Spark's workers, with the same bits."""

    kind: EngineKind = Field(description="polars or spark.")
    master: Written[Text] = Field(
        default=None, description="The address of the cluster. Default: what Spark's own configuration says."
    )
    options: dict[str, Scalar] = Field(default={}, description="Settings of Spark, by their full names.")

    def faults(self) -> list[Fault]:
        """What belongs to Spark where there is none, and secrets."""
        if self.kind == "polars":
            given = (("master", self.master), ("options", self.options))
            return [Fault((key,), f"polars takes no {key}", of_key=True) for key, value in given if value]
        return [Fault(("options", name), OPEN) for name in self.options if is_secretive(name)]

    def spec(self) -> EngineSpec:
        """The section as the pipeline has it."""
        return EngineSpec(kind=self.kind, master=self.master or "", options=self.options)
