"""The command line. Nothing heavy is imported before a command runs.

Data goes to stdout, everything else to stderr; the exit code says what happened (see `normflow.errors`).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, Any, NoReturn

import click

from normflow.cli.commands import normflow
from normflow.errors import ContractError, NormflowError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

INTERRUPTED, TERMINATED, USAGE, EXECUTION = 130, 143, 2, 3


class Terminated(BaseException):
    """The process was asked to end; staged files are removed on the way out."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(outcome(words))


def outcome(words: list[str]) -> int:  # noqa: PLR0911 (one answer for each way to end)
    """Run one command and say with which code it ends."""
    try:
        result = normflow.main(args=words, prog_name="normflow", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return USAGE
    except (KeyboardInterrupt, click.Abort):
        return _told(words, INTERRUPTED, "interrupted: nothing was published")
    except Terminated:
        return _told(words, TERMINATED, "terminated: nothing was published")
    except NormflowError as error:
        return _told(words, error.exit_code, error.message, error)
    except MemoryError:
        return _told(words, EXECUTION, "out of memory: nothing was published")
    except BrokenPipeError:
        # The reader went away (`normflow runs | head`): what it wanted, it has.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 (whatever it is, the exit code must not say "judged")
        return _unexpected(words, error)
    return result if isinstance(result, int) else 0


def _unexpected(words: list[str], error: Exception) -> int:
    if {"-v", "--verbose"} & set(words):
        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    return _told(
        words, EXECUTION, f"unexpected error: {what}; nothing was published, run with -v and report it"
    )


def _told(words: list[str], exit_code: int, message: str, error: NormflowError | None = None) -> int:
    if "--json" in words:
        _print_failure(exit_code, message, error)
    prefix = f"error {error.id}: " if error else ""
    plain = "--no-color" in words or os.environ.get("NO_COLOR")
    click.echo(click.style(prefix, fg="red") + message, err=True, color=False if plain else None)
    return exit_code


def _print_failure(exit_code: int, message: str, error: NormflowError | None) -> None:
    record = error.record if isinstance(error, ContractError) else None
    document: dict[str, Any] = record.to_json() if record else {**EMPTY_RECORD, "exit_code": exit_code}
    document["error"] = {"id": error.id if error else None, "message": message}
    click.echo(json.dumps(document, ensure_ascii=False))


EMPTY_RECORD: dict[str, Any] = {
    "version": 1,
    "run_id": None,
    "fit_id": None,
    "status": "failed",
    "rows": None,
    "quarantined": None,
    "outputs": [],
    "columns": [],
    "checks": [],
}


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated
