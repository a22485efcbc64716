"""Pipelines: prepare, run, and ask about what was run."""

from normflow.pipeline.again import Again, Rerun, rerun
from normflow.pipeline.compare import Comparison, Difference, compared
from normflow.pipeline.execute import run
from normflow.pipeline.export import exported
from normflow.pipeline.planned import Plan, PlannedOutput, plan
from normflow.pipeline.prepare import Prepared, prepare
from normflow.pipeline.preview import Preview, preview
from normflow.pipeline.propose import Proposal, propose
from normflow.pipeline.recover import Recovered, recover_all
from normflow.pipeline.replaying import replay
from normflow.pipeline.reporting import report, write_report
from normflow.pipeline.validation import Validation, validate
from normflow.pipeline.views import explained, profile_file, recorded_run, recorded_runs

__all__ = [
    "Again",
    "Comparison",
    "Difference",
    "Plan",
    "PlannedOutput",
    "Prepared",
    "Preview",
    "Proposal",
    "Recovered",
    "Rerun",
    "Validation",
    "compared",
    "explained",
    "exported",
    "plan",
    "prepare",
    "preview",
    "profile_file",
    "propose",
    "recorded_run",
    "recorded_runs",
    "recover_all",
    "replay",
    "report",
    "rerun",
    "run",
    "validate",
    "write_report",
]
