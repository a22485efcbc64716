"""How often the outlier rule fires where it should and where it should not, against Kelly's skew below 0.15.

Run: python -m tests.benchmarks.outlier_rule
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from normflow.profiles import observe_values
from normflow.select.evidence import Evidence
from normflow.select.guards import outliers
from normflow.select.thresholds import SKEW_KNEE

KELLY_BELOW = 0.15
ROUNDS = 60
RNG = np.random.default_rng(20130101)

Draw = Callable[[int], np.ndarray]


def normal(n: int) -> np.ndarray:
    return RNG.normal(size=n)


def with_outliers(draw: Draw, share: float, value: float) -> Draw:
    def drawn(n: int) -> np.ndarray:
        values = draw(n)
        values[: max(1, int(share * n))] = value
        return values

    return drawn


SHOULD_FIRE: dict[str, Draw] = {
    "normal, one at 200": with_outliers(normal, 0, 200.0),
    "normal, 0.5 % at 30": with_outliers(normal, 0.005, 30.0),
    "gamma(4), one at 500": with_outliers(lambda n: RNG.gamma(4, 1, n), 0, 500.0),
    "Student t2": lambda n: RNG.standard_t(2, n),
}
SHOULD_NOT: dict[str, Draw] = {
    "log-normal σ = 0.3 (skew 0.95)": lambda n: np.exp(0.3 * normal(n)),
    "log-normal σ = 1": lambda n: np.exp(normal(n)),
    "gamma(3.5) (skew 1.07)": lambda n: RNG.gamma(3.5, 1, n),
    "exponential": lambda n: RNG.exponential(size=n),
    "Pareto 2.5": lambda n: RNG.pareto(2.5, n),
    "negative exponential": lambda n: -RNG.exponential(size=n),
}


def rates(draw: Draw, n: int) -> tuple[float, float]:
    """Shares of draws that this rule and Kelly's threshold call outliers."""
    ours = kelly = 0
    for _ in range(ROUNDS):
        evidence = Evidence.of(observe_values(draw(n)))
        assert evidence.skew is not None
        ours += outliers(evidence) is not None
        kelly += abs(evidence.skew) >= SKEW_KNEE and abs(evidence.kelly or 0.0) < KELLY_BELOW
    return ours / ROUNDS, kelly / ROUNDS


def main() -> None:
    """Print one row a distribution: this rule and Kelly's at n = 100, 1,000 and 10,000."""
    for heading, family in (("should fire", SHOULD_FIRE), ("should not fire", SHOULD_NOT)):
        print(heading)
        for name, draw in family.items():
            cells = (
                f"{ours:.2f} / {kelly:.2f}" for ours, kelly in (rates(draw, n) for n in (100, 1000, 10_000))
            )
            print(f"  {name:32s} {'   '.join(cells)}")


if __name__ == "__main__":
    main()
