"""From a path to a pipeline, or to everything that is wrong with the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from normflow.config.build import build, mismatches
from normflow.config.document import Finding, read
from normflow.config.layers import Layers
from normflow.config.methods import PLUGINS
from normflow.config.models import PipelineFile
from normflow.config.nodes import Mark, Table, dotted, keys, locate
from normflow.config.problems import findings
from normflow.config.references import References
from normflow.config.rest import without, without_lines
from normflow.config.text import problem, text_of
from normflow.errors import ConfigError, Problem
from normflow.methods import plugin_methods

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping

    from normflow.config.nodes import KeyPath, Node
    from normflow.spec import JsonScalar, Pipeline


TOLD = 100  # problems of one file that are told at once


@dataclass(frozen=True, slots=True)
class Resolved:
    """A pipeline file with its includes, its target and its references: the values, and what was read."""

    file: Path
    root: Node
    model: PipelineFile
    pipeline: Pipeline
    given: Mapping[str, JsonScalar]


def load(
    path: str | os.PathLike[str],
    *,
    target: str | None = None,
    vars: Mapping[str, JsonScalar] | None = None,  # noqa: A002 (the file's own word)
) -> Pipeline:
    """Read a pipeline file, strictly.

    Values follow YAML 1.2: `1e-6` is a number, `no` is text, `010` is 10. Keys are text, unknown keys are
    errors, and relative paths start at the file's folder. No data is read.

    What the file's `include` names lies below it, the overlay of a `target` above it, key by key. `${var:x}`
    is then the value of the file's `vars`, or of the `vars` given here; `${env:X}` is the environment's.

    Raises:
        ConfigError: all problems of the file at once, in its order, each with its place and key.
    """
    return resolve(path, target=target, vars=vars).pipeline


def resolve(
    path: str | os.PathLike[str],
    *,
    target: str | None = None,
    vars: Mapping[str, JsonScalar] | None = None,  # noqa: A002 (the file's own word)
) -> Resolved:
    """A pipeline file with every value in its place, as `load` reads it.

    Raises:
        ConfigError: as `load`.
    """
    file = Path(path)
    return _resolved(text_of(file), file, target, vars or {})


def parse(text: str, file: Path) -> Pipeline:
    """Read the text of a pipeline file as `load` reads the file; nothing at the path is read.

    Raises:
        ConfigError: all problems of the text at once, in its order, each with its place and key.
    """
    return _resolved(text, file, None, {}).pipeline


def _resolved(text: str, file: Path, target: str | None, given: Mapping[str, JsonScalar]) -> Resolved:
    document = read(text)
    if document.root is None and not document.findings:
        raise problem(file, "the file is empty; the smallest pipeline has two lines, source and sink")
    if document.root is None:
        raise _error(file, document.findings)
    layers = Layers(file)
    root = layers.chosen(layers.included(document.root), target)
    references = References.of(root, given)
    root = references.resolved(root)
    return _judged(file, root, [*document.findings, *layers.findings, *references.findings], given)


def _judged(file: Path, root: Node, found: list[Finding], given: Mapping[str, JsonScalar]) -> Resolved:
    judged = _model(root)
    if isinstance(judged, PipelineFile) and not found:
        pipeline = build(judged, file, _places(file, root))
        if wrong := _mismatches(pipeline, root):
            raise _error(file, wrong)
        return Resolved(file, root, judged, pipeline, given)
    unread = {one.mark for one in found}
    further = [one for one in judged if one.mark not in unread] if isinstance(judged, list) else []
    every = [*found, *further]
    rest = _rest(file, root, [one.path for one in every]) if len(every) <= TOLD else None
    raise _error(file, [*every, *(_mismatches(rest, root) if rest else [])], rest)


def _model(root: Node) -> PipelineFile | list[Finding]:
    """The file as its model, or all that keeps it from being one."""
    content = root.plain()
    try:
        return PipelineFile.model_validate(content, context={PLUGINS: _listed(content)})
    except ValidationError as error:
        return list(findings(error, root, PipelineFile))


def _rest(file: Path, root: Node, wrong: list[KeyPath]) -> Pipeline | None:
    """The pipeline without what is wrong, where that is one."""
    left = without(root, wrong)
    model = _model(left) if left else None
    if isinstance(model, list):
        left = without_lines(root, [*wrong, *(one.path for one in model)])
        model = _model(left) if left else None
    return build(model, file, _places(file, root)) if isinstance(model, PipelineFile) else None


def _mismatches(pipeline: Pipeline, root: Node) -> list[Finding]:
    return [
        Finding(locate(root, (key, "path")).value.mark, (key,), what) for key, what in mismatches(pipeline)
    ]


def _listed(content: object) -> tuple[str, ...]:
    """The methods among the plugins that a file lists, before anything else of it is judged."""
    listed = content.get(PLUGINS) if isinstance(content, dict) else None
    names = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    try:
        return plugin_methods(names)
    except ConfigError:  # told where the list is judged
        return tuple(names)


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
    return f"{mark.file or file}:{mark.line}:{mark.column}"


def _error(file: Path, found: Iterable[Finding], rest: Pipeline | None = None) -> ConfigError:
    """All findings, in the order of the file, and what is left to be judged."""
    ordered = sorted(found, key=lambda one: (one.mark.file, one.mark))
    told = [Problem(_place(file, one.mark), one.what, dotted(one.path)) for one in ordered[:TOLD]]
    if len(ordered) > TOLD:
        told.append(Problem(_place(file, ordered[TOLD].mark), "more is wrong from here on; mend the first"))
    error = ConfigError.of(told)
    error.rest = rest
    return error
