"""What keepers of secrets promise, as tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

import normflow as nf
from normflow.plugins import loaded
from normflow.testing.runs import pipeline

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class SecretsContract:
    """The laws of a keeper of secrets; a subclass says under which `name` it is installed.

    `known` are secrets that it has for the test, by their names, and `unknown` is a name that it has not.
    """

    name: ClassVar[str] = ""
    known: ClassVar[Mapping[str, str]] = {}
    unknown: ClassVar[str] = "no/such/secret"

    def test_it_gives_what_it_keeps(self) -> None:
        """Each secret as text, as often as it is asked."""
        assert self.known, f"{type(self).__name__}.known names no secret"
        for _ in range(2):
            assert {name: loaded("secrets", self.name)(name) for name in self.known} == self.known

    def test_what_it_does_not_keep_is_an_error(self) -> None:
        """No empty text, which would be tried as a password."""
        with pytest.raises(Exception) as caught:  # noqa: PT011  (which one is its own affair)
            loaded("secrets", self.name)(self.unknown)
        assert not [value for value in self.known.values() if value in str(caught.value)]

    def test_a_pipeline_that_lists_it_asks_it_late_and_shows_nothing(self, tmp_path: Path) -> None:
        """The reference stands in the pipeline and in what is stored of it; the value does not."""
        for secret, value in self.known.items():
            address = f"postgresql://etl:${{secret:{self.name}:{secret}}}@nowhere.invalid/db"
            found = pipeline(
                tmp_path, plugins=[self.name], source={"database": address, "table": "t"}, registry="r.duckdb"
            )
            assert value not in repr(found)
            assert value not in found.to_json()
            with pytest.raises(nf.NormflowError) as caught:
                nf.run(found)
            assert value not in str(caught.value)
