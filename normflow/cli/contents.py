"""What help is made of: the sections, the examples of each command, and words that other programs use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Start": ("init", "check", "profile"),
    "Run": ("run", "plan", "validate", "inverse"),
    "Understand": ("explain", "report", "diff"),
    "History": ("runs", "show", "rerun", "replay", "export"),
    "Care": ("registry",),
    "Reference": ("methods", "schema", "plugins", "completion", "help"),
}

EXAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "init": (
        (
            "normflow init data/weather.parquet",
            "weather.yaml here, with a comment for each column",
        ),
        ("normflow init 'data/2024-*.csv' -o year.yaml --sink out/year.parquet", "many files as one source"),
    ),
    "check": (
        ("normflow check weather.yaml", "everything that is wrong, at once, before a row is read"),
        ("normflow check pipelines/*.yaml --json", "for a build server: 0 or 2, and one document"),
    ),
    "profile": (
        (
            "normflow profile data/weather.parquet",
            "ranges, shapes, gaps, and what auto would choose",
        ),
        ("normflow profile data/weather.parquet --json", "the same for programs"),
    ),
    "run": (
        ("normflow run weather.yaml", "learn or reuse a fit, judge, publish, record"),
        ("normflow run weather.yaml --limit 5", "look at the first rows, and leave no trace"),
        ("normflow run weather.yaml --mode refit --target prod", "learn anew, with the overlay of prod"),
        ("normflow run weather.yaml --mode frozen --json", "never learn; one document for programs"),
        ("normflow run weather.yaml --fit weather@latest", "by the fit of the last successful run"),
    ),
    "plan": (
        ("normflow plan weather.yaml", "fit reused or learned, files read and written"),
        ("normflow plan weather.yaml --exit-code -q", "5 where a run would change something"),
    ),
    "validate": (
        ("normflow validate weather.yaml", "contract and checks only; nothing is written"),
        ("normflow validate weather.yaml --junit checks.xml", "verdicts for a build server"),
    ),
    "inverse": (
        (
            "normflow inverse weather.yaml out/weather.parquet -o back.parquet",
            "all columns in their own units",
        ),
        (
            "normflow inverse houses.yaml predictions.csv -o prices.csv --column prediction=price",
            "the column 'prediction' back by the fit of 'price'; the others stay",
        ),
    ),
    "explain": (
        ("normflow explain weather.yaml", "why each column got its method"),
        ("normflow explain weather.yaml wind_gust", "one column: questions, evidence, candidates"),
        ("normflow explain weather.yaml --config", "each setting, and where its value came from"),
    ),
    "report": (
        ("normflow report weather@latest -o weather.html", "the last run as a page that opens offline"),
        ("normflow report --all -o site", "the whole registry as a site"),
    ),
    "diff": (("normflow diff weather@latest 20240301T060000-1a2b3c4d", "what moved between two runs"),),
    "runs": (
        ("normflow runs weather.yaml", "the runs of this pipeline, newest first"),
        ("normflow runs --registry /srv/registry.duckdb --limit 100", "all runs of another registry"),
    ),
    "show": (("normflow show weather@latest", "the last successful run, as it was told"),),
    "rerun": (("normflow rerun weather@latest", "the same bytes again? 0 for yes, 5 for no"),),
    "replay": (("normflow replay weather@latest -o mended.parquet", "its quarantined rows, after a mend"),),
    "export": (
        ("normflow export weather@latest -o fit.json", "for run --fit on another machine"),
        (
            "normflow export weather@latest --to sql --table weather",
            "one SELECT for DuckDB that normalizes there",
        ),
        ("normflow export weather@latest --to dbt -o models/weather_n.sql", "the same as a model of dbt"),
        ("normflow export weather@latest --to onnx -o weather.onnx", "for any ONNX runtime"),
    ),
    "registry": (("normflow registry check", "is it sound, what does it hold"),),
    "registry check": (("normflow registry check", "0 where it is sound, else 3"),),
    "registry recover": (("normflow registry recover", "end what died"),),
    "registry compact": (("normflow registry compact", "without unused room"),),
    "registry backup": (("normflow registry backup registry-2024-03-01.duckdb", "one state of it"),),
    "registry forget": (
        ("normflow registry forget weather --column income --yes", "all that was learned of a column"),
    ),
    "methods": (
        ("normflow methods", "all of them, a line each"),
        ("normflow methods yeojohnson", "formula, options with their defaults, source"),
    ),
    "schema": (("normflow schema > pipeline.schema.json", "for editors that complete and check YAML"),),
    "plugins": (
        ("normflow plugins", "what installed packages offer; none of their code is loaded"),
        ("normflow plugins weather.yaml", "and which of it this pipeline uses"),
    ),
    "completion": (
        ('eval "$(normflow completion bash)"', "in ~/.bashrc; zsh alike in ~/.zshrc"),
        ("normflow completion fish > ~/.config/fish/completions/normflow.fish", "once"),
    ),
    "help": (
        ("normflow help NF210", "what this error means, and what to do"),
        ("normflow help run", "as normflow run --help"),
    ),
}

ELSEWHERE: Mapping[str, str] = {
    "new": "init",
    "create": "init",
    "lint": "check",
    "validate-config": "check",
    "describe": "profile",
    "stats": "profile",
    "start": "run",
    "apply": "run",
    "fit": "run",
    "transform": "run",
    "normalize": "run",
    "preview": "run FILE --limit 10",
    "dry-run": "plan",
    "test": "validate",
    "undo": "inverse",
    "denormalize": "inverse",
    "why": "explain",
    "history": "runs",
    "log": "runs",
    "list": "runs",
    "ls": "runs",
    "compare": "diff",
    "repeat": "rerun",
    "sql": "export FIT --to sql",
    "version": "--version",
    "doctor": "registry check",
    "backup": "registry backup",
    "forget": "registry forget",
}
"""What people write who know other programs, and the command that does it here."""
