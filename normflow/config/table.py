"""The section `table`: what must hold for the table as a whole."""

# Annotations are read at run time here, so they are not postponed.
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from normflow.config.section import Section
from normflow.config.short import TEXT
from normflow.config.values import Fault, Rows, Share, Text, Written, fault, shown
from normflow.spec import ColumnChange, Severity, TableSpec, UniqueSpec


class UniqueSection(Section):
    """Columns whose values together may come once."""

    columns: Annotated[list[Text], Field(min_length=1)] = Field(
        description="No two rows have the same values in all of these."
    )
    on_fail: Literal["fail", "quarantine"] = Field(
        default="fail", description="Fail the run, or quarantine all but the first row in source order."
    )
    severity: Severity = Field(default="error", description="Whether failing fails the run or warns.")
    max_failed: Written[Rows] = Field(
        default=None, description="How many rows may fail. Default: 0 where failing fails the run, else any."
    )

    def faults(self) -> list[Fault]:
        """A column that is named twice; a warning that fails the run."""
        twice = [place for place, name in enumerate(self.columns) if name in self.columns[:place]]
        found = [Fault(("columns", place), f"'{self.columns[place]}' is named twice") for place in twice]
        if self.severity == "warn" and self.on_fail == "fail" and "on_fail" in self.model_fields_set:
            what = "severity warn never fails the run; remove on_fail, or write severity: error"
            found.append(Fault(("on_fail",), what, of_key=True))
        return found

    def spec(self) -> UniqueSpec:
        """The frozen part of the pipeline."""
        return UniqueSpec(
            columns=tuple(self.columns),
            on_fail=self.on_fail,
            severity=self.severity,
            max_failed=self.max_failed,
        )


def _keys(value: object) -> object:
    """`id`, `[a, b]`, a mapping, or a list of such keys, as a list of mappings."""
    if isinstance(value, str):
        return [{"columns": [value]}]
    if isinstance(value, dict):
        return [value]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [{"columns": value}]
    if isinstance(value, list) and all(isinstance(one, list | dict) for one in value):
        return [{"columns": one} if isinstance(one, list) else one for one in value]
    raise fault(f"expected columns such as [a, b], or a list of such keys, got {shown(value)}")


def _rows(value: Any) -> tuple[int | None, int | None]:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004  (an interval has two ends)
        raise fault(f"expected [fewest, most], null for an open end, got {shown(value)}")
    for end in value:
        if end is not None and (not isinstance(end, int) or isinstance(end, bool) or end < 0):
            raise fault(f"expected a whole number of rows, or null for an open end, got {shown(end)}")
    low, high = value
    if low is not None and high is not None and low > high:
        raise fault(f"the fewest rows, {low}, are more than the most, {high}; write [fewest, most]")
    return low, high


END = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]}
LIST: JsonSchemaValue = {"type": "array", "items": TEXT, "minItems": 1}


@dataclass(frozen=True, slots=True)
class Keys:
    """Marks the field of keys, which has short forms."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Lengthen, then validate."""
        return core_schema.no_info_before_validator_function(_keys, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """All forms, for editors."""
        one = handler(schema)["items"]
        several = {"type": "array", "items": {"anyOf": [LIST, one]}}
        return {"anyOf": [TEXT, LIST, one, several]}


class TableSection(Section):
    """What must hold for the table as a whole."""

    unique: Annotated[list[UniqueSection], Keys()] = Field(
        default=[], description="Columns whose values together may come once: [origin, time_hour]."
    )
    rows: Written[
        Annotated[
            tuple[int | None, int | None],
            BeforeValidator(_rows),
            WithJsonSchema({"type": "array", "items": END, "minItems": 2, "maxItems": 2}),
        ]
    ] = Field(default=None, description="How many rows may be read: [fewest, most], null is an open end.")
    row_change: Written[Share] = Field(
        default=None, description="How far the rows may be from those of the last successful run: 30%."
    )
    columns: ColumnChange = Field(
        default="ignore", description="Columns that came or went since the last successful run."
    )

    def spec(self) -> TableSpec:
        """The frozen part of the pipeline."""
        return TableSpec(
            unique=tuple(one.spec() for one in self.unique),
            rows=self.rows,
            row_change=self.row_change,
            columns=self.columns,
        )
