"""The formulas as nodes of an ONNX graph."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Callable

    from normflow.transforms.arithmetic import Knots

OPSET = 18
IR = 9  # the oldest that knows the opset, for runtimes that are not of today
TINY, UNITS = 2.0**-52, 2.0**1023
FAR = 1e8
"""From here on asinh x is ln 2x to the last bit."""


class Value:
    """A tensor of the graph, with the arithmetic that formulas write."""

    def __init__(self, graph: Graph, name: str) -> None:
        self.graph, self.name = graph, name

    def __add__(self, other: Value | float) -> Value:
        if isinstance(other, Value) or abs(other) >= TINY:
            return self.graph.node("Add", self, other)
        return self._nudged(other)

    def __radd__(self, other: float) -> Value:
        return self + other

    def __sub__(self, other: Value | float) -> Value:
        return self.graph.node("Sub", self, other) if isinstance(other, Value) else self + -other

    def _nudged(self, by: float) -> Value:
        """The sum with a number so small that onnxruntime leaves it out: in other units, where x < 1."""
        graph = self.graph
        large = graph.node("Add", graph.node("Mul", self, UNITS), by * UNITS)
        return graph.below(graph.abs(self), 1.0, graph.node("Mul", large, 1.0 / UNITS), self)

    def __rsub__(self, other: float) -> Value:
        return self.graph.node("Sub", other, self)

    def __mul__(self, other: Value | float) -> Value:
        return self.graph.node("Mul", self, other)

    def __rmul__(self, other: float) -> Value:
        return self.graph.node("Mul", other, self)

    def __truediv__(self, other: Value | float) -> Value:
        return self.graph.node("Div", self, other)

    def __rtruediv__(self, other: float) -> Value:
        return self.graph.node("Div", other, self)

    def __neg__(self) -> Value:
        return self.graph.node("Neg", self)


class Graph:
    """The formulas as ONNX nodes, each in float64; NaN is null."""

    def __init__(self, kind: int, taken: set[str]) -> None:
        self._kind = kind
        self._taken = taken
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[bytes, Value] = {}
        self._initializers: list[onnx.TensorProto] = []
        self._inputs: dict[str, Value] = {}
        self._ends: tuple[list[onnx.ValueInfoProto], list[onnx.ValueInfoProto]] = ([], [])

    def model(self, fit_id: str) -> onnx.ModelProto:
        """The whole model, checked."""
        graph = helper.make_graph(
            self._nodes, "normflow", self._ends[0], self._ends[1], initializer=self._initializers
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="normflow"
        )
        helper.set_model_props(model, {"normflow.fit_id": fit_id})
        onnx.checker.check_model(model)
        return model

    def input(self, name: str) -> Value:
        """The float64 of an input."""
        if name not in self._inputs:
            self._ends[0].append(helper.make_tensor_value_info(name, self._kind, [None, 1]))
            self._inputs[name] = self.node("Cast", Value(self, name), to=TensorProto.DOUBLE)
        return self._inputs[name]

    def output(self, y: Value, name: str, *, single: bool) -> None:
        """Make a number an output; `single` rounds it to float32 first."""
        rounded = self.node("Cast", y, to=TensorProto.FLOAT) if single else y
        self._end(self.node("Cast", rounded, to=self._kind), name, self._kind)

    def mark(self, condition: Value, name: str) -> None:
        """Make a condition an output."""
        self._end(condition, name, TensorProto.BOOL)

    def _end(self, value: Value, name: str, kind: int) -> None:
        written = name
        while written in self._taken:
            written += "_out"
        self._taken.add(written)
        self._nodes.append(helper.make_node("Identity", [value.name], [written]))
        self._ends[1].append(helper.make_tensor_value_info(written, kind, [None, 1]))

    def node(self, kind: str, *arguments: Value | float, **options: Any) -> Value:
        """The result of an operation."""
        found = Value(self, f"/{len(self._nodes)}")
        names = [one.name if isinstance(one, Value) else self.number(one).name for one in arguments]
        self._nodes.append(helper.make_node(kind, names, [found.name], **options))
        return found

    def number(self, value: float) -> Value:
        """A constant, as a table of one: onnxruntime takes tiny scalars, printed with six digits, for one."""
        return self.array(np.full((1, 1), value, dtype=np.float64))

    def array(self, values: np.ndarray[Any, Any]) -> Value:
        """Constants."""
        key = values.dtype.str.encode() + repr(values.shape).encode() + values.tobytes()
        if key not in self._constants:
            self._constants[key] = Value(self, f"/c{len(self._constants)}")
            self._initializers.append(numpy_helper.from_array(values, self._constants[key].name))
        return self._constants[key]

    # the operations of `Arithmetic`

    def keep(self, x: Value) -> Value:
        """`x` itself: a tensor is computed once."""
        return x

    def divide(self, x: Value, by: float) -> Value:
        """`x` ÷ `by`."""
        return x / by

    def abs(self, x: Value) -> Value:
        """|x|."""
        return self.node("Abs", x)

    def sqrt(self, x: Value) -> Value:
        """√x."""
        return self.node("Sqrt", x)

    def cbrt(self, x: Value) -> Value:
        """±|x|^⅓ with one step of Newton's; 0 and ±∞ stay what they are."""
        size = self.abs(x)
        root = self.node("Pow", size, 1.0 / 3.0)
        root = root - (root - size / (root * root)) / 3.0
        whole = self._where(self.node("And", _above(size, 0.0), _below(size, math.inf)), root, size)
        return self.below(x, 0.0, -whole, whole)

    def asinh(self, x: Value) -> Value:
        """±log1p(|x| + x²/(1 + √(x² + 1))), and ±ln|2x| for huge x."""
        size = self.abs(x)
        square = size * size
        near = self.log1p(size + square / (1.0 + self.sqrt(1.0 + square)))
        whole = self.below(size, FAR, near, self.log(size) + math.log(2.0))
        return self.below(x, 0.0, -whole, whole)

    def sinh(self, x: Value) -> Value:
        """±(m + m/(m + 1))/2 with m = e^|x| − 1, and ±e^(|x|/2)·e^(|x|/2)/2 for large x."""
        size = self.abs(x)
        grown = self.expm1(size)
        half = self.exp(0.5 * size)
        whole = self.below(size, 40.0, 0.5 * (grown + grown / (grown + 1.0)), half * 0.5 * half)
        return self.below(x, 0.0, -whole, whole)

    def log(self, x: Value) -> Value:
        """The natural logarithm."""
        return self.node("Log", x)

    def exp(self, x: Value) -> Value:
        """eˣ."""
        return self.node("Exp", x)

    def log1p(self, x: Value) -> Value:
        """`ln w + (x − (w − 1))/w` with w = 1 + x."""
        w = x + 1.0
        log = self.log(w)
        return self.below(self.abs(x), 1.0, log + (x - (w - 1.0)) / w, log)

    def expm1(self, x: Value) -> Value:
        """(e − 1) + e·(x − ln e) with e = eˣ."""
        e = self.exp(x)
        return self.below(self.abs(x), 1.0, (e - 1.0) + e * (x - self.log(e)), e - 1.0)

    def below(self, x: Value, limit: float, yes: Value | float, no: Value | float) -> Value:
        """`yes` where x < limit, else `no`."""
        return self._where(_below(x, limit), yes, no)

    def above(self, x: Value, limit: float, y: Value) -> Value:
        """`y` where x > limit, else NaN."""
        return self._where(_above(x, limit), y, math.nan)

    def within(self, x: Value, lo: float, hi: float, y: Value) -> Value:
        """`y` where lo ≤ x ≤ hi, else NaN."""
        inside = self.node("And", self.node("GreaterOrEqual", x, lo), self.node("LessOrEqual", x, hi))
        return self._where(inside, y, math.nan)

    def fill(self, x: Value, value: float) -> Value:
        """`x`, and `value` where it is NaN."""
        return self._where(self.node("IsNaN", x), value, x)

    def null(self, x: Value) -> Value:
        """NaN in every row."""
        return x + math.nan

    def interpolate(self, x: Value, knots: Knots) -> Value:
        """The broken line: how many knots lie up to x tells its stretch."""
        first, last = float(knots.x[0]), float(knots.x[-1])
        inside = self.node("Min", self.node("Max", x, first), last)
        upto = self.node("GreaterOrEqual", inside, self.array(knots.x))
        counted = self.node("Cast", upto, to=TensorProto.INT64)
        many = self.node("ReduceSum", counted, self.array(np.array([1])), keepdims=1)
        before = self.node("Sub", many, self.array(np.array(1)))
        ends = self.array(np.array(0)), self.array(np.array(knots.width.size - 1))
        stretch = self.node("Min", self.node("Max", before, ends[0]), ends[1])

        def of(values: Any) -> Value:
            return self.node("Gather", self.array(np.ascontiguousarray(values, dtype=np.float64)), stretch)

        at, unit = of(knots.x[:-1]), of(knots.unit)
        along = (inside * unit - at * unit) / of(knots.width) * of(knots.rise)
        y = (along + of(knots.start)) * of(knots.step)
        y = self._where(self.node("Equal", inside, at), of(knots.mid[:-1]), y)
        y = self._where(self.node("Equal", inside, last), float(knots.mid[-1]), y)
        return self._where(self.node("IsNaN", x), math.nan, y)

    def pick(self, condition: bool, yes: Callable[[], Value], no: Callable[[], Value]) -> Value:
        """What the condition says."""
        return yes() if condition else no()

    def _where(self, condition: Value, yes: Value | float, no: Value | float) -> Value:
        return self.node("Where", condition, yes, no)


def _below(x: Value, limit: float) -> Value:
    """Whether x < limit."""
    return x.graph.node("Less", x, limit)


def _above(x: Value, limit: float) -> Value:
    """Whether x > limit."""
    return x.graph.node("Greater", x, limit)
