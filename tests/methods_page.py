"""The methods reference, written from the docstrings: `python -m tests.methods_page` writes it.

`tests/test_methods_page.py` compares the committed pages with what this module makes.
"""

from __future__ import annotations

import inspect
import math
import re
from dataclasses import MISSING, Field, fields
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, get_type_hints

import numpy as np

from normflow.methods import METHODS, ROW_METHODS
from normflow.methods.options import spoken
from normflow.profiles import observe_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normflow.methods import Method, RowMethod
    from normflow.transforms import Transform

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "methods.md"
MAPS = PAGE.parent / "maps"
SAMPLE = np.array([math.exp(NormalDist().inv_cdf((i + 0.5) / 99)) for i in range(99)])
SHOWN = (0.05, 8.0)  # of x, in the plots
WIDTH, HEIGHT, MARGIN, STEPS = 320, 200, 24, 160

HEAD = """# Methods

<!-- Written by `python -m tests.methods_page` from the docstrings; a test compares. -->

A method reads the [profile](python.md) of a column and stores a transform: a chain of one-to-one maps, so
that every column-wise method inverts. Parameters come from the finite values of the fit rows, in float64.
A method that does not apply refuses with a sentence: named in a pipeline, it ends the run (exit 1);
`auto` goes on to the [next](auto.md). What becomes of nulls, NaN, constant columns and values outside the
fitted range is said by [policies](pipeline-file.md).

- **Golden numbers.** The z-score of 1, 2, 3, 4, 5 is −1.414213562373095, −0.7071067811865475, 0,
  0.7071067811865475, 1.414213562373095.
- **ddof** is 0, as in scikit-learn; `compat: r`, `spark` and `bigquery` take 1. **Quantiles** are
  Hyndman-Fan type 7 (numpy's `linear`), from the histogram: exact where the column has at most
  `resolution` distinct values, and with `quantiles: exact` always. **Skewness** is the biased g1,
  **kurtosis** the excess g2.
- **A constant column** (min = max, never "std below some epsilon") becomes value − center = 0 under every
  method but `none`; the policy `constant` says otherwise. A column of magnitude 1e-18 is a column.
- The plots show each method fitted to 99 quantiles of a log-normal, x from 0.05 to 8.

```python
>>> import polars as pl
>>> import normflow as nf
>>> five = pl.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0]})
>>> nf.fit(five, {"x": "zscore"}).transform(five)["x"].to_list()
[-1.414213562373095, -0.7071067811865475, 0.0, 0.7071067811865475, 1.414213562373095]

```
"""


def page() -> str:
    """The text of the page."""
    sections = [*map(_column_wise, METHODS), *map(_row_wise, ROW_METHODS)]
    return "\n".join([HEAD, _index(), *sections])


def plots() -> dict[str, str]:
    """The plots by file name."""
    return {f"{method.name}.svg": _plot(_fitted(method)) for method in METHODS}


def _index() -> str:
    every: list[type[Method | RowMethod]] = [*METHODS, *ROW_METHODS]
    rows = [f"| [`{one.name}`](#{one.name}) | {_first_line(one)} |" for one in every]
    return "\n".join(["| method | y |", "|---|---|", *rows, ""])


def _first_line(method: type[Method | RowMethod]) -> str:
    text = inspect.getdoc(inspect.getmodule(method)) or ""
    return text.splitlines()[0].rstrip(".")


def _column_wise(method: type[Method]) -> str:
    transform = _fitted(method)
    return "\n".join(
        [
            *_opening(method),
            f"![y over x](maps/{method.name}.svg)\n",
            f"Domain: {_interval(*transform.domain())}. Stored as: `{_kinds(transform)}`.",
            f"Version {method.version}.\n",
        ]
    )


def _row_wise(method: type[RowMethod]) -> str:
    return "\n".join([*_opening(method), f"Row-wise; no inverse. Version {method.version}.\n"])


def _opening(method: type[Method | RowMethod]) -> Iterator[str]:
    yield f"## {method.name}\n"
    yield _first_line(method) + ".\n"
    yield f"{_prose(inspect.getdoc(method) or '')}\n"
    options = fields(method)  # type: ignore[arg-type]
    if options:
        hints = get_type_hints(method)
        yield "| option | default | may be |\n|---|---|---|"
        for option in options:
            yield f"| `{option.name}` | `{_default(option)}` | {spoken(hints[option.name])} |"
        yield ""


def _prose(docstring: str) -> str:
    """The docstring with its sections as lists."""
    text, _, raises = docstring.partition("\nRaises:\n")
    if not raises:
        return text
    errors = re.sub(r"\n\s{8,}", " ", raises.rstrip()).strip().splitlines()
    return f"{text}\nErrors:\n\n" + "\n".join(f"- {error.strip()}" for error in errors) + "\n"


def _default(option: Field[Any]) -> str:
    value = option.default
    if value is MISSING:
        return "–"
    if isinstance(value, tuple):
        return f"[{', '.join(f'{one:g}' for one in value)}]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f"{value:g}" if isinstance(value, float) else str(value)


def _fitted(method: type[Method]) -> Transform:
    return method().fit(observe_values(SAMPLE))


def _kinds(transform: Transform) -> str:
    return " → ".join(one.kind for one in transform.maps) or "nothing"


def _interval(lo: float, hi: float) -> str:
    if lo == -math.inf and hi == math.inf:
        return "all numbers"
    if hi == math.inf:
        return f"x > {lo:g}"
    return f"x < {hi:g}" if lo == -math.inf else f"{lo:.4g} < x < {hi:.4g}"


def _plot(transform: Transform) -> str:
    x = np.linspace(*SHOWN, STEPS)
    y = transform.points(x)
    held = np.isfinite(y)
    x, y = x[held], y[held]
    low, high = float(y.min()), float(y.max())
    left = MARGIN + (x - SHOWN[0]) / (SHOWN[1] - SHOWN[0]) * (WIDTH - 2 * MARGIN)
    top = HEIGHT - MARGIN - (y - low) / ((high - low) or 1.0) * (HEIGHT - 2 * MARGIN)
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(left.tolist(), top.tolist(), strict=True))
    box = f'x="{MARGIN}" y="{MARGIN}" width="{WIDTH - 2 * MARGIN}" height="{HEIGHT - 2 * MARGIN}"'
    labels = [
        (MARGIN, HEIGHT - 8, "start", f"{SHOWN[0]:g}"),
        (WIDTH - MARGIN, HEIGHT - 8, "end", f"{SHOWN[1]:g}"),
        (MARGIN, MARGIN - 8, "start", f"y: {low:.3g} … {high:.3g}"),
    ]
    texts = "".join(f'<text x="{a}" y="{b}" text-anchor="{c}">{text}</text>' for a, b, c, text in labels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'font-family="sans-serif" font-size="11" fill="#555">\n<rect {box} fill="none" stroke="#bbb"/>\n'
        f'<polyline points="{line}" fill="none" stroke="#1668a8" stroke-width="2"/>\n{texts}\n</svg>\n'
    )


if __name__ == "__main__":
    PAGE.write_text(page())
    MAPS.mkdir(exist_ok=True)
    for name, drawing in plots().items():
        (MAPS / name).write_text(drawing)
