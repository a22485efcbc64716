"""The section `fit`: which rows teach, by which groups, and how."""

# Annotations are read at run time here, so they are not postponed.
from typing import Annotated

from pydantic import Field

from normflow.config.drift import DriftSection
from normflow.config.policies import (
    UnseenPolicy,
)
from normflow.config.section import Section
from normflow.config.short import NUMBER, TEXTS, Short
from normflow.config.values import (
    Fault,
    Share,
    Text,
    Window,
    Written,
)
from normflow.spec import (
    Compat,
    FitSpec,
    Goal,
    GroupSpec,
    Limit,
    Mode,
    Quantiles,
)
from normflow.spec.groups import LEAST_BUCKETS, MOST_BUCKETS


class GroupsSection(Section):
    """Which rows make a group, and what becomes of groups that taught little or nothing."""

    columns: Annotated[
        list[Text], Field(min_length=1), Short("a column's name or a list of names", TEXTS)
    ] = Field(description="Rows with equal values in these columns are a group.")
    min_rows: Annotated[int, Field(ge=1)] = Field(
        default=GroupSpec.min_rows,
        description="A group of fewer rows takes the parameters of the whole table.",
    )
    unseen: UnseenPolicy = Field(
        default=GroupSpec.unseen, description="What rows of a group become that was not there."
    )
    resolution: Annotated[int, Field(ge=LEAST_BUCKETS, le=MOST_BUCKETS)] = Field(
        default=GroupSpec.resolution, description="Histogram buckets a column and group."
    )

    def faults(self) -> list[Fault]:
        """A column that is named twice."""
        twice = [place for place, name in enumerate(self.columns) if name in self.columns[:place]]
        return [Fault(("columns", place), f"'{self.columns[place]}' is named twice") for place in twice]


class FitSection(Section):
    """How parameters are learned."""

    where: Written[Text] = Field(
        default=None, description="A row-wise SQL predicate: which rows teach. All rows are transformed."
    )
    by: Written[
        Annotated[GroupsSection, Short("a column's name, a list of names or a mapping", TEXTS, "columns")]
    ] = Field(default=None, description="Parameters by group: the columns that make one.")
    mode: Mode = Field(default=FitSpec().mode, description="Use a stored fit, learn anew, or never learn.")
    goal: Goal = Field(default=FitSpec().goal, description="What auto aims at.")
    compat: Compat = Field(
        default=FitSpec().compat, description="Whose conventions hold where nothing is written."
    )
    quantiles: Quantiles = Field(
        default=FitSpec().quantiles, description="From the histogram, or exact by reading the rows again."
    )
    resolution: Annotated[int, Field(ge=LEAST_BUCKETS, le=MOST_BUCKETS)] = Field(
        default=FitSpec().resolution, description="Histogram buckets a column."
    )
    margin: Share = Field(
        default=FitSpec().margin,
        json_schema_extra={"default": str(Limit(share=FitSpec().margin))},
        description="A refit keeps auto's earlier method where a threshold is this near: 5%.",
    )
    window: Written[Window] = Field(
        default=None, description="Only these of the source's files teach, in its order: last 30 partitions."
    )
    drift: Written[Annotated[DriftSection, Short("a number or a mapping", NUMBER, "warn")]] = Field(
        default=None, description="When today's rows are too unlike those that taught the fit that is used."
    )
