"""Every error normflow raises: where it happened, what happened, and what to do next.

Each class carries an `id` and the exit code the command line ends with:
1 judged on rows, 2 found before a row is read, 3 execution, 4 busy, 5 a difference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from normflow.spelling import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from normflow.record import RunRecord
    from normflow.spec import Pipeline


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


PLACE = re.compile(r"(.*?)(?::(\d+)(?::(\d+))?)?", re.DOTALL)
MEANT = re.compile(r"did you mean '(.*)'\?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a configuration, told as `place: key: what; hint`.

    Args:
        place: `file:line:column`, or as much of it as is known.
        what: a sentence, with what to do next.
        key: the dotted path of the key, such as `contract.temp.range[0]`; empty where it is of no key.
    """

    place: str
    what: str
    key: str = ""

    def __str__(self) -> str:
        parts = (self.place, _brief(self.key, 300), _brief(self.what, 3_000))
        return _one_line(": ".join(part for part in parts if part))

    @property
    def position(self) -> tuple[str, int, int]:
        """File, line and column, both from 1; 0 where they are not known."""
        file, line, column = PLACE.fullmatch(self.place).groups()  # type: ignore[union-attr]  # any text does
        return file, int(line or 0), int(column or 0)

    def to_json(self) -> dict[str, Any]:
        """The same as plain values, with the name that was probably meant, or None."""
        file, line, column = self.position
        meant = MEANT.search(self.what)
        return {
            "file": file or None,
            "line": line or None,
            "column": column or None,
            "key": self.key or None,
            "message": self.what,
            "suggestion": meant[1] if meant else None,
        }


def first_line(error: BaseException) -> str:
    """What a library says of a failure, in the first line that says something; else what it calls it."""
    told = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return told.strip()[:300]


def _one_line(text: str) -> str:
    """Text with an escape for each character that ends a line, shows nothing or steers a terminal."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _brief(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


class ConfigError(NormflowError):
    """The pipeline file, or what it names, is wrong; found before a row was read.

    `rest` is the pipeline without what is wrong, where there is one: its source may show more.
    """

    id = "NF200"
    exit_code = 2
    rest: Pipeline | None = None

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

    def listed(self) -> tuple[Problem, ...]:
        """All problems; an error that was told in one piece is one, at its place."""
        if self.problems:
            return self.problems
        place, _, key = self.where.partition(": ")
        return (Problem(place, f"{self.what}; {self.hint}" if self.hint else self.what, key),)


def in_order(problems: Iterable[Problem], file: object) -> list[Problem]:
    """Problems as they stand in the pipeline file, then in the files it includes; those of no place last."""
    main = str(file)
    return sorted(problems, key=lambda one: (not one.place, one.position[0] != main, one.position))


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


class RegistryWarning(UserWarning):
    """A registry can be read, but not written."""


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


SHORT_LIST = 30  # a longer list would bury the message


def suggestion(name: object, known: Iterable[str]) -> str:
    """`did you mean 'x'?` where a known name is close, else the known names, else nothing."""
    names = [str(one) for one in known]
    if meant := nearest(str(name), names):
        return f"did you mean '{meant}'?"
    return f"known are {', '.join(names)}" if 0 < len(names) <= SHORT_LIST else ""
