"""What source and sink have in common: the place they name, of files or of a table."""

# Annotations are read at run time here, so they are not postponed.

from pydantic import Field

from normflow.config.confidential import is_open, open_options
from normflow.config.section import Section
from normflow.config.values import Fault, OptionValue, Text, Written
from normflow.spec import FileFormat
from normflow.spec.tables import ICEBERG, KINDS, is_remote

IN_STORAGE = "a secret stands in the address; it belongs under storage, as ${secret:NAME}"
ONE_PLACE = f"write one of path, {', '.join(KINDS[:-1])} and {KINDS[-1]}"
STORAGE = "How the object store is reached: endpoint_url, region …; secrets as ${secret:NAME}."
CATALOG = (
    "The catalog of iceberg: a SQLite file (.db), or the name of one that pyiceberg's configuration has."
)
BESIDE = {
    "duckdb": ("table", "query"),
    "database": ("table", "query", "options"),
    "delta": ("storage", "version"),
    "iceberg": ("catalog", "options", "version"),
    "plugin": ("table", "query", "options"),
}
"""For each kind of table the keys that go with it."""
OF_TABLES = ("table", "query", "catalog", "version")
CODE = "impl"  # py-catalog-impl, py-io-impl: a class to import


class PlaceSection(Section):
    """A place of rows: files, or a table of one kind."""

    format: Written[FileFormat] = Field(
        default=None, description="How the files are written. Default: as their suffix tells."
    )
    options: dict[str, OptionValue] = Field(
        default={}, description="How the files are read or written; for a database or a catalog, its own."
    )
    storage: dict[str, OptionValue] = Field(default={}, description=STORAGE)
    duckdb: Written[Text] = Field(default=None, description="A DuckDB file; with table.")
    database: Written[Text] = Field(
        default=None, description="The address of a database: postgresql://user:${secret:NAME}@host/db."
    )
    table: Written[Text] = Field(default=None, description="The table: name, or schema.name.")
    delta: Written[Text] = Field(
        default=None, description="A Delta table: its folder, or its s3://, gs:// or az:// address."
    )
    iceberg: Written[Text] = Field(
        default=None, description="An Iceberg table: namespace.name; with catalog or options."
    )
    catalog: Written[Text] = Field(default=None, description=CATALOG)
    plugin: Written[Text] = Field(
        default=None, description="A plugin of this name, listed under plugins; its options beside it."
    )

    def kind(self) -> str:
        """Of which kind the table is; empty for files."""
        return next((kind for kind in KINDS if getattr(self, kind) is not None), "")

    def place(self) -> str:
        """The file, folder or address of the table; of an Iceberg table its catalog, or the uri."""
        if self.kind() == ICEBERG:
            return self.catalog or str(self.options.get("uri", ""))
        return str(getattr(self, self.kind())) if self.kind() else ""

    def named(self) -> str | None:
        """The table in its place, where a place has several."""
        return self.iceberg if self.kind() == ICEBERG else self.table

    def _place_faults(self, *, has_path: bool) -> list[Fault]:
        """No place, or two; what does not go with the place that is named."""
        kinds = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(kinds) + has_path != 1:
            return [Fault((), ONE_PLACE)]
        found = open_options("storage", self.storage) + open_options("options", self.options)
        if not kinds:
            alien = self.model_fields_set.intersection(OF_TABLES)
            return found + [Fault((key,), f"files have no {key}", of_key=True) for key in sorted(alien)]
        (kind,) = kinds
        beside = {kind, "path", "partition_by", *BESIDE[kind]}
        alien = self.model_fields_set.difference(beside)
        found += [Fault((key,), f"{kind} takes no {key}", of_key=True) for key in sorted(alien)]
        return found + _address_faults(self.database or "") + self._lake_faults()

    def _lake_faults(self) -> list[Fault]:
        """An Iceberg table that is no namespace.name; options that name code to import."""
        found = [
            Fault(("options", name), "no code is imported for a pipeline file", of_key=True)
            for name in self.options
            if self.iceberg and name.endswith(CODE)
        ]
        if self.iceberg and not all(self.iceberg.rpartition(".")):
            found.append(Fault((ICEBERG,), "name it with its namespace: namespace.name"))
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
