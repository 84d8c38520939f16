"""Imports run downwards only, from package to package and from room to room."""

import ast
import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from fewdistricts import languages
from fewdistricts.provenance import origin
from fewdistricts.run import layers

ROOT = Path(__file__).parents[1]
PACKAGES = ["nbaccessible", "warmkernel", "fewdistricts"]
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def layer(module: str) -> int:
    """How high a module of fewdistricts stands."""
    name = module.partition(".")[2]
    rooms = [room for room in layers.ROOMS if name == room or name.startswith(f"{room}.")]
    return layers.ROOMS.index(max(rooms, key=len))


def imports(path: Path) -> set[str]:
    package = list(path.relative_to(ROOT).with_suffix("").parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: -node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            inner = {f"{module}.{alias.name}" for alias in node.names}
            found |= inner if len(module.split(".")) < 3 and module.startswith("fewdistricts") else {module}
    return {name for name in found if name.partition(".")[0] in PACKAGES}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_run_downwards(path):
    own = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    package = own.partition(".")[0]
    if own == "fewdistricts.__init__":
        return
    if package != "fewdistricts":
        assert {name for name in imports(path) if name.partition(".")[0] != package} == set()
        return
    inside = {name for name in imports(path) if name.startswith("fewdistricts.")}
    assert {name for name in inside if layer(name) > layer(own)} == set()


NAMED = {"warmkernel/zygote.py": ["module"]}
"""Imports whose name is only known at run time: of the modules that a warm process is asked to hold ready."""


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_nothing_is_imported_by_a_string(path):
    """A step depends on what it imports, which a name in a string would hide."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    named = [call for call in calls if ast.unparse(call.func).split(".")[-1] in ("import_module", "__import__")]
    assert [ast.unparse(call.args[0]) for call in named] == NAMED.get(path.relative_to(ROOT).as_posix(), [])


BY_OTHERS = {"nbaccessible": {"brotli", "matplotlib"}, "warmkernel": set()}
"""What is needed and not imported: fontTools asks for brotli, and matplotlib's folder holds fonts."""


@pytest.mark.parametrize("package", ["nbaccessible", "warmkernel"])
def test_what_a_package_needs_in_another_project_is_named(package):
    distributions = packages_distributions()
    imported = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            if isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.partition(".")[0])
    outside = imported - sys.stdlib_module_names - {package}
    needed = {distributions[name][0].lower().replace("_", "-") for name in outside} | BY_OTHERS[package]
    section = (ROOT / package / "README.md").read_text(encoding="utf-8").partition("## In another project\n")[2]
    listed = re.split(r"[.;] |\.\n", section.partition("It needs")[2])[0]
    assert set(re.findall(r"`([\w-]+)`", listed)) == needed


@pytest.mark.parametrize("package", ["nbaccessible", "warmkernel"])
def test_a_package_is_imported_where_the_others_are_not(package, tmp_path):
    shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    paths = [path.relative_to(tmp_path).with_suffix("") for path in (tmp_path / package).rglob("*.py")]
    modules = [".".join(path.parts) for path in paths if path.name not in ("__main__", "zygote")]
    code = (
        "import importlib, sys\n"
        f"for other in {[name for name in PACKAGES if name != package]}: sys.modules[other] = None\n"
        f"for module in {modules}: assert importlib.import_module(module).__file__.startswith({str(tmp_path)!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_of_doit_only_what_it_documents_is_used():
    """https://pydoit.org/extending.html: loaders, reporters and `doit.api`; its exceptions and tasks beside them."""
    uses = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == "doit":
                uses |= {f"{node.module}.{alias.name}" for alias in node.names}
            if isinstance(node, ast.Import):
                assert not any(alias.name.partition(".")[0] == "doit" for alias in node.names)
    assert uses == {
        "doit.api.run_tasks",
        "doit.cmd_base.TaskLoader2",
        "doit.exceptions.TaskFailed",
        "doit.exceptions.UnmetDependency",
        "doit.task.dict_to_task",
    }
    assert not any(part.startswith("_") for use in uses for part in use.split("."))


def test_every_file_of_code_is_in_a_room():
    """Steps depend on rooms: a file in none would be changed without anything being built again."""
    rooms = {layers.room_of(path) for path in origin.package_files()}
    texts = {f"texts/{language}" for language in languages.available()}
    assert rooms <= {*layers.ROOMS, *layers.PACKAGES, *texts}


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_are_committed_without_outputs(path):
    code = [c for c in cells(path) if c["cell_type"] == "code"]
    assert code
    assert all(c["outputs"] == [] and c["execution_count"] is None for c in code)


ANALYSIS = ("district_wave", "pooled")
OF_ANALYSIS = {"fewdistricts", "matplotlib.pyplot", "pandas", "seaborn", "statsmodels.formula.api"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_have_one_parameters_cell(path):
    assert len([c for c in cells(path) if "parameters" in c["metadata"].get("tags", [])]) == 1


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if p.stem not in ANALYSIS], ids=lambda p: p.stem)
def test_notebooks_of_documents_hold_no_analysis(path):
    for cell in cells(path):
        if cell["cell_type"] != "code" or "parameters" in cell["metadata"].get("tags", []):
            continue
        for statement in ast.parse("".join(cell["source"])).body:
            allowed = isinstance(statement, ast.ImportFrom | ast.Assign) or (
                isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
            )
            assert allowed, ast.unparse(statement)
            names = [n.module for n in ast.walk(statement) if isinstance(n, ast.ImportFrom)]
            assert all(name and name.startswith("fewdistricts.exhibits") for name in names)


@pytest.mark.parametrize("name", ANALYSIS)
def test_analysis_notebooks_are_what_an_analyst_writes(name):
    """Short cells, the public interface and the usual packages; prose before every step."""
    before = ""
    for cell in cells(ROOT / "notebooks" / f"{name}.ipynb"):
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            assert len(source.splitlines()) <= 15, source
            assert max(len(line) for line in source.splitlines()) <= 100, source
            for node in ast.walk(ast.parse(source)):
                assert not isinstance(node, ast.ImportFrom), ast.unparse(node)
                if isinstance(node, ast.Import):
                    assert {alias.name for alias in node.names} <= OF_ANALYSIS
                if isinstance(node, ast.Attribute):
                    assert not node.attr.startswith("_"), ast.unparse(node)
        before = cell["cell_type"]
    assert before == "code"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_prose_of_notebooks_has_no_typed_digit(path):
    prose = "".join("".join(c["source"]) for c in cells(path) if c["cell_type"] == "markdown")
    assert prose
    assert re.findall(r"\d", prose) == []
