"""Kedro: fits as datasets, a run as a node, and contracts as a hook."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import normflow as nf
from normflow.extras import host
from normflow.integrations.answers import settings
from normflow.integrations.judging import judged

with host("kedro"):
    from kedro.framework.hooks import hook_impl
    from kedro.io import AbstractDataset
    from kedro.pipeline import node

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kedro.pipeline.node import Node

logger = logging.getLogger(__name__)


class FitDataset(AbstractDataset):
    """A `normflow.Fit` as a JSON file: `type: normflow.integrations.kedro.FitDataset` in the catalog."""

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._path = Path(filepath)
        self.metadata = metadata

    def load(self) -> nf.Fit:
        """Read it."""
        return nf.Fit.from_json(self._path.read_text(encoding="utf-8"))

    def save(self, data: nf.Fit) -> None:
        """Write it, whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_name(f".{self._path.name}.new")
        new.write_text(data.to_json(), encoding="utf-8")
        new.replace(self._path)

    def _exists(self) -> bool:
        return self._path.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._path)}


def run_node(
    path: str,
    *,
    inputs: str | Sequence[str] | None = None,
    outputs: str,
    target: str | None = None,
    variables: Mapping[str, Any] | None = None,
    mode: str | None = None,
    **options: Any,
) -> Node:
    """A node that runs a pipeline file; its output is the record, the document of `normflow run --json`.

    `inputs` are datasets that must be there first, and are not read for their values.
    """

    def run_pipeline(*_before: object) -> dict[str, Any]:
        record = nf.run(nf.load(path, **settings(target, variables)), mode=mode)  # type: ignore[arg-type]  # it checks
        document: dict[str, Any] = json.loads(json.dumps(record.to_json()))
        return document

    options.setdefault("name", f"normflow_{Path(path).stem}")
    return node(run_pipeline, _listed(inputs), outputs, **options)


def fit_node(
    inputs: str,
    outputs: str,
    *,
    normalize: Mapping[str, Any] | None = None,
    name: str | None = None,
    **arguments: Any,
) -> Node:
    """A node that learns a fit from a frame, with the arguments of `normflow.fit`."""

    def learn(frame: Any) -> nf.Fit:
        return nf.fit(frame, normalize, **arguments)

    return node(learn, inputs, outputs, name=name or f"fit_{inputs}")


def transform_node(frame: str, fit: str, outputs: str, *, name: str | None = None) -> Node:
    """A node that applies a fit to a frame, which comes out as the kind of frame it is."""

    def transform(rows: Any, learned: nf.Fit) -> Any:
        return learned.transform(rows)

    return node(transform, [frame, fit], outputs, name=name or f"transform_{frame}")


class ContractHooks:
    """Judge datasets when they are loaded: by name, the pipeline file whose contract they must hold.

    In settings.py: `HOOKS = (ContractHooks({"weather": "configs/weather.yaml"}),)`.
    """

    def __init__(self, contracts: Mapping[str, str]) -> None:
        self._files = dict(contracts)

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, data: Any) -> None:
        """Judge it; what warns is logged.

        Raises:
            ContractError: rows break the contract.
            SchemaError: a column is missing, or has the wrong type.
        """
        if dataset_name not in self._files:
            return
        found = judged(data, self._files[dataset_name])
        for told in found.warnings:
            logger.warning("%s: %s", dataset_name, told)
        if found.error:
            raise found.error


def _listed(inputs: str | Sequence[str] | None) -> list[str]:
    if inputs is None:
        return []
    return [inputs] if isinstance(inputs, str) else list(inputs)
