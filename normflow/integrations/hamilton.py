"""Hamilton: the contract of a pipeline file as a validator of what a node gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import normflow as nf
from normflow.extras import host
from normflow.integrations.answers import settings
from normflow.integrations.judging import judged

with host("hamilton"):
    from hamilton.data_quality.base import DataValidator, ValidationResult
    from hamilton.function_modifiers import check_output_custom

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

STREAM = "__arrow_c_stream__"


class ContractValidator(DataValidator):
    """Judges the frames that a node gives: `@check_output_custom(ContractValidator("configs/weather.yaml"))`.

    Args:
        pipeline: a pipeline, or its file, which is read at once; of it only the contract counts.
        importance: what Hamilton does with rows that fail: `fail` ends the execution, `warn` logs. Checks at
            severity warn pass, and are among the diagnostics.
        target: the overlay under the file's targets.
        variables: what `${var:…}` of the file are.

    Raises:
        ConfigError: the file is wrong.
    """

    def __init__(
        self,
        pipeline: nf.Pipeline | str | Path,
        *,
        importance: str = "fail",
        target: str | None = None,
        variables: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(importance)
        if not isinstance(pipeline, nf.Pipeline):
            pipeline = nf.load(pipeline, **settings(target, variables))
        self._pipeline = pipeline

    @classmethod
    def name(cls) -> str:
        """Part of the name of the node that Hamilton adds."""
        return "normflow_contract"

    def description(self) -> str:
        """Whose contract it is."""
        return f"Judges rows by the contract of {self._pipeline.name}"

    def applies_to(self, datatype: Any) -> bool:
        """Frames of Polars, lazy ones too, of pandas and PyArrow, and all else that streams Arrow."""
        return datatype is Any or hasattr(datatype, STREAM) or _is_lazy(datatype)

    def validate(self, dataset: Any) -> ValidationResult:
        """Judge a frame; the diagnostics hold the verdict on each check, and say what warns.

        Quarantining and mending checks pass, as in a run, up to `max_failed`: they change no row here.
        """
        try:
            found = judged(dataset, self._pipeline)
        except nf.SchemaError as error:
            return ValidationResult(passes=False, message=str(error))
        verdicts = {
            one.check: {"status": one.status, "failed": one.failed, "rows": one.rows} for one in found.checks
        }
        return ValidationResult(
            passes=found.error is None,
            message=str(found.error or "every check passes"),
            diagnostics={"checks": verdicts, "warnings": found.warnings},
        )


def check_contract(pipeline: nf.Pipeline | str | Path, **options: Any) -> Callable[..., Any]:
    """The decorator of a node: `@check_contract("configs/weather.yaml")`, with the options of the validator.

    Raises:
        ConfigError: the file is wrong.
    """
    decorator: Callable[..., Any] = check_output_custom(ContractValidator(pipeline, **options))
    return decorator


def _is_lazy(datatype: Any) -> bool:
    import polars as pl

    return isinstance(datatype, type) and issubclass(datatype, pl.LazyFrame)
