"""The page: what a browser would make of it, read back with a parser."""

from __future__ import annotations

import base64
import itertools
import re

import nbformat
import pytest
import sample_notebook as sample
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from markup import PAYLOADS, live, markdown_texts
from nbformat.v4 import new_markdown_cell

from nbaccessible import fonts, outputs, shades, svg
from nbaccessible.document import read
from nbaccessible.errors import PublishError
from nbaccessible.html import page


def made(nb) -> BeautifulSoup:
    return BeautifulSoup(page(read(nb)), "html.parser")


def report(*shown, **cover):
    return sample.notebook(sample.cell(sample.cover(**cover)), *(sample.cell(s) for s in shown))


@pytest.fixture(scope="module")
def english() -> BeautifulSoup:
    return made(sample.report("en"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_is_never_markup(payload):
    nb = report(
        sample.table(sample.grid([payload, "n"], [{"group": payload}, [payload, "1"]]), "tbl-a", payload, note=payload),
        sample.figure("fig-a", payload, payload, note=payload),
        title=payload,
        subtitle=payload,
        stamp=payload,
        authors=[payload],
        abstract=payload,
    )
    soup = made(nb)
    assert live(soup) == []
    assert soup.title.string == f"{payload} \u2013 {payload}"
    assert soup.svg["aria-label"] == payload
    assert soup.get_text().count(payload) >= 9


def test_page_says_what_it_is(english):
    assert english.html["lang"] == "en-US"
    assert english.find("meta", attrs={"name": "citation_publication_date"})["content"] == "2005-04-25"
    assert [m["content"] for m in english.find_all("meta", attrs={"name": "author"})] == [
        "A. Evaluator",
        "B. Statistician",
    ]
    assert english.title.string.endswith(sample.STAMP["en"])
    for name in ({"name": "description"}, {"property": "og:description"}):
        assert english.find("meta", attrs=name)["content"].startswith(f"{sample.STAMP['en']}. Six districts")
    assert english.find("meta", attrs={"property": "og:title"})["content"] == english.title.string
    policy = english.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert "default-src 'none'" in policy
    assert "script" not in policy


def test_ids_are_unique_and_every_link_inside_leads_somewhere(english):
    ids = [tag["id"] for tag in english.find_all(id=True)]
    assert len(ids) == len(set(ids))
    inside = {a["href"][1:] for a in english.find_all("a", href=re.compile("^#"))}
    assert len(inside) > 15
    assert inside <= set(ids)
    assert live(english) == []


def test_headings_step_down_one_by_one_from_one_title(english):
    levels = [int(h.name[1]) for h in english.find_all(re.compile("^h[1-6]$"))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_numbers_are_those_of_the_document(english):
    captions = [" ".join(c.get_text().split()) for c in english.find_all("figcaption")]
    stamp = sample.STAMP["en"]
    assert captions[0] == f"Table 1. Primary outcomes {stamp}"
    assert captions[1] == f"Figure 1. Levels before and after {stamp}"
    assert all(c.endswith(stamp) for c in captions)
    assert [" ".join(h.get_text().split()) for h in english.find_all("h2")][:3] == [
        "The answer in one page",
        "1 What was done",
        "2 How sure",
    ]


def test_tables_name_their_rows_columns_and_groups(english):
    table = english.find(id="tbl-headline").table
    assert [th.get_text() for th in table.find_all("th", scope="colgroup")] == ["Six pilot districts"]
    assert [th.get_text() for th in table.find_all("th", scope="col")] == ["Indicator", "Before", "After", "Difference"]
    assert [th.get_text() for th in table.find_all("th", scope="rowgroup")] == ["Perception", "Victimisation"]
    assert len(table.find_all("th", scope="row")) == 4
    assert len(table.find_all("tbody")) == 2
    assert table.find("a")["href"] == "#est-safe"
    assert english.find(id="est-safe").name == "tr"
    assert table.parent["tabindex"] == "0"


def test_a_figure_is_a_drawing_with_words_and_its_data_below(english):
    figure = english.find(id="fig-levels")
    assert figure.svg["role"] == "img"
    assert figure.svg["aria-label"] == "Pilot rose from 36 to 49"
    assert figure.find("details").table is not None
    assert figure.find(class_="note").get_text() == "Note: Weighted."


def test_strings_come_from_the_cover():
    soup = made(sample.report("es"))
    assert soup.find(class_="skip").get_text() == "Ir al contenido"
    text = soup.get_text()
    for word in ("Contents", "Figures", "Tables", "Note:", "Footnotes", "Skip"):
        assert word not in text


def test_footnotes_lead_there_and_back(english):
    reference = english.find("a", role="doc-noteref")
    note = english.find(id=reference["href"][1:])
    assert "By decree" in note.get_text()
    back = note.find_all("a")[-1]
    assert english.find(id=back["href"][1:]).a == reference


def test_formulas_are_mathml_or_text():
    soup = made(sample.notebook(new_markdown_cell(r"$\frac{a}{b}$ and $\nosuch{x}$ and $\href{javascript:x}{y}$")))
    assert len(soup.find_all("math")) == 1
    assert soup.find("mfrac") is not None
    assert [c.get_text() for c in soup.main.find_all("code")] == [r"\nosuch{x}", r"\href{javascript:x}{y}"]


def test_a_plain_notebook_folds_its_code(english):
    soup = made(sample.plain())
    assert soup.find("details", class_="code").code.get_text() == "print('x')"
    assert "ZeroDivisionError: no" in soup.get_text()
    assert "\x1b" not in soup.get_text()
    assert soup.find("img")["alt"] == "Output of cell 3"
    assert live(soup) == []


def test_a_report_has_the_code_of_its_exhibits_in_one_place():
    main = BeautifulSoup(page(read(sample.report(), foldable=True)), "html.parser").main
    (code,) = main.find_all("details", class_="code")
    assert "open" not in code.attrs
    assert [a["href"] for a in code.find_all("a")] == [
        "#tbl-headline", "#fig-levels", "#tbl-long", "#tbl-wide", "#tbl-code", "#tbl-est",
    ]  # fmt: skip
    assert [c.get_text() for c in code.find_all("code")] == ["show()"] * 6


def test_a_bar_leads_to_languages_files_and_briefs():
    links = [
        {"text": "Espa\u00f1ol", "href": "report-es.html", "kind": "language", "lang": "es"},
        {"text": "Data", "href": "estimates.csv"},
        {"text": "PDF", "href": "report-en.pdf", "kind": "pdf"},
        {"text": "District 1", "href": "districts/pilot-1-en.pdf", "kind": "brief"},
    ]
    soup = made(report(links=links))
    bar = soup.find(class_="bar")
    assert [a["href"] for a in bar.find_all("a")] == [
        "report-es.html", "report-en.pdf", "estimates.csv", "districts/pilot-1-en.pdf",
    ]  # fmt: skip
    assert bar.a["hreflang"] == bar.a["lang"] == "es"
    assert soup.find("link", rel="alternate")["href"] == "report-es.html"
    assert bar.details.find("a").get_text() == "District 1"
    with pytest.raises(PublishError, match="the cover links to 'javascript:alert"):
        made(report(links=[{"text": "x", "href": "javascript:alert(1)"}]))


def test_a_number_shows_its_source_only_when_it_is_asked_for(english):
    source = english.find(id="tbl-headline").find("a", class_="source")
    assert source["href"] == "#est-safe"
    assert source["aria-label"] == "Source: 13.2"
    assert source.get_text() == ""
    assert english.find("input", id="show-sources")["type"] == "checkbox"
    assert english.find("label", attrs={"for": "show-sources"}).get_text() == "Show where each number comes from"
    elsewhere = made(report(sample.prose("It rose by [13 points](source:a1b2) and [27%](source:c3d4).")))
    assert [s.get_text() for s in elsewhere.find_all(class_="source")] == [" a1b2", " c3d4"]
    assert "It rose by 13 points" in elsewhere.get_text()
    assert made(report(sample.prose("No number."))).find("input") is None


def test_sections_have_permalinks(english):
    links = english.find_all("a", class_="permalink")
    headings = [
        h for h in english.main.find_all(["h2", "h3"]) if h.parent.get("class") not in (["gathered"], ["footnotes"])
    ]
    assert [a["href"][1:] for a in links] == [h["id"] for h in headings]
    assert links[1]["aria-label"] == "Link to this section: What was done"


def test_exhibits_can_be_saved_as_data_and_as_drawings(english):
    figure = english.find(id="fig-levels")
    files = {a["download"]: a["href"] for a in figure.find(class_="files").find_all("a")}
    assert set(files) == {"fig-levels.csv", "fig-levels.svg"}
    rows = base64.b64decode(files["fig-levels.csv"].partition(",")[2]).decode("utf-8-sig").splitlines()
    assert rows[0] == "Indicator,Six pilot districts: Before,Six pilot districts: After,Difference"
    assert "Feels more or less safe,36%,49%,13.2" in rows
    drawing = base64.b64decode(files["fig-levels.svg"].partition(",")[2]).decode()
    assert "#12436d" in drawing and "var(" not in drawing
    assert [a["download"] for a in english.find(id="tbl-long").find(class_="files").find_all("a")] == ["tbl-long.csv"]


def test_a_phone_shows_the_answer_as_cards_with_the_names_of_columns(english):
    table = english.find(id="tbl-headline")
    assert "cards" in table["class"]
    names = [td["data-name"] for td in table.tbody.find_all("tr")[1].find_all("td")]
    assert names == ["Six pilot districts Before", "Six pilot districts After", "Difference"]
    assert "cards" not in english.find(id="tbl-long").get("class", [])


def test_a_drawing_for_narrow_screens_stands_beside_the_other():
    shown = sample.figure("fig-a", "A", "it rises")
    shown.data[outputs.NARROW] = sample.chart(4)
    soup = made(report(shown))
    assert [soup.find(class_=name).svg["aria-label"] for name in ("broad", "narrow")] == ["it rises"] * 2


def test_colours_of_drawings_are_variables_with_a_counterpart_on_dark_paper():
    text = page(read(report(sample.figure("fig-a", "A", "it rises"))))
    assert "fill: var(--c12436d)" in text or "stroke: var(--c12436d)" in text
    assert "--c12436d:#12436d;" in text
    assert re.search(r"prefers-color-scheme: dark\)\{:root\{[^}]*--c12436d:#8", text)


@pytest.mark.parametrize("colour", ["#12436d", "#d55e00", "#000000", "#767676", "#801650", "#28a197"])
def test_what_is_seen_on_white_is_seen_on_dark_paper(colour):
    assert contrast(colour, "#ffffff") >= 3
    assert contrast(shades.on_dark(colour), shades.DARK_PAPER) >= 3


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        values = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        light = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
        return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_marks_say_their_values():
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"><g id="value: Pilot, after: 49%"><path d="M0 0"/></g></svg>'
    soup = made(sample.notebook(sample.cell(sample.output({"image/svg+xml": drawing}))))
    assert soup.svg.g.title.get_text() == "Pilot, after: 49%"
    assert "id" not in soup.svg.g.attrs


def test_the_cover_carries_logo_publisher_contact_licence_and_citation():
    logo = "data:image/svg+xml;base64," + base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"/>').decode()
    more = {"publisher": "Ministry", "contact": "m@example.org", "licence": "CC-BY-4.0", "citation": "A (2005). T."}
    soup = made(report(logo=logo, logo_alt="The ministry's arms", **more))
    assert soup.find(class_="logo").img["alt"] == "The ministry's arms"
    for words in more.values():
        assert words in soup.get_text()
    with pytest.raises(PublishError, match="logo has no alt text"):
        made(report(logo=logo))
    with pytest.raises(PublishError, match="logo is no SVG, PNG or JPEG"):
        made(report(logo="https://example.org/logo.svg", logo_alt="x"))


@pytest.mark.parametrize("which", ["report", "plain"])
def test_the_notebook_is_one_click_off_without_outputs(which):
    nb = getattr(sample, which)()
    nb.cells[1].metadata["papermill"] = {"start_time": "2005-04-25T00:00:00", "input_path": "/srv/somebody"}
    soup = BeautifulSoup(page(read(nb, {"metadata": {"name": "report-en"}})), "html.parser")
    (link,) = soup.find(class_="notebook").find_all("a", download=True)
    assert link["download"] == "report-en.ipynb"
    assert link.find_parent("nav") is not None or soup.nav is None
    source = base64.b64decode(link["href"].removeprefix("data:application/x-ipynb+json;base64,"))
    kept = nbformat.reads(source.decode(), as_version=4)
    nbformat.validate(kept)
    assert [cell.source for cell in kept.cells] == [cell.source for cell in nb.cells]
    assert not any(cell.get("outputs") for cell in kept.cells)
    assert b"2005-04-25" not in source and b"somebody" not in source


def test_columns_of_prose_keep_a_width_and_numbers_stay_whole():
    rows = [["a", "A sentence of more than forty characters, to be read.", "\u22120.1 to +1.2"]]
    soup = made(report(sample.table(sample.grid(["x", "y", "z"], rows, ["left"] * 3), "tbl-a", "A")))
    assert [cell["class"] for cell in soup.tbody.find_all("td")] == [["left", "prose"], ["left", "whole"]]


def test_two_drawings_share_no_id_and_each_keeps_its_own():
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="10pt" height="5pt">'
        '<defs><clipPath id="p"><rect width="1" height="1"/></clipPath><path id="m" d="M0 0"/></defs>'
        "<style>*{stroke:red} .a, .b{fill:url(#g)} @import url(http://x.org/y.css);</style>"
        '<g clip-path="url(#p)" style="fill:url(#g)"><use xlink:href="#m"/></g></svg>'
    )
    one, two = (svg.inline(svg.clean(drawing, 1), name, "alt", set()) for name in ("f1", "f2"))
    assert 'id="f1-p"' in one
    assert "url(#f1-p)" in one
    assert 'href="#f1-m"' in one
    assert "#f1-drawing *{stroke:red}#f1-drawing .a,#f1-drawing .b{fill:url(#f1-g)}" in one
    assert "x.org" not in one
    assert "f1" not in two
    assert 'viewBox="0 0 10 5"' in one


def test_a_drawing_can_neither_run_nor_load():
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="alert(1)">'
        '<script>alert(1)</script><foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>'
        '<a xlink:href="javascript:alert(1)"><text>link</text></a><image href="http://x.org/a.png"/>'
        '<rect style="fill:url(http://x.org/b)" onclick="x()"/><animate attributeName="href" to="javascript:1"/>'
        '<image xlink:href="data:image/svg+xml;base64,AAAA"/><set attributeName="onclick" to="x"/></svg>'
    )
    soup = made(sample.notebook(sample.cell(sample.output({"image/svg+xml": drawing}))))
    assert live(soup) == []
    assert "x.org" not in str(soup.main)
    assert "javascript" not in str(soup.main)
    with pytest.raises(PublishError, match="declares entities"):
        svg.clean("<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>", 1)


def test_the_fonts_hold_the_characters_of_the_page_and_nothing_else():
    small, large = fonts.css("abc"), fonts.css("abcdefghijklmnopqrstuvwxyz áéíóúñ¿¡ ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert small.count("@font-face") == 3
    assert len(small) < len(large) < 100_000
    assert fonts.css("cab") == small


def test_pictures_in_markdown_are_embedded_or_links():
    pixel = sample.plain().cells[2].outputs[0].data["image/png"]
    cell = new_markdown_cell(f"![one dot](data:image/png;base64,{pixel}) ![far](https://example.org/x.png)")
    soup = made(sample.notebook(cell))
    assert [i["alt"] for i in soup.find_all("img")] == ["one dot"]
    assert soup.main.find("a")["href"] == "https://example.org/x.png"


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(markdown_texts)
def test_any_markdown_gives_a_page_in_which_nothing_lives_and_no_word_is_lost(text):
    cell = new_markdown_cell("", id="a")
    cell["source"] = text
    soup = made(sample.notebook(cell))
    assert live(soup) == []
    page(read(sample.notebook(cell))).encode("utf-8")
    if "<!--" not in text and "[^1]:" not in text:
        shown = soup.get_text()
        assert shown.count("word") >= text.count("word")


def test_words_of_another_language_say_so():
    page = made(report(sample.prose("# Uno\n\nUn [title in *English*]{lang=en} citado.")))
    assert '<span lang="en">title in <em>English</em></span>' in str(page)
