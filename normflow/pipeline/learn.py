"""Parameters for a run: an earlier fit with the same key, or learned from the rows that pass the contract."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from normflow.contract import fit_rows
from normflow.errors import NoFitError
from normflow.fits import Fit, learn, observed, quantiles_of, with_stability
from normflow.pipeline.states import from_rows, stored, to_rows
from normflow.profiles import ColumnProfile, GroupedProfile, Profile, observe, observe_groups, refined
from normflow.sources import fingerprints_of, reading, scan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.watch import Watch
    from normflow.registry import ProfileRow, Registry
    from normflow.spec import RunMode


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A fit, where it came from, and the states of the partitions that were read for it.

    `prints` are the fingerprints of the source's files, where they were needed.
    """

    fit: Fit
    origin: Literal["learned", "reused", "given"]
    states: tuple[ProfileRow, ...] = ()
    prints: Mapping[Path, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def fit_for(prepared: Prepared, registry: Registry, mode: RunMode, watch: Watch) -> Learned:
    """The fit a run applies.

    `reuse` takes the newest fit with the same key and learns where there is none; `refit` learns; `frozen`
    never does.

    Raises:
        NoFitError: mode `frozen`, and no fit has this key.
    """
    stored = None if mode == "refit" else registry.newest_use(prepared.pipeline.name, prepared.reuse_key)
    if stored:
        return Learned(fit=Fit.from_json(stored.document), origin="reused")
    if mode == "frozen":
        raise NoFitError(
            f"mode 'frozen' never fits, and no fit of '{prepared.pipeline.name}' has this configuration",
            where=str(prepared.pipeline.file),
            hint="run once with --mode reuse",
        )
    earlier = earlier_fit(prepared, registry)
    found = learned(prepared, registry, watch, earlier)
    return found if mode == "refit" else replace(found, warnings=_changed(prepared, earlier))


def earlier_fit(prepared: Prepared, registry: Registry) -> Fit | None:
    """The fit that this pipeline last used: under this configuration, else under any."""
    same = registry.newest_use(prepared.pipeline.name, prepared.reuse_key)
    documents = (
        [same.document] if same else [one.document for one in registry.fits(prepared.pipeline.name)[:1]]
    )
    return Fit.from_json(documents[0]) if documents else None


def _changed(prepared: Prepared, earlier: Fit | None) -> tuple[str, ...]:
    """A warning where an earlier fit of this pipeline no longer applies."""
    if earlier is None:
        return ()
    gone = [one.column for one in earlier.columns if one.column not in prepared.plan]
    lost = f"; no longer normalized: {', '.join(gone)}" if gone else ""
    what = "the configuration or the types of the columns are not those of the earlier fit"
    return (f"learned anew, because {what} {earlier.id[:12]}{lost}",)


def learned(prepared: Prepared, registry: Registry, watch: Watch, earlier: Fit | None = None) -> Learned:
    """Learn from the source: one pass over each partition, the sum of their profiles, a fit.

    A partition whose state the registry keeps is not read; the fit is the same, bit for bit. With a window
    only the last partitions teach. Methods that `auto` chose in an `earlier` fit stay within the pipeline's
    margin.
    """
    checks, how = prepared.row_checks, prepared.pipeline.fit
    where = prepared.where.expr if prepared.where else None
    whole, grouped = Profile(), GroupedProfile()
    states: list[ProfileRow] = []
    fresh: list[ProfileRow] = []
    source = prepared.source.last(how.window)
    watch.begins("learn", watch.total_of(source))
    prints = fingerprints_of(prepared.source)
    kept = stored(registry, prepared.state_key, [prints[path] for path in source.paths])
    for partition in source.partitions:
        rows = kept.get(prints[partition.path], [])
        with reading(partition.path):
            teaching = fit_rows(partition.scan(), checks, where)
            found = from_rows(rows, teaching, observed(prepared.plan), by_group=how.by is not None)
            profile, groups = found or watch.working(_observed, teaching, prepared, watch.seen)
        if found is None:
            rows = list(to_rows(prepared.state_key, prints[partition.path], profile, groups))
            fresh += rows
        watch.finished(partition)
        whole, grouped = whole + profile, grouped + groups
        states += rows
    watch.ends()
    if quantiles := quantiles_of(prepared.plan, whole, how.quantiles):
        with watch.stage("refine"), reading(", ".join(prepared.pipeline.source.paths)):
            teaching = fit_rows(scan(source), checks, where)
            always = how.quantiles == "exact"
            whole = watch.working(refined, teaching, whole, quantiles, always=always, seen=watch.seen)
    watch.begins("fit")
    fit = learn(
        whole,
        prepared.plan,
        goal=how.goal,
        compat=how.compat,
        where=prepared.where,
        written=_method_places(prepared),
        by=how.by,
        grouped=grouped,
        margin=how.margin,
        earlier=earlier,
    )
    fit = with_stability(fit, prepared.plan, len(source.partitions), partial(_parts, states))
    if prepared.pipeline.private:  # edges of bins are values
        fit = replace(fit, columns=tuple(replace(one, reference=None) for one in fit.columns))
    watch.ends()
    return Learned(fit=fit, origin="learned", states=tuple(fresh), prints=prints)


def _parts(states: Sequence[ProfileRow], column: str) -> list[ColumnProfile]:
    """What each partition knows of a column."""
    return [ColumnProfile.from_bytes(one.state) for one in states if one.column == column and not one.group]


def _observed(
    teaching: pl.LazyFrame, prepared: Prepared, seen: Callable[[int], object]
) -> tuple[Profile, GroupedProfile]:
    """What is known of the rows that teach, and of each group of them where groups are asked for."""
    columns, how = observed(prepared.plan), prepared.pipeline.fit
    memory = prepared.pipeline.memory
    if how.by is None:
        profile = observe(teaching, columns, resolution=how.resolution, memory=memory, seen=seen)
        return profile, GroupedProfile()
    return observe_groups(
        teaching,
        sorted(how.by.columns),
        columns,
        resolution=how.by.resolution,
        whole_resolution=how.resolution,
        memory=memory,
        seen=seen,
    )


def _method_places(prepared: Prepared) -> dict[str, str]:
    places = prepared.pipeline.places
    return {name: places.get(f"normalize.{name}", "") for name in prepared.plan}
