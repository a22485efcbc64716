"""Sources: what a pipeline names, as files with one schema and lazy scans of them."""

from normflow.sources.fingerprints import fingerprint
from normflow.sources.reading import reading
from normflow.sources.resolve import resolve
from normflow.sources.source import Partition, Source, scan, schema

__all__ = ["Partition", "Source", "fingerprint", "reading", "resolve", "scan", "schema"]
