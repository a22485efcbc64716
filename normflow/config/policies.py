"""The policy keys of a column's line, as an editor may check them; `policies_of` judges their values."""

# Annotations are read at run time here, so they are not postponed.
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue

from normflow.config.values import SHARE
from normflow.spec.groups import Unseen
from normflow.spec.policies import Constant, FillWith, FloatType, Nonfinite, Outside


def _words(of: object, *more: str) -> JsonSchemaValue:
    words = [*get_args(of), *more]
    return {"enum": [*words, None] if "null" in words else words}  # where null is a word, null means it


def _word(value: Any) -> Any:
    return "null" if value is None else value


def _as_written(value: Any) -> Any:
    return value


FILL: JsonSchemaValue = {"anyOf": [_words(FillWith, "keep"), {"type": "number"}]}
NULLS: JsonSchemaValue = {
    "anyOf": [
        _words(FillWith, "keep", "indicator"),
        {"type": "number"},
        {
            "type": "object",
            "properties": {
                "fill": {**FILL, "description": "What nulls become."},
                "indicator": {"type": "boolean", "description": "Add <column>_missing."},
            },
            "additionalProperties": False,
        },
    ]
}
BOUND: JsonSchemaValue = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": SHARE}]}
ENDS: JsonSchemaValue = {"anyOf": [{"type": "number"}, {"const": True}]}  # the option of quantile_normal
CLIP: JsonSchemaValue = {
    "anyOf": [{"type": "array", "items": BOUND, "minItems": 2, "maxItems": 2}, *ENDS["anyOf"]]
}

Policy = PlainValidator(_as_written)
NullsPolicy = Annotated[Any, Policy, WithJsonSchema(NULLS)]
NonfinitePolicy = Annotated[Any, Policy, WithJsonSchema(_words(Nonfinite))]
ConstantPolicy = Annotated[Any, Policy, WithJsonSchema(_words(Constant))]
OutsidePolicy = Annotated[Any, Policy, WithJsonSchema(_words(Outside))]
ClipPolicy = Annotated[Any, Policy, WithJsonSchema(CLIP)]
DtypePolicy = Annotated[Any, Policy, WithJsonSchema(_words(FloatType))]
UnseenPolicy = Annotated[Unseen, BeforeValidator(_word), WithJsonSchema(_words(Unseen))]
