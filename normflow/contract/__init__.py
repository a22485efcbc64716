"""Contracts: what may enter and what may leave, judged in the pass that writes.

In the order of a run: `gate` looks at the schema; `compile_checks` turns declarations into expressions;
`fit_rows` are the rows that teach; `split` parts good and quarantined rows; `output_checks`, `expected_nulls`
and `RunningStatistics` watch what is written; `judge_rows`, `judge_quarantine` and `judge_outputs` give
verdicts; `examples` finds failing rows; `contract_error` says it all. `normflow.contract.schemas` holds the
same for pandera.
"""

from normflow.contract.checks import RowCheck, compile_checks, compile_table
from normflow.contract.counts import Counts
from normflow.contract.drift import STATUSES, group_statuses, judge_drift, judge_group_drift, of_drift
from normflow.contract.examples import Examples, examples, sampled, with_examples
from normflow.contract.gate import gate
from normflow.contract.judge import judge_outputs, judge_quarantine, judge_rows
from normflow.contract.mends import Mended, mended
from normflow.contract.outputs import (
    ULPS,
    DerivedColumn,
    MomentCheck,
    OutputChecks,
    expected_nulls,
    output_checks,
    widened,
)
from normflow.contract.quarantine import QuarantineColumns
from normflow.contract.refusal import contract_error
from normflow.contract.registered import BatchCheck, registered, require_registered
from normflow.contract.repeats import Repeats
from normflow.contract.shape import judge_nulls, judge_shape, shapes
from normflow.contract.split import SAMPLE, Split, fit_rows, split
from normflow.contract.statistics import ColumnStatistics, RunningStatistics, Statistics
from normflow.contract.table import Earlier, gate_table, judge_table
from normflow.contract.values import bounds_in

__all__ = [
    "SAMPLE",
    "STATUSES",
    "ULPS",
    "BatchCheck",
    "ColumnStatistics",
    "Counts",
    "DerivedColumn",
    "Earlier",
    "Examples",
    "Mended",
    "MomentCheck",
    "OutputChecks",
    "QuarantineColumns",
    "Repeats",
    "RowCheck",
    "RunningStatistics",
    "Split",
    "Statistics",
    "bounds_in",
    "compile_checks",
    "compile_table",
    "contract_error",
    "examples",
    "expected_nulls",
    "fit_rows",
    "gate",
    "gate_table",
    "group_statuses",
    "judge_drift",
    "judge_group_drift",
    "judge_nulls",
    "judge_outputs",
    "judge_quarantine",
    "judge_rows",
    "judge_shape",
    "judge_table",
    "mended",
    "of_drift",
    "output_checks",
    "registered",
    "require_registered",
    "sampled",
    "shapes",
    "split",
    "widened",
    "with_examples",
]
