"""Chapters of one's own and the order of sections: what is refused before anything runs, and what is printed."""

from __future__ import annotations

import base64

import pytest
import sample_notebook as sample
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell
from surveys import at_home

from fewdistricts import chapters, design
from fewdistricts.design import Chapter
from fewdistricts.errors import ConfigurationError
from fewdistricts.exhibits.documents.edition import edition, split, whole
from nbaccessible.errors import PublishError
from nbaccessible.exporters import AccessibleDocxExporter, AccessibleHTMLExporter, AccessiblePDFExporter

CONTEXT = """# Context {#sec-context}

Before the pilot.[^1] See @fig-levels and @tbl-headline; <b>raw</b>.

## Where

![Map of six districts](maps/map.svg)

| a | b |
|---|---|
| 1 | 2 |

[^1]: A note.
"""
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="9" height="9"/></svg>'


@pytest.fixture
def folder(tmp_path):
    """The folder of peru-2005 in a home of its own, with the files of one chapter."""
    raw = tmp_path / "data" / "raw" / "peru-2005"
    (raw / "maps").mkdir(parents=True)
    (raw / "maps" / "map.svg").write_text(DRAWING)
    (raw / "context.en.md").write_text(CONTEXT)
    (raw / "context.es.md").write_text(CONTEXT)
    with at_home(tmp_path):
        yield raw


def declared(*own: dict, **report):
    update = {"chapters": tuple(Chapter.model_validate(c, context={"languages": ["en", "es"]}) for c in own)}
    return WHOLE.model_copy(update={**update, "report": WHOLE.report.model_copy(update=report)})


PERU = design.load("peru-2005")
WHOLE = PERU.model_copy(update={"chapters": (), "report": PERU.report.model_copy(update={"logo": None})})
FILES = {"file": {"en": "context.en.md", "es": "context.es.md"}, "after": "what"}


@pytest.fixture
def declaration():
    return declared(FILES)


def report() -> dict:
    nb = sample.report()
    sections = {"sec-sure": "sec-limits", "sec-estimates": "sec-provenance"}
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            if "text/markdown" in output.get("data", {}):
                for old, new in sections.items():
                    output.data["text/markdown"] = output.data["text/markdown"].replace(old, new)
    return nb


def headings(nb: dict) -> list[str]:
    page, _ = AccessibleHTMLExporter().from_notebook_node(sample.nbformat.from_dict(nb))
    soup = BeautifulSoup(page, "html.parser")
    return [" ".join(h.get_text().split()) for h in soup.main.find_all("h2")]


def test_a_chapter_stands_after_its_section_numbered_and_in_every_format(folder, declaration):
    chapters.check(declaration)
    whole = edition(report(), declaration, "en", {})
    nb = sample.nbformat.from_dict(whole)
    sample.nbformat.validate(nb)
    page, _ = AccessibleHTMLExporter().from_notebook_node(nb)
    soup = BeautifulSoup(page, "html.parser")
    titles = [" ".join(h.get_text().split()) for h in soup.main.find_all("h2")]
    assert titles[1:4] == ["1 What was done", "2 Context", "3 How sure"]
    assert "2 Context" in [" ".join(a.get_text().split()) for a in soup.nav.find_all("a")]
    chapter = soup.find(id="sec-context")
    picture = chapter.find_next("img")
    assert picture["alt"] == "Map of six districts"
    assert base64.b64decode(picture["src"].partition(",")[2]).startswith(b"<svg")
    assert chapter.find_next("p").find("a", href="#fig-levels").get_text() == "Figure\u00a01"
    assert "<b>raw</b>" in chapter.find_next("p").get_text()
    assert AccessiblePDFExporter().from_notebook_node(nb)[0].startswith(b"%PDF")
    assert AccessibleDocxExporter().from_notebook_node(nb)[0].startswith(b"PK")


def test_its_files_are_what_documents_depend_on(folder, declaration):
    names = [path.relative_to(folder).as_posix() for path in chapters.files(declaration)]
    assert names == ["context.en.md", "context.es.md", "maps/map.svg"]
    assert [path.name for path in chapters.files(declaration, "es")] == ["context.es.md", "map.svg"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("No heading", r"context\.en\.md: found 'No heading'; allowed: `# Heading \{#sec-label\}`"),
        ("# No label\n\ntext", "found '# No label'"),
        ("# T {#sec-t}\n\n![a](no.png)", r"context\.en\.md, line 3: found the picture no\.png, which is not there"),
        ("# T {#sec-t}\n\n![](maps/map.svg)", r"line 3: found the picture maps/map\.svg without alt text"),
        (
            "# T {#sec-t}\n\n![a](../../x.png)",
            r"the picture \.\./\.\./x\.png; allowed: a file in",
        ),
        ("# T {#sec-t}\n\n![a](https://example.org/x.png)", r"the picture https://example\.org/x\.png"),
        ("", "found no text|found ''"),
    ],
)
def test_what_is_wrong_with_a_chapter_is_one_clear_error(folder, declaration, text, message):
    (folder / "context.en.md").write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        chapters.check(declaration)


def test_a_missing_file_and_a_missing_logo_are_named_together(folder):
    (folder / "context.es.md").unlink()
    with pytest.raises(ConfigurationError) as refusal:
        chapters.check(declared(FILES, logo="logo.svg"))
    found = [str(problem).partition(";")[0] for problem in refusal.value.problems]
    assert found == [
        "data/raw/peru-2005/context.es.md: found no such file",
        "data/raw/peru-2005/logo.svg: found no such file",
    ]


def test_a_place_that_is_none_is_named_with_the_nearest(folder):
    with pytest.raises(ConfigurationError, match=r"chapters\[0\]\.after: found 'wat'; allowed: .*did you mean 'what'"):
        edition(report(), declared({**FILES, "after": "wat"}), "en", {})


def notebook(*cells):
    return {"extra.ipynb": sample.notebook(new_markdown_cell("# Costs {#sec-costs}\n\ntext"), *cells)}


def test_a_notebook_is_a_chapter_of_what_its_cells_show(folder):
    shown = sample.output({"image/svg+xml": DRAWING, "text/plain": "<Figure>"})
    own = notebook(
        new_code_cell("evaluation = 'x'", metadata={"tags": ["injected-parameters"]}),
        new_code_cell("#| fig-alt: a square\nplot()", outputs=[shown]),
    )
    nb = edition(report(), declared({"notebook": "extra.ipynb", "after": "limits"}), "en", own)
    assert headings(nb)[:4] == ["The answer in one page", "1 What was done", "2 How sure", "3 Costs"]
    bare = notebook(new_code_cell("plot()", outputs=[shown]))
    with pytest.raises(ConfigurationError, match=r"extra\.ipynb, cell 2: found a picture without alt text"):
        edition(report(), declared({"notebook": "extra.ipynb", "after": "limits"}), "en", bare)


def test_sections_are_put_in_order_and_left_out_but_never_limits_and_provenance(folder):
    assert [s.name for s in split(report()["cells"])] == ["", "answer", "what", "limits", "codebook", "provenance"]
    nb = edition(report(), declared(sections=("limits", "answer")), "en", {})
    assert headings(nb)[:3] == ["The answer in one page", "1 How sure", "A All estimates"]
    with pytest.raises(ConfigurationError, match=r"report\.sections: found 'answr'; .*did you mean 'answer'"):
        edition(report(), declared(sections=("answr",)), "en", {})


def test_a_reference_to_what_is_left_out_reads_as_its_title(folder):
    nb = edition(report(), declared(sections=("answer", "codebook")), "en", {})
    nb["cells"].append(sample.cell(sample.prose("See @sec-what and @fig-levels; not @sec-else.")))
    with pytest.raises(PublishError, match="@sec-else refers to nothing"):
        headings(nb)
    nb["cells"][-1] = sample.cell(sample.prose("See @sec-what and @fig-levels."))
    page, _ = AccessibleHTMLExporter().from_notebook_node(sample.nbformat.from_dict(nb))
    assert "See What was done (left out here) and Levels before and after (left out here)." in page


def shown(markdown: str) -> dict:
    meaning = {"nbaccessible": {"kind": "prose"}}
    output = {"output_type": "display_data", "data": {"text/markdown": markdown}, "metadata": meaning}
    return {"cell_type": "code", "source": "x", "metadata": {}, "outputs": [output]}


def test_the_annex_follows_as_appendices_and_references_are_listed_once():
    opening = [
        {"cell_type": "code", "source": "language = 1", "metadata": {"tags": ["parameters"]}, "outputs": []},
        {"cell_type": "code", "source": "annex = open()", "metadata": {}, "outputs": []},
        shown("Cover"),
    ]
    ends = "# References {{#sec-references .appendix}}\n\n{}\n\nHow to cite."
    own = [shown("Cover"), shown("# Results {#sec-results}\n\nWords."), shown(ends.format("- B\n- D"))]
    further = [*opening, shown("# Data {#sec-data}\n\nWords."), shown(ends.format("- A\n- B"))]
    both = whole({"cells": own, "metadata": {}}, {"cells": further, "metadata": {}})
    texts = ["".join(o["data"]["text/markdown"]) for cell in both["cells"] for o in cell["outputs"]]
    assert texts == [
        "Cover",
        "# Results {#sec-results}\n\nWords.",
        "# Data {#sec-data .appendix}\n\nWords.",
        ends.format("- A\n- B\n- D"),
    ]
    assert [cell["source"] for cell in both["cells"] if not cell["outputs"]] == ["annex = open()"]
