"""Rows to learn from, wherever they are: in a frame here, or on the machines of a cluster."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from normflow.profiles.grouped import observe_groups
from normflow.profiles.observe import observe
from normflow.profiles.refine import refined

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import polars as pl

    from normflow.profiles.frame import Profile
    from normflow.profiles.grouped import GroupedProfile


class Reader(ABC):
    """Rows that can be profiled; whoever can profile parts and add them up gives the bits of one pass."""

    __slots__ = ()

    @abstractmethod
    def schema(self) -> pl.Schema:
        """The columns, as Polars has them."""

    @abstractmethod
    def only(self, chosen: pl.Expr) -> Reader:
        """The rows that match."""

    @abstractmethod
    def observe(self, columns: Sequence[str], *, shapeless: Collection[str] = ()) -> Profile:
        """As `profiles.observe`."""

    @abstractmethod
    def observe_groups(
        self, by: Sequence[str], columns: Sequence[str], *, resolution: int
    ) -> tuple[Profile, GroupedProfile]:
        """As `profiles.observe_groups`."""

    @abstractmethod
    def refined(self, profile: Profile, wanted: Mapping[str, Sequence[float]], *, always: bool) -> Profile:
        """As `profiles.refined`."""


@dataclass(frozen=True, slots=True)
class LazyReader(Reader):
    """The rows of a lazy frame."""

    lf: pl.LazyFrame

    def schema(self) -> pl.Schema:
        """The frame's."""
        return self.lf.collect_schema()

    def only(self, chosen: pl.Expr) -> LazyReader:
        """The rows that match."""
        return LazyReader(self.lf.filter(chosen))

    def observe(self, columns: Iterable[str], *, shapeless: Collection[str] = ()) -> Profile:
        """In one streaming pass."""
        return observe(self.lf, columns, shapeless=shapeless)

    def observe_groups(
        self, by: Sequence[str], columns: Iterable[str], *, resolution: int
    ) -> tuple[Profile, GroupedProfile]:
        """In one streaming pass."""
        return observe_groups(self.lf, by, columns, resolution=resolution)

    def refined(self, profile: Profile, wanted: Mapping[str, Sequence[float]], *, always: bool) -> Profile:
        """In two or three more passes over what is not known well enough, or none."""
        return refined(self.lf, profile, wanted, always=always)
