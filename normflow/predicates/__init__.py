"""Predicates: SQL text that says of each row, by its own values alone, whether it counts."""

from normflow.predicates.functions import FUNCTIONS
from normflow.predicates.predicate import Predicate, predicate

__all__ = ["FUNCTIONS", "Predicate", "predicate"]
