"""A run once more: the recorded configuration, fit and inputs, and whether the same bytes come out."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normflow import sinks
from normflow.errors import ConfigError, RegistryError
from normflow.pipeline.compare import DIFFERENT
from normflow.pipeline.identity import config_of, inputs_of, moved, versions
from normflow.pipeline.learn import Learned
from normflow.pipeline.prepare import prepare
from normflow.pipeline.recorded import inputs_recorded, repeatable, versions_recorded
from normflow.pipeline.spool import brought
from normflow.pipeline.watch import Watch
from normflow.pipeline.write import destinations, verified, write
from normflow.sources import fingerprints_of
from normflow.spec import Pipeline, format_of, quarantine_beside
from normflow.spec.tables import STREAM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normflow.fits import Fit
    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.watch import Progress
    from normflow.record import OutputRecord
    from normflow.registry import OutputRow, Registry, RunRow
    from normflow.spec import FileFormat

WAIT = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """One output of a run, then and now; `path` is where it is now, None where nothing was kept."""

    role: str
    recorded: str | None
    found: str | None
    path: str | None = None

    @property
    def same(self) -> bool:
        """Whether the bytes are the same."""
        return self.recorded == self.found


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """A run made again: its outputs then and now, and what was not as it had been."""

    run_id: str
    outputs: tuple[Again, ...]
    changed: tuple[str, ...] = ()

    @property
    def identical(self) -> bool:
        """Whether every output has the same bytes."""
        return all(one.same for one in self.outputs)

    @property
    def exit_code(self) -> int:
        """0 for identical outputs, 5 for different ones."""
        return 0 if self.identical else DIFFERENT

    def to_json(self) -> dict[str, Any]:
        """The rerun as one versioned document of plain JSON values."""
        return {
            "version": 1,
            "run_id": self.run_id,
            "identical": self.identical,
            "exit_code": self.exit_code,
            "outputs": [{**asdict(one), "same": one.same} for one in self.outputs],
            "changed": list(self.changed),
        }


def rerun(
    registry: Registry, reference: str, out: Path | None = None, *, progress: Progress | None = None
) -> Rerun:
    """Make a recorded run again from its configuration, fit and inputs, and compare the outputs' hashes.

    Of the table of a lake the version is read that the run read.
    What is not written to `out` is written to a temporary folder and removed. With `out` the good rows go to
    that file and quarantined ones beside it, published as a run does it. Nothing is recorded.

    Raises:
        RegistryError: there is no such run, it did not succeed, or it was recorded without its configuration.
        SourceError: one of its inputs is gone.
        ConfigError: `out` is the registry, or named like a file of another format.
    """
    run = registry.run(reference)
    pipeline, fit = repeatable(registry, run)
    if out:
        registry.require_other(out)
        _require_format(out, pipeline.sink.format)
    recorded = registry.outputs(run.run_id)
    inputs = inputs_recorded(run)
    files = _files_read(pipeline, inputs, run.run_id)
    with _folder(out) as target, brought(_as_read(pipeline, inputs), progress) as read:
        prepared = prepare(_redirected(pipeline, target), read=read, only=files)
        lock = sinks.lock(*_targets(prepared), wait=WAIT) if out else nullcontext()
        with lock:
            made = _made(prepared, fit, run.run_id, progress, keep=out is not None)
        changed = _changed(run, pipeline, prepared)
    return Rerun(run_id=run.run_id, outputs=_outputs(recorded, made, out), changed=changed)


def _files_read(pipeline: Pipeline, inputs: list[dict[str, Any]], run_id: str) -> set[str] | None:
    """The files that a run read; None where it read a table, which is read again."""
    table = pipeline.source.table
    if not inputs:
        raise RegistryError(f"run {run_id} read nothing that is on record", hint="run the pipeline once more")
    if table is None:
        return {one["path"] for one in inputs}
    if table.kind == STREAM:
        raise RegistryError(f"run {run_id} read standard input, which is there once", hint="pipe it in again")
    return None


def _as_read(pipeline: Pipeline, inputs: list[dict[str, Any]]) -> Pipeline:
    """The pipeline with its source at the version that a run read."""
    source, version = pipeline.source, inputs[0].get("version")
    if source.table is None or version is None:
        return pipeline
    return replace(pipeline, source=replace(source, table=replace(source.table, version=version)))


def _require_format(out: Path, kind: FileFormat) -> None:
    told = format_of(out.name)
    if told not in (None, kind):
        what = f"is named like {told}, and the run wrote {kind}, whose bytes come again"
        raise ConfigError(what, where=str(out), hint="name it as what it is")


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """Where the good rows go."""
    if out:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="normflow-") as folder:
        yield Path(folder) / "output"


def _redirected(pipeline: Pipeline, target: Path) -> Pipeline:
    return replace(
        pipeline,
        schemas=(),  # nothing is judged, so nothing is imported
        sink=replace(pipeline.sink, path=target, table=None),
        quarantine=replace(pipeline.quarantine, path=quarantine_beside(target), table=None),
    )


def _targets(prepared: Prepared) -> list[Path]:
    return [spec.path for spec in destinations(prepared)]


def _made(
    prepared: Prepared, fit: Fit, run_id: str, progress: Progress | None, *, keep: bool
) -> tuple[OutputRecord, ...]:
    """The outputs, hashed, and published where they are to be kept."""
    watch = Watch(prepared.source, progress)
    try:
        # under the id of the run, which stands in what it wrote
        with watch.stage("write", watch.total):
            written = write(prepared, Learned(fit=fit, origin="given"), run_id, watch)
        with watch.stage("verify", written.counts.rows):
            outputs = verified(written)
        if keep:
            sinks.publish(written.files)
    finally:
        sinks.discard(*(sinks.staged_path(path, run_id) for path in _targets(prepared)))
    return outputs


def _outputs(
    recorded: list[OutputRow], made: tuple[OutputRecord, ...], out: Path | None
) -> tuple[Again, ...]:
    before = {one.role: one.sha256 for one in recorded}
    now = dict(zip(("output", "quarantine"), made, strict=False))
    return tuple(
        Again(
            role=role,
            recorded=before.get(role),
            found=now[role].sha256 if role in now else None,
            path=now[role].path if out and role in now else None,
        )
        for role in dict.fromkeys([*before, *now])
    )


def _changed(run: RunRow, pipeline: Pipeline, prepared: Prepared) -> tuple[str, ...]:
    """What is not as it was when the run was made, as sentences."""
    now = inputs_of(prepared, fingerprints_of(prepared.source))
    told = moved(inputs_recorded(run), now).told()
    found = [f"inputs: {told}"] if told else []
    if config_of(pipeline).hash != run.config_hash:
        found.append("configuration: this normflow reads it in another way")
    then, today = versions_recorded(run), versions()
    found += [
        f"{name}: {then.get(name)} then, {today[name]} now" for name in today if then.get(name) != today[name]
    ]
    return tuple(found)
