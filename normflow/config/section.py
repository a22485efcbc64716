"""A section of the pipeline file: known keys, strictly typed, and what is wrong with it as a whole."""

# Annotations are read at run time here, so they are not postponed.
from pydantic import BaseModel, ConfigDict, model_validator

from normflow.config.values import Fault, faults


class Section(BaseModel):
    """A mapping with known keys; an unknown key is an error, and so is a value of another type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @model_validator(mode="after")
    def _whole(self) -> "Section":
        if found := self.faults():
            raise faults(found)
        return self

    def faults(self) -> list[Fault]:
        """What is wrong with the section as a whole, once each value is right by itself."""
        return []
