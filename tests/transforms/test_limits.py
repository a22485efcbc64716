"""At ±∞ and at the ends of float64, maps give limits; nothing silently turns into NaN."""

from __future__ import annotations

import math

import numpy as np
import pytest

from normflow.errors import FitError
from normflow.transforms import (
    Affine,
    Asinh,
    BoxCox,
    Cbrt,
    Clip,
    Fill,
    Interpolate,
    Log,
    Logit,
    Map,
    NormalQuantile,
    Sqrt,
    Squash,
    Transform,
    Within,
    YeoJohnson,
)
from tests.transforms.catalogue import MAPS, applied, column, label

INF = math.inf


@pytest.mark.parametrize("one", MAPS, ids=label)
def test_infinity_goes_to_the_limit(one: Map) -> None:
    lo, hi = one.domain()
    ends = [end for end in (-INF, INF) if lo <= end <= hi]
    wanted = dict(zip((lo, hi), one.image(lo, hi), strict=True))
    assert applied(column(list(ends)), one.stages("x", "_")).to_list() == [wanted[end] for end in ends]
    assert one.points(np.array(ends)).tolist() == [wanted[end] for end in ends]


@pytest.mark.parametrize(
    ("one", "image"),
    [
        (Affine(shift=1.0, scale=2.0), (-INF, INF)),
        (Log(), (-INF, INF)),
        (BoxCox(0.0), (-INF, INF)),
        (BoxCox(0.5), (-2.0, INF)),
        (BoxCox(0.25), (-4.0, INF)),
        (BoxCox(2.0), (-0.5, INF)),
        (BoxCox(1.0), (-1.0, INF)),
        (BoxCox(-1.0), (-INF, 1.0)),
        (BoxCox(-0.5), (-INF, 2.0)),
        (BoxCox(-0.25), (-INF, 4.0)),
        (YeoJohnson(1.0), (-INF, INF)),
        (YeoJohnson(0.0), (-INF, INF)),
        (YeoJohnson(2.0), (-INF, INF)),
        (YeoJohnson(-0.25), (-INF, 4.0)),
        (YeoJohnson(2.25), (-4.0, INF)),
        (Squash(3.0), (-3.0, 3.0)),
        (Sqrt(), (-INF, INF)),
        (Cbrt(), (-INF, INF)),
        (Asinh(), (-INF, INF)),
        (Logit(), (-INF, INF)),
        (Interpolate((1.0, 2.0), (0.0, 1.0)), (0.0, 1.0)),
        (NormalQuantile(-3.0, 2.0), (-3.0, 2.0)),
        (Clip(-1.0, 2.0), (-1.0, 2.0)),
        (Within(-1.0, 2.0), (-1.0, 2.0)),
        (Fill(3.0), (-INF, INF)),
        (Transform((Affine(shift=0.0, scale=2.0), Squash(3.0), Affine(shift=1.0))), (-4.0, 2.0)),
    ],
    ids=str,
)
def test_the_image_of_the_domain_is_the_textbook_one(one: Map, image: tuple[float, float]) -> None:
    assert one.image(*one.domain()) == image


def test_squash_survives_the_largest_numbers() -> None:
    for bound in (3.0, 0.25):
        y = applied(column([1e308, -1e308, 1.7e308, 1e200, 1e-300]), Squash(bound).stages("x", "_"))
        assert y.to_list() == [bound, -bound, bound, bound, pytest.approx(1e-300, rel=1e-15)]


def test_squash_inverts_only_inside_its_bound() -> None:
    back = applied(column([-3.0, 3.0, 3.1, math.nextafter(3.0, 0.0)]), Squash(3.0).inverse_stages("x", "_"))
    assert back.to_list()[:3] == [None, None, None]
    assert back[3] == pytest.approx(3.0 / math.sqrt(2 * 2.0**-52 * 2 / 3), rel=0.5)


def test_an_interval_beside_the_domain_has_no_image() -> None:
    with pytest.raises(FitError, match=r"log: nothing of \[-3.0, -1.0\] lies in \[0.0, inf\]"):
        Log().image(-3.0, -1.0)
    assert Log().image(-3.0, 1.0) == (-INF, 0.0)


def test_the_domain_of_a_chain_is_what_passes_every_link() -> None:
    assert Transform((Affine(shift=3.0), Log())).domain() == (3.0, INF)
    assert Transform((Log(), Log())).domain() == (1.0, INF)
    assert Transform((Squash(2.0), Affine(shift=-2.0), Log())).domain() == (-INF, INF)


def test_near_the_domain_s_end_the_inverse_is_zero_not_null() -> None:
    """(x − 1) rounds to −1 for x = 1e-20, and 0 is the nearest x that can be told from it."""
    y = applied(column([1e-20]), BoxCox(1.0).stages("x", "_"))
    assert applied(y.to_frame(), BoxCox(1.0).inverse_stages("x", "_")).to_list() == [0.0]
