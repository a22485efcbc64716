"""One decision at given thresholds: the questions in their order, then the comparison where one is needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from normflow.methods import suiting
from normflow.select.choice import Step
from normflow.select.goals import AIMS, CLOSEST
from normflow.select.guards import GUARDS, POWER, Rule, Verdict
from normflow.select.thresholds import USUAL, Thresholds
from normflow.select.trial import POWERS, is_affine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from normflow.select.choice import Candidate
    from normflow.select.evidence import Evidence
    from normflow.select.goals import Aim
    from normflow.select.trial import Trial
    from normflow.spec import Goal

GUARDED = frozenset(rule.name for rule in GUARDS)
NOTHING_TO_CHOOSE = frozenset({"no_values", "constant"})
NAMED = "named"  # settled to be one of the candidates that the user named
STANDARDIZING = frozenset(
    {"zscore", "robust", "log", "sqrt", "cbrt", "asinh", "logit", "boxcox", "yeojohnson"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was settled and by which questions."""

    verdict: Verdict
    path: tuple[Step, ...]
    rule: Rule

    @property
    def guarded(self) -> bool:
        """Whether a guard settled it, before the goal was asked."""
        return self.rule.name in GUARDED

    @property
    def outcome(self) -> tuple[str, float | None, bool]:
        """What makes a difference to the column: the method and what follows it."""
        return self.verdict.method, self.verdict.soft_clip, self.verdict.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be decided: the goal, the only methods there are if some were named, and who goes first."""

    goal: Goal
    named: tuple[str, ...] = ()
    first: str | None = None

    @property
    def aim(self) -> Aim:
        """The goal's rules."""
        return AIMS[self.goal]


def decide(trial: Trial, asked: Asked, t: Thresholds = USUAL) -> Decision:
    """Ask the rules in order and settle the comparison, if it comes to one."""
    path = []
    for rule in _rules(asked):
        verdict = rule.ask(trial.evidence, t)
        held = verdict is not None and _allowed(verdict, asked)
        path.append(Step(rule=rule.name, held=held, seen={name: _seen(trial, name) for name in rule.reads}))
        if verdict is not None and held:
            return Decision(verdict=_settled(verdict, trial, asked, t), path=tuple(path), rule=rule)
    raise AssertionError("the last rule of a goal always answers")


def _rules(asked: Asked) -> Iterator[Rule]:
    guards = len(GUARDS)
    yield from asked.aim.rules[:guards]
    if asked.named:
        yield Rule(NAMED, _named, ())
    yield from asked.aim.rules[guards:]


def _named(e: Evidence, t: Thresholds) -> Verdict:  # noqa: ARG001  (it always answers)
    return Verdict(rule=NAMED, method=NAMED, because="the best of the candidates that were named")


def _allowed(verdict: Verdict, asked: Asked) -> bool:
    """Whether the user's own candidates leave a verdict standing."""
    known = not asked.named or verdict.method == NAMED or verdict.method in asked.named
    return known or verdict.rule in NOTHING_TO_CHOOSE


def _seen(trial: Trial, name: str) -> object:
    found = getattr(trial.evidence, name)
    return list(found) if isinstance(found, tuple) else found


def _settled(verdict: Verdict, trial: Trial, asked: Asked, t: Thresholds) -> Verdict:
    if verdict.rule in GUARDED:
        wide = verdict.method == "minmax" and verdict.rule != "two_valued"
        return replace(verdict, options=trial.options("minmax")) if wide else verdict
    settled = {POWER: _power, CLOSEST: _closest, NAMED: _best_named}.get(verdict.method, _as_it_is)(
        verdict, trial, asked, t
    )
    return settled if asked.named else _challenged(settled, trial, asked, t)


def _as_it_is(verdict: Verdict, trial: Trial, asked: Asked, t: Thresholds) -> Verdict:  # noqa: ARG001
    options = verdict.options or trial.options(verdict.method)
    return replace(verdict, options=options)


def _taken(verdict: Verdict, candidate: Candidate) -> Verdict:
    return replace(verdict, method=candidate.method, options=candidate.options)


def _power(verdict: Verdict, trial: Trial, asked: Asked, t: Thresholds) -> Verdict:  # noqa: ARG001
    found = _best_power(verdict, trial, t)
    if found is not None:
        return _taken(verdict, found)
    plain = "minmax" if verdict.unit else "zscore"
    return replace(
        verdict,
        method=plain,
        options=trial.options(plain),
        unit=False,
        because=f"{verdict.because}; no power transform applies",
    )


def _best_power(verdict: Verdict, trial: Trial, t: Thresholds) -> Candidate | None:
    """Box-Cox up to a tie below Yeo-Johnson, else the better one; None where neither applies."""
    tried = [trial.of(name, verdict.soft_clip) for name in POWERS]
    usable = {one.method: one for one in tried if one.normality is not None and _bounded(one, verdict, trial)}
    boxcox, best = usable.get("boxcox"), max(usable.values(), key=rank, default=None)
    return boxcox if boxcox and best and rank(boxcox) >= rank(best) - t.tie else best


def _bounded(candidate: Candidate, verdict: Verdict, trial: Trial) -> bool:
    """Whether the ends of the declared range, which are to become 0 and 1, have finite images."""
    if not verdict.unit or trial.declared is None or candidate.transform is None:
        return True
    return bool(np.isfinite(candidate.transform.points(np.array(trial.declared))).all())


def _closest(verdict: Verdict, trial: Trial, asked: Asked, t: Thresholds) -> Verdict:  # noqa: ARG001
    power = _best_power(verdict, trial, t)
    if power is not None and 1.0 - rank(power) <= t.gap * trial.evidence.tolerance:
        return _taken(verdict, power)
    tried = [trial.of("quantile_normal"), *([power] if power else []), trial.of("zscore")]
    found = next((one for one in tried if one.normality is not None), None)
    return _taken(verdict, found) if found else replace(verdict, method="zscore")


def _best_named(verdict: Verdict, trial: Trial, asked: Asked, t: Thresholds) -> Verdict:
    """The highest normal-plot correlation; candidates that tie with it are taken in the user's order."""
    verdict = replace(verdict, unit=asked.aim.unit)
    tried = [trial.of(name, _clip(name, asked)) for name in asked.named]
    usable = [
        one
        for one in tried
        if one.normality is not None
        and _bounded(one, verdict, trial)
        and (asked.goal != "preserve" or is_affine(one))
    ]
    if not usable:
        because = "none of the candidates that were named applies"
        return replace(verdict, method="none", unit=False, because=because)
    best = max(map(rank, usable))
    least = best - t.tie - t.lead * (1.0 - best)
    ordered = sorted(usable, key=lambda one: one.method != asked.first)
    chosen = next(one for one in ordered if rank(one) >= least)
    return replace(
        _taken(verdict, chosen),
        soft_clip=_clip(chosen.method, asked),
        unit=verdict.unit and chosen.method != "minmax",
    )


def _clip(name: str, asked: Asked) -> float | None:
    return asked.aim.soft_clip if name in STANDARDIZING else None


def _challenged(verdict: Verdict, trial: Trial, asked: Asked, t: Thresholds) -> Verdict:
    """The verdict, or a plugin's method that suits the profile and is more normal by more than a tie."""
    if not trial.plugins:
        return verdict
    current = trial.of(verdict.method, verdict.soft_clip, verdict.options)
    for name in suiting(trial.plugins, trial.profile, asked.goal):
        one = trial.of(name, verdict.soft_clip)
        if asked.goal == "preserve" and not is_affine(one):
            continue
        if rank(one) > rank(current) + t.tie and _bounded(one, replace(verdict, unit=asked.aim.unit), trial):
            current = one
            verdict = replace(
                _taken(verdict, one),
                rule="plugin",
                unit=asked.aim.unit,
                because=f"{verdict.because}; it suits the column, says {name}",
            )
    return verdict


def rank(candidate: Candidate) -> float:
    """The normal-plot correlation, rounded so that affine candidates, equal but for rounding, are equal."""
    return -1.0 if candidate.normality is None else round(candidate.normality, 9)


def runner_up(chosen: str, candidates: Sequence[Candidate]) -> str | None:
    """The best of the others."""
    others = [one for one in candidates if one.method != chosen and one.normality is not None]
    return max(others, key=rank).method if others else None
