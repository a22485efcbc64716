"""A fit that somebody asks for: by id, by file, or by the time at which it was current."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from normflow.errors import ConfigError, FormatError, NoFitError, SchemaError
from normflow.fits import Fit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.pipeline.prepare import Prepared
    from normflow.registry import Registry
    from normflow.spec import Mode, Pipeline

SUFFIX = ".json"
KIND, EXPORT = "normflow fit", 1  # of an exported fit: what it is, and the version of its document


def given_fit(
    prepared: Prepared,
    registry: Registry,
    mode: Mode | None,
    fit: Fit | str | Path | None,
    as_of: str | datetime | None,
) -> Fit | None:
    """The fit that is asked for, seen to suit the source; None where none is.

    Raises:
        ConfigError: a fit and a time, a fit and mode `refit`, or one that cannot be read.
        NoFitError: there was none at that time.
        RegistryError: the registry has no such fit.
        SchemaError: it does not suit the source.
    """
    if fit is None and as_of is None:
        return None
    if mode == "refit" or (fit is not None and as_of is not None):
        other = "mode 'refit'" if mode == "refit" else "a time"
        raise ConfigError(f"a fit to apply is asked for, and {other} too", hint="ask for one of them")
    if isinstance(fit, str | Path):
        found = fit_named(registry, str(fit))
    else:
        found = fit or fit_at(registry, prepared.pipeline, as_of or "")
    require_source(found, prepared.schema, str(prepared.pipeline.file))
    return found


def fit_named(registry: Registry, reference: str) -> Fit:
    """The fit that a reference means: an id, a unique prefix, `pipeline@latest`, or a JSON file.

    Raises:
        RegistryError: the registry has no such fit.
        FormatError: the file is no fit, and no export with one.
        ConfigError: there is no such file.
    """
    if not reference.endswith(SUFFIX):
        return Fit.from_json(registry.fit(reference).document)
    try:
        text = Path(reference).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise ConfigError(f"the fit cannot be read: {reason}", where=reference) from error
    try:
        return fit_of(text)
    except FormatError as error:
        place = f"{reference}: {error.where}" if error.where else reference
        raise FormatError(error.what, where=place, hint=error.hint) from error


def fit_of(text: str) -> Fit:
    """The fit of a JSON text: of a fit alone, or of an export that holds one.

    Raises:
        FormatError: it is neither.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError("it is no JSON text", hint="`normflow export` writes one") from error
    inside = document.get("fit") if isinstance(document, dict) else None
    if isinstance(inside, dict) and (document.get("kind"), document.get("version")) != (KIND, EXPORT):
        told = f"'{document.get('kind')}' of version {document.get('version')}"
        what = f"it is {told}, and no export that this normflow knows"
        raise FormatError(what, hint="upgrade normflow, or export it again")
    return Fit.from_json(json.dumps(inside) if isinstance(inside, dict) else text)


def fit_at(registry: Registry, pipeline: Pipeline, time: str | datetime) -> Fit:
    """The fit that was current at a time: that of the pipeline's newest run that had succeeded by then.

    Raises:
        ConfigError: it is no time.
        NoFitError: no run of the pipeline had succeeded by then.
    """
    moment = moment_of(time)
    use = registry.use_at(pipeline.name, moment)
    if use is None:
        raise NoFitError(
            f"no run of '{pipeline.name}' had succeeded by {moment:%Y-%m-%d %H:%M:%S}Z",
            where=str(registry.path),
            hint="`normflow runs` tells when there was one",
        )
    return Fit.from_json(use.document)


def moment_of(time: str | datetime) -> datetime:
    """A time as ISO 8601 writes it; UTC where it names no zone, and a day is its first moment.

    Raises:
        ConfigError: it is none.
    """
    try:
        found = datetime.fromisoformat(time) if isinstance(time, str) else time
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the second where it is in the year 0 or 10000 of UTC
        raise ConfigError(f"'{time}' is no time", hint="write it as 2024-03-01T06:00") from None


def require_source(fit: Fit, schema: Mapping[str, pl.DataType], where: str) -> None:
    """See that a source has what a fit reads.

    Raises:
        SchemaError: a column is missing, or is not what the fit knows it as.
    """
    try:
        fit.transform(pl.LazyFrame(schema=schema)).collect_schema()
    except SchemaError as error:
        hint = error.hint or "give the fit of a pipeline with these columns"
        what = f"fit {fit.id[:12]} does not suit this source: {error.what}"
        raise SchemaError(what, where=where, hint=hint) from error
