"""Short forms: a section written as the value of its main key, as in `sink: out.parquet`."""

# Annotations are read at run time here, so they are not postponed.
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from normflow.config.values import fault, is_number, shown

TEXT: JsonSchemaValue = {"type": "string", "minLength": 1}
NUMBER: JsonSchemaValue = {"type": "number"}
ANY_TEXTS: JsonSchemaValue = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
TEXTS: JsonSchemaValue = {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}


@dataclass(frozen=True, slots=True, eq=False)
class Short:
    """Marks a field with a short form; `main` is the key it stands for, or empty for a list of one."""

    expected: str
    schema: JsonSchemaValue
    main: str = ""

    def lengthen(self, value: object) -> object:
        """The long form of a short one, and a long one as it is."""
        if self.schema is NUMBER:
            return {self.main: value} if is_number(value) else self._long(value)
        if isinstance(value, str) or (isinstance(value, list) and self.schema is TEXTS and self.main):
            return {self.main: value} if self.main else [value]
        return self._long(value)

    def _long(self, value: object) -> object:
        if isinstance(value, dict if self.main else list):
            return value
        raise fault(f"expected {self.expected}, got {shown(value)}")

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Lengthen, then validate."""
        return core_schema.no_info_before_validator_function(self.lengthen, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Both forms, for editors."""
        own = deepcopy(self.schema)  # pydantic writes the field's description into what it gets
        return {"anyOf": [own, handler(schema)]} if self.main else own
