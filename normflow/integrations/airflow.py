"""Airflow: an operator and a task decorator that run a pipeline file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import normflow as nf
from normflow.extras import host
from normflow.integrations.answers import may_retry, sentence, settings

with host("airflow"):
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk import BaseOperator
    from airflow.sdk.bases.decorator import DecoratedOperator, task_decorator_factory
    from airflow.sdk.exceptions import AirflowException, AirflowFailException

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

KEYS = ("pipeline", "target", "variables", "mode")
ASKED = {*KEYS}


class NormflowOperator(BaseOperator):
    """Run a pipeline file; what the task returns is the record, the document of `normflow run --json`.

    Rows that fail (exit code 1), a wrong configuration (2) and a difference (5) fail the task without
    another try; the system (3) and a busy sink (4) are retried as the DAG says.
    """

    template_fields: Sequence[str] = KEYS

    def __init__(
        self,
        *,
        pipeline: str,
        target: str | None = None,
        variables: Mapping[str, Any] | None = None,
        mode: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pipeline = pipeline
        self.target = target
        self.variables = variables
        self.mode = mode

    def execute(self, context: Any) -> dict[str, Any]:  # noqa: ARG002  (Airflow's signature)
        """Run it.

        Raises:
            AirflowFailException: another try would end the same.
            AirflowException: another try may help.
        """
        return ran(self.pipeline, target=self.target, variables=self.variables, mode=self.mode)


class NormflowDecoratedOperator(DecoratedOperator, PythonOperator):
    """A function that returns the file, or a mapping of `pipeline, target, variables, mode`.

    What it is called with may be templates, as in any task; what it returns is taken as it is.
    """

    custom_operator_name = "@task.normflow"

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        op_args: Sequence[Any] = (),
        op_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        called = {"python_callable": python_callable, "op_args": op_args, "op_kwargs": dict(op_kwargs or {})}
        super().__init__(kwargs_to_upstream=called, **called, **kwargs)

    def execute(self, context: Any) -> dict[str, Any]:
        """Call the function, then run what it returns.

        Raises:
            AirflowFailException: it is no file and no such mapping, or another try would end the same.
            AirflowException: another try may help.
        """
        wanted = super().execute(context)
        asked = {"pipeline": wanted} if isinstance(wanted, str | os.PathLike) else wanted
        if not isinstance(asked, dict) or "pipeline" not in asked or not asked.keys() <= ASKED:
            what = (
                f"the function gives {wanted!r}, and not a pipeline file, or a mapping of {', '.join(KEYS)}"
            )
            raise AirflowFailException(what)
        return ran(**asked)


def normflow_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> Any:
    """`@task.normflow`: the decorated function says which pipeline file runs."""
    return task_decorator_factory(
        python_callable=python_callable, decorated_operator_class=NormflowDecoratedOperator, **kwargs
    )


def ran(
    pipeline: str,
    *,
    target: str | None = None,
    variables: Mapping[str, Any] | None = None,
    mode: str | None = None,
) -> dict[str, Any]:
    """The record of a run, or an error that says whether to try again.

    Raises:
        AirflowFailException: another try would end the same.
        AirflowException: another try may help.
    """
    try:
        return nf.run(nf.load(pipeline, **settings(target, variables)), mode=mode).to_json()  # type: ignore[arg-type]
    except nf.NormflowError as error:
        kind = AirflowException if may_retry(error) else AirflowFailException
        raise kind(sentence(error)) from error
