"""Thin adapters: one function around `normflow.run` for each orchestrator.

`normflow.integrations.dagster`, `.airflow`, `.kedro`, `.prefect` and `.dlt` each need the extra of that name.
"""
