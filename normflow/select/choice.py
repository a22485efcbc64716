"""A decision with its evidence: what was chosen, by which rule, against whom, in a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from normflow.select.evidence import Evidence
from normflow.select.scores import Score

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.transforms import Transform


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should look at: a short id and a sentence with what to do."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A method that was tried on the profile: its options, its score, or the sentence with which it refused.

    `transform` is what it gave; it is not stored with the choice.
    """

    method: str
    options: Mapping[str, object] = field(default_factory=dict)
    score: Score | None = None
    refusal: str | None = None
    transform: Transform | None = field(default=None, compare=False, repr=False)

    @property
    def key(self) -> tuple[str, Mapping[str, object]]:
        """The method with its options."""
        return self.method, self.options

    def to_json(self) -> dict[str, Any]:
        """The candidate as plain JSON values."""
        return {
            "method": self.method,
            "options": plain(self.options),
            "normality": self.score.normality if self.score else None,
            "skew": self.score.skew if self.score else None,
            "refusal": self.refusal,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Candidate:
        """Read what `to_json` wrote."""
        scored = None if document["refusal"] else Score(document["normality"], document["skew"])
        return cls(
            method=document["method"], options=document["options"], score=scored, refusal=document["refusal"]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The method for one column and why: rule, reason, evidence, candidates, runner-up.

    `soft_clip` is the bound B of the final t/√(1+(t/B)²), None where there is none.
    """

    method: str
    options: Mapping[str, object] = field(default_factory=dict)
    soft_clip: float | None = None
    goal: str
    rule: str
    reason: str
    evidence: Evidence
    candidates: tuple[Candidate, ...] = ()
    runner_up: str | None = None
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
            reason=f"{self.reason}; {text}",
            notices=(*self.notices, Notice("refused", text)),
        )

    def to_json(self) -> dict[str, Any]:
        """The choice as plain JSON values, for the registry, reports and `explain`."""
        return {
            "method": self.method,
            "options": plain(self.options),
            "soft_clip": self.soft_clip,
            "goal": self.goal,
            "rule": self.rule,
            "reason": self.reason,
            "evidence": self.evidence.to_json(),
            "candidates": [candidate.to_json() for candidate in self.candidates],
            "runner_up": self.runner_up,
            "notices": [{"id": notice.id, "text": notice.text} for notice in self.notices],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Choice:
        """Read what `to_json` wrote."""
        return cls(
            **{
                **document,
                "evidence": Evidence(**document["evidence"]),
                "candidates": tuple(Candidate.from_json(one) for one in document["candidates"]),
                "notices": tuple(Notice(**one) for one in document["notices"]),
            }
        )


def plain(options: Mapping[str, object]) -> dict[str, object]:
    """Options as JSON values: tuples become lists."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in options.items()}
