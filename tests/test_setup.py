"""The environment: its three descriptions agree, it installs, renews itself, and says in one sentence why it cannot."""

from __future__ import annotations

import ast
import errno
import importlib.util
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from ruamel.yaml import YAML

from fewdistricts.paths import PROJECT

SCRIPT = PROJECT / "tools" / "setup_environment.py"
LOCKS = [
    "requirements.lock",
    "requirements-test.lock",
    "requirements-benchmark.lock",
    "requirements-cluster.lock",
    "tools/uv.lock",
]
CONFIGURATION = [*LOCKS, "pyproject.toml", "environment.yml", "Makefile", ".ci/run", ".github/workflows/ci.yml"]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())


def read_lock(path: Path) -> list[tuple[Requirement, int]]:
    """Each pinned requirement of a lock and the number of its hashes."""
    joined = path.read_text().replace("\\\n", " ")
    pins = []
    for line in joined.splitlines():
        if line.strip() and not line.startswith("#"):
            text, *hashes = re.split(r"\s+--hash=sha256:", line.strip())
            pins.append((Requirement(text), len(hashes)))
    return pins


def versions(name: str) -> dict[str, Version]:
    """Locked version by normalised name; a package pinned twice fails."""
    pins: dict[str, Version] = {}
    for requirement, _ in read_lock(PROJECT / name):
        key = normalised(requirement.name)
        assert key not in pins, f"{key} has two versions in {name}"
        (specifier,) = requirement.specifier
        assert specifier.operator == "=="
        pins[key] = Version(specifier.version)
    return pins


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture
def script(monkeypatch):
    """The set-up script as a module of its own."""
    spec = importlib.util.spec_from_file_location("setup_environment", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("dependencies", "lock"),
    [
        (PYPROJECT["project"]["dependencies"], "requirements.lock"),
        (PYPROJECT["dependency-groups"]["test"], "requirements-test.lock"),
        (PYPROJECT["dependency-groups"]["benchmark"], "requirements-benchmark.lock"),
        (PYPROJECT["dependency-groups"]["cluster"], "requirements-cluster.lock"),
    ],
    ids=["runtime", "test", "benchmark", "cluster"],
)
def test_every_dependency_is_locked_within_its_range(dependencies, lock):
    locked = versions(lock)
    for requirement in map(Requirement, dependencies):
        version = locked[normalised(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} but {lock} has {version}"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock):
    pins = read_lock(PROJECT / lock)
    assert pins
    assert [requirement.name for requirement, hashes in pins if hashes == 0] == []


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(LOCKS[:4], 2)))
def test_two_locks_agree_on_what_they_share(one, other):
    first, second = versions(one), versions(other)
    shared = first.keys() & second.keys()
    assert shared
    assert {name: first[name] for name in shared} == {name: second[name] for name in shared}


def test_environment_yml_is_the_pinned_python_and_the_lock_alone():
    described = YAML(typ="safe").load((PROJECT / "environment.yml").read_text())
    python, pip, section = described["dependencies"]
    assert pip == "pip"
    assert section == {"pip": ["-r requirements.lock"]}
    assert Version(python.removeprefix("python=")) in SpecifierSet(PYPROJECT["project"]["requires-python"])


@pytest.mark.parametrize("name", CONFIGURATION)
def test_no_configuration_names_a_package_index(name):
    text = (PROJECT / name).read_text()
    assert not re.search(r"index-url|find-links|trusted-host|pypi|https?://", text, re.IGNORECASE)


def test_the_script_is_readable_for_an_old_python():
    tree = ast.parse(SCRIPT.read_text(), feature_version=(3, 4))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.AnnAssign)]
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert imported <= set(sys.stdlib_module_names)


def test_an_old_python_is_named_with_the_remedy(script, monkeypatch):
    monkeypatch.setattr(script, "NEEDED", (99, 0))
    monkeypatch.setattr(script, "OTHERS", [])
    with pytest.raises(
        script.Stop, match=r"needs Python 3\.11 or newer, but .* is Python .*: install one .*make PYTHON="
    ):
        script.usable_python("report")


def test_another_python_on_the_path_is_used_before_giving_up(script, monkeypatch, tmp_path):
    other = fake_python(tmp_path / "python3.12", "exit 0")
    monkeypatch.setattr(script, "NEEDED", (99, 0))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert script.usable_python("report") == str(other)


def test_a_python_without_ensurepip_is_named_with_the_remedy(script, monkeypatch, tmp_path):
    lacking = fake_python(tmp_path / "python3", "echo \"ModuleNotFoundError: No module named 'ensurepip'\" >&2; exit 1")
    monkeypatch.setattr(script, "OTHERS", [])
    monkeypatch.setattr(script.sys, "executable", str(lacking))
    with pytest.raises(script.Stop, match=r"its module ensurepip is missing: .*sudo apt install python3\.\d+-venv"):
        script.usable_python("report")


def fake_python(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        ("error: failed to write: No space left on device (os error 28)", "The disk is full"),
        ("error: Failed to fetch: `x`\n  Caused by: dns error", "The packages could not be fetched"),
        (
            "WARNING: Retrying: NewConnectionError\nERROR: No matching distribution found for babel",
            "could not be fetched",
        ),
        ("ERROR: No matching distribution found for typst==0.15.2", "not offered for this Python"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "its sha256 differs"),
        ("error: Permission denied (os error 13)", "cannot be written"),
        ("something new", "whole output is in"),
    ],
)
def test_an_installer_s_failure_becomes_one_sentence(script, output, sentence):
    message = script.diagnosis(output, "/somewhere/.venv")
    assert sentence in message
    assert "\n" not in message


def test_a_disk_that_fills_up_on_the_way_is_one_sentence(script, monkeypatch, capsys):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", "/somewhere/.venv")

    monkeypatch.setattr(script, "is_current", lambda *_: False)
    monkeypatch.setattr(script, "make", full)
    assert script.main([]) == 7
    assert capsys.readouterr().err.startswith("The disk is full: the environment needs about")


def test_make_uses_an_active_conda_environment_other_than_base():
    def report(**conda):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("CONDA", "MAKE"))} | conda
        done = subprocess.run(["make", "-n", "report"], cwd=PROJECT, env=environment, capture_output=True, text=True)
        return done.stdout.splitlines()[-1].split(" -m ")[0]

    assert report() == "sh tools/run .venv/bin/python"
    assert report(CONDA_PREFIX="/opt/c", CONDA_DEFAULT_ENV="base") == "sh tools/run .venv/bin/python"
    assert report(CONDA_PREFIX="/opt/c/envs/e", CONDA_DEFAULT_ENV="e") == "sh tools/run /opt/c/envs/e/bin/python"


def test_the_script_and_make_agree_on_the_environment(script, monkeypatch):
    monkeypatch.setenv("CONDA_PREFIX", "/opt/c/envs/e")
    monkeypatch.setenv("CONDA_DEFAULT_ENV", "evaluation")
    assert script.environment() == "/opt/c/envs/e"
    monkeypatch.setenv("CONDA_DEFAULT_ENV", "base")
    assert script.environment() == str(PROJECT / ".venv")


def test_make_help_lists_every_target_that_the_documents_name():
    done = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"(?m)^  make ([\w-]+) +\S", done.stdout))
    pages = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *(PROJECT / "docs").rglob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    named = set(re.findall(r"(?:`|^|&& )make ([a-z][a-z-]+)", text, re.MULTILINE))
    assert {"report", "new", "plan", "set-up", "set-up-tests"} <= named <= listed


BUILDING = ("editables", "hatchling", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers")
"""What the package is built with."""


@pytest.fixture
def small_project(tmp_path):
    """A copy of the project's set-up with the least that its locks can hold, so that an installation takes seconds."""
    for name in ["tools", "fewdistricts", "nbaccessible", "warmkernel"]:
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ["pyproject.toml", "Makefile", "README.md", "LICENSE"]:
        shutil.copy(PROJECT / name, tmp_path / name)
    small_lock(tmp_path / "requirements.lock", *BUILDING)
    small_lock(tmp_path / "requirements-test.lock", "iniconfig")
    small_lock(tmp_path / "requirements-benchmark.lock", "tabulate")
    small_lock(tmp_path / "requirements-cluster.lock", "zict")
    return tmp_path


def small_lock(path: Path, *names: str) -> None:
    """The pins of some packages with their hashes, out of the real locks."""
    entries = []
    for lock in LOCKS[:4]:
        entries += re.findall(r"^\S+==.*(?:\n    .*)*\n", (PROJECT / lock).read_text(), re.MULTILINE)
    chosen = {entry for entry in entries if entry.split("==")[0] in names}
    path.write_text("".join(sorted(chosen)))


def set_up(project: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CONDA", "MAKE"))} | variables
    command = [sys.executable, "tools/setup_environment.py", *arguments]
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)


def installed(project: Path) -> set[str]:
    code = "import importlib.metadata as m; print(*(d.name for d in m.distributions()))"
    python = project / ".venv" / "bin" / "python"
    return set(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.slow
def test_a_stale_environment_renews_itself(small_project):
    assert "Setting up" in set_up(small_project).stderr
    assert {"fewdistricts", "hatchling"} <= installed(small_project)
    assert "iniconfig" not in installed(small_project)
    assert set_up(small_project).stderr == ""

    assert "Adding the test packages" in set_up(small_project, "test").stderr
    assert "iniconfig" in installed(small_project)
    assert set_up(small_project, "test").stderr == ""

    assert "Adding the benchmark packages" in set_up(small_project, "benchmark").stderr
    assert "tabulate" in installed(small_project)
    assert set_up(small_project, "test").stderr == set_up(small_project, "benchmark").stderr == ""
    assert "zict" not in installed(small_project)
    assert "Adding the cluster packages" in set_up(small_project, "cluster").stderr
    assert "zict" in installed(small_project)

    small_lock(small_project / "requirements.lock", *BUILDING, "six")
    assert "Setting up" in set_up(small_project).stderr
    assert "six" in installed(small_project)

    pyproject = small_project / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace("accessible_pdf =", "evaluation_print ="))
    assert "Setting up" in set_up(small_project).stderr

    (small_project / ".venv" / "bin" / "python").unlink()
    assert "Setting up" in set_up(small_project).stderr
    assert set_up(small_project).stderr == ""


@pytest.mark.slow
def test_pip_installs_where_uv_cannot(small_project):
    (small_project / "tools" / "uv.lock").write_text("uv==0 --hash=sha256:" + "0" * 64 + "\n")
    assert set_up(small_project).returncode == 0
    assert {"fewdistricts", "hatchling"} <= installed(small_project)


@pytest.mark.slow
def test_an_unreachable_index_is_one_sentence(small_project):
    nowhere = "http://127.0.0.1:9/simple"
    done = set_up(
        small_project,
        PIP_INDEX_URL=nowhere,
        UV_DEFAULT_INDEX=nowhere,
        PIP_CONFIG_FILE=os.devnull,
        PIP_RETRIES="0",
        UV_CACHE_DIR=str(small_project / "uv-cache"),
        PIP_CACHE_DIR=str(small_project / "pip-cache"),
    )
    assert done.returncode == 7
    assert done.stderr.splitlines()[1:] == [done.stderr.splitlines()[-1]]
    assert "the package index does not answer: check the network" in done.stderr
    assert not (small_project / ".venv" / ".evaluation-setup.json").exists()


@pytest.mark.slow
def test_the_pip_part_of_environment_yml_installs_into_a_fresh_environment(script, tmp_path):
    described = YAML(typ="safe").load((PROJECT / "environment.yml").read_text())
    (requirement,) = described["dependencies"][-1]["pip"]
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "fresh"], check=True)
    script.install(str(tmp_path / "fresh"), [requirement.removeprefix("-r ")], False)
    code = (
        "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}));"
        "import pandas, statsmodels.api, papermill, nbconvert, typst, doit, pyreadstat, jupyterlab"
    )
    done = subprocess.run([tmp_path / "fresh/bin/python", "-c", code], capture_output=True, text=True, check=True)
    found = {normalised(name): Version(version) for name, version in json.loads(done.stdout).items()}
    wanted = {
        normalised(pin.name): Version(next(iter(pin.specifier)).version)
        for pin, _ in read_lock(PROJECT / "requirements.lock")
        if pin.marker is None or pin.marker.evaluate()
    }
    assert {name: found.get(name) for name in wanted} == wanted
