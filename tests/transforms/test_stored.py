from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normflow.errors import FitError, FormatError
from normflow.transforms import KINDS, Affine, BoxCox, Log, Squash, Transform, YeoJohnson, from_json
from normflow.transforms.arithmetic import sql_number

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite, st.floats(5e-324, 1.7976931348623157e308), finite)
def test_any_affine_map_comes_back_bit_for_bit(shift: float, scale: float, offset: float) -> None:
    one = Affine(shift=shift, scale=scale, offset=offset)
    back = from_json(json.loads(json.dumps(one.to_json(), allow_nan=False)))
    assert isinstance(back, Affine)
    assert [number.hex() for number in (back.shift, back.scale, back.offset)] == [
        number.hex() for number in (one.shift, one.scale, one.offset)
    ]


def test_the_kinds_are_a_closed_set() -> None:
    assert (
        *("affine", "log", "sqrt", "cbrt", "asinh", "logit", "boxcox", "yeojohnson"),
        *("interpolate", "normal_quantile", "squash", "clip", "within", "fill", "nothing", "chain"),
    ) == KINDS


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [
        ({"kind": "afine"}, "no map of kind 'afine'; did you mean 'affine'?"),
        ({}, "no map of kind 'None'; known are affine, log, sqrt, cbrt, asinh, logit, boxcox,"),
        ({"kind": "boxcox"}, "a stored map of kind 'boxcox' lacks lam"),
        ({"kind": "log", "base": 2.0}, "a stored map of kind 'log' has no field base"),
        ({"kind": "boxcox", "lam": "1"}, "boxcox.lam: '1' is no number"),
        ({"kind": "boxcox", "lam": True}, "boxcox.lam: True is no number"),
        ({"kind": "boxcox", "lam": 10**400}, "boxcox.lam: a whole number beyond what a float64 holds"),
        ({"kind": "boxcox", "lam": math.nan}, "boxcox: lam would be nan, beyond what a float64 holds"),
        ({"kind": "squash", "bound": 0.0}, "squash: a bound of 0.0 must be positive, with a reciprocal"),
        ({"kind": "clip", "lo": 0.0, "hi": [1.0]}, "clip.hi: [1.0] is no number"),
        ({"kind": "interpolate", "xs": 1.0, "ys": [0.0]}, "interpolate.xs: 1.0 is no list of numbers"),
        ({"kind": "interpolate", "xs": [0.0, "1"], "ys": [0.0]}, "interpolate.xs: '1' is no number"),
        (
            {"kind": "interpolate", "xs": [0.0, 1.0], "ys": [0.0]},
            "interpolate: 2 xs and 1 ys, and it takes two or more knots",
        ),
        ({"kind": "chain"}, "a stored map of kind 'chain' lacks maps"),
        ({"kind": "chain", "maps": {}}, "the maps of a stored chain are a list"),
        ({"kind": "chain", "maps": [{"kind": "chain", "maps": []}]}, "no map of kind 'chain'"),
        ({"kind": "chain", "maps": [1]}, "a stored map is an object, not 1"),
    ],
)
def test_what_is_no_stored_map_is_refused(stored: dict[str, object], sentence: str) -> None:
    with pytest.raises(FormatError) as refusal:
        from_json(stored)
    assert str(refusal.value).startswith(sentence)


def test_a_transform_is_stored_as_a_chain() -> None:
    assert Transform((Log(), BoxCox(0.5))).to_json() == {
        "kind": "chain",
        "maps": [{"kind": "log"}, {"kind": "boxcox", "lam": 0.5}],
    }
    with pytest.raises(FormatError, match="a transform is stored as a 'chain', not as 'log'"):
        Transform.from_json({"kind": "log"})


@pytest.mark.parametrize("stored", [None, [], "chain", 1, True], ids=str)
def test_a_stored_transform_is_an_object(stored: object) -> None:
    with pytest.raises(FormatError) as refusal:
        Transform.from_json(stored)
    assert str(refusal.value) == f"a stored transform is an object, not {stored!r}"


def test_chains_are_flat_and_equal_by_value() -> None:
    nested = Transform((Log(), Transform((BoxCox(0.5), Transform()))))
    assert nested == Transform((Log(), BoxCox(0.5)))
    assert nested == Transform((Log(),)).then(BoxCox(0.5))
    assert nested == Transform.identity().then(nested)
    assert hash(nested) == hash(Transform((Log(), BoxCox(0.5))))
    assert nested != Transform((Log(), BoxCox(0.25)))


def test_sql_numbers_are_doubles_with_the_same_bits() -> None:
    assert sql_number(0.1) == "0.1e0"
    assert sql_number(-3.0) == "(-3.0e0)"
    assert sql_number(5e-324) == "5e-324"
    assert sql_number(1.7976931348623157e308) == "1.7976931348623157e+308"
    assert sql_number(-0.0) == "(-0.0e0)"


def test_parameters_without_a_reciprocal_are_refused() -> None:
    with pytest.raises(FitError, match="squash: a bound of 5e-324 must be positive, with a reciprocal"):
        Squash(5e-324)
    with pytest.raises(FitError, match="yeojohnson: a lam of 5e-324 has no reciprocal; 0 is meant"):
        YeoJohnson(5e-324)


def test_formulas_nest_as_people_write_them() -> None:
    chain = Transform((Affine(shift=-0.1, scale=2.7), YeoJohnson(0.37), Affine(shift=0.1), Squash(4.0)))
    assert chain.formula() == "squash(yeojohnson((x + 0.1)/2.7, λ=0.37) − 0.1, ±4)"
    assert Transform.identity().formula("temp") == "temp"
