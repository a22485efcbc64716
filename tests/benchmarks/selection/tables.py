"""The results as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.benchmarks.selection.bootstrap import Estimate, estimate
from tests.benchmarks.selection.prediction import regret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tests.benchmarks.selection.normality import Normality
    from tests.benchmarks.selection.prediction import Prediction
    from tests.benchmarks.selection.rules import Contender


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, the first column to the left."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def normality_table(found: Sequence[Normality], contenders: Sequence[Contender], *, versus: str) -> str:
    """P/df to the best fixed method as a geometric mean, and the ratio of each to one contender."""
    ratios, plots = (np.array([getattr(one, name) for one in found]) for name in ("ratio", "plot"))
    ours = _place(contenders, versus)

    def row(i: int) -> list[str]:
        against = shown(estimate(ratios[:, i] - ratios[:, ours]), lambda v: f"{np.exp(v):.2f}", star=True)
        return [
            contenders[i].name,
            shown(estimate(ratios[:, i]), lambda v: f"{np.exp(v):.2f}"),
            "" if i == ours else against,
            f"{plots[:, i].mean():.4f}",
        ]

    order = sorted(range(len(contenders)), key=lambda i: ratios[:, i].mean())
    return markdown(["rule", "P/df ÷ best fixed", f"÷ {versus}", "normal-plot r"], [row(i) for i in order])


def prediction_table(
    found: Sequence[Prediction],
    contenders: Sequence[Contender],
    models: Mapping[str, object],
    *,
    versus: str,
) -> str:
    """Regret to the best fixed method, over all models and one by one; difference to one contender.

    A star marks what differs from that contender, model by model too.
    """
    regrets = np.array([regret(one, contenders) for one in found])  # data sets × contenders × models
    means = regrets.mean(axis=2)
    ours = _place(contenders, versus)

    def row(i: int) -> list[str]:
        against = shown(estimate(means[:, i] - means[:, ours]), lambda v: f"{v:+.4f}", star=True)
        marks = [estimate(pair).differs for pair in (regrets[:, i] - regrets[:, ours]).T]
        return [
            contenders[i].name,
            shown(estimate(means[:, i]), lambda v: f"{v:.4f}"),
            "" if i == ours else against,
            *(
                f"{value:.3f}{' *' if mark else ''}"
                for value, mark in zip(regrets[:, i].mean(axis=0), marks, strict=True)
            ),
        ]

    order = sorted(range(len(contenders)), key=lambda i: means[:, i].mean())
    return markdown(["rule", "regret", f"− {versus}", *models], [row(i) for i in order])


def _place(contenders: Sequence[Contender], name: str) -> int:
    return next(i for i, one in enumerate(contenders) if one.name == name)


def shown(found: Estimate, write: Callable[[float], str], *, star: bool = False) -> str:
    """A mean and its interval; with `star`, one where the interval leaves "no difference" out."""
    mark = " *" if star and found.differs else ""
    return f"{write(found.mean)} [{write(found.low)}, {write(found.high)}]{mark}"
