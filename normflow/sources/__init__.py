"""Sources: what a pipeline names, as files with one schema and lazy scans of them."""

from normflow.sources.fingerprints import fingerprint
from normflow.sources.layout import Layout
from normflow.sources.reading import reading
from normflow.sources.resolve import resolve
from normflow.sources.source import Partition, Run, Source, fingerprints_of, scan, schema, stamp

__all__ = [
    "Layout",
    "Partition",
    "Run",
    "Source",
    "fingerprint",
    "fingerprints_of",
    "reading",
    "resolve",
    "scan",
    "schema",
    "stamp",
]
