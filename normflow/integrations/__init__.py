"""Thin adapters: one function around `normflow.run` for each orchestrator.

`normflow.integrations.dagster`, `.airflow`, `.kedro`, `.prefect`, `.dlt` and `.hamilton` each need the extra
of that name; `.openlineage` and `.opentelemetry` are plugins, of the extras `lineage` and `telemetry`.
"""
