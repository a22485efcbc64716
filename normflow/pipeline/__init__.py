"""Pipelines: prepare, run, and ask about what was run."""

from normflow.pipeline.again import Again, Rerun, rerun
from normflow.pipeline.compare import Comparison, Difference, compared
from normflow.pipeline.execute import run
from normflow.pipeline.export import exported, exported_dbt, exported_onnx, exported_sklearn, exported_sql
from normflow.pipeline.loading import loaded
from normflow.pipeline.offered import Offer, offered
from normflow.pipeline.planned import Plan, PlannedOutput, plan
from normflow.pipeline.prepare import Prepared, prepare
from normflow.pipeline.preview import Preview, preview
from normflow.pipeline.propose import Proposal, propose
from normflow.pipeline.recover import Recovered, recover_all
from normflow.pipeline.replaying import replay
from normflow.pipeline.reporting import pictured, report, write_report
from normflow.pipeline.restoring import Restored, restore
from normflow.pipeline.site import write_site
from normflow.pipeline.validation import Validation, validate
from normflow.pipeline.views import explained, fitted, profile_file, recorded_run, recorded_runs

__all__ = [
    "Again",
    "Comparison",
    "Difference",
    "Offer",
    "Plan",
    "PlannedOutput",
    "Prepared",
    "Preview",
    "Proposal",
    "Recovered",
    "Rerun",
    "Restored",
    "Validation",
    "compared",
    "explained",
    "exported",
    "exported_dbt",
    "exported_onnx",
    "exported_sklearn",
    "exported_sql",
    "fitted",
    "loaded",
    "offered",
    "pictured",
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
    "restore",
    "run",
    "validate",
    "write_report",
    "write_site",
]
