"""From the validated file to the frozen `Pipeline`: paths resolved, defaults filled in."""

from __future__ import annotations

import hashlib
import os
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from normflow.config.drift import OutputDriftSection
from normflow.config.files import ENDINGS
from normflow.methods import plugin_methods
from normflow.spec import (
    ColumnChecks,
    FitSpec,
    GroupSpec,
    Limit,
    MethodSpec,
    Pipeline,
    QuarantineSpec,
    Server,
    SinkSpec,
    SourceSpec,
    TableSink,
    TableSource,
    format_of,
    policies_of,
    quarantine_beside,
    registry_files,
    registry_place,
)
from normflow.spec.tables import DASH, DELTA, ICEBERG, OBJECT, PLUGIN, STREAM, is_remote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from normflow.config.columns import ColumnSection
    from normflow.config.files import SourceSection
    from normflow.config.fit import FitSection
    from normflow.config.models import MethodSection, PipelineFile
    from normflow.config.places import PlaceSection
    from normflow.spec import FileFormat

CATALOG_FILES = (".db", ".sqlite", ".sqlite3")


def build(model: PipelineFile, file: Path, places: Mapping[str, str]) -> Pipeline:
    """The pipeline of a file; relative paths start at the file's folder."""
    sink, methods = _sink(model, file), plugin_methods(model.plugins)
    return Pipeline(
        name=model.name or file.stem,
        file=file,
        source=_source(model, file.parent),
        contract={name: _checks(section) for name, section in model.contract.items()},
        table=model.table.spec(),
        fit=_fit(model.fit),
        normalize={key: _method(section, methods) for key, section in model.normalize.items()},
        checks={key: _checks(section) for key, section in model.checks.items()},
        quarantine=_quarantine(model, file, sink),
        sink=sink,
        registry=registry_place(model.registry, file.parent),
        engine=model.engine.spec(),
        schemas=tuple(model.schemas),
        plugins=tuple(model.plugins),
        memory=model.memory,
        private=model.private,
        report=file.parent / model.report if model.report else None,
        places=places,
        meta=model.meta,
    )


def mismatches(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    """What the paths of a pipeline cannot be together: the key at fault, and a sentence.

    A file of no known format; a file that one run would read and write, or write twice.
    """
    for path in pipeline.source.paths if pipeline.source.format is None else ():
        folder = os.path.isdir(path)  # noqa: PTH112  (Path.is_dir raises where a name is too long)
        if Path(path).suffix and not is_remote(path) and not has_magic(path) and not folder:
            yield "source", f"cannot tell the format of '{Path(path).name}'; {ENDINGS}"
    yield from _read_and_written(pipeline)
    taken = {_real(pipeline.file): "is this file"}
    files = (
        ("sink", pipeline.sink.path),
        ("quarantine", pipeline.quarantine.path),
        *([] if isinstance(pipeline.registry, Server) else [("registry", pipeline.registry)]),
        *([("report", pipeline.report)] if pipeline.report else []),
    )
    if not isinstance(pipeline.registry, Server):
        _, *beside = registry_files(pipeline.registry)
        taken |= {_real(file): "is the registry's own" for file in beside}
    for key, file in files:
        if _real(file) in taken:
            yield key, f"'{file.name}' {taken[_real(file)]}; choose another"
        taken.setdefault(_real(file), f"is written by the {key}")
    if "@" in pipeline.name:
        yield "name", "the file's name holds '@', which a pipeline's name may not; write name"


def _read_and_written(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    outputs: tuple[tuple[str, Path | None, FileFormat | None], ...] = (
        ("sink", pipeline.sink.path, pipeline.sink.format),
        ("quarantine", pipeline.quarantine.path, pipeline.quarantine.format),
        ("report", pipeline.report, None),
    )
    read = pipeline.source.format
    if _same_place(pipeline):
        yield "sink", f"the source reads '{pipeline.sink.named}' too; write to another place"
    for key, path, kind in outputs:
        if path and any(_reads(source, read, path, kind) for source in pipeline.source.paths):
            yield key, f"the source reads '{path.name}' too; write to another file or folder"


def _same_place(pipeline: Pipeline) -> bool:
    """Whether the sink is what the source reads, where they are no local files."""
    source, sink = pipeline.source, pipeline.sink.table
    if sink is None:
        return False
    if sink.kind == OBJECT:
        return any(fnmatchcase(str(sink.place), f"{path}*") for path in source.paths)
    table = source.table
    return bool(
        table
        and table.kind != STREAM
        and (table.kind, table.place, table.table) == (sink.kind, sink.place, sink.table)
        and (table.kind != PLUGIN or table.options == sink.options)
    )


def _reads(source: str, read: FileFormat | None, output: Path, written: FileFormat | None) -> bool:
    """Whether a source file, folder or glob takes in an output; of a folder only what could be data."""
    place, path = _real(source), _real(output)
    if place in path.parents:
        hidden = any(part.startswith((".", "_")) for part in path.relative_to(place).parts)
        return not hidden and written is not None and read in (None, written)
    return place == path or path.match(str(place))


def _real(path: str | Path) -> Path:
    """The path without links, as far as the system knows it."""
    return Path(os.path.realpath(path))


def _source(model: PipelineFile, folder: Path) -> SourceSpec:
    section = model.source
    if section.kind() or section.streams():
        return SourceSpec(table=_table_source(section, folder))
    formats = section.formats()
    return SourceSpec(
        paths=tuple(path if is_remote(path) else str(folder / path) for path in section.path),
        format=formats[0] if formats else None,
        options=section.options,
        storage=section.storage,
    )


def _table_source(section: SourceSection, folder: Path) -> TableSource:
    return TableSource(
        kind=STREAM if section.streams() else section.kind(),
        place=_place(section, folder),
        table=section.named(),
        query=section.query,
        options={**section.options, **section.storage},
        version=section.version,
    )


def _place(section: PlaceSection, folder: Path) -> str | Path:
    """Where a table is: a local file or folder, else the address or name as it stands."""
    place = section.place()
    catalog = bool(section.catalog) and place.endswith(CATALOG_FILES)
    local = section.kind() == "duckdb" or (section.kind() == DELTA and not is_remote(place)) or catalog
    return folder / place if local else place


def _sink(model: PipelineFile, file: Path) -> SinkSpec:
    section, folder = model.sink, file.parent
    path = section.path or ""
    if not section.kind() and path != DASH and not is_remote(path):
        return SinkSpec(
            path=folder / path,
            format=section.format or ("parquet" if section.partition_by else _told(path)),
            options=section.options,
            partition_by=tuple(section.partition_by),
        )
    if is_remote(path):
        kind = section.format or _told(path)
        stored = TableSink(kind=OBJECT, place=path, options=section.storage)
        return SinkSpec(path=_staging(file, path, kind), format=kind, options=section.options, table=stored)
    table = TableSink(
        kind=section.kind() or STREAM,
        place=_place(section, folder),
        table=section.named(),
        options={**section.options, **section.storage},
    )
    kind = "ipc" if table.kind == STREAM else "parquet"
    lake = table.kind if table.kind in (DELTA, ICEBERG) else ""
    written = f"{table.kind}:{section.place()}/{section.named()}"
    return SinkSpec(path=_staging(file, written, kind), format=kind, table=table, lake=lake)


def _staging(file: Path, target: str, kind: FileFormat) -> Path:
    """Where rows for another place are staged: of one target always the same file, beside the pipeline's.

    The target is as written, so that the name is the same wherever the folder lies.
    """
    mark = hashlib.blake2b(target.encode(), digest_size=8).hexdigest()
    return file.parent / ".normflow" / "outgoing" / f"{file.stem}-{mark}.{kind}"


def _quarantine(model: PipelineFile, file: Path, sink: SinkSpec) -> QuarantineSpec:
    path, max_rows = model.quarantine.path, model.quarantine.max_rows or Limit()
    if path is None and sink.table and sink.table.kind == OBJECT:
        path = _beside(str(sink.table.place))
    if path and is_remote(path):
        kind, storage = _told(path), sink.table.options if sink.table else {}
        stored = TableSink(kind=OBJECT, place=path, options=storage)
        return QuarantineSpec(path=_staging(file, path, kind), format=kind, max_rows=max_rows, table=stored)
    if path:
        return QuarantineSpec(path=file.parent / path, format=_told(path), max_rows=max_rows)
    if sink.table:
        return QuarantineSpec(
            path=file.with_suffix(".quarantine.parquet"), format="parquet", max_rows=max_rows
        )
    one = sink.path.with_suffix(f".{sink.format}") if sink.partition_by else sink.path
    return QuarantineSpec(path=quarantine_beside(one), format=sink.format, max_rows=max_rows)


def _beside(address: str) -> str:
    folder, slash, name = address.rpartition("/")
    return f"{folder}{slash}{quarantine_beside(Path(name))}"


def _told(path: str) -> FileFormat:
    """The format an output's suffix tells; the model has refused those that tell none."""
    return cast("FileFormat", format_of(path))


def _method(section: MethodSection, plugins: Sequence[str]) -> MethodSpec:
    return MethodSpec(
        method=section.method,
        options=section.options(),
        suffix=section.suffix,
        policies=policies_of(section.policies()),
        columns=tuple(section.columns or ()),
        goal=section.goal,
        candidates=tuple(section.candidates or ()),
        plugins=tuple(plugins),
    )


def _fit(section: FitSection) -> FitSpec:
    by = section.by
    found = {name: _frozen(getattr(section, name)) for name in type(section).model_fields}
    if by is not None:
        found["by"] = GroupSpec(
            columns=tuple(by.columns), min_rows=by.min_rows, unseen=by.unseen, resolution=by.resolution
        )
    return FitSpec(**found)


def _checks(section: ColumnSection) -> ColumnChecks:
    return ColumnChecks(**{key: _frozen(getattr(section, key)) for key in type(section).model_fields})


def _frozen(value: Any) -> Any:
    if isinstance(value, OutputDriftSection):
        return value.spec()
    return tuple(value) if isinstance(value, list) else value
