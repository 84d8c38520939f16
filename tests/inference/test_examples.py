"""The examples in the docstrings of the public interface give what they print."""

import doctest
import importlib
import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["of_models", "of_changes"])
def test_examples_of_the_docstrings(module):
    tested = doctest.testmod(importlib.import_module(f"fewdistricts.inference.{module}"))
    assert tested.attempted > 15
    assert tested.failed == 0


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, fewdistricts; print([m for m in ('numpy', 'pandas', 'statsmodels') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
