"""The sections that name files: source, sink and quarantine."""

# Annotations are read at run time here, so they are not postponed.
from typing import Annotated

from pydantic import Field

from normflow.config.section import Section
from normflow.config.short import TEXTS, Short
from normflow.config.values import Fault, OptionValue, Rows, Text, Written
from normflow.naming import without_secrets
from normflow.spec import COMPRESSED, FileFormat, format_of, read_option_error

ENDINGS = "end it in .parquet, .csv, .tsv, .ndjson or .ipc, or write format"


class SourceSection(Section):
    """Where the rows come from."""

    path: Annotated[list[Text], Field(min_length=1), Short("a path or a list of paths", TEXTS)] = Field(
        description="A file, a list of files, a glob or a folder; relative to this file's folder."
    )
    format: Written[FileFormat] = Field(
        default=None, description="How the files are written. Default: as their suffix tells."
    )
    options: dict[str, OptionValue] = Field(
        default={},
        description="csv, tsv: has_header, null_values, infer_schema_length (ndjson too); csv: separator.",
    )

    def formats(self) -> list[FileFormat]:
        """The format as written, else those that the suffixes tell."""
        if self.format:
            return [self.format]
        return sorted({found for path in self.path if (found := format_of(path))})

    def faults(self) -> list[Fault]:
        """Remote paths, several formats, options that the format does not have."""
        remote = [
            Fault(
                ("path",),
                f"normflow reads local files, and '{without_secrets(path)}' is none; fetch it first",
            )
            for path in self.path
            if "://" in path
        ]
        known = self.formats()
        if len(known) > 1:
            return [
                *remote,
                Fault(("path",), f"one source has one format, and here are {' and '.join(known)}"),
            ]
        if self.options and not known:
            return [*remote, Fault(("options",), "options belong to a format; write format too", of_key=True)]
        wrong = ((name, read_option_error(known[0], name, value)) for name, value in self.options.items())
        return [*remote, *(Fault(("options", name), what, of_key=True) for name, what in wrong if what)]


class SinkSection(Section):
    """Where the normalized rows go."""

    path: Text = Field(description="One file; relative to this file's folder.")
    format: Written[FileFormat] = Field(
        default=None, description="How the file is written. Default: as its suffix tells."
    )
    options: dict[str, OptionValue] = Field(
        default={}, description="For parquet and ipc: compression and its kin."
    )

    def faults(self) -> list[Fault]:
        """A path that is remote, or tells no format."""
        return _output_faults(self.path, has_format=self.format is not None)


class QuarantineSection(Section):
    """Where rows go that broke a quarantining check."""

    path: Written[Text] = Field(
        default=None, description="Default: <sink>.quarantine.<suffix> beside the sink."
    )
    max_rows: Written[Rows] = Field(default=None, description="How many rows may be quarantined: 5% or 25.")

    def faults(self) -> list[Fault]:
        """A path that is remote, or tells no format."""
        return _output_faults(self.path, has_format=False) if self.path else []


def _output_faults(path: str, *, has_format: bool) -> list[Fault]:
    if "://" in path:
        return [Fault(("path",), f"normflow writes local files, and '{without_secrets(path)}' is none")]
    if not has_format and (format_of(path) is None or path.endswith(COMPRESSED)):
        return [Fault(("path",), f"cannot tell the format of '{path}'; {ENDINGS}")]
    return []
