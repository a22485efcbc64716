"""The sections of one column: what may enter, and what may leave."""

# Annotations are read at run time here, so they are not postponed.
from pydantic import Field

from normflow.config.section import Section
from normflow.config.values import DTypeName, Fault, Interval, Rows, Scalars, Written
from normflow.spec import OnFail, Severity


class ColumnSection(Section):
    """What must hold for one column."""

    dtype: Written[DTypeName] = Field(
        default=None, description="A family such as number, or a Polars type such as Int64."
    )
    nullable: bool = Field(default=True, description="Whether nulls may be there.")
    unique: bool = Field(default=False, description="Whether no value may come twice.")
    range: Written[Interval] = Field(
        default=None, description="[lower, upper], both allowed; null is an open end."
    )
    isin: Written[Scalars] = Field(default=None, description="The values there may be.")
    finite: bool = Field(default=False, description="Whether NaN and infinities are forbidden.")
    severity: Severity = Field(default="error", description="Whether failing fails the run or warns.")
    max_failed: Written[Rows] = Field(default=None, description="How many rows may fail: 0.1% or 25.")


class ContractSection(ColumnSection):
    """What must hold for one column that enters."""

    on_fail: OnFail = Field(default="fail", description="Fail the run, or put the row into quarantine.")

    def faults(self) -> list[Fault]:
        """A warning that fails the run."""
        if self.severity == "warn" and self.on_fail == "fail" and "on_fail" in self.model_fields_set:
            what = "severity warn never fails the run; remove on_fail, or write severity: error"
            return [Fault(("on_fail",), what, of_key=True)]
        return []


class ChecksSection(ColumnSection):
    """What must hold for one column that leaves."""

    mean: Written[Interval] = Field(default=None, description="Between what the mean must lie.")
    std: Written[Interval] = Field(
        default=None, description="Between what the standard deviation (ddof 0) must lie."
    )
