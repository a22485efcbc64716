"""Sizes as people write them."""

from __future__ import annotations

import pytest

from normflow.spec import as_size, bytes_of


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("2GiB", 2 * 2**30),
        ("512MB", 512_000_000),
        ("1.5 GiB", 3 * 2**29),
        ("64 kb", 64_000),
        ("100B", 100),
        (" 1TiB ", 2**40),
    ],
)
def test_a_size_is_a_number_and_a_unit(text: str, count: int) -> None:
    assert bytes_of(text) == count


@pytest.mark.parametrize("value", [2, 2.5, True, None, "2", "GiB", "2 bananas", "-1GiB", "1e3MB", "２GiB"])
def test_anything_else_is_none(value: object) -> None:
    with pytest.raises(ValueError, match=r"^expected a size such as 2GiB or 512MB$"):
        bytes_of(value)


@pytest.mark.parametrize(
    ("count", "text"), [(100, "100 B"), (2048, "2 KiB"), (3 << 20, "3 MiB"), (3 << 29, "1.5 GiB")]
)
def test_a_size_is_told_in_its_largest_unit(count: int, text: str) -> None:
    assert as_size(count) == text
