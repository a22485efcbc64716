"""What source and sink have in common: the place they name, of files or of a table."""

# Annotations are read at run time here, so they are not postponed.

from pydantic import Field

from normflow.config.confidential import is_open, open_options
from normflow.config.section import Section
from normflow.config.values import Fault, OptionValue, Text, Written
from normflow.spec import FileFormat
from normflow.spec.tables import KINDS, is_remote

IN_STORAGE = "a secret stands in the address; it belongs under storage, as ${secret:NAME}"
ONE_PLACE = f"write one of path, {' and '.join(KINDS)}"
STORAGE = "How the object store is reached: endpoint_url, region …; secrets as ${secret:NAME}."


class PlaceSection(Section):
    """A place of rows: files, or a table of one kind."""

    format: Written[FileFormat] = Field(
        default=None, description="How the files are written. Default: as their suffix tells."
    )
    options: dict[str, OptionValue] = Field(default={}, description="How the files are read or written.")
    storage: dict[str, OptionValue] = Field(default={}, description=STORAGE)
    duckdb: Written[Text] = Field(default=None, description="A DuckDB file; with table.")
    database: Written[Text] = Field(
        default=None, description="The address of a database: postgresql://user:${secret:NAME}@host/db."
    )
    table: Written[Text] = Field(default=None, description="The table: name, or schema.name.")

    def kind(self) -> str:
        """Of which kind the table is; empty for files."""
        return next((kind for kind in KINDS if getattr(self, kind) is not None), "")

    def place(self) -> str:
        """The file or address of the table."""
        return str(getattr(self, self.kind())) if self.kind() else ""

    def _place_faults(self, *, has_path: bool) -> list[Fault]:
        """No place, or two; what does not go with the place that is named."""
        kinds = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(kinds) + has_path != 1:
            return [Fault((), ONE_PLACE)]
        found = open_options("storage", self.storage) + open_options("options", self.options)
        if not kinds:
            return [*found, Fault(("table",), "files have no table", of_key=True)] if self.table else found
        (kind,) = kinds
        found += _address_faults(self.database or "")
        if self.format:
            found.append(Fault(("format",), f"{kind} has no file format", of_key=True))
        if self.storage:
            found.append(Fault(("storage",), f"{kind} takes no storage", of_key=True))
        if kind == "duckdb" and self.options:
            found += [
                Fault(("options", name), f"{kind} takes no options", of_key=True) for name in self.options
            ]
        return found


def _address_faults(address: str) -> list[Fault]:
    """A database that is no address, or holds a password which would stand in every record."""
    if not address:
        return []
    if not is_remote(address):
        what = "a database is named by its address: postgresql://user@host/name, sqlite:///data/file.db"
        return [Fault(("database",), what)]
    if is_open(address):
        what = "a password stands in the address; write ${secret:NAME} before the host, and set NAME"
        return [Fault(("database",), what)]
    return []
