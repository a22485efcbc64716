"""Every error normflow raises: where it happened, what happened, and what to do next.

Each class carries an `id` and the exit code the command line ends with:
1 judged on rows, 2 found before a row is read, 3 execution, 4 busy, 5 a difference.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from normflow.record import RunRecord


class NormflowError(Exception):
    """An error with its place, a sentence, and the way out.

    Args:
        what: what is wrong, as a sentence without a final stop, with the number or name at fault.
        where: the place: `file:line:column`, a path, a column, a run.
        hint: what to do next.
    """

    id: ClassVar[str] = "NF000"
    exit_code: ClassVar[int] = 3

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """`where: what; hint`, without the parts that are empty."""
        place = f"{self.where}: " if self.where else ""
        way_out = f"; {self.hint}" if self.hint else ""
        return f"{place}{self.what}{way_out}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a configuration, with its place: `file:line:column: key: what; hint`."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


class ConfigError(NormflowError):
    """The pipeline file, or what it names, is wrong; found before a row was read."""

    id = "NF200"
    exit_code = 2

    def __init__(
        self, what: str, *, where: str = "", hint: str = "", problems: Iterable[Problem] = ()
    ) -> None:
        self.problems = tuple(problems)
        super().__init__(what, where=where, hint=hint)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> ConfigError:
        """All problems of a file at once, in file order."""
        listed = tuple(problems)
        return cls("\n".join(str(problem) for problem in listed), problems=listed)


class SchemaError(ConfigError):
    """A column the pipeline needs is missing or has a type that cannot do what is asked of it."""

    id = "NF210"


class SourceError(NormflowError):
    """The source is missing or cannot be read."""

    id = "NF300"


class SinkError(NormflowError):
    """The output could not be written; the earlier output is untouched."""

    id = "NF310"


class RegistryError(NormflowError):
    """The registry could not be read or written."""

    id = "NF320"


class FormatError(NormflowError):
    """A stored state, fit or registry has a format this version does not read."""

    id = "NF330"


class PluginError(NormflowError):
    """The code of another package failed, or gave what it may not give."""

    id = "NF340"


class EmptySourceError(NormflowError):
    """The source has no rows, or no row may teach the parameters."""

    id = "NF100"
    exit_code = 1


class CheckError(NormflowError):
    """A check that is somebody's function cannot judge the rows."""

    id = "NF350"
    exit_code = 3


class ContractError(NormflowError):
    """Rows broke the contract or the output broke a check; nothing was published.

    `record` tells the whole run, every verdict included.
    """

    id = "NF110"
    exit_code = 1
    record: RunRecord | None = None


class DriftError(ContractError):
    """Rows are too unlike those that taught the fit; nothing was published."""

    id = "NF510"
    exit_code = 5


class FitError(NormflowError):
    """A named method refuses its column."""

    id = "NF120"
    exit_code = 1


class SinkBusyError(NormflowError):
    """Another run holds this sink."""

    id = "NF400"
    exit_code = 4


class RegistryBusyError(RegistryError):
    """Another process holds the registry past the time limit."""

    id = "NF410"
    exit_code = 4


class NoFitError(NormflowError):
    """Mode `frozen` never fits, and there is no fit to apply."""

    id = "NF500"
    exit_code = 5


def suggestion(name: object, known: Iterable[str]) -> str:
    """`did you mean 'x'?` where a known name is close, else the known names, else nothing."""
    names = [str(one) for one in known]
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    if 0 < len(names) <= 30:  # noqa: PLR2004 (a longer list would bury the message)
        return f"known are {', '.join(names)}"
    return ""
