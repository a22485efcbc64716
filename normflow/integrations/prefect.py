"""Prefect: a pipeline as a task with retries that make sense, and as a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import normflow as nf
from normflow.extras import host
from normflow.integrations.answers import may_retry, sentence, settings, told

with host("prefect"):
    from prefect import flow, get_run_logger, task

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RETRIES, SECONDS = 3, 30


async def retries(_task: object, _run: object, state: Any) -> bool:
    """Whether another try may help: Prefect asks after a task has failed."""
    try:
        await state.aresult()
    except nf.NormflowError as error:
        return may_retry(error)
    except Exception:  # noqa: BLE001  (what is none of ours is Prefect's to retry)
        return True
    return False


@task(
    name="normflow",
    retries=RETRIES,
    retry_delay_seconds=SECONDS,
    retry_condition_fn=retries,
    persist_result=False,
)
def run_pipeline(
    path: str | Path,
    *,
    target: str | None = None,
    variables: Mapping[str, Any] | None = None,
    mode: str | None = None,
) -> dict[str, Any]:
    """Run a pipeline file and return its record, the document of `normflow run --json`.

    Rows that fail, a wrong configuration and drift fail at once; the system and a busy sink are tried again,
    three times, half a minute apart: `run_pipeline.with_options(retries=…)` is another number.

    Raises:
        NormflowError: what `normflow.run` raises; nothing was published then.
    """
    log = get_run_logger()
    try:
        record = nf.run(nf.load(path, **settings(target, variables)), mode=mode)  # type: ignore[arg-type]  # it checks
    except nf.NormflowError as error:
        log.error(sentence(error))  # noqa: TRY400  (the traceback is Prefect's to show)
        raise
    log.info("normflow run %(run_id)s: %(rows)s rows, %(quarantined)s quarantined", told(record))
    return record.to_json()


@flow(name="normflow")
def normflow_flow(
    path: str,
    target: str | None = None,
    variables: dict[str, Any] | None = None,
    mode: str | None = None,
) -> dict[str, Any]:
    """One pipeline file as a flow, to be deployed and scheduled."""
    record: dict[str, Any] = run_pipeline(path, target=target, variables=variables, mode=mode)
    return record
