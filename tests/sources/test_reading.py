"""What Polars raises becomes one sentence; what is not about reading passes through."""

from __future__ import annotations

import errno

import polars as pl
import pytest

from normflow.errors import FitError, SourceError
from normflow.sources import reading


def fail(error: BaseException) -> None:
    with reading("data.parquet"):
        raise error


def told(error: BaseException) -> str:
    with pytest.raises(SourceError) as caught:
        fail(error)
    assert caught.value.__cause__ is error
    assert caught.value.exit_code == 3
    return str(caught.value)


def test_a_panic_is_an_error_like_any_other() -> None:
    """Polars' panics are no `Exception`s."""
    panic = pl.exceptions.PanicException("index out of bounds\nnote: run with RUST_BACKTRACE=1")
    assert Exception not in type(panic).__mro__
    assert told(panic) == "data.parquet: it cannot be read: index out of bounds"


def test_an_unknown_message_is_cut_to_one_line() -> None:
    """A hundred characters of the first line."""
    assert told(pl.exceptions.ComputeError("x" * 300 + "\nhint: y")) == (
        f"data.parquet: it cannot be read: {'x' * 100}…"
    )
    assert told(pl.exceptions.ComputeError("")) == "data.parquet: it cannot be read: ComputeError"


def test_the_system_says_why() -> None:
    """Input and output errors come with their reason."""
    assert (
        told(OSError(errno.EIO, "Input/output error"))
        == "data.parquet: it cannot be read: Input/output error"
    )


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        KeyboardInterrupt(),
        FitError("no"),
        ValueError("no"),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError("No space left on device (os error 28)"),
    ],
)
def test_what_is_not_about_reading_passes_through(error: BaseException) -> None:
    """Memory, interrupts, a full disk and our own errors keep their names."""
    with pytest.raises(type(error)) as caught:
        fail(error)
    assert caught.value is error
