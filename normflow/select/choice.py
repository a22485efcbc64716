"""A decision with its evidence: what was chosen, by which rule, against whom, in a sentence."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from normflow.select.evidence import Evidence
from normflow.select.scores import NOTHING, Score

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.spec import Goal
    from normflow.transforms import Transform


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should look at: a short id and a sentence with what to do."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One question of a decision: the rule, whether it held, and the numbers it looked at."""

    rule: str
    held: bool
    seen: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Why the method of an earlier fit stays: the threshold that is near, and what it would be without.

    `threshold` moved by `margin` of itself gives the earlier method again.
    """

    threshold: str
    margin: float
    instead: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """What would be chosen without one partition, for each of them.

    `agree` of `partitions` give the same method; `others` counts the other methods by name.
    """

    partitions: int
    agree: int
    others: Mapping[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """The share of partitions without which the choice stays what it is."""
        return self.agree / self.partitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A method that was tried on the profile: its options, its score, or the sentence with which it refused.

    `transform` is what it gave; it is not stored with the choice, but for its formula.
    """

    method: str
    options: Mapping[str, object] = field(default_factory=dict)
    score: Score | None = None
    refusal: str | None = None
    formula: str | None = None
    transform: Transform | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> tuple[str, Mapping[str, object]]:
        """The method with its options."""
        return self.method, self.options

    @property
    def normality(self) -> float | None:
        """The normal-plot correlation, where there is one."""
        return self.score.normality if self.score else None

    def to_json(self) -> dict[str, Any]:
        """The candidate as plain JSON values."""
        return {
            "method": self.method,
            "options": plain(self.options),
            **(self.score or NOTHING).to_json(),
            "formula": self.formula,
            "refusal": self.refusal,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Candidate:
        """Read what `to_json` wrote."""
        scored = Score(**{name: document[name] for name in NOTHING.to_json()})
        return cls(
            score=None if document["refusal"] else scored,
            **{name: document[name] for name in ("method", "options", "formula", "refusal")},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The method for one column and why: rule, reason, evidence, candidates, runner-up.

    `soft_clip` is the bound B of the final t/√(1+(t/B)²), None where there is none. `unit` is what comes last
    where the range 0 to 1 was asked for: `fitted`, or the two values of the input that go to 0 and 1. `path`
    holds the questions in the order they were asked. `before` is the score of the values as they are.
    `margin` is how far the measure that decided lies from its threshold, as a share of it.
    """

    method: str
    options: Mapping[str, object] = field(default_factory=dict)
    soft_clip: float | None = None
    unit: Literal["fitted"] | tuple[float, float] | None = None
    goal: Goal
    rule: str
    reason: str
    evidence: Evidence
    path: tuple[Step, ...] = ()
    before: Score | None = None
    candidates: tuple[Candidate, ...] = ()
    runner_up: str | None = None
    margin: float | None = None
    kept: Kept | None = None
    stability: Stability | None = None
    notices: tuple[Notice, ...] = ()

    def learned(self) -> Transform | None:
        """The transform that the chosen method gave when it was tried, if it was."""
        return next(
            (one.transform for one in self.candidates if one.key == (self.method, self.options)), None
        )

    def withdrawn(self, refusal: str) -> Choice:
        """The choice after its method refused the column: passed through, with a warning."""
        text = f"{self.method} refuses ({refusal}): passed through"
        return replace(
            self,
            method="none",
            options={},
            soft_clip=None,
            unit=None,
            reason=f"{self.reason}; {text}",
            notices=(*self.notices, Notice("refused", text)),
        )

    def to_json(self) -> dict[str, Any]:
        """The choice as plain JSON values, for the registry, reports and `explain`."""
        return {
            "method": self.method,
            "options": plain(self.options),
            "soft_clip": self.soft_clip,
            "unit": list(self.unit) if isinstance(self.unit, tuple) else self.unit,
            "goal": self.goal,
            "rule": self.rule,
            "reason": self.reason,
            "evidence": self.evidence.to_json(),
            "path": [asdict(step) for step in self.path],
            "before": self.before.to_json() if self.before else None,
            "candidates": [candidate.to_json() for candidate in self.candidates],
            "runner_up": self.runner_up,
            "margin": self.margin,
            "kept": asdict(self.kept) if self.kept else None,
            "stability": asdict(self.stability) if self.stability else None,
            "notices": [{"id": notice.id, "text": notice.text} for notice in self.notices],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Choice:
        """Read what `to_json` wrote."""
        unit, before = document["unit"], document["before"]
        kept, stability = document["kept"], document["stability"]
        return cls(
            **{
                **document,
                "unit": (unit[0], unit[1]) if isinstance(unit, list) else unit,
                "evidence": Evidence.from_json(document["evidence"]),
                "path": tuple(Step(**one) for one in document["path"]),
                "before": Score.from_json(before) if before else None,
                "candidates": tuple(Candidate.from_json(one) for one in document["candidates"]),
                "kept": Kept(**kept) if kept else None,
                "stability": Stability(**stability) if stability else None,
                "notices": tuple(Notice(**one) for one in document["notices"]),
            }
        )


def plain(options: Mapping[str, object]) -> dict[str, object]:
    """Options as JSON values: tuples become lists."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in options.items()}
