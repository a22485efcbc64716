"""Adapters without their hosts say which extra brings them."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

HOSTS: Mapping[str, tuple[str, str]] = {
    "airflow": ("airflow", "airflow"),
    "dagster": ("dagster", "dagster"),
    "dlt": ("dlt", "dlt"),
    "hamilton": ("hamilton", "hamilton"),
    "kedro": ("kedro", "kedro"),
    "prefect": ("prefect", "prefect"),
    "openlineage": ("openlineage", "lineage"),
    "opentelemetry": ("opentelemetry", "telemetry"),
}


@pytest.mark.parametrize("adapter", HOSTS)
def test_an_adapter_without_its_host_names_the_extra(adapter: str, monkeypatch: pytest.MonkeyPatch) -> None:
    host, extra = HOSTS[adapter]
    for name in [name for name in sys.modules if name.partition(".")[0] == host]:
        monkeypatch.delitem(sys.modules, name)
    for name in (f"normflow.integrations.{adapter}", "normflow.integrations.openlineage_facets"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "meta_path", [Absent(host), *sys.meta_path])
    with pytest.raises(ImportError) as caught:
        importlib.import_module(f"normflow.integrations.{adapter}")
    assert str(caught.value).startswith(host)
    assert str(caught.value).endswith(f"is not installed: pip install 'normflow-etl[{extra}]'")


class Absent:
    """A package that nobody has installed."""

    def __init__(self, host: str) -> None:
        self._host = host

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Say that it is not there."""
        if name.partition(".")[0] == self._host:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)
