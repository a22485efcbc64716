"""The hooks and reporters of a run: the log, and what a pipeline lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from normflow import plugins
from normflow.errors import NormflowError, PluginError, first_line
from normflow.pipeline.log import Log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from normflow.plugins import Hook
    from normflow.record import RunRecord
    from normflow.spec import Pipeline

Reporter = Callable[["RunRecord"], object]


class Hooks:
    """All that hears of one run, in the order of the pipeline's `plugins`; the log is first."""

    def __init__(self) -> None:
        self._hooks: list[tuple[str, Hook]] = [("log", Log())]
        self._reporters: list[tuple[str, Reporter]] = []
        self._late: list[str] = []

    def load(self, names: Sequence[str]) -> None:
        """Make an object of each hook, and load the reporters.

        Raises:
            PluginError: one cannot be loaded, or made.
        """
        for name in plugins.listed("hooks", names):
            made = _told(name, "hook", "its start", plugins.loaded("hooks", name))
            self._hooks.append((name, made))
        found = plugins.listed("reporters", names)
        self._reporters = [(name, plugins.loaded("reporters", name)) for name in found]

    def started(self, pipeline: Pipeline, run_id: str) -> None:
        """See `Hook.started`.

        Raises:
            PluginError: one failed.
        """
        self._tell("started", pipeline, run_id)

    def stage(self, name: str, rows: int, seconds: float) -> None:
        """See `Hook.stage`; the first failure of each is told when the run ends."""
        known = set(self._late)
        self._late += [one for one in self._failures("stage", name, rows, seconds) if one not in known]

    def judged(self, record: RunRecord) -> None:
        """See `Hook.judged`.

        Raises:
            PluginError: one failed.
        """
        self._tell("judged", record)

    def succeeded(self, record: RunRecord) -> RunRecord:
        """Tell hooks and reporters; the record, with a warning for each that failed."""
        late = (*self._late, *self._failures("succeeded", record), *self._unreported(record))
        return replace(record, warnings=(*record.warnings, *late)) if late else record

    def failed(self, error: BaseException) -> None:
        """Tell hooks, and reporters where there is a record; each that fails is a note of the error."""
        record = getattr(error, "record", None)
        late = (*self._late, *self._failures("failed", error, record))
        for told in (*late, *(self._unreported(record) if record else ())):
            error.add_note(told)

    def _tell(self, turn: str, *told: object) -> None:
        for name, hook in self._hooks:
            if listens := getattr(hook, turn, None):
                _told(name, "hook", turn, listens, *told)

    def _failures(self, turn: str, *told: object) -> Iterator[str]:
        for name, hook in self._hooks:
            try:
                _told(name, "hook", turn, getattr(hook, turn, _deaf), *told)
            except NormflowError as error:
                yield error.message

    def _unreported(self, record: RunRecord) -> Iterator[str]:
        for name, reporter in self._reporters:
            try:
                _told(name, "reporter", record.status, reporter, record)
            except NormflowError as error:
                yield error.message


def _told(name: str, kind: str, turn: str, listener: Callable[..., Any], *told: object) -> Any:
    """What a stranger's code gives; what it raises is one error with its name.

    Raises:
        PluginError: it failed; an error of normflow's own is raised as it is.
    """
    try:
        return listener(*told)
    except NormflowError:
        raise
    except Exception as error:  # a stranger's code may raise anything
        what = f"{kind} '{name}' failed in {turn}: {type(error).__name__}: {first_line(error)}"
        raise PluginError(what, hint="mend it, or take it from plugins") from error


def _deaf(*_told: object) -> None:
    """Hear nothing."""
