"""Which method and why: a decision that reads only the profile and keeps its evidence."""

from normflow.select.asked import candidates_of, goal_of
from normflow.select.choice import Candidate, Choice, Kept, Notice, Stability, Step, plain
from normflow.select.choose import choose, method_without
from normflow.select.evidence import QUANTILES, Evidence
from normflow.select.scores import Score, score
from normflow.select.stability import stability
from normflow.select.thresholds import MARGIN

__all__ = [
    "MARGIN",
    "QUANTILES",
    "Candidate",
    "Choice",
    "Evidence",
    "Kept",
    "Notice",
    "Score",
    "Stability",
    "Step",
    "candidates_of",
    "choose",
    "goal_of",
    "method_without",
    "plain",
    "score",
    "stability",
]
