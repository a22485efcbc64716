"""The sections `drift`: from which distance on values are too unlike those that taught the fit."""

# Annotations are read at run time here, so they are not postponed.
from itertools import pairwise
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from normflow.config.section import Section
from normflow.config.values import Fault, Written, fault, is_number, shown
from normflow.spec import DriftSpec


def _index(value: object) -> float:
    if not is_number(value) or value <= 0:  # type: ignore[operator]  # is_number has looked
        raise fault(f"expected a population stability index above 0 such as 0.1, got {shown(value)}")
    return float(value)  # type: ignore[arg-type]


Index = Annotated[
    float,
    PlainValidator(_index),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "examples": [0.1]}),
]


class OutputDriftSection(Section):
    """How unlike the fit's values those of one written column may be."""

    warn: Written[Index] = Field(default=None, description="Above this index the run warns: 0.1.")
    fail: Written[Index] = Field(default=None, description="Above this index the check fails.")

    def faults(self) -> list[Fault]:
        """No threshold at all, or thresholds of which one never comes to speak."""
        limits = ((key, getattr(self, key, None)) for key in ("warn", "refit", "fail"))
        given = [(key, value) for key, value in limits if value is not None]
        if not given:
            return [Fault((), "names no threshold; write warn: 0.1")]
        return [
            Fault((later,), f"{later} {above:g} is not above {key} {value:g}")
            for (key, value), (later, above) in pairwise(given)
            if above <= value
        ]

    def spec(self) -> DriftSpec:
        """The thresholds."""
        return DriftSpec(**{key: getattr(self, key) for key in type(self).model_fields})


class DriftSection(OutputDriftSection):
    """What a run that uses an earlier fit does where today's values are unlike those that taught it."""

    refit: Written[Index] = Field(default=None, description="Above this index the run learns anew: 0.25.")
    fail: Written[Index] = Field(default=None, description="Above this index the run fails with exit 5.")
