"""The PDF: layout of tables, safety of text, structure, refusals."""

from __future__ import annotations

import base64
import io
import re

import pikepdf
import pypdf
import pytest
import sample_notebook as sample
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markup import PAYLOADS, markdown_texts, squeezed
from nbformat.v4 import new_markdown_cell, new_output

from nbaccessible import equations, fonts, layout, outputs
from nbaccessible import pdf as placed
from nbaccessible.document import read
from nbaccessible.errors import PublishError
from nbaccessible.pdf import pdf
from nbaccessible.typst import LINE_GAP, Writer
from nbaccessible.typst_tokens import literal


def made(nb, **resources) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf(read(nb, resources))))


def report(*shown, **cover):
    return sample.notebook(sample.cell(sample.cover(**cover)), *(sample.cell(s) for s in shown))


def text_of(reader: pypdf.PdfReader, start: int = 0) -> str:
    return "\n".join(page.extract_text() for page in reader.pages[start:])


def test_every_script_and_mark_is_printed_or_named_in_prose_and_in_drawings():
    strange = {
        "مرحبا": "", "שלום": "", "安": "[U+5B89]", "\U0001f468\u200d\U0001f467": "[U+1F468][U+1F467]", "a\u200bb": "ab",
        "c\ufeffd": "cd", "e\u2060f": "ef", "g\u200dh": "gh", "\u202bi\u202c": "i", "Z\u0300\u0301": "",
        "\ue000": "[U+E000]", "ne\u0301": "", "j\u2028k": "",
    }  # fmt: skip
    words = " ".join(strange)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="40"><text x="5" y="20">{words}</text></svg>'
    figure = {
        "kind": "figure",
        "label": "fig-a",
        "caption": f"Caption {words}",
        "alt": f"Alternative {words}",
        "note": words,
    }
    drawn = new_output("display_data", data={"image/svg+xml": svg}, metadata={sample.META: figure})
    reader = made(report(sample.prose(f"Words {words} end."), drawn, title=f"Title {words}"))
    shown = squeezed(text_of(reader))
    for name in filter(None, strange.values()):
        assert shown.count(name) >= 4, name  # title, prose, caption, note; a drawing's are glyphs
    assert fonts.drawable("Z\u0300\u0301 ne\u0301 g\u200dh") == "Z[U+0300][U+0301] né gh"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_is_never_markup(payload):
    nb = report(
        sample.table(sample.grid([payload, "n"], [{"group": payload}, [payload, "1"]]), "tbl-a", payload, note=payload),
        sample.figure("fig-a", payload, payload, note=payload),
        title=payload,
        subtitle=payload,
        stamp=payload,
        authors=[payload],
    )
    reader = made(nb)
    assert reader.metadata.title == payload
    assert squeezed(text_of(reader)).count(squeezed(payload)) >= 8


def test_a_literal_ends_itself():
    assert literal('a"b\\') == '#"a\\"b\\\\";'
    assert literal("") == ""


def test_characters_without_a_glyph_are_named():
    assert fonts.printable("a\u2212b \u2265 \u00f1") == "a\u2212b \u2265 \u00f1"
    assert fonts.printable("\U0001f99a \ue000 \u4e2d") == "[U+1F99A] [U+E000] [U+4E2D]"
    assert fonts.printable("a\u200eb\x00") == "ab[U+0000]"


def test_pdf_has_title_language_bookmarks_and_date():
    reader = made(sample.report("es"))
    assert reader.trailer["/Root"]["/Lang"] == "es-PE"
    assert reader.metadata.title == "Police-citizen cooperation in six pilot districts"
    assert reader.metadata.author == "A. Evaluator, B. Statistician"
    assert reader.metadata.creation_date.isoformat() == "2005-04-25T00:00:00+00:00"
    titles = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert titles[0] == "The answer in one page"
    assert "1 What was done" in titles or "What was done" in titles


def test_every_page_carries_stamp_chapter_and_number():
    reader = made(sample.report("en"))
    total = len(reader.pages)
    for number, page in enumerate(reader.pages, 1):
        text = " ".join(page.extract_text().split())
        assert sample.STAMP["en"] in text
        assert number == 1 or f"Page {number} of {total}" in text
    assert "The answer in one page" in reader.pages[0].extract_text()
    assert reader.pages[1].extract_text().strip().split("\n")[0].startswith("Contents")


@pytest.mark.parametrize(("paragraphs", "size"), [(10, 9.7), (44, 9.4), (60, 9.7)])
def test_the_text_before_the_contents_is_set_smaller_where_that_keeps_it_on_one_page(paragraphs, size):
    front = "# Answer {#sec-a}\n\n" + "\n\n".join(f"Finding {n} in a line of words." for n in range(paragraphs))
    nb = sample.notebook(
        sample.cell(sample.cover()), sample.cell(sample.prose(front, front=True)), new_markdown_cell("# Rest\n\nText.")
    )
    reader = made(nb)
    sizes = set()

    def visit(text, current, matrix, _, font_size):
        if "Finding" in text:
            sizes.add(round(font_size * abs(current[3] * matrix[3]), 1))

    reader.pages[0].extract_text(visitor_text=visit)
    assert sizes == {size}
    assert ("Finding" in reader.pages[1].extract_text()) == (paragraphs == 60)


def test_nothing_is_stamped_without_a_stamp():
    nb = report(sample.table(sample.LEVELS | {"rows": [["a", "1", "2", "3"]]}, "tbl-a", "Levels"), stamp="")
    nb = sample.notebook(*nb.cells[:1])
    assert "ynthetic" not in text_of(made(nb))


def test_an_exhibit_may_have_a_stamp_of_its_own_and_lists_leave_stamps_out():
    grid = sample.grid(["x"], [["1"]])
    nb = report(
        sample.table(grid, "tbl-a", "Invented", stamp=None),
        sample.table(grid, "tbl-b", "Published", stamp=""),
        sample.table(grid, "tbl-c", "Mixed", stamp="Half of it synthetic"),
        stamp="Synthetic",
    )
    text = " ".join(text_of(made(nb)).split())
    assert "Table 1. Invented Synthetic" in text
    assert "Table 2. Published x" in text
    assert "Table 3. Mixed Half of it synthetic" in text
    assert text.count("Half of it") == 1


def test_a_brief_is_one_page_without_contents():
    nb = report(sample.prose("# What changed\n\nSafer."), sample.table(sample.grid(["x"], [["1"]]), "tbl-a", "A"))
    nb.cells[0].outputs[0].metadata[sample.META]["layout"] = "brief"
    reader = made(nb)
    assert len(reader.pages) == 1
    text = reader.pages[0].extract_text()
    assert "Contents" not in text
    assert sample.STAMP["en"] in text


def test_numbers_of_typst_agree_with_the_references():
    text = " ".join(text_of(made(sample.report())).split())
    for shown in ("1 What was done", "1.2 How it is estimated", "2 How sure", "A Codebook", "A.1 A part", "B All"):
        assert shown in text
    assert "Figure 1. Levels before and after" in text
    assert "Table 4. Codebook" in text
    assert "Words in Table 4." in text


def test_links_lead_to_rows_and_references_to_exhibits():
    reader = made(sample.report())
    targets = {
        str(annotation.get_object().get("/A", {}).get("/URI", "inside"))
        for page in reader.pages
        for annotation in page.get("/Annots", [])
    }
    assert targets == {"inside", "https://example.org/release"}


def test_attachments_travel_inside():
    given_files = [
        ("estimates.csv", b"a,b\r\n1,2\r\n", "text/csv", "Every estimate"),
        ("e.yaml", b"x: 1", "text/x", ""),
    ]
    content = pdf(read(sample.report(), {"attachments": given_files}))
    with pikepdf.open(io.BytesIO(content)) as opened:
        assert {name: a.get_file().read_bytes() for name, a in opened.attachments.items()} == {
            "estimates.csv": b"a,b\r\n1,2\r\n",
            "e.yaml": b"x: 1",
        }
    with pytest.raises(PublishError, match="each needs a file name of its own"):
        read(sample.report(), {"attachments": [("a/b", b"", "x/y", "")]})


def test_a_date_that_is_none_is_said():
    with pytest.raises(PublishError, match=r"'spring' is no date; write it as 2005-04-25"):
        pdf(read(report(date="spring")))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"image/svg+xml": "<svg"}, "cell 1: an SVG image is not well-formed"),
        ({"image/svg+xml": "<p/>"}, "cell 1: an image said to be SVG is none"),
        ({"image/svg+xml": "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>"}, "cell 1: an SVG image declares entities"),
        ({"image/png": "aGVsbG8="}, "cell 1: an image said to be image/png is none"),
        ({"image/png": "iVBORw0KGgoAAAA="}, "cell 1: an image of type image/png is damaged"),
    ],
)
def test_what_typst_cannot_take_is_refused_with_its_cell(data, message):
    with pytest.raises(PublishError, match=message) as caught:
        pdf(read(sample.notebook(sample.cell(sample.output(data)))))
    assert "/tmp" not in str(caught.value)


def test_a_formula_nobody_understands_is_shown_as_written():
    reader = made(
        sample.notebook(new_markdown_cell(r"good $\frac{a}{b}$, odd $\frac{$ and $\nosuch{x}$ and $#panic()$"))
    )
    text = squeezed(text_of(reader))
    assert r"\nosuch{x}" in text
    assert "#panic()" in text
    assert equations.typst(r"\frac{a}{b}") == "a/b"
    assert equations.typst(r"\hat\beta_1") is not None
    assert equations.typst("#x") is None


def test_a_long_table_repeats_its_head_and_keeps_every_row():
    reader = made(report(sample.table(sample.long_table(150), "tbl-a", "Long")))
    pages = [p.extract_text() for p in reader.pages]
    with_rows = [text for text in pages if "Indicator 1" in text]
    assert len(with_rows) >= 3
    assert all("District 5" in text for text in with_rows)
    assert squeezed("".join(pages)).count("satisfiedwiththeresponseofthepolice") == 150


def boxes_inside(reader: pypdf.PdfReader) -> bool:
    """Every glyph's origin lies between the page's edges."""
    inside = True
    for page in reader.pages:
        wide, high = float(page.mediabox.width), float(page.mediabox.height)

        def visit(text, cm, tm, font, size, wide=wide, high=high):
            nonlocal inside
            x = cm[0] * tm[4] + cm[2] * tm[5] + cm[4]
            y = cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
            if text.strip() and not (0 <= x <= wide and 0 <= y <= high):
                inside = False

        page.extract_text(visitor_text=visit)
    return inside


def test_a_group_too_tall_to_be_held_together_keeps_its_columns():
    long = "Institucionalización interdistrital de las responsabilidades de los ayuntamientos " * 4
    rows = [
        {"group": "low"},
        *[["name", "1"]] * 8,
        {"group": "tall"},
        *[[f"{long}{i}", str(1000 + i)] for i in range(16)],
    ]
    grid = grid_of(["name", "n"], rows)
    whole = layout.whole_groups(grid, layout.plan(grid), layout.plan(grid).parts[0])
    assert list(whole) == [1]
    shown = text_of(made(report(sample.table(sample.grid(["name", "n"], rows), "tbl-a", "A"))))
    lines = shown.split("\n")
    assert all(any(re.search(rf"\b{1000 + i}$", line) for line in lines) for i in range(16)), shown[-600:]


@pytest.mark.parametrize(("rows", "columns"), [(24, 13), (40, 31), (5, 60)])
def test_wide_tables_stay_on_the_page(rows, columns):
    content = sample.long_table(rows, columns)
    reader = made(report(sample.table(content, "tbl-a", "Wide")))
    assert boxes_inside(reader)
    assert f"{columns - 1}" in text_of(reader)


def test_unbreakable_words_break():
    word = "institucionalización_" * 9 + "w" * 150
    rows = [[word, "1.5", word]] * 2
    reader = made(report(sample.table(sample.grid(["a", "b", "c"], rows, ["left", "decimal", "left"]), "tbl-a", "W")))
    assert boxes_inside(reader)
    assert squeezed(text_of(reader)).count(squeezed(word)) == 4


def grid_of(columns, rows, **more):
    return outputs.grid(sample.grid(columns, rows, **more), 1)


def test_decimal_points_stand_under_each_other():
    grid = grid_of(["a", "b"], [["x", "1.25"], ["x", "12"], ["x", "1,234.5"], ["x", "suppressed"], ["x", "\u2013"]])
    pads = layout.decimals(grid, 1)
    assert pads[0] == 0
    assert pads[1] == pytest.approx(fonts.width(".25"), abs=1e-3)
    assert pads[2] == pytest.approx(fonts.width("5"), abs=1e-3)
    assert pads[3] == 0
    assert pads[4] == pads[1]
    assert layout.decimals(grid, 0) == [0.0] * 5


def test_plan_fits_the_page_and_shrinks_turns_and_splits_in_that_order():
    few = layout.plan(grid_of(["a", "b"], [["x", "1.5"]]))
    many = layout.plan(grid_of(["Indicator", *(f"District {i}" for i in range(12))], [["x" * 30] + ["12.5"] * 12]))
    most = layout.plan(grid_of(["Indicator", *(f"District {i}" for i in range(60))], [["x" * 30] + ["12.5"] * 60]))
    assert (few.size, few.landscape, len(few.parts)) == (9.0, False, 1)
    assert sum(few.parts[0].widths) < 0.6 * layout.PORTRAIT
    assert many.size < 9.0 or many.landscape
    assert most.landscape
    assert [c for part in most.parts for c in part.columns if c] == list(range(1, 61))
    assert all(part.columns[0] == 0 for part in most.parts)
    for plan in (few, many, most):
        for part in plan.parts:
            assert sum(part.widths) <= (layout.LANDSCAPE if plan.landscape else layout.PORTRAIT) + 0.5


def test_given_widths_are_kept_where_words_allow():
    content = sample.grid(["a", "b"], [["x", "y"]], ["left", "left"])
    content["columns"][0]["width"], content["columns"][1]["width"] = 1, 3
    first, second = layout.plan(outputs.grid(content, 1)).parts[0].widths
    assert second == pytest.approx(3 * first, rel=0.01)


def test_messages_name_the_cell_of_a_line():
    document = read(sample.notebook(new_markdown_cell("one"), new_markdown_cell("two\n\nlines")))
    writer = Writer(document)
    main = writer.main().split("\n")
    line = next(i for i, text in enumerate(main, 1) if '"two"' in text)
    assert writer.blame("odd", f"error\n  \u250c\u2500 main.typ:{line}:3", "/tmp/x").startswith("cell 2: ")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(markdown_texts)
@example("#")
@example("# \u202e")
@example("# ![](a.png)")
@example("# [^1]\n\n[^1]: a")
def test_any_markdown_gives_a_pdf(text):
    cell = new_markdown_cell("", id="a")
    cell["source"] = text
    nb = sample.notebook(cell)
    assert pdf(read(nb)).startswith(b"%PDF")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_any_text_in_cells_captions_and_streams_gives_a_pdf(text, other):
    stream = new_output("stream", name="stdout", text="")
    stream["text"] = other
    nb = report(
        sample.table(
            sample.grid([text, other], [[other, text], {"group": text}], ["left", "decimal"]), "", text or "x"
        ),
        title=other or "T",
    )
    nb.cells.append(sample.cell(stream))
    assert pdf(read(nb)).startswith(b"%PDF")


def test_words_in_tables_are_hyphenated_only_where_they_must_be():
    short = sample.grid(
        ["Indicador", "n"], [["Confianza en la policía y en la municipalidad del distrito " * 2, "1"]] * 3
    )
    assert "-" not in text_of(made(report(sample.table(short, "tbl-a", "A"), lang="es", date="2005-04-25")), 1)
    names = [f"Institucionalización {i}" for i in range(9)]
    tight = sample.grid(["x", *names], [["y", *["1.5"] * 9]])
    tight["columns"][0]["width"] = 20
    assert layout.hyphens("Institucionalización", 40.0, 8.0)
    assert not layout.hyphens("la policía", 40.0, 8.0)
    exactly = fonts.width("mudanças", "Semibold") * 9 * 1.04
    assert not layout.hyphens("Diferença de mudanças", exactly - 0.01, 9)  # a column as wide as its widest word
    assert boxes_inside(made(report(sample.table(tight, "tbl-a", "A"), lang="es")))


def test_a_note_is_never_alone_on_a_page():
    """Whatever the length, the page with the note holds rows too: rows come a little closer where it would not."""
    for rows in range(41, 50):
        body = [[f"row {i}", "1.5"] for i in range(rows)]
        nb = report(
            sample.prose("# Chapter\n\nText."),
            sample.table(sample.grid(["x", "n"], body), "tbl-a", "A", note="THE-NOTE stands below the rows."),
        )
        (page,) = [p.extract_text() for p in made(nb).pages if "THE-NOTE" in p.extract_text()]
        assert page.count("row ") >= 1, rows


def test_pages_of_real_figures_carry_no_stamp():
    fill = "Words. " * 700
    nb = report(
        sample.prose(f"# Invented {{#sec-a}}\n\n{fill}"),
        sample.prose(f"# Published {{#sec-b .unstamped}}\n\n{fill}\n\n{fill}"),
        sample.prose(f"# Invented too {{#sec-c}}\n\n{fill}"),
        layout="report",
    )
    stamped = {}
    for number, page in enumerate(made(nb).pages, 1):
        text = " ".join(page.extract_text().split())
        stamped[number] = sample.STAMP["en"] in text
        if "Invented" in text and number > 2:
            assert stamped[number], number
    assert not all(stamped.values())
    assert list(stamped.values())[-1]


def test_slides_of_real_figures_carry_no_stamp():
    nb = report(
        sample.prose("# Invented\n\nWords."),
        sample.prose("# Published {.unstamped}\n\nWords."),
        layout="slides",
    )
    pages = [" ".join(page.extract_text().split()) for page in made(nb).pages]
    assert [sample.STAMP["en"] in page for page in pages] == [True, True, False]


@pytest.mark.parametrize("layout_name", ["report", "article", "brief", "slides"])
def test_a_title_of_one_long_word_stays_on_its_page(layout_name):
    word = "Institucionalizaciones" * 8
    nb = report(sample.prose("# One\n\ntext"), title=word, layout=layout_name)
    reader = made(nb)
    assert reader.metadata.title == word
    assert word in squeezed(reader.pages[0].extract_text())
    assert boxes_inside(reader)


@pytest.mark.parametrize("layout_name", ["report", "article", "brief", "slides"])
def test_the_lines_of_the_cover_break_between_words_only(layout_name):
    subtitle = "Caso de demostración del Instituto de Defensa Legal y la Sociedad Interamericana de Responsabilidades"
    for start in range(12):  # whatever word stands at the end of the line
        more = {"subtitle": "o " * start + subtitle, "publisher": subtitle, "lang": "es"}
        cover = made(report(sample.prose("# Uno\n\ntexto"), layout=layout_name, **more)).pages[0].extract_text()
        assert not re.search(r"\w[-\u00ad\u2010]\s*\n|·\s*\n", cover), cover


def test_the_cover_of_a_pdf_carries_logo_publisher_and_citation():
    logo = "data:image/svg+xml;base64," + base64.b64encode(sample.chart().encode()).decode()
    more = {"publisher": "The Ministry", "contact": "m@example.org", "licence": "CC-BY-4.0", "citation": "A (2005). T."}
    for name in ("report", "article", "slides"):
        reader = made(report(sample.prose("# One\n\ntext"), logo=logo, logo_alt="Arms", layout=name, **more))
        text = " ".join(text_of(reader).split())
        assert "More or less safe" in text  # the drawing's own words
        if name != "slides":
            for words in (
                "Published by The Ministry",
                "Contact: m@example.org",
                "Licence: CC-BY-4.0",
                "How to cite: A",
            ):
                assert words in text


def test_the_logo_of_slides_stands_above_the_title_however_long():
    logo = "data:image/svg+xml;base64," + base64.b64encode(sample.chart().encode()).decode()
    title = "Cooperation of police and citizens in six districts of the country"
    page = made(report(sample.prose("# One\n\ntext"), title=title, logo=logo, logo_alt="Arms", layout="slides")).pages[
        0
    ]
    of_title, of_logo = [], []

    def seen(text, matrix, *_):
        if text.strip():  # what is drawn is scaled
            (of_title if matrix[0] == 1 else of_logo).append(matrix[5])

    page.extract_text(visitor_text=seen)
    assert min(of_logo) > max(of_title) + 38  # points of the largest title


def test_no_text_is_smaller_than_eight_and_a_half_points():
    nb = report(
        sample.prose("# One {#sec-one}\n\nText.[^1]\n\n    code\n\n[^1]: A note."),
        sample.table(sample.long_table(30, 14), "tbl-a", "Wide", note="A note."),
        sample.table(sample.long_table(20, ids="b"), "tbl-b", "Dense", dense=True),
    )
    sizes: set[float] = set()

    def visit(text, _, matrix, __, size):
        if len(text.strip()) > 1:
            sizes.add(round(abs(size * matrix[3]) or abs(size * matrix[0]), 1))

    for page in made(nb).pages:
        page.extract_text(visitor_text=visit)
    assert min(sizes) >= 8.5


@pytest.mark.parametrize("lines", range(14, 17))
def test_a_chapter_of_a_line_stays_with_its_table(lines):
    filler = "\n\n".join(f"Filler {k}" for k in range(lines))
    rows = [[f"row {k}", str(k)] for k in range(9)]
    table = sample.table(sample.grid(["Term", "Number"], rows), "tbl-a", "Terms")
    nb = report(
        sample.prose(f"# First\n\n{filler}"),
        sample.prose("# Glossary {.appendix}\n\nAll terms."),
        table,
        layout="report",
    )
    pages = [page.extract_text() for page in made(nb).pages]
    assert [k for k, text in enumerate(pages) if "All terms" in text] == [
        k for k, text in enumerate(pages) if "row 0" in text
    ]


def test_a_figure_at_the_head_of_a_page_parts_no_table():
    tables = [(1, 3, 5, 300.0), (2, 7, 7, 500.0)]
    figures = [(1, 4, 90.0), (2, 5, 90.0), (3, 3, 90.0), (4, 7, 90.0), (5, 4, 400.0)]
    places = placed._Places(tables, figures, [], [])
    assert placed._parting(places, frozenset({1, 2, 3, 4})) == {1, 2}
    assert placed._parting(places, frozenset({1, 2, 3, 4}), {1}) == frozenset()


def test_a_note_past_a_figure_at_the_head_of_a_page_is_fetched_back():
    rows = [[f"row {k}", "1"] for k in range(13)]
    document = read(report(sample.table(sample.grid(["Answer", "Share"], rows), "tbl-a", "Shares", note="Noted.")))
    after_the_note_of_a_figure = placed._Places([(1, 1, 2, 393.0)], [(1, 2, 74.0)], [], [(2, 375.0), (2, 393.0)])
    (tighter,) = placed._stranded(after_the_note_of_a_figure, document, {}).values()
    assert tighter == pytest.approx((393 - 375 + 6) / 13, abs=0.01)
    assert placed._stranded(placed._Places([(1, 1, 2, 393.0)], [], [], [(2, 393.0)]), document, {}) == {}


def test_a_short_table_of_tall_groups_may_break_and_is_looked_at():
    group = {"group": "How safe people of this district say that they feel at home and in the street. " * 4}
    rows = [group, *([["A row of words " * 6, "1"]] * 5), group, *([["Another row of words " * 6, "1"]] * 5)]
    shown = sample.grid(["Answer", "Share"], rows)
    writer = Writer(read(report(sample.table(shown, "tbl-a", "Shares", note="Noted."), layout="report")))
    writer.main()
    assert list(writer.breaking) == ["tbl-a"]


def test_a_hyphen_of_an_english_title_is_not_repeated_in_a_portuguese_line():
    words = "-to-".join(["one"] * 60)
    broken = {}
    for name, text in (("plain", words), ("marked", f"[{words}]{{lang=en}}")):
        reader = made(report(sample.prose(f"# Um {{#sec-um}}\n\n{text}"), layout="report", lang="pt"))
        broken[name] = bool(re.search(r"-\s*\n\s*-(?:to|one)", text_of(reader)))
    assert broken == {"plain": True, "marked": False}


@pytest.mark.parametrize(("paragraphs", "saved"), [(33, True), (36, False)])
def test_a_last_page_of_a_few_lines_is_saved_by_setting_all_lines_closer(paragraphs, saved, monkeypatch):
    text = "\n\n".join(["Words of a report that fill its lines. " * 10] * paragraphs)
    nb = report(sample.prose(f"# One\n\n{text}\n\nThe end."), layout="report")
    pages = made(nb).pages
    monkeypatch.setattr(placed, "CLOSE_LINE_GAP", LINE_GAP)
    before = made(nb).pages
    assert len(before) == len(pages) + saved
    assert (len(before[-1].extract_text()) < 600) == saved
    assert "The end." in pages[-1].extract_text()
