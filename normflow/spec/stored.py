"""A pipeline as JSON text and back: what it says when all is resolved, without what it does not say.

A part is `{"$": "ColumnChecks", …}` with the fields that differ from their defaults. Paths below the pipeline
file's folder are relative to it, so that the text is the same wherever the folder lies.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normflow.errors import FormatError
from normflow.spec.tables import is_remote

if TYPE_CHECKING:
    from dataclasses import Field

    from normflow.spec.pipeline import Pipeline

KIND = "$"
PLAIN = ("meta",)  # whatever the user wrote: lists stay lists
UNKEPT = ("places", "password")  # where things were written belongs to the file, a secret to nobody
DAMAGE = (LookupError, TypeError, ValueError, AttributeError, RecursionError)


def to_text(pipeline: Pipeline) -> str:
    """The pipeline as JSON: equal pipelines, equal text.

    Keys stay in their order, since that of checks and of new columns follows it.
    """
    folder = pipeline.file.parent
    document = _part(pipeline, folder)
    document["source"]["paths"] = [_below(path, folder) for path in pipeline.source.paths]
    document["file"] = str(pipeline.file)
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def of_text(text: str) -> Pipeline:
    """Read what `to_text` wrote.

    Raises:
        FormatError: it is no pipeline, or has a part that this version does not know.
    """
    from normflow.spec.pipeline import Pipeline

    try:
        document = json.loads(text)
        file = Path(document["file"])
        document["source"]["paths"] = [_from(path, file.parent) for path in document["source"]["paths"]]
        found = _value({**document, "file": {KIND: "Path", "path": file.name}}, file.parent)
    except DAMAGE as error:
        raise FormatError(
            f"the stored pipeline cannot be read: {error!r}", hint="a newer normflow may have written it"
        ) from error
    if not isinstance(found, Pipeline):
        raise FormatError("the stored text is no pipeline")
    return found


def _part(value: Any, folder: Path) -> dict[str, Any]:
    known = {
        one.name: getattr(value, one.name) if one.name in PLAIN else _plain(getattr(value, one.name), folder)
        for one in fields(value)
        if one.name not in UNKEPT and not _is_default(one, getattr(value, one.name))
    }
    return {KIND: type(value).__name__, **known}


def _is_default(field: Field[Any], value: object) -> bool:
    default = field.default if field.default_factory is MISSING else field.default_factory()
    return type(value) is type(default) and value == default


def _plain(value: Any, folder: Path) -> Any:
    if is_dataclass(value):
        return _part(value, folder)
    if isinstance(value, Path):
        return {KIND: "Path", "path": _below(value, folder)}
    if isinstance(value, tuple | list):
        return [_plain(one, folder) for one in value]
    return {key: _plain(one, folder) for key, one in value.items()} if isinstance(value, dict) else value


def _below(path: str | Path, folder: Path) -> str:
    return str(Path(path).relative_to(folder)) if Path(path).is_relative_to(folder) else str(path)


def _from(path: str, folder: Path) -> str:
    return path if is_remote(path) else str(folder / path)


def _value(value: Any, folder: Path) -> Any:
    if isinstance(value, list):
        return tuple(_value(one, folder) for one in value)
    if not isinstance(value, dict):
        return value
    if not isinstance(value.get(KIND), str):
        return {key: _value(one, folder) for key, one in value.items()}
    if value[KIND] == "Path":
        return folder / value["path"]
    kind = getattr(import_module("normflow.spec"), value[KIND])
    if not (isinstance(kind, type) and is_dataclass(kind)):
        raise ValueError(f"'{value[KIND]}' is no part of a pipeline")
    known = {key: one if key in PLAIN else _value(one, folder) for key, one in value.items() if key != KIND}
    return kind(**known)
