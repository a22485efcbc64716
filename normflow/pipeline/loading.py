"""A pipeline from its file, or all that is wrong with it: by itself, and by what its source has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normflow.config import load
from normflow.errors import ConfigError, NormflowError, in_order
from normflow.pipeline.prepare import prepare

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from normflow.errors import Problem
    from normflow.spec import JsonScalar, Pipeline


def loaded(
    file: Path,
    *,
    target: str | None = None,
    variables: Mapping[str, JsonScalar] | None = None,
    allow_import: Collection[str] = (),
) -> Pipeline:
    """Read a pipeline file as `load` does.

    Raises:
        ConfigError: all problems of the file at once, those of its columns against the source's schema too,
            where what else is wrong leaves a pipeline that can be judged.
    """
    try:
        return load(file, target=target, vars=variables)
    except ConfigError as error:
        if error.rest is None or not (further := _further(error.rest, allow_import)):
            raise
        known = error.listed()
        raise type(error).of(
            in_order([*known, *(one for one in further if one not in known)], file)
        ) from None


def _further(rest: Pipeline, allow_import: Collection[str]) -> list[Problem]:
    """What the source says against the rest of a pipeline, without what follows from a part left out."""
    if rest.source.table and rest.source.table.is_unseen:
        return []
    try:
        prepare(rest, allow_import=allow_import)
    except ConfigError as error:
        return [one for one in error.listed() if not one.key.endswith(".bounds")]
    except NormflowError:  # a source that is not there is told when the file is right
        pass
    return []
