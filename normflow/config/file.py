"""From a path to a pipeline, or to everything that is wrong with the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from normflow.config.build import build, mismatches
from normflow.config.document import Document, Finding, read
from normflow.config.methods import PLUGINS
from normflow.config.models import PipelineFile
from normflow.config.nodes import Mark, Table, dotted, keys, locate
from normflow.config.problems import findings
from normflow.errors import ConfigError, Problem, suggestion

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from normflow.config.nodes import Node
    from normflow.spec import Pipeline

MAX_BYTES = 1_000_000


def load(path: str | os.PathLike[str]) -> Pipeline:
    """Read a pipeline file, strictly.

    Values follow YAML 1.2: `1e-6` is a number, `no` is text, `010` is 10. Keys are text, unknown keys are
    errors, and relative paths start at the file's folder. No data is read.

    Raises:
        ConfigError: all problems of the file at once, in its order, each with its place and key.
    """
    file = Path(path)
    document = read(_text(file))
    if document.root is None and not document.findings:
        raise _problem(file, "the file is empty; the smallest pipeline has two lines, source and sink")
    if document.root is None:
        raise _error(file, document.findings)
    return _pipeline(file, document, document.root)


def _pipeline(file: Path, document: Document, root: Node) -> Pipeline:
    content = root.plain()
    try:
        model = PipelineFile.model_validate(content, context={PLUGINS: _listed(content)})
    except ValidationError as error:
        unread = {one.mark for one in document.findings}
        further = [one for one in findings(error, root, PipelineFile) if one.mark not in unread]
        raise _error(file, [*document.findings, *further]) from None
    if document.findings:
        raise _error(file, document.findings)
    pipeline = build(model, file, _places(file, root))
    if wrong := [
        Finding(locate(root, (key, "path")).value.mark, (key,), what) for key, what in mismatches(pipeline)
    ]:
        raise _error(file, wrong)
    return pipeline


def _listed(content: object) -> tuple[str, ...]:
    """The plugins that a file lists, before anything else of it is judged."""
    listed = content.get(PLUGINS) if isinstance(content, dict) else None
    return tuple(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else ()


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        hint = suggestion(file.name, _neighbours(file)) or "check the path"
        raise _problem(file, f"no such file; {hint}") from None
    except IsADirectoryError:
        raise _problem(file, "is a folder; name the pipeline file in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise _problem(file, f"cannot be read: {reason}") from error
    if len(content) > MAX_BYTES:
        raise _problem(file, "the file is larger than 1 MB; a pipeline file is a few kB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{content[error.start]:02x} is no UTF-8; save the file as UTF-8"
        raise _problem(f"{file}:{line}", what) from None


def _neighbours(file: Path) -> list[str]:
    return sorted(found.name for found in file.parent.glob("*.y*ml"))


def _places(file: Path, root: Node) -> dict[str, str]:
    """Where each key was written, and the value of a short form under the key it stands for."""
    written = [*((dotted(path), mark) for path, mark in keys(root)), *_short_forms(root)]
    return {key: _place(file, mark) for key, mark in written}


def _short_forms(root: Node) -> Iterator[tuple[str, Mark]]:
    for section in root.entries if isinstance(root, Table) else ():
        if section.key in ("source", "sink", "quarantine") and not isinstance(section.value, Table):
            yield f"{section.key}.path", section.value.mark
        if section.key == "normalize" and isinstance(section.value, Table):
            for line in section.value.entries:
                if not isinstance(line.value, Table):
                    yield f"normalize.{line.key}.method", line.value.mark


def _place(file: Path, mark: Mark) -> str:
    return f"{file}:{mark.line}:{mark.column}"


def _error(file: Path, found: Iterable[Finding]) -> ConfigError:
    """All findings, in the order of the file."""
    return ConfigError.of(
        Problem(_place(file, one.mark), f"{dotted(one.path)}: {one.what}" if one.path else one.what)
        for one in sorted(found, key=lambda one: one.mark)
    )


def _problem(place: object, what: str) -> ConfigError:
    return ConfigError.of([Problem(str(place), what)])
