"""The file formats: how a name tells its format, and what may be said about reading one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Literal

from normflow.errors import suggestion

FileFormat = Literal["parquet", "csv", "tsv", "ndjson", "ipc"]

SUFFIXES: Mapping[str, FileFormat] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "tsv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".ipc": "ipc",
    ".arrow": "ipc",
    ".feather": "ipc",
}
COMPRESSED = (".gz", ".zst")
TEXT_FORMATS: tuple[FileFormat, ...] = ("csv", "tsv", "ndjson")


def format_of(path: str) -> FileFormat | None:
    """The format a path's suffix names: `csv` for `day.csv` and `day.csv.gz`; None when it names none."""
    _, *pieces = PurePath(path).name.lower()[1:].split(".")  # a dot in front makes a hidden file, no suffix
    suffixes = [f".{piece}" for piece in pieces]
    if len(suffixes) > 1 and suffixes[-1] in COMPRESSED:
        packed = SUFFIXES.get(suffixes[-2])
        return packed if packed in TEXT_FORMATS else None
    return SUFFIXES.get(suffixes[-1]) if suffixes else None


def _one_byte(value: object) -> str | None:
    fits = isinstance(value, str) and len(value.encode()) == 1
    return None if fits else "expected one character such as ';'"


def _true_or_false(value: object) -> str | None:
    return None if isinstance(value, bool) else "expected true or false"


def _texts(value: object) -> str | None:
    listed = value if isinstance(value, list | tuple) else [value]
    return None if all(isinstance(one, str) for one in listed) else "expected text or a list of texts"


def _rows(value: object) -> str | None:
    fits = value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0)
    return None if fits else "expected a whole number above 0, or null for all rows"


Rule = Callable[[object], str | None]
_NDJSON: Mapping[str, Rule] = {"infer_schema_length": _rows}
_TSV: Mapping[str, Rule] = {**_NDJSON, "has_header": _true_or_false, "null_values": _texts}
READ_OPTIONS: Mapping[FileFormat, Mapping[str, Rule]] = {
    "parquet": {},
    "csv": {**_TSV, "separator": _one_byte},
    "tsv": _TSV,
    "ndjson": _NDJSON,
    "ipc": {},
}


def read_option_error(file_format: FileFormat, name: str, value: object) -> str | None:
    """What is wrong with a source's option, as a sentence; None when nothing is."""
    known = READ_OPTIONS[file_format]
    if name not in known:
        hint = suggestion(name, known) or f"{file_format} takes no options"
        return f"no such option for {file_format}; {hint}"
    return known[name](value)
