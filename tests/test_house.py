"""The rules of the house: style, types, import contracts, sizes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "lyapstudio").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def run(*command: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_ruff_check():
    run("ruff", "check", "--no-cache", ".")


def test_ruff_format():
    run("ruff", "format", "--no-cache", "--check", ".")


@pytest.mark.timeout(400)
def test_mypy():
    run("mypy", "--cache-dir", "/dev/null")


def test_import_contracts():
    code = "import sys; from importlinter.cli import lint_imports_command as c; c()"
    result = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_files_and_functions_are_short():
    long = []
    for file in FILES:
        text = file.read_text("utf-8")
        lines = text.count("\n")
        if lines > 400:
            long.append(f"{file.name}: {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = node.end_lineno - node.lineno + 1
                marks = [ast.unparse(d) for d in node.decorator_list]
                if length > (80 if any("kernel" in m for m in marks) else 60):
                    long.append(f"{file.name}:{node.name}: {length} lines")
    assert not long, long


def test_numba_is_spelled_in_one_file():
    users = [f.name for f in FILES if "import numba" in f.read_text("utf-8")]
    assert users == ["kernel.py"]


def test_no_pickle_and_no_eval():
    for file in FILES:
        text = file.read_text("utf-8")
        assert "allow_pickle=True" not in text, file
        # kernel.py reads back what numba compiled, under a checksum, as numba itself keeps it
        assert "import pickle" not in text or file.name == "kernel.py", file
        names = {
            n.func.id
            for n in ast.walk(ast.parse(text))
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        assert not names & {"eval", "exec"}, file


def test_no_model_is_named_outside_models():
    """A new model needs no line elsewhere: no isinstance on models, no import of one."""
    for file in FILES:
        if file.parent.name in ("models", "document"):
            continue
        assert "from lyapstudio.models." not in file.read_text("utf-8"), file


def test_layers_need_no_qt_and_no_numba_to_import():
    code = (
        "import lyapstudio.cli, lyapstudio.document.files, lyapstudio.engine.simulation, sys;"
        "assert 'numba' not in sys.modules and 'PySide6' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


@pytest.mark.parametrize("module", ["lyapstudio.ui.window", "lyapstudio.ui.reporting"])
def test_importing_the_window_imports_nothing_heavy(module):
    code = f"import {module}, sys; print(*({{'numba', 'scipy', 'networkx'}} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_before_the_splash_only_qt_is_imported():
    code = "import lyapstudio.app, sys; print(*({'numpy', 'numba', 'scipy'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_kernels_leave_matrix_products_to_numpy():
    """Inside a kernel `@` needs scipy, and without it the process aborts."""
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                "kernel" in ast.unparse(d) for d in node.decorator_list
            ):
                for part in ast.walk(node):
                    assert not isinstance(part, ast.MatMult), f"{file.name}: {node.name}"
                    product = isinstance(part, ast.Attribute) and part.attr in ("dot", "linalg")
                    assert not product, f"{file.name}: {node.name}"


def test_no_import_cycles():
    """Imports for type checking only are counted too: they tie rooms together all the same."""
    graph = grimp.build_graph("lyapstudio", cache_dir=None)
    imports = {m: graph.find_modules_directly_imported_by(m) for m in graph.modules}
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join((*way[way.index(module) :], module))
        if module not in done:
            for other in imports[module]:
                visit(other, (*way, module))
            done.add(module)

    for module in sorted(graph.modules):
        visit(module, ())
