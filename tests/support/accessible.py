"""Chromium and axe: what a browser can say of a page's accessibility, and what a keyboard reaches."""

from __future__ import annotations

import functools
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
needs_chromium = pytest.mark.skipif(
    not CHROMIUM and not os.environ.get("CI"), reason="chromium is not installed (in CI its absence is a failure)"
)
SIZES = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]


@functools.cache
def axe_script() -> str:
    import axe_playwright_python

    return next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")


def violations(page: Any) -> list[str]:
    """What axe finds; of a table's rows, which are made alike, it sees the first eight: all would take minutes."""
    page.evaluate("document.querySelectorAll('tbody').forEach(b => [...b.rows].slice(8).forEach(r => r.remove()))")
    page.evaluate("document.querySelectorAll('table').forEach(t => [...t.tBodies].slice(3).forEach(b => b.remove()))")
    page.evaluate(axe_script())
    result = page.evaluate("async () => await axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:200]}" for v in result["violations"]]


def open_page(browser: Any, path: Path, width: int, scheme: str) -> tuple[Any, list[str]]:
    """The page with everything unfolded and its sources shown, and the addresses it asked for."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    if page.locator("#show-sources").count():
        page.check("#show-sources")
    page.evaluate("document.fonts.ready")
    return page, [url for url in asked if not url.startswith(("data:", path.as_uri()))]


def overflow(page: Any) -> int:
    """Points that the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def walked(page: Any, most: int) -> list[dict[str, Any]]:
    """What the tab key reaches, in order: tag, name, whether it is seen with an outline."""
    stops = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
                const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
                const labelled = document.getElementById(at.getAttribute('aria-labelledby'));
                const label = at.id ? document.querySelector(`label[for="${at.id}"]`) : null;
                const name = at.getAttribute('aria-label') || (labelled || label || at).textContent;
                return {tag: at.tagName, id: at.id, name: name.trim().slice(0, 80), outline: style.outlineStyle,
                        seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
                        source: at.classList.contains('source')};
            }"""
        )
        if stop["tag"] == "BODY":
            break
        stops.append(stop)
    return stops
