"""Pipelines: prepare, run, and ask about what was run."""

from normflow.pipeline.execute import run
from normflow.pipeline.prepare import Prepared, prepare
from normflow.pipeline.views import explained, profile_file, recorded_run, recorded_runs

__all__ = ["Prepared", "explained", "prepare", "profile_file", "recorded_run", "recorded_runs", "run"]
