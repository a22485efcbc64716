"""The identity of a file's content."""

from __future__ import annotations

import hashlib
import struct
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from normflow.sources.reading import reading
from normflow.stores import Stored

if TYPE_CHECKING:
    from normflow.stores import Place

WHOLE = 64 * 2**20
END = 2**20
MAGIC = b"PAR1"
BLAKE = partial(hashlib.blake2b, digest_size=32)


def fingerprint(path: Place) -> str:
    """`blake2b:<hex>` of the whole content; for Parquet beyond 64 MiB `blake2b-sampled:<hex>`.

    For an object of a store `stored:<hex>` of its size and the tag that the store gives to its content.

    A sampled fingerprint covers the size, the first and last MiB and the footer, which holds the place, size
    and statistics of every column chunk: it sees rows appended, removed and written anew. It does not see
    bytes changed in place that leave all of those as they were. Neither sees a file's name or time.

    Raises:
        SourceError: the file cannot be read.
    """
    if isinstance(path, Stored):
        return f"stored:{BLAKE(f'{path.size} {path.tag}'.encode()).hexdigest()}"
    with reading(path), path.open("rb") as stream:
        size = path.stat().st_size
        if size > WHOLE and (footer := _footer(stream, size)):
            return f"blake2b-sampled:{_sampled(stream, size, footer)}"
        stream.seek(0)
        return f"blake2b:{hashlib.file_digest(stream, BLAKE).hexdigest()}"


def _footer(stream: BinaryIO, size: int) -> int:
    """The size of a Parquet file's footer with its tail, or 0 where there is none."""
    stream.seek(size - 8)
    length, magic = struct.unpack("<I4s", stream.read(8))
    return length + 8 if magic == MAGIC and length + 8 < size else 0


def _sampled(stream: BinaryIO, size: int, footer: int) -> str:
    digest = BLAKE(str(size).encode())
    stream.seek(0)
    digest.update(stream.read(END))
    stream.seek(size - max(END, footer))
    digest.update(stream.read())
    return digest.hexdigest()
