"""A fit as an ONNX model, for runtimes that know nothing of normflow."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal, cast

from normflow.errors import FitError, PluginError
from normflow.naming import member
from normflow.spec import MISSING, OUTSIDE

try:
    from onnx import TensorProto

    from normflow.onnx.graph import Graph
except ImportError as error:  # pragma: no cover
    raise PluginError(f"normflow.onnx needs onnx: {error}", hint="pip install 'normflow-etl[onnx]'") from None

if TYPE_CHECKING:
    from normflow.fits import ColumnFit, Fit

__all__ = ["to_onnx"]

FLOATS = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE}


def to_onnx(fit: Fit, *, dtype: Literal["float32", "float64"] = "float64") -> bytes:
    """The fit as the bytes of an ONNX model: one input a fitted column, one output a written one.

    Inputs and outputs have shape (rows, 1), are named as the columns (`embedding[0]` for a place of an
    array; `x_out` where `x` is an input too), and are of `dtype`; between them all is computed in float64.
    NaN is null, there and back, so that a policy which keeps NaN and fills nulls fills both.
    `<column>_outside` and `<column>_missing` are boolean. Columns that pass through have no part in it.

    Raises:
        FitError: no column has a map; the fit has groups (export `fit.group(key)`) or a row-wise method; or a
            policy of `error`, which a model cannot raise.
    """
    if fit.groups is not None:
        raise FitError("an ONNX model has no groups", hint="export fit.group(key), a model for each")
    if fit.row_wise:
        raise FitError(f"an ONNX model has no row-wise method, and here is {fit.row_wise[0].formula}")
    written = [one for one in fit.columns if not (one.passes_through and one.column == one.output)]
    if not written:
        raise FitError("no column of the fit has a map, and a model needs one")
    graph = Graph(FLOATS[dtype], {_named(one.column, one.index) for one in written})
    for _, fits in groupby(written, key=lambda one: (one.column, one.output)):
        _write(graph, list(fits))
    return bytes(graph.model(fit.id).SerializeToString())


def _write(graph: Graph, members: list[ColumnFit]) -> None:
    outside, absent = list[Any](), list[Any]()
    for one in members:
        entered = _entered(one, graph.input(_named(one.column, one.index)), graph)
        treatment = one.treatment
        if treatment.outside == "flag":
            outside.append(_beyond(one, entered))
        if treatment.indicator:
            gone = graph.node("IsNaN", entered)
            absent.append(graph.node("Or", gone, _beyond(one, entered)) if treatment.empties else gone)
        y: Any = one.chain.forward(entered, cast("Any", graph))
        graph.output(y, one.label, single=treatment.dtype == "Float32")
    for suffix, marks in ((OUTSIDE, outside), (MISSING, absent)):
        if marks:
            told = marks[0]
            for mark in marks[1:]:
                told = graph.node("Or", told, mark)
            graph.mark(told, members[0].column + suffix)


def _named(column: str, index: int | None) -> str:
    return column if index is None else member(column, index)


def _entered(one: ColumnFit, x: Any, graph: Graph) -> Any:
    """The number after the policy for infinities; NaN is null already."""
    treatment = one.treatment
    if "error" in (treatment.nonfinite, treatment.outside):
        raise FitError(
            f"column '{one.column}' has a policy of error, which a model cannot raise",
            hint="judge the rows before, or choose another policy",
        )
    if treatment.nonfinite == "keep":
        return x
    ends = (math.nan, math.nan)
    if treatment.nonfinite == "clip" and treatment.low is not None and treatment.high is not None:
        ends = (treatment.low, treatment.high)
    low, high = (graph.number(end) for end in ends)
    above = graph.node("Where", graph.node("Equal", x, graph.number(math.inf)), high, x)
    return graph.node("Where", graph.node("Equal", x, graph.number(-math.inf)), low, above)


def _beyond(one: ColumnFit, entered: Any) -> Any:
    graph, treatment = entered.graph, one.treatment
    if treatment.low is None or treatment.high is None:
        return graph.node("Not", graph.node("IsNaN", entered))
    low, high = graph.number(treatment.low), graph.number(treatment.high)
    return graph.node("Or", graph.node("Less", entered, low), graph.node("Greater", entered, high))
