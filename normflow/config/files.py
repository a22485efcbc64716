"""The sections that name where rows come from and go: source, sink and quarantine."""

# Annotations are read at run time here, so they are not postponed.
from typing import Annotated

from pydantic import Field

from normflow.config.confidential import is_open
from normflow.config.places import IN_STORAGE, PlaceSection
from normflow.config.section import Section
from normflow.config.short import TEXTS, Short
from normflow.config.values import Fault, OptionValue, Rows, Text, Written
from normflow.naming import without_secrets
from normflow.spec import COMPRESSED, FileFormat, format_of, read_option_error
from normflow.spec.tables import DASH, DELTA, ICEBERG, PLUGIN, is_remote

ENDINGS = "end it in .parquet, .csv, .tsv, .ndjson or .ipc, or write format"
STORES = ("s3", "s3a", "gs", "gcs", "az", "azure", "abfs", "abfss")


class SourceSection(PlaceSection):
    """Where the rows come from."""

    path: Annotated[list[Text], Field(min_length=1), Short("a path or a list of paths", TEXTS)] = Field(
        default=[],
        description="A file, a list of files, a glob or a folder, relative to this file's folder; "
        "s3://, gs:// or az://; or - for Arrow from standard input.",
    )
    options: dict[str, OptionValue] = Field(
        default={},
        description="csv, tsv: has_header, null_values, infer_schema_length (ndjson too); csv: separator. "
        "database, iceberg, plugin: their own.",
    )
    query: Written[Text] = Field(default=None, description="What is asked of a database, instead of table.")
    version: Written[Annotated[int, Field(ge=0)]] = Field(
        default=None,
        description="The version of a Delta table, or snapshot of an Iceberg one. Default: the newest.",
    )

    def formats(self) -> list[FileFormat]:
        """The format as written, else those that the suffixes tell."""
        if self.format:
            return [self.format]
        return sorted({found for path in self.path if (found := format_of(path))})

    def streams(self) -> bool:
        """Whether the rows come from standard input."""
        return self.path == [DASH]

    def faults(self) -> list[Fault]:
        """What does not go together: places, formats, options."""
        found = self._place_faults(has_path=bool(self.path))
        if found or self.kind():
            return found or self._table_faults()
        return self._stream_faults() if DASH in self.path else self._file_faults()

    def _table_faults(self) -> list[Fault]:
        if self.kind() in (DELTA, ICEBERG):
            return _store_faults(self.delta or "", "delta")
        if self.kind() == PLUGIN:
            return []
        one = bool(self.table) != bool(self.query)
        return [] if one else [Fault((self.kind(),), "write either table or query beside it")]

    def _stream_faults(self) -> list[Fault]:
        if not self.streams():
            return [Fault(("path",), "standard input stands alone, without other paths")]
        wrong: list[str] = [name for name in ("options", "storage") if getattr(self, name)]
        if self.format not in (None, "ipc"):
            return [Fault(("format",), "standard input is read as Arrow IPC")]
        return [Fault((name,), "standard input takes none", of_key=True) for name in wrong]

    def _file_faults(self) -> list[Fault]:
        found = [fault for path in self.path for fault in _store_faults(path)]
        remote = {is_remote(path) for path in self.path}
        if len(remote) > 1:
            found.append(Fault(("path",), "one source is local or remote, and here are both"))
        if self.storage and True not in remote:
            found.append(Fault(("storage",), "local files take no storage", of_key=True))
        known = self.formats()
        if len(known) > 1:
            return [
                *found,
                Fault(("path",), f"one source has one format, and here are {' and '.join(known)}"),
            ]
        if self.options and not known:
            return [*found, Fault(("options",), "options belong to a format; write format too", of_key=True)]
        wrong = ((name, read_option_error(known[0], name, value)) for name, value in self.options.items())
        return [*found, *(Fault(("options", name), what, of_key=True) for name, what in wrong if what)]


class SinkSection(PlaceSection):
    """Where the normalized rows go."""

    path: Written[Text] = Field(
        default=None,
        description="One file, relative to this file's folder; with partition_by a folder; "
        "s3://, gs:// or az://; or - for Arrow to standard output.",
    )
    options: dict[str, OptionValue] = Field(
        default={},
        description="parquet, ipc: compression and its kin; database, iceberg, plugin: their own.",
    )
    partition_by: list[Text] = Field(
        default=[], description="Columns whose values make key=value folders below path."
    )

    def faults(self) -> list[Fault]:
        """What does not go together: places, formats, partitions."""
        found = self._place_faults(has_path=self.path is not None)
        if found:
            return found
        kind, path = self.kind(), self.path or ""
        if self.partition_by:
            return self._folder_faults(path, local=not (kind or path == DASH or is_remote(path)))
        if kind in (DELTA, ICEBERG):
            return _store_faults(self.delta or "", "delta")
        if kind:
            return [] if self.table or kind == PLUGIN else [Fault((kind,), "write table beside it")]
        if path == DASH:
            wrong = self.format not in (None, "ipc")
            return [Fault(("format",), "standard output is written as Arrow IPC")] if wrong else []
        local = [Fault(("storage",), "a local file takes no storage", of_key=True)]
        alien = local if self.storage and not is_remote(path) else []
        return [*alien, *_output_faults(path, has_format=self.format is not None)]

    def _folder_faults(self, path: str, *, local: bool) -> list[Fault]:
        if not local:
            what = "only a local folder is partitioned by its columns"
            return [Fault(("partition_by",), what, of_key=True)]
        if len(set(self.partition_by)) < len(self.partition_by):
            return [Fault(("partition_by",), "a column is named twice")]
        if format_of(path):
            what = f"with partition_by it is a folder, and '{path}' is named like a file"
            return [Fault(("path",), what)]
        return []


class QuarantineSection(Section):
    """Where rows go that broke a quarantining check."""

    path: Written[Text] = Field(
        default=None, description="Default: <sink>.quarantine.<suffix> beside the sink."
    )
    max_rows: Written[Rows] = Field(default=None, description="How many rows may be quarantined: 5% or 25.")

    def faults(self) -> list[Fault]:
        """A path that is no store, or tells no format."""
        return _output_faults(self.path, has_format=False) if self.path else []


def _store_faults(path: str, key: str = "path") -> list[Fault]:
    scheme, mark, rest = path.partition("://")
    if not mark:
        return []
    if scheme not in STORES:
        what = f"no such store in '{without_secrets(path)}'; local paths, s3://, gs:// and az:// are known"
        return [Fault((key,), what)]
    if not rest.strip("/"):
        return [Fault((key,), f"'{path}' names no bucket")]
    if is_open(path):
        return [Fault((key,), IN_STORAGE)]
    return []


def _output_faults(path: str, *, has_format: bool) -> list[Fault]:
    if found := _store_faults(path):
        return found
    if not has_format and (format_of(path) is None or path.endswith(COMPRESSED)):
        return [Fault(("path",), f"cannot tell the format of '{path}'; {ENDINGS}")]
    return []
