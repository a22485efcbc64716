"""Two runs, or two fits, side by side: what differs in their methods, parameters and circumstances."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from normflow.errors import RegistryError
from normflow.fits import Fit
from normflow.pipeline.columns import described
from normflow.pipeline.given import SUFFIX, fit_named
from normflow.pipeline.group_rows import numbers_of
from normflow.pipeline.identity import moved
from normflow.pipeline.recorded import inputs_recorded, versions_recorded
from normflow.record import NAMED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from normflow.registry import Registry, RunRow

DIFFERENT = 5
FACTS = ("pipeline", "mode", "config_hash", "rows", "quarantined", "input_fingerprint", "output_fingerprint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A run with its fit, or a fit alone; `reference` is how it was asked for."""

    reference: str
    fit: Fit
    run: RunRow | None = None

    def to_json(self) -> dict[str, Any]:
        """Which it is."""
        return {
            "reference": self.reference,
            "run_id": self.run.run_id if self.run else None,
            "fit_id": self.fit.id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that differs: of a column, or of the whole where `column` is None.

    `why` is the reason for the second method, where methods differ.
    """

    what: str
    a: Any
    b: Any
    column: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What differs between two sides; nothing where they are equal."""

    a: Side
    b: Side
    differences: tuple[Difference, ...]

    @property
    def exit_code(self) -> int:
        """0 for equal sides, 5 for different ones."""
        return DIFFERENT if self.differences else 0

    def to_json(self) -> dict[str, Any]:
        """The comparison as one versioned document of plain JSON values."""
        return {
            "version": 1,
            "equal": not self.differences,
            "exit_code": self.exit_code,
            "a": self.a.to_json(),
            "b": self.b.to_json(),
            "differences": [asdict(one) for one in self.differences],
        }


def compared(registry: Registry, a: str, b: str) -> Comparison:
    """Compare two runs or fits; each an id, a unique prefix, `pipeline@latest`, or a fit's JSON file.

    Raises:
        RegistryError: there is no such run or fit, or a run came to no fit.
    """
    one, other = side(registry, a), side(registry, b)
    circumstances = _circumstances(one.run, other.run) if one.run and other.run else ()
    return Comparison(a=one, b=other, differences=(*circumstances, *differences(one.fit, other.fit)))


def side(registry: Registry, reference: str) -> Side:
    """The run that a reference means, with its fit, else the fit.

    Raises:
        RegistryError: there is neither, or the run came to no fit.
    """
    if reference.endswith(SUFFIX):
        return Side(reference=reference, fit=fit_named(registry, reference))
    with registry.reading():  # one that cannot be read says so: what is not found below is not in it
        try:
            run = registry.run(reference)
        except RegistryError as error:
            if "begins" in error.what:  # several runs do, and which is meant is for the user to say
                raise
            try:
                return Side(reference=reference, fit=fit_named(registry, reference))
            except RegistryError:
                what = f"no run and no fit '{reference}'"
                raise RegistryError(what, where=error.where, hint=error.hint) from None
        use = registry.use_of(run.run_id)
    if use is None:
        if run.status == "succeeded":
            what = f"the fit of run {run.run_id} was forgotten"
            raise RegistryError(what, where=str(registry.path), hint="run the pipeline once more")
        raise RegistryError(
            f"run {run.run_id} came to no fit", where=str(registry.path), hint="`normflow show` tells why"
        )
    return Side(reference=reference, fit=Fit.from_json(use.document), run=run)


def differences(a: Fit, b: Fit) -> tuple[Difference, ...]:
    """How two fits differ: by column, method, options, parameters and policies; then in their groups."""
    known, others = _columns(a), _columns(b)
    found = [
        one
        for label in dict.fromkeys([*known, *others])
        for one in _column(label, known.get(label), others.get(label))
    ]
    groups = [None if one.groups is None else one.groups.digest for one in (a, b)]
    if groups[0] != groups[1]:
        found.append(Difference(what="groups", a=_groups(a), b=_groups(b)))
    return tuple(found)


def _columns(fit: Fit) -> dict[str, dict[str, Any]]:
    return {
        one["output"] if one["index"] is None else f"{one['output']}[{one['index']}]": one
        for one in described(fit)
    }


def _column(label: str, a: dict[str, Any] | None, b: dict[str, Any] | None) -> Iterator[Difference]:
    if a is None or b is None:
        yield Difference(what="method", column=label, a=a and a["method"], b=b and b["method"])
        return
    if a["method"] != b["method"]:
        why = b["choice"]["reason"] if b["choice"] else NAMED
        yield Difference(what="method", column=label, a=a["method"], b=b["method"], why=why)
    for what in ("reads", "options", "treatment"):
        for name, left, right in _unequal(what, a[what], b[what]):
            yield Difference(what=name, column=label, a=left, b=right)
    left, right = (_numbers(one) for one in (a, b))
    if a["transform"] != b["transform"]:
        for name in dict.fromkeys([*left, *right]):
            if left.get(name) != right.get(name):
                yield Difference(what=name, column=label, a=left.get(name), b=right.get(name))
        if left == right:
            yield Difference(what="formula", column=label, a=a["formula"], b=b["formula"])


def _unequal(what: str, a: Any, b: Any) -> Iterator[tuple[str, Any, Any]]:
    """The values that differ; those of a mapping one by one, under their own names."""
    if not (isinstance(a, dict) and isinstance(b, dict)):
        if a != b:
            yield what, a, b
        return
    for name in dict.fromkeys([*a, *b]):
        if a.get(name) != b.get(name):
            yield f"{what}.{name}", a.get(name), b.get(name)


def _numbers(column: Mapping[str, Any]) -> dict[str, float]:
    """The parameters by name: `affine.shift`, with the place of the map where two are of a kind."""
    maps = column["transform"]["maps"] if column["transform"] else []
    found = {}
    for name, value in numbers_of(maps).items():
        place, _, field = name.partition(".")
        kind = maps[int(place)]["kind"]
        twice = sum(one["kind"] == kind for one in maps) > 1
        found[f"{kind}[{place}].{field}" if twice else f"{kind}.{field}"] = value
    return found


def _groups(fit: Fit) -> dict[str, Any] | None:
    if fit.groups is None:
        return None
    return {"by": list(fit.groups.by), "count": len(fit.groups), "digest": fit.groups.digest}


def _circumstances(a: RunRow, b: RunRow) -> Iterator[Difference]:
    for name in FACTS:
        if getattr(a, name) != getattr(b, name):
            yield Difference(what=name, a=getattr(a, name), b=getattr(b, name))
    yield from (
        Difference(what=what, a=left, b=right)
        for what, left, right in _unequal("versions", versions_recorded(a), versions_recorded(b))
    )
    for what, paths in moved(inputs_recorded(a), inputs_recorded(b))._asdict().items():
        if paths:
            yield Difference(what=f"inputs.{what}", a=None, b=list(paths))
