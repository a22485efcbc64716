"""The sections of one column: what may enter, and what may leave."""

# Annotations are read at run time here, so they are not postponed.
from typing import Annotated

from pydantic import Field

from normflow.config.contract_values import Length, NamedChecks, OnFailWord, Regex
from normflow.config.drift import OutputDriftSection
from normflow.config.section import Section
from normflow.config.short import NUMBER, Short
from normflow.config.values import (
    DTypeName,
    Fault,
    Interval,
    Quantiles,
    Rows,
    Scalars,
    Written,
)
from normflow.spec import Severity

UNMENDED = {"null": ("unique",), "clip": ("unique", "isin", "regex", "length", "checks")}


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
    regex: Written[Regex] = Field(default=None, description="What the whole text must match (Rust's syntax).")
    length: Written[Length] = Field(
        default=None, description="Characters of text, or items of a list: 3, or [lower, upper]."
    )
    finite: bool = Field(default=False, description="Whether NaN and infinities are forbidden.")
    checks: NamedChecks = Field(
        default=[], description="pandera's checks by name: [{greater_than: 0}, {str_startswith: A}]."
    )
    severity: Severity = Field(default="error", description="Whether failing fails the run or warns.")
    redact: bool = Field(default=False, description="Whether no value of the column is shown as an example.")
    max_failed: Written[Rows] = Field(
        default=None, description="How many rows may fail. Default: 0 where failing fails the run, else any."
    )


class ContractSection(ColumnSection):
    """What must hold for one column that enters."""

    on_fail: OnFailWord = Field(
        default="fail",
        description="Fail the run, quarantine the row, make the value null, or clip it to the range.",
    )

    def faults(self) -> list[Fault]:
        """A warning that fails the run; a mend that does not mend what is checked."""
        if self.severity == "warn" and self.on_fail == "fail" and "on_fail" in self.model_fields_set:
            what = "severity warn never fails the run; remove on_fail, or write severity: error"
            return [Fault(("on_fail",), what, of_key=True)]
        kept = UNMENDED.get(self.on_fail, ())
        asked = [key for key in kept if getattr(self, key) not in (None, False, [])]
        asked += ["nullable"] if self.on_fail in UNMENDED and not self.nullable else []
        found = [
            Fault((key,), f"on_fail: {self.on_fail} does not mend {key}; fail or quarantine", of_key=True)
            for key in asked
        ]
        if self.on_fail == "clip" and self.range is None:
            found.append(Fault(("on_fail",), "clip needs a range to clip to", of_key=True))
        return found


class ChecksSection(ColumnSection):
    """What must hold for one column that leaves."""

    mean: Written[Interval] = Field(default=None, description="Between what the mean must lie.")
    std: Written[Interval] = Field(
        default=None, description="Between what the standard deviation (ddof 0) must lie."
    )
    skew: Written[Interval] = Field(
        default=None, description="Between what the skewness (biased g1) must lie."
    )
    quantile: Written[Quantiles] = Field(
        default=None, description="Between what quantiles must lie: {50%: [-0.1, 0.1], 99%: [null, 4]}."
    )
    nulls_at_most: Written[Rows] = Field(default=None, description="How many rows may be null: 1% or 25.")
    drift: Written[Annotated[OutputDriftSection, Short("a number or a mapping", NUMBER, "fail")]] = Field(
        default=None, description="How unlike the fit's values those of the column may be: 0.1."
    )
