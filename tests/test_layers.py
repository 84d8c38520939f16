"""Imports run one way: errors, paths < design < survey < estimate < exhibits < publish < run < __main__."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ["errors", "paths", "design", "survey", "estimate", "exhibits", "publish", "run", "__main__"]
MODULES = sorted((ROOT / "evaluation").rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def layer(module: str) -> int:
    return LAYERS.index(module.split(".")[1])


def imports(path: Path) -> set[str]:
    package = list(path.relative_to(ROOT).with_suffix("").parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: -node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{module}.{alias.name}" for alias in node.names} if module == "evaluation" else {module}
    return {name for name in found if name.startswith("evaluation.")}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_run_downwards(path):
    own = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    if own == "evaluation.__init__":
        assert imports(path) == set()
        return
    above = {name for name in imports(path) if layer(name) > layer(own)}
    assert above == set()


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_are_committed_without_outputs(path):
    code = [c for c in cells(path) if c["cell_type"] == "code"]
    assert code
    assert all(c["outputs"] == [] and c["execution_count"] is None for c in code)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_have_one_parameters_cell_and_no_analysis(path):
    tagged = [c for c in cells(path) if "parameters" in c["metadata"].get("tags", [])]
    assert len(tagged) == 1
    for cell in cells(path):
        if cell["cell_type"] != "code" or cell in tagged:
            continue
        for statement in ast.parse("".join(cell["source"])).body:
            allowed = isinstance(statement, ast.ImportFrom | ast.Assign) or (
                isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
            )
            assert allowed, ast.unparse(statement)
            names = [n.module for n in ast.walk(statement) if isinstance(n, ast.ImportFrom)]
            assert all(name == "evaluation.exhibits" for name in names)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_prose_of_notebooks_has_no_typed_digit(path):
    prose = "".join("".join(c["source"]) for c in cells(path) if c["cell_type"] == "markdown")
    assert prose
    assert re.findall(r"\d", prose) == []
