"""Which method and why: a decision that reads only the profile and keeps its evidence."""

from normflow.select.choice import Candidate, Choice, Notice, plain
from normflow.select.choose import choose
from normflow.select.evidence import QUANTILES, Evidence
from normflow.select.scores import Score, score

__all__ = ["QUANTILES", "Candidate", "Choice", "Evidence", "Notice", "Score", "choose", "plain", "score"]
