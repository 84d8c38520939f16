"""A small evaluation that tests break, one way each."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import accessible
import pytest
import shared
from small_survey import DECLARATION, csv_text


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the processes of `-n` are started by this one
        shared.open_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shared.remove_folder()


LONG = ("tests", "run", "exhibits", "warmkernel", "nbaccessible", "provenance")
"""Rooms whose files take longest."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files come first: short ones fill the end, when a process would wait for the others."""
    items.sort(key=lambda item: item.path.parent.name not in LONG)


@pytest.fixture
def declaration() -> dict[str, Any]:
    """The small evaluation, free to be changed."""
    return copy.deepcopy(DECLARATION)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the small survey where the package looks for data."""
    monkeypatch.setenv("EVALUATION_HOME", str(tmp_path))
    folder = tmp_path / "data" / "raw" / "small"
    folder.mkdir(parents=True)
    (folder / "survey.csv").write_text(csv_text(), encoding="utf-8")
    return tmp_path


@pytest.fixture
def declare(home: Path) -> Callable[[Any], Path]:
    """Writes evaluation.yaml, from a text or from a mapping (JSON is YAML), and returns the folder."""

    def write(declared: Any) -> Path:
        folder = home / "data" / "raw" / "small"
        text = declared if isinstance(declared, str) else json.dumps(declared, ensure_ascii=False, indent=1)
        (folder / "evaluation.yaml").write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    from playwright.sync_api import sync_playwright

    assert accessible.CHROMIUM, "CI must have chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=accessible.CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()
