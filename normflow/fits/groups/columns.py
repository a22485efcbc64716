"""What the groups of a table changed in one column's fit: its numbers, group by group."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from normflow.errors import FormatError
from normflow.fits.groups.pattern import Pattern, kinds_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from normflow.fits.column import ColumnFit
    from normflow.fits.treatment import Treatment
    from normflow.transforms import Transform

VARIANT, LOW, HIGH = "variant", "low", "high"
RANGE = (LOW, HIGH)
EXAMPLES = 3


class Learned(NamedTuple):
    """The parameters of one group."""

    transform: Transform
    treatment: Treatment


@dataclass(frozen=True, eq=False)
class ColumnGroups:
    """One column's parameters in every group, a row a group; null where a group has those of the table.

    A value of a group goes through `guards` and then through its variant of the transform: groups whose
    column is constant, say, have another chain than the rest. `numbers` holds `variant`, the fitted range
    `low` and `high`, and the columns that the patterns name; `ranged` says whether a policy reads the range.
    `refusals` tells why groups that had rows enough
    have no parameters of their own: the first few sentences.
    """

    guards: Pattern
    variants: tuple[Pattern, ...]
    numbers: pl.DataFrame
    ranged: bool = False
    refusals: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, whole: ColumnFit, learned: Sequence[Learned | None], refusals: Sequence[str] = ()
    ) -> ColumnGroups:
        """The parameters of all groups; None stands for a group that has those of the whole table."""
        own = [one for one in learned if one is not None]
        everyone = [*own, Learned(whole.transform, whole.treatment)]
        guards = Pattern.of([one.treatment.guards for one in everyone], "g")
        chains: dict[tuple[str, ...], list[Transform]] = {}
        for one in everyone:
            chains.setdefault(kinds_of(one.transform), []).append(one.transform)
        kinds = sorted(chains)
        variants = tuple(Pattern.of(chains[kind], "p") for kind in kinds)
        rows = [
            None if one is None else _row(one, guards, variants, kinds.index(kinds_of(one.transform)))
            for one in learned
        ]
        names = _columns(guards, variants)
        schema = {name: pl.UInt32 if name == VARIANT else pl.Float64 for name in names}
        columns = {name: [None if row is None else row.get(name) for row in rows] for name in names}
        return cls(
            guards,
            variants,
            pl.DataFrame(columns, schema=schema),
            whole.treatment.reads_range,
            tuple(refusals[:EXAMPLES]),
        )

    @property
    def own(self) -> int:
        """How many groups have parameters of their own."""
        return self.numbers[VARIANT].count()

    def whole(self, fit: ColumnFit) -> dict[str, float | int | None]:
        """The row that the whole table's parameters would have."""
        kinds = [one.kinds for one in self.variants]
        learned = Learned(fit.transform, fit.treatment)
        return _row(learned, self.guards, self.variants, kinds.index(kinds_of(fit.transform)))

    def suits(self, fit: ColumnFit) -> bool:
        """Whether the whole table's fit has the guards, and one of the variants, that groups have."""
        guarded = kinds_of(fit.treatment.guards) == self.guards.kinds
        return guarded and kinds_of(fit.transform) in [one.kinds for one in self.variants]

    def fit_of(self, fit: ColumnFit, group: int) -> ColumnFit:
        """The column's fit with the parameters of one group."""
        row = self.numbers.row(group, named=True)
        if row[VARIANT] is None:
            return fit
        treatment = replace(fit.treatment, low=row[LOW], high=row[HIGH], guards=self.guards.filled(row))
        return replace(fit, transform=self.variants[row[VARIANT]].filled(row), treatment=treatment)

    def variant(self, number: int) -> tuple[Pattern, pl.Series]:
        """A variant of the transform, and whether each group has it."""
        return self.variants[number], (self.numbers[VARIANT] == number).fill_null(value=False)

    def essence(self) -> dict[str, Any]:
        """What transform and inverse depend on, as JSON: the range only where a policy asks for it."""
        document = self.to_json()
        numbers = {name: one for name, one in document["numbers"].items() if self.ranged or name not in RANGE}
        return {"guards": document["guards"], "variants": document["variants"], "numbers": numbers}

    def to_json(self) -> dict[str, Any]:
        """The fields as plain JSON values; numbers round-trip bit for bit."""
        return {
            "guards": self.guards.to_json(),
            "variants": [one.to_json() for one in self.variants],
            "numbers": self.numbers.to_dict(as_series=False),
            "ranged": self.ranged,
            "refusals": list(self.refusals),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ColumnGroups:
        """Read what `to_json` wrote.

        Raises:
            FormatError: numbers are missing, are none, or a variant is none.
        """
        guards = Pattern.from_json(document["guards"])
        variants = tuple(Pattern.from_json(one) for one in document["variants"])
        stored, names = document["numbers"], _columns(guards, variants)
        if set(stored) != set(names):
            raise FormatError(f"the stored numbers of groups are {sorted(stored)}, not {sorted(names)}")
        numbers = pl.DataFrame([_stored(name, stored[name]) for name in names])
        if (numbers[VARIANT] >= len(variants)).any():
            raise FormatError(
                f"the stored numbers of groups name a variant beyond the {len(variants)} there are"
            )
        found = cls(guards, variants, numbers, document["ranged"], tuple(document["refusals"]))
        for number, _ in enumerate(variants):
            variant, mine = found.variant(number)
            read = [*RANGE, *(slot.column for one in (guards, variant) for slot in one.slots)]
            if any(numbers.filter(mine).select(read).null_count().row(0)):
                raise FormatError("the stored numbers of groups lack one of a group's own")
        return found


def _stored(name: str, values: object) -> pl.Series:
    kinds, dtype = ({int}, pl.UInt32) if name == VARIANT else ({int, float}, pl.Float64)
    if not isinstance(values, list) or not {*map(type, values)} <= {*kinds, type(None)}:
        raise FormatError(f"the stored numbers '{name}' of groups are no list of numbers")
    return pl.Series(name, values, dtype=dtype)


def _columns(guards: Pattern, variants: Sequence[Pattern]) -> list[str]:
    """The columns of the numbers: the variants share theirs, as no group has two."""
    slots = [slot.column for one in (guards, *variants) for slot in one.slots]
    return [VARIANT, *RANGE, *sorted(dict.fromkeys(slots), key=lambda name: (name[0], int(name[1:])))]


def _row(
    one: Learned, guards: Pattern, variants: Sequence[Pattern], variant: int
) -> dict[str, float | int | None]:
    return {
        VARIANT: variant,
        LOW: one.treatment.low,
        HIGH: one.treatment.high,
        **guards.numbers(one.treatment.guards),
        **variants[variant].numbers(one.transform),
    }
