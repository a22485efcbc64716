"""How far a run's rows were from those that taught its fit, as the registry keeps it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from normflow.fits import texts_of
from normflow.registry import DriftRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from normflow.pipeline.write import Written

DRIFT = "drift"


def drift_rows(run_id: str, written: Written) -> Iterator[DriftRow]:
    """A row for each column that was measured, and one for each group of it that is kept."""
    for one in written.measured:
        yield DriftRow(
            run_id=run_id,
            section=one.section,
            column=one.column,
            status=one.status,
            **asdict(one.drift),
            **asdict(one.limits),
        )
    moved = written.moved
    if moved is None:
        return
    kept = {label: moved.kept(label) for label in moved.columns}
    places = sorted({place for rows in kept.values() for place, _, _ in rows})
    texts = dict(zip(places, texts_of(moved.groups.keys[places]), strict=True))
    for label, rows in kept.items():
        for place, drift, status in rows:
            yield DriftRow(
                run_id=run_id,
                section=DRIFT,
                column=label,
                group=texts[place],
                status=status,
                **asdict(drift),
                **asdict(moved.limits),
            )
