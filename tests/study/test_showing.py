"""Figures of the public interface as nbconvert's own pages show them."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
from nbconvert import HTMLExporter
from nbformat import v4

import fewdistricts as fd
from fewdistricts.exhibits import display


def test_nbconvert_shows_a_figure_with_its_description_and_no_wider_than_the_page():
    _, axes = plt.subplots()
    shown = fd.figure(axes, alt="Shares before & after.", caption="Look at 2003 & 2005.")
    output = v4.new_output("display_data", shown.data, metadata=shown._repr_mimebundle_()[1])
    notebook = v4.new_notebook(cells=[v4.new_code_cell("study.figure(axes)", outputs=[output])])
    page, _ = HTMLExporter().from_notebook_node(notebook)
    (image,) = re.findall(r"<img[^>]*data:image/svg[^>]*>", page)
    assert 'alt="Shares before &amp; after."' in image
    assert "max-width: 100%" in image
    assert "<figcaption>Look at 2003 &amp; 2005.</figcaption>" in page


def test_nbconvert_prints_long_lines_of_code_whole():
    shown = display.cover({"title": "Pilots & others", "stamp": "Synthetic"})
    output = v4.new_output("display_data", shown.data, metadata=shown._repr_mimebundle_()[1])
    notebook = v4.new_notebook(cells=[v4.new_code_cell("study.cover('Pilots & others')", outputs=[output])])
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert "<h1>Pilots &amp; others</h1>" in page
    assert ".highlight pre { white-space: pre-wrap" in page and 'class="highlight' in page
