"""Outputs: staged beside their destination, verified, and published whole or not at all."""

from normflow.sinks import tables
from normflow.sinks.lock import lock
from normflow.sinks.options import WriterOptions, writer_options
from normflow.sinks.publish import publish
from normflow.sinks.recover import Intended, Recovery, recover
from normflow.sinks.stage import check, destination, discard, stage, staged_path, sweep, unwritable
from normflow.sinks.verify import Digest, digest, rows, verify
from normflow.sinks.write import sink, writing

__all__ = [
    "Digest",
    "Intended",
    "Recovery",
    "WriterOptions",
    "check",
    "destination",
    "digest",
    "discard",
    "lock",
    "publish",
    "recover",
    "rows",
    "sink",
    "stage",
    "staged_path",
    "sweep",
    "tables",
    "unwritable",
    "verify",
    "writer_options",
    "writing",
]
