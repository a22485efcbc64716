"""The choice: a decision, the margin that keeps an earlier one, and the record of both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from normflow.select.choice import Choice, Kept, plain
from normflow.select.decide import NAMED, NOTHING_TO_CHOOSE, Asked, Decision, decide, runner_up
from normflow.select.guards import span
from normflow.select.notices import notices
from normflow.select.sentence import sentence
from normflow.select.thresholds import MARGIN, USUAL
from normflow.select.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from normflow.profiles import ColumnProfile
    from normflow.select.choice import Candidate
    from normflow.select.evidence import Evidence
    from normflow.select.thresholds import Thresholds
    from normflow.spec import Goal


def choose(
    profile: ColumnProfile,
    *,
    goal: Goal = "model",
    declared: tuple[float, float] | None = None,
    candidates: Sequence[str] = (),
    plugins: Sequence[str] = (),
    earlier: Choice | None = None,
    margin: float = MARGIN,
) -> Choice:
    """Choose a method for one column.

    The goal's questions are asked in order and the first answer settles the rule; where it comes to a
    comparison, the normal-plot correlation decides. `declared` is a range that no value may leave.
    `candidates` are the only methods there are, if any are given, and `plugins` those of other packages that
    may take part. The method of an `earlier` choice for the same goal stays while one threshold, moved by
    `margin` of itself, would give it again. A pure function of its arguments.
    """
    trial = Trial(profile, declared, tuple(plugins))
    asked = Asked(goal=goal, named=tuple(candidates))
    decision = _whole(trial, asked, USUAL)
    kept = _kept(decision, trial, asked, earlier, margin)
    return _choice(kept[1] if kept else decision, trial, asked, kept[0] if kept else None)


def method_without(
    profile: ColumnProfile, like: Choice, *, named: Sequence[str] = (), plugins: Sequence[str] = ()
) -> str:
    """The method that the same goal gives on another profile of the column, for a look at the stability.

    Methods are compared on condensed points only. A kept method stays while it would be kept again.
    """
    trial = Trial(profile, like.evidence.declared, tuple(plugins))
    asked = Asked(goal=like.goal, named=tuple(named))
    decision = decide(trial, asked)
    margin = like.kept.margin if like.kept else 0.0
    kept = _kept(decision, trial, asked, like, margin)
    return (kept[1] if kept else decision).verdict.method


def _whole(trial: Trial, asked: Asked, t: Thresholds) -> Decision:
    """The decision with its method fitted on the whole profile; another one where the method refuses it."""
    decision = decide(trial, asked, t)
    for _ in range(len(asked.named) + len(trial.plugins) + len(asked.aim.tried)):
        verdict = decision.verdict
        if verdict.rule in NOTHING_TO_CHOOSE or verdict.method == "none":
            break
        if trial.whole(verdict.method, verdict.soft_clip, verdict.options).refusal is None:
            break
        decision = decide(trial, asked, t)
    return decision


def _kept(
    fresh: Decision, trial: Trial, asked: Asked, earlier: Choice | None, margin: float
) -> tuple[Kept, Decision] | None:
    """The earlier method, where one threshold moved by the margin gives it again."""
    if earlier is None or earlier.goal != asked.goal or margin <= 0.0:
        return None
    wanted = earlier.method, earlier.soft_clip, earlier.unit is not None
    if wanted == fresh.outcome:
        return None
    first = replace(asked, first=earlier.method)
    for name, moved in USUAL.moved(margin):
        if decide(trial, first, moved).outcome != wanted:
            continue
        found = _whole(trial, first, moved)
        if found.outcome == wanted:
            why = Kept(threshold=name, margin=margin, instead=fresh.verdict.method, rule=fresh.verdict.rule)
            return why, found
    return None


def _choice(decision: Decision, trial: Trial, asked: Asked, kept: Kept | None) -> Choice:
    verdict, evidence = decision.verdict, trial.evidence
    tried = () if verdict.rule in NOTHING_TO_CHOOSE else _candidates(decision, trial, asked)
    second = runner_up(verdict.method, tried)
    unit: Literal["fitted"] | tuple[float, float] | None = (
        (trial.declared or "fitted") if verdict.unit else None
    )
    told = () if evidence.n == 0 else notices(evidence, trial.profile, bounded=asked.aim.unit)
    return Choice(
        method=verdict.method,
        options=plain(verdict.options),
        soft_clip=verdict.soft_clip,
        unit=unit,
        goal=asked.goal,
        rule="kept" if kept else verdict.rule,
        reason=sentence(decision, tried, second, kept),
        evidence=evidence,
        path=decision.path,
        before=trial.before if tried else None,
        candidates=tried,
        runner_up=second,
        margin=_margin(decision, evidence),
        kept=kept,
        notices=(*verdict.notices, *told),
    )


def _candidates(decision: Decision, trial: Trial, asked: Asked) -> tuple[Candidate, ...]:
    """All that were worth a look, the chosen one with its options among them; a guard looks at no other."""
    verdict = decision.verdict
    names = asked.named if verdict.rule == NAMED else asked.aim.tried
    chosen = trial.of(verdict.method, verdict.soft_clip, verdict.options)
    if decision.guarded:
        return () if verdict.method == "none" else (chosen,)
    others = [trial.of(name, _clip(name, verdict.soft_clip)) for name in (*names, *_others(trial))]
    listed = [chosen if one.method == chosen.method else one for one in others]
    known = chosen in listed or verdict.method == "none"
    return tuple(listed if known else [chosen, *listed])


def _others(trial: Trial) -> list[str]:
    return [name for name in trial.plugins if trial.was_tried(name)]


def _clip(name: str, soft_clip: float | None) -> float | None:
    return None if name in {"minmax", "squash", "quantile_normal"} else soft_clip


def _margin(decision: Decision, evidence: Evidence) -> float | None:
    """How far the nearest measure of the deciding rule lies from its threshold, as a share of it."""
    known = measures(evidence)
    shares = [
        abs(value / getattr(USUAL, name) - 1.0)
        for name in decision.rule.thresholds
        if (value := known[name]) is not None
    ]
    return min(shares, default=None)


def measures(e: Evidence) -> dict[str, float | None]:
    """What is compared with each threshold."""
    skew = None if e.skew is None else abs(e.skew)
    core = None if e.core_skew is None else abs(e.core_skew)
    return {
        "skew": skew,
        "core": core,
        "outlier_ratio": skew / core if skew is not None and core else None,
        "zero_share": e.zeros,
        "atom_share": e.top_share,
        "id_span": span(e) / e.n if e.n else None,
        "levels": float(e.distinct),
        "few_rows": float(e.n),
        "gap": None if e.normality is None else (1.0 - e.normality) / e.tolerance,
    }
