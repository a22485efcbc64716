"""What Airflow asks of a provider while it starts, when nothing of it can be imported yet."""

from __future__ import annotations

from typing import Any

import normflow as nf


def get_provider_info() -> dict[str, Any]:
    """By the entry point `apache_airflow_provider`: the package, and `@task.normflow`."""
    return {
        "package-name": "normflow-etl",
        "name": "normflow",
        "description": "Declarative, reproducible normalization of tabular data.",
        "versions": [nf.__version__],
        "task-decorators": [
            {"name": "normflow", "class-name": "normflow.integrations.airflow.normflow_task"}
        ],
    }
