"""The import direction, the edge libraries and the late imports, held by a test."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "normflow"

# A layer may import the layers below it and itself; members of one layer do not import each other.
LAYERS: list[set[str]] = [
    {
        "errors",
        "spelling",
        "memory",
        "upward",
        "spec",
        "record",
        "naming",
        "division",
        "dtypes",
        "frames",
        "guests",
        "locks",
        "predicates",
        "dialects",
        "stores",
        "databases",
        "lakes",
        "extras",
        "lasting",
        "foreign_tables",
        "logs",
        "plugins",
    },
    {"profiles", "transforms"},
    {"methods"},
    {"select"},
    {"fits"},
    {
        "config",
        "sources",
        "sinks",
        "contract",
        "registry",
        "report",
        "onnx",
        "polars",
        "sklearn",
        "spark",
        "cluster",
    },
    {"pipeline"},
    {"integrations", "testing"},
    {"cli"},
    {"__main__"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
FREE_WITHIN = {0}  # the vocabulary: small modules that may name each other
PURE = {
    "errors",
    "spelling",
    "spec",
    "record",
    "naming",
    "division",
    "dtypes",
    "locks",
    "predicates",
    "profiles",
    "transforms",
    "methods",
    "select",
    "fits",
}
CORE_LIBRARIES = {"numpy", "polars"}
EDGE_LIBRARIES = {
    "yaml": {"config"},
    "pydantic": {"config", "registry"},
    "pydantic_core": {"config", "registry"},
    "duckdb": {"registry", "sources", "sinks"},
    "obstore": {"stores"},
    "deltalake": {"lakes", "sources", "sinks"},
    "pyiceberg": {"lakes", "sources", "sinks"},
    "adbc_driver_manager": {"databases", "sources", "sinks"},
    "pandera": {"contract"},
    "psycopg": {"registry"},
    "click": {"cli"},
    "rich": {"report", "cli"},
    "jinja2": {"report"},
    "sqlglot": {"dialects"},
    "sklearn": {"sklearn"},
    "onnx": {"onnx"},
    "pytest": {"testing"},
    **{host: {"integrations"} for host in ("airflow", "dagster", "dlt", "hamilton", "kedro", "prefect")},
    **{collector: {"integrations"} for collector in ("openlineage", "opentelemetry")},
    "pyarrow": {"spark", "cluster", "sources", "sinks"},
    "pyspark": {"spark", "cluster"},
    "py4j": {"cluster"},
}


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Dotted names of all modules a file imports, at any depth in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            if node.module == "normflow":  # its own names, such as __version__, have no layer
                names |= {f"normflow.{alias.name}" for alias in node.names if alias.name in LEVEL}
    return names


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def test_every_module_has_a_layer() -> None:
    assert {part(path) for path in MODULES} == set(LEVEL)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    """What a layer may import is below it."""
    own = part(path)
    for name in imported(path):
        if name.startswith("normflow."):
            other = name.split(".")[1]
            allowed = other == own or LEVEL[other] < LEVEL[own] or LEVEL[other] == LEVEL[own] in FREE_WITHIN
            assert allowed, f"{own} imports {other}, which is not below it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_stay_at_their_edge(path: Path) -> None:
    """The core knows the standard library, numpy and polars; each edge library has one or two homes."""
    own = part(path)
    for name in imported(path):
        library = name.split(".")[0]
        if library == "normflow" or library in sys.stdlib_module_names:
            continue
        homes = EDGE_LIBRARIES.get(library)
        assert homes is not None or library in CORE_LIBRARIES, f"{library} has no home"
        assert homes is None or own in homes, f"{library} is not at home in {own}"
        assert own not in PURE or library in CORE_LIBRARIES


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["run", "--help"], ["--version"], ["help", "run"], ["help", "NF210"], ["completion", "zsh"]],
    ids=" ".join,
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    """`normflow --help` answers without polars, pandera, duckdb, numpy, pydantic, yaml, rich or sqlglot."""
    heavy = ["polars", "pandera", "duckdb", "numpy", "pydantic", "yaml", "rich", "sqlglot", "jinja2"]
    code = (
        "import sys\n"
        "from normflow.cli import main\n"
        "try:\n"
        f"    main({arguments!r})\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr.strip() == "[]"


def test_importing_normflow_loads_nothing_heavy() -> None:
    """The public names load at first use."""
    code = (
        "import sys, normflow; assert 'polars' not in sys.modules\n"
        "assert normflow.fit and 'polars' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_public_functions_are_functions() -> None:
    """No package shadows `nf.fit`, `nf.profile`, `nf.run` or `nf.load`, whatever was imported first."""
    code = (
        "import normflow.pipeline, normflow.config, normflow.profiles, normflow.fits\n"
        "import normflow as nf\n"
        "assert all(callable(f) for f in (nf.fit, nf.profile, nf.run, nf.load))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
