"""The command line. Nothing heavy is imported before a command runs.

Data goes to stdout, everything else to stderr; the exit code says what happened (see `normflow.errors`).
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from contextlib import suppress
from dataclasses import fields
from typing import TYPE_CHECKING, Any, NoReturn

import click

from normflow.cli.answers import (
    error_document,
    forgiving,
    print_json,
    print_text,
    short_warnings,
    show_usage,
)
from normflow.cli.catalogue import normflow
from normflow.cli.reference import COMPLETING
from normflow.errors import ConfigError, ContractError, NormflowError
from normflow.record import RunRecord

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

# Of the allocator that Polars brings, read when Polars is imported: free memory goes back to the system soon,
# and few arenas keep some by. A pass holds a quarter less, in the same time.
ALLOCATOR = "_RJEM_MALLOC_CONF"
GIVE_BACK = f"dirty_decay_ms:100,muzzy_decay_ms:0,narenas:{os.cpu_count() or 1}"
INTERRUPTED, TERMINATED, USAGE, EXECUTION = 130, 143, 2, 3


class Terminated(BaseException):
    """The process was asked to end; staged files are removed on the way out."""

    exit_code = TERMINATED


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit code."""
    os.environ.setdefault(ALLOCATOR, GIVE_BACK)
    gc.set_threshold(50_000)  # what the imports make stays to the end, and looking at it again takes time
    signal.signal(signal.SIGTERM, _terminate)
    forgiving()
    short_warnings()
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(outcome(words))


def outcome(words: list[str]) -> int:  # noqa: PLR0911 (one answer for each way to end)
    """Run one command and say with which code it ends."""
    try:
        result = normflow.main(args=words, prog_name="normflow", standalone_mode=False)
    except click.ClickException as error:
        show_usage(error)
        return _told(words, USAGE, error.format_message(), quiet=True)
    except (KeyboardInterrupt, click.Abort) as error:
        return _told(words, INTERRUPTED, f"interrupted: {_fate(error)}")
    except Terminated as error:
        return _told(words, TERMINATED, f"terminated: {_fate(error)}")
    except NormflowError as error:
        notes = "".join(f"; {note}" for note in getattr(error, "__notes__", ()))
        return _told(words, error.exit_code, error.message + notes, error)
    except SystemExit as end:
        return _left(words, end)
    except MemoryError as error:
        return _told(words, EXECUTION, f"out of memory: {_fate(error)}")
    except Exception as error:  # noqa: BLE001 (whatever it is, the exit code must not say "judged")
        return _unexpected(words, error)
    return result if isinstance(result, int) else 0


def _left(words: list[str], end: SystemExit) -> int:
    """The code for a command that was left: by click, or by code of others that may not end a run."""
    if hasattr(sys.stdout, "wrapped"):  # by click, since whoever read the help went away
        return 0
    if COMPLETING in os.environ:
        raise end
    return _unexpected(words, RuntimeError(f"something called sys.exit({end.code!r})"))


def _fate(error: BaseException) -> str:
    """What became of the outputs: a run that had begun to publish says so itself."""
    return "; ".join(getattr(error, "__notes__", ())) or "nothing was published"


def _unexpected(words: list[str], error: Exception) -> int:
    if {"-v", "--verbose"} & set(words):
        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    told = NormflowError(f"unexpected error: {what}; {_fate(error)}", hint="run with -v and report it")
    return _told(words, EXECUTION, told.message, told)


def _told(
    words: list[str], exit_code: int, message: str, error: NormflowError | None = None, *, quiet: bool = False
) -> int:
    if "--json" in words:
        _print_failure(words, exit_code, message, error)
    if not quiet:
        prefix = f"error {error.id}: " if error else ""
        plain = "--no-color" in words or os.environ.get("NO_COLOR")
        color = False if plain else None
        print_text(click.style(prefix, fg="red") + _shown(message, error), color=color)
        if error and sys.stderr.isatty():
            print_text(click.style(f"normflow help {error.id} tells what to do", dim=True), color=color)
    return exit_code


def _shown(message: str, error: NormflowError | None) -> str:
    """What is told to people: of a wrong pipeline file the lines, too."""
    if not isinstance(error, ConfigError):
        return message
    from normflow.cli.excerpts import told

    return told(error) + message.removeprefix(error.message)


def _print_failure(words: list[str], exit_code: int, message: str, error: NormflowError | None) -> None:
    record = error.record if isinstance(error, ContractError) else None
    document: dict[str, Any] = {"version": 1, "status": "failed"}
    if "run" in words:
        document = record.to_json() if record else {**EMPTY_RECORD, **document}
    document["exit_code"] = exit_code
    document["error"] = error_document(error, message, exit_code)
    print_json(document)


EMPTY_RECORD: dict[str, Any] = {
    field.name: [] if str(field.type).startswith("tuple") else None for field in fields(RunRecord)
}


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    with suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)  # which Polars listens to: what it is at ends at once
    raise Terminated
