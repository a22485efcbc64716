"""Parameters for a run: an earlier fit with the same key, or learned from the rows that pass the contract."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from normflow.errors import NoFitError
from normflow.fits import Fit, Parts, learn, quantiles_of, with_stability
from normflow.pipeline.engines import refined_whole
from normflow.pipeline.partitions import Partitions
from normflow.profiles import GroupedProfile, Profile
from normflow.sources import reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from normflow.pipeline.prepare import Prepared
    from normflow.pipeline.states import Keep
    from normflow.pipeline.watch import Watch
    from normflow.registry import Registry
    from normflow.spec import RunMode
    from normflow.stores import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A fit, and where it came from; `prints` are the fingerprints of the source's files, where needed."""

    fit: Fit
    origin: Literal["learned", "reused", "given"]
    prints: Mapping[Place, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def fit_for(
    prepared: Prepared, registry: Registry, mode: RunMode, watch: Watch, *, keep: Keep = "nowhere"
) -> Learned:
    """The fit a run applies; where it is learned, `keep` tells what becomes of the states of partitions.

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
    found = learned(prepared, Partitions(prepared, registry, watch, keep=keep), watch, earlier)
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


def learned(prepared: Prepared, partitions: Partitions, watch: Watch, earlier: Fit | None = None) -> Learned:
    """Learn from the source: one pass over each partition, the sum of their profiles, a fit.

    A partition whose state the registry keeps is not read; the fit is the same, bit for bit. With a window
    only the last partitions teach. Methods that `auto` chose in an `earlier` fit stay within the pipeline's
    margin.
    """
    how, source = prepared.pipeline.fit, prepared.source.last(prepared.pipeline.fit.window)
    whole, grouped, parts = Profile(), GroupedProfile(), Parts(prepared.plan)
    watch.begins("learn", watch.total_of(source))
    for profile, groups in partitions.known(source):
        whole, grouped = whole + profile, grouped + groups
        parts.add(profile)
    watch.ends()
    if quantiles := quantiles_of(prepared.plan, whole, how.quantiles):
        with watch.stage("refine"), reading(prepared.pipeline.source.named):
            whole = watch.working(refined_whole, prepared, source, whole, quantiles, watch)
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
        compared=how.drift is not None,  # which a private pipeline may not ask for
    )
    fit = with_stability(fit, prepared.plan, parts)
    if prepared.pipeline.private:  # edges of bins are values
        fit = replace(fit, columns=tuple(replace(one, reference=None) for one in fit.columns))
    watch.ends()
    return Learned(fit=fit, origin="learned", prints=partitions.prints)


def _method_places(prepared: Prepared) -> dict[str, str]:
    places = prepared.pipeline.places
    return {name: places.get(f"normalize.{name}", "") for name in prepared.plan}
