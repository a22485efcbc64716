"""The contract of a pipeline, and that which a fit promises, as pandera schemas for users."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from normflow.contract import ULPS, DerivedColumn
from normflow.fits import hull
from normflow.pipeline.promises import EVERYWHERE, image, rounded
from normflow.sources import resolve
from normflow.sources import schema as schema_of
from normflow.spec import ColumnChecks
from normflow.transforms import Nothing

if TYPE_CHECKING:
    from normflow.fits import ColumnFit, Fit
    from normflow.spec import Pipeline


def input_schema(pipeline: Pipeline) -> Any:
    """What `Pipeline.input_schema` gives."""
    from normflow.contract.schemas import input_schema as declared  # a second of pandera

    return declared(pipeline.contract, schema_of(resolve(pipeline.source)), pipeline.table, pipeline.plugins)


def output_schema(fit: Fit) -> Any:
    """What `Fit.output_schema` gives."""
    from normflow.contract.schemas import output_schema as promised  # a second of pandera

    columns = [one for one in fit.columns if not one.passes_through and one.index is None]
    types = {one.label: ColumnChecks(dtype=one.treatment.dtype) for one in columns}
    rows = [(name, one) for one in fit.row_wise if not one.of_array for name in one.outputs]
    end = {"unit": 1.0}
    derived = [
        *(_promised(one, fit) for one in columns),
        *(
            DerivedColumn(name=name, lo=-end.get(one.method, math.inf), hi=end.get(one.method, math.inf))
            for name, one in rows
        ),
    ]
    return promised({**types, **{name: ColumnChecks(dtype=one.dtype) for name, one in rows}}, derived)


def _promised(one: ColumnFit, fit: Fit) -> DerivedColumn:
    """What holds of every output, whatever comes in: the image of all the map's domain."""
    kept = one.treatment.nonfinite == "keep"
    groups = fit.groups.columns.get(one.label) if fit.groups else None
    if kept or any(isinstance(map_, Nothing) for map_ in one.transform.maps):
        lo, hi = EVERYWHERE
    elif groups is not None:
        lo, hi = hull(one, groups, *EVERYWHERE, ULPS)
    else:
        lo, hi = image(one, *one.chain.domain())
    lo, hi = rounded(one.treatment, lo, hi)
    return DerivedColumn(name=one.label, lo=lo, hi=hi, finite=not kept)
