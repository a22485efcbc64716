"""Work on the machines of a Spark cluster: tasks go out, and their results come back in order.

A task is one row of a Spark DataFrame, and its work runs in `mapInArrow`: workers need normflow and pyarrow.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager, suppress
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from normflow import errors
from normflow.errors import NormflowError, PluginError

try:
    import pyarrow as pa
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession
except ImportError as error:
    raise PluginError(
        f"engine: spark needs pyspark: {error}", hint="pip install 'normflow-etl[spark]'"
    ) from None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from normflow.spec import EngineSpec

    Work = Callable[[Any], Iterable[tuple[bytes, bytes]]]

Task = TypeVar("Task")
RESULTS = "task long, one binary, two binary, error binary"
MOST_TASKS = 32  # of one Spark job, whose results are held here together
HINT = "nothing of the job is used; see what Spark's log says, and run again"


class _Ours:
    """The application of Spark that this module has started, and how many use it."""

    lock = Lock()
    application = ""
    users = 0


@contextmanager
def session(engine: EngineSpec) -> Iterator[SparkSession]:
    """A session of Spark: the one there is, which stays, or one of our own until its last user leaves.

    Raises:
        PluginError: there is none, and none can be started.
    """
    with _Ours.lock, telling(engine):
        found = _found(engine)
        ours = found.sparkContext.applicationId == _Ours.application
        _Ours.users += ours
    try:
        yield found
    finally:
        with _Ours.lock:
            _Ours.users -= ours
            if ours and not _Ours.users:
                _Ours.application = ""
                found.stop()


def results(
    session: SparkSession, engine: EngineSpec, work: Work, tasks: Sequence[Task]
) -> Iterator[tuple[Task, list[tuple[bytes, bytes]]]]:
    """Each task with what its work gave, in the order of the tasks, some of which are done at a time.

    Raises:
        PluginError: Spark could not do them.
        NormflowError: what the work of a task raised; RuntimeError for any other error, with its class.
    """
    wave = min(MOST_TASKS, 2 * session.sparkContext.defaultParallelism)
    for start in range(0, len(tasks), wave):
        some = tasks[start : start + wave]
        with telling(engine):
            numbers = session.range(0, len(some), 1, len(some))
            rows = numbers.mapInArrow(partial(_done, work=work, tasks=some), RESULTS).collect()
        found: list[list[tuple[bytes, bytes]]] = [[] for _ in some]
        for row in rows:
            if row["error"] is not None:
                raise _at_home(row["error"])
            found[row["task"]].append((bytes(row["one"]), bytes(row["two"])))
        yield from zip(some, found, strict=True)


@contextmanager
def telling(engine: EngineSpec) -> Iterator[None]:
    """Tell what goes wrong in Spark as one `PluginError`."""
    from py4j.protocol import Py4JError

    try:
        yield
    except (PySparkException, Py4JError, OSError, RuntimeError) as error:
        java = getattr(error, "java_exception", None)  # whose message Py4J does not give
        text = str(error) if java is None else str(java.toString())
        told = text.strip().partition("\n")[0][:300] or type(error).__name__
        where = f"engine: spark{f', {engine.master}' if engine.master else ''}"
        raise PluginError(f"Spark failed: {told}", where=where, hint=HINT) from error


def _found(engine: EngineSpec) -> SparkSession:
    """The session there is, else one that is started."""
    with suppress(PySparkException):
        return SparkSession.active()
    builder = SparkSession.builder.appName("normflow").config("spark.ui.showConsoleProgress", "false")
    if engine.master:
        builder = builder.master(engine.master)
    if engine.master.startswith("local"):  # else what `python3` is there, which may not have normflow
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    for name, value in engine.options.items():
        builder = builder.config(name, value)
    started = builder.getOrCreate()
    started.sparkContext.setLogLevel("ERROR")
    _Ours.application = started.sparkContext.applicationId
    return started


def _done(batches: Iterator[pa.RecordBatch], *, work: Work, tasks: Sequence[Any]) -> Iterator[pa.RecordBatch]:
    """On a worker: what the tasks of these numbers give; an error is a result, and is raised at home."""
    for batch in batches:
        for number in batch.column(0).to_pylist():
            try:
                for one, two in work(tasks[number]):
                    yield _row(number, one, two, None)
            except Exception as error:  # noqa: BLE001  (it is raised again, where the run is)
                yield _row(number, None, None, _portable(error))


def _row(number: int, *values: bytes | None) -> pa.RecordBatch:
    columns = [pa.array([number], pa.int64()), *(pa.array([one], pa.binary()) for one in values)]
    return pa.record_batch(columns, ["task", "one", "two", "error"])


def _portable(error: Exception) -> bytes:
    """An error as text that is read at home: its class and parts where it is one of normflow's."""
    kind = type(error).__name__
    if isinstance(error, NormflowError):
        parts = {"kind": kind, "what": error.what, "where": error.where, "hint": error.hint}
    else:
        parts = {"kind": "", "what": f"{kind}: {error}", "where": "", "hint": ""}
    return json.dumps(parts).encode()


def _at_home(text: bytes) -> Exception:
    """The error that a worker met."""
    parts = json.loads(text)
    kind = getattr(errors, parts["kind"], None)
    if isinstance(kind, type) and issubclass(kind, NormflowError):
        return kind(parts["what"], where=parts["where"], hint=parts["hint"])
    return RuntimeError(parts["what"])
