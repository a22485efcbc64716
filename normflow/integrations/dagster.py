"""Dagster: a pipeline as an asset, with an asset check for each check of its contract and its outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator  # noqa: TC003  (Dagster reads the annotations)
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import normflow as nf
from normflow.contract.conditions import asked
from normflow.extras import host
from normflow.integrations.answers import may_retry, sentence, settings, told

with host("dagster"):
    import dagster as dg

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from normflow.record import CheckRecord

MOMENTS = ("mean", "std", "skew", "quantile", "nulls_at_most", "drift")


class Declared(NamedTuple):
    """A check as the pipeline file has it; `key` may be a pattern of columns."""

    section: str
    key: str
    kind: str
    blocking: bool

    @property
    def name(self) -> str:
        """`contract_wind_speed_range`, of the letters that Dagster takes."""
        return re.sub(r"[^A-Za-z0-9_]+", "_", f"{self.section}_{self.key}_{self.kind}")

    def judges(self, check: CheckRecord) -> bool:
        """Whether a verdict of a run is about it."""
        kind = check.check.removeprefix(f"{check.column}.")
        named = kind == self.kind or kind.startswith(f"{self.kind}.")  # quantile.50%
        matches = check.column == self.key or fnmatchcase(check.column, self.key)
        return check.section == self.section and named and matches


def declared(pipeline: nf.Pipeline) -> list[Declared]:
    """The checks that a pipeline file declares, in its order."""
    found = []
    for section, rules in (("contract", pipeline.contract), ("checks", pipeline.checks)):
        for key, rule in rules.items():
            kinds = [*asked(rule), *(one for one in MOMENTS if getattr(rule, one) is not None)]
            found += [Declared(section, key, kind, rule.severity == "error") for kind in kinds]
    return found


def normflow_asset(
    path: str | Path,
    *,
    key: dg.AssetKey | Sequence[str] | str | None = None,
    target: str | None = None,
    variables: Mapping[str, Any] | None = None,
    mode: str | None = None,
    deps: Iterable[Any] = (),
    group_name: str | None = None,
) -> dg.AssetsDefinition:
    """An asset that runs a pipeline file whenever it is materialized.

    `key` is the asset's, such as `shop/prices`; without one it is the pipeline's name. The file is read now,
    its data when it runs. A run that fails materializes nothing, since nothing was published; its checks are
    told all the same. Only what another try may mend is retried.

    Raises:
        ConfigError: the file is wrong.
    """
    pipeline = nf.load(path, **settings(target, variables))
    named = dg.AssetKey.from_user_string(key) if isinstance(key, str) else key
    asset = dg.AssetKey.from_coercible(named or pipeline.name)
    checks = _named(declared(pipeline))
    specs = [dg.AssetCheckSpec(name, asset=asset, blocking=one.blocking) for name, one in checks.items()]

    @dg.multi_asset(
        name=re.sub(r"[^A-Za-z0-9_]+", "_", "_".join(asset.path)),
        specs=[
            dg.AssetSpec(
                asset, deps=list(deps), group_name=group_name, kinds={"polars"}, metadata={"file": str(path)}
            )
        ],
        check_specs=specs,
    )
    def run_pipeline() -> Iterator[Any]:
        try:
            record = nf.run(pipeline, mode=mode)  # type: ignore[arg-type]  # it checks the word
        except nf.NormflowError as error:
            if record_of_failure := getattr(error, "record", None):
                yield from _results(checks, record_of_failure.checks, asset)
            raise dg.Failure(
                sentence(error), metadata={"id": error.id}, allow_retries=may_retry(error)
            ) from error
        yield from _results(checks, record.checks, asset)
        yield dg.MaterializeResult(asset, metadata={"dagster/row_count": record.rows, **told(record)})

    return run_pipeline


def _named(found: Iterable[Declared]) -> dict[str, Declared]:
    """Checks by names that differ, though columns may differ only in signs that Dagster does not take."""
    checks: dict[str, Declared] = {}
    for one in found:
        same = sum(one.name == other.name for other in checks.values())
        checks[f"{one.name}_{same + 1}" if same else one.name] = one
    return checks


def _results(
    checks: Mapping[str, Declared], verdicts: Iterable[CheckRecord], asset: dg.AssetKey
) -> Iterator[dg.AssetCheckResult]:
    for name, one in checks.items():
        found = [check for check in verdicts if one.judges(check)]
        yield dg.AssetCheckResult(
            passed=all(check.status not in {"failed", "warned"} for check in found),
            asset_key=asset,
            check_name=name,
            severity=dg.AssetCheckSeverity.ERROR if one.blocking else dg.AssetCheckSeverity.WARN,
            description="; ".join(check.message for check in found),
            metadata={key: sum(getattr(check, key) for check in found) for key in ("rows", "failed")},
        )


class NormflowComponent(dg.Component, dg.Model, dg.Resolvable):
    """A pipeline file as a component, of `type: normflow.integrations.dagster.NormflowComponent`."""

    pipeline: str
    """The file, from the component's folder."""
    key: str | None = None
    target: str | None = None
    variables: dict[str, Any] | None = None
    mode: str | None = None
    deps: list[str] | None = None
    group_name: str | None = None

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """The asset of the file."""
        options = {name: getattr(self, name) for name in ("key", "target", "variables", "mode", "group_name")}
        file = Path(context.path) / self.pipeline
        return dg.Definitions(assets=[normflow_asset(file, deps=self.deps or (), **options)])
