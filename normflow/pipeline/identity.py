"""By what a run is known again: its configuration, its inputs, and the versions that it ran with."""

from __future__ import annotations

import json
import platform
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from normflow import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from normflow.pipeline.prepare import Prepared
    from normflow.spec import Pipeline
    from normflow.stores import Place


class Config(NamedTuple):
    """A resolved pipeline as text, with the absolute path of its file, and its hash, without that path."""

    text: str
    hash: str


def config_of(pipeline: Pipeline) -> Config:
    """The configuration of a run: equal hashes do the same to the same inputs, wherever the folder lies."""
    document = json.loads(pipeline.to_json())
    file = Path(document.pop("file")).absolute()
    return Config(text=_text({**document, "file": str(file)}), hash=hashed(_text(document)))


def inputs_of(prepared: Prepared, prints: Mapping[Place, str] | None = None) -> list[dict[str, Any]]:
    """The files a run reads, in their order: path, size, time of the last change, fingerprint if known.

    A table is one input, by its name and, where it has versions, by that which was read.
    """
    known, table = prints or {}, prepared.source.table
    if table:
        print_ = next((known[path] for path in prepared.source.paths if path in known), None)
        version = {} if table.version is None else {"version": table.version}
        return [{"path": table.named, **version, "fingerprint": print_}]
    return [
        {"path": str(path.resolve()), "bytes": size, "mtime_ns": changed, "fingerprint": known.get(path)}
        for path, (size, changed, _) in zip(prepared.source.paths, prepared.stamps, strict=True)
    ]


def fingerprint_of(inputs: Iterable[Mapping[str, Any]]) -> str:
    """The identity of all rows in their order: SHA-256 over the fingerprints of the files."""
    return hashed("\n".join(str(one["fingerprint"]) for one in inputs))


class Moved(NamedTuple):
    """What became of a source's files: paths that are new, whose content changed, and that are gone."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.gone)

    def told(self) -> str:
        """In words: `2 files added, 1 changed (a.parquet)`; nothing where nothing moved."""
        parts = [
            f"{len(paths)} {word} ({_names(paths)})"
            for word, paths in zip(("added", "changed", "gone"), self, strict=True)
            if paths
        ]
        return ", ".join(parts)


def moved(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> Moved:
    """How the inputs of one run differ from those of another; what is not known is no difference."""
    then = {one["path"]: one.get("fingerprint") for one in before}
    found = {one["path"]: one.get("fingerprint") for one in now}
    changed = (
        path for path, print_ in found.items() if path in then and print_ and then[path] not in (None, print_)
    )
    return Moved(
        added=tuple(path for path in found if path not in then),
        changed=tuple(changed),
        gone=tuple(path for path in then if path not in found),
    )


def versions() -> dict[str, str]:
    """What a run is made with."""
    return {"normflow": __version__, "polars": pl.__version__, "python": platform.python_version()}


def hashed(text: str) -> str:
    """SHA-256 of a text."""
    return sha256(text.encode()).hexdigest()


def _names(paths: Sequence[str], most: int = 3) -> str:
    shown = [Path(path).name for path in paths[:most]]
    return ", ".join([*shown, "…"] if len(paths) > most else shown)


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
