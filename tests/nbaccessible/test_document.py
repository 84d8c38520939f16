"""Reading a notebook: blocks, numbers, references, and what is refused."""

from __future__ import annotations

import base64
import itertools

import pytest
import sample_notebook as sample
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from nbaccessible import hypertext, markdown, outputs
from nbaccessible.document import read
from nbaccessible.errors import PublishError
from nbaccessible.model import Code, Figure, Grid, Output, Prose, Table, text_of, walk


def of(*cells, **resources):
    return read(sample.notebook(*cells), resources)


def our(*shown):
    return of(sample.cell(sample.cover()), *(sample.cell(s) for s in shown))


def texts(document):
    return " ".join(text_of(b.tokens) for b in document.blocks if isinstance(b, Prose))


def test_chapters_are_numbered_appendices_lettered_and_the_front_is_not():
    document = read(sample.report())
    numbers = {h.id: h.number for h in document.headings}
    assert numbers["sec-answer"] == ""
    assert numbers["sec-what"] == "1"
    assert numbers["sec-how"] == "1.2"
    assert numbers["sec-sure"] == "2"
    assert numbers["sec-codebook"] == "A"
    assert numbers["A-part"] == "A.1"
    assert numbers["sec-estimates"] == "B"


def test_references_read_as_what_they_point_at():
    document = our(
        sample.prose("# One {#sec-one}\n\nSee @tbl-b, @fig-a and @sec-one; @sec-ap."),
        sample.figure("fig-a", "A figure", "it rises"),
        sample.table(sample.grid(["x"], [["1"]]), "tbl-a", "First"),
        sample.table(sample.grid(["x"], [["1"]]), "tbl-b", "Second"),
        sample.prose("# Words {#sec-ap .appendix}"),
    )
    assert "See Table\u00a02, Figure\u00a01 and Section\u00a01; Appendix\u00a0A." in texts(document)


def test_the_front_comes_first_and_keeps_its_numbers():
    document = our(
        sample.table(sample.grid(["x"], [["1"]]), "tbl-late", "Body"),
        sample.table(sample.grid(["x"], [["1"]]), "tbl-front", "Front", front=True),
    )
    assert [(t.label, t.number) for t in document.tables] == [("tbl-front", 1), ("tbl-late", 2)]


def test_a_reference_to_nothing_is_named_with_its_cell_and_the_nearest_label():
    with pytest.raises(PublishError, match=r"cell 2: @tbl-headlin refers to nothing.*did you mean 'tbl-headline'"):
        our(sample.prose("See @tbl-headlin."), sample.table(sample.LEVELS, "tbl-headline", "Levels"))


def test_a_cell_that_links_nowhere_is_an_error():
    grid = sample.grid(["x"], [[{"text": "1", "href": "#est-missing"}]])
    with pytest.raises(PublishError, match="cell 2: #est-missing refers to nothing"):
        our(sample.table(grid, "tbl-a", "A"))


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        (sample.figure("fig-a", "A", ""), "figure fig-a has no alt text"),
        (sample.figure("fig-a", "", "alt"), "fig-a has a label but no caption"),
        (sample.output({}, {"kind": "table", "label": "tbl-a", "caption": "A"}), "tbl-a holds no application"),
        (sample.table(sample.grid(["x", "y"], [["1"]]), "tbl-a", "A"), "row 1 of a table has 1 cells for 2 columns"),
        (sample.output({}, {"kind": "chart"}), "unknown kind of output 'chart'"),
        (new_output("error", ename="KeyError", evalue="x", traceback=[]), "cell 2 failed: KeyError: x"),
    ],
)
def test_broken_exhibits_are_refused_by_name(shown, message):
    with pytest.raises(PublishError, match=message):
        our(shown)


def test_a_label_given_twice_is_refused():
    once = sample.table(sample.grid(["x"], [["1"]]), "tbl-a", "A")
    with pytest.raises(PublishError, match="tbl-a is already the label of something in cell 2"):
        our(once, once)


def test_a_report_hides_code_and_progress_a_plain_notebook_shows_both():
    stream = new_output("stream", name="stdout", text="hello")
    report = of(sample.cell(sample.cover()), new_code_cell("secret()", outputs=[stream]))
    plain = of(new_code_cell("shown()", outputs=[stream]))
    assert report.blocks == ()
    assert [type(b) for b in plain.blocks] == [Code, Output]
    assert read(sample.notebook(new_code_cell("x")), show_code=False).blocks == ()


@pytest.mark.parametrize(("tag", "left"), [("remove_cell", 0), ("remove-input", 1), ("hide_output", 1)])
def test_usual_tags_hide(tag, left):
    cell = new_code_cell("x", outputs=[new_output("stream", name="stdout", text="y")], metadata={"tags": [tag]})
    assert len(of(cell).blocks) == left


def test_a_plain_notebook_is_titled_by_its_first_heading_or_its_file():
    assert of(new_markdown_cell("# The *title*\n\ntext")).cover.title == "The title"
    assert "The title" not in texts(of(new_markdown_cell("# The title\n\ntext")))
    assert of(new_markdown_cell("text"), metadata={"name": "my_notebook"}).cover.title == "my_notebook"


def test_heading_levels_never_skip():
    document = of(new_markdown_cell("# T\n\ntext\n\n### A\n\n##### B\n\n# C\n\n###### D"))
    levels = [h.level for h in document.headings]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_headings_of_the_same_words_get_ids_of_their_own():
    ids = [h.id for h in of(new_markdown_cell("text\n\n# A b\n\n# A b\n\n# A b")).headings]
    assert ids == ["A-b", "A-b-2", "A-b-3"]


def test_markdown_protects_what_only_looks_like_a_reference():
    tokens = markdown.parse(r"\@fig-a `@fig-b` me@fig-c &#64;fig-d \\@x **@fig-e**")
    assert [t["attrs"]["target"] for t in walk(tokens) if t["type"] == "reference"] == ["fig-e"]
    assert text_of(tokens).startswith("@fig-a @fig-b me@fig-c @fig-d \\@x ")


def test_words_of_another_language_are_marked_and_all_else_in_brackets_is_not():
    tokens = markdown.parse(r"A [*title* of \[one\]](u) [title in *English*]{lang=en} \[no\]{lang=en} [no]{.en}")
    marked = [t for t in walk(tokens) if t["type"] == "language"]
    assert [(t["attrs"]["lang"], text_of([t])) for t in marked] == [("en", "title in English")]
    assert text_of(tokens).endswith(" title in English [no]{lang=en} [no]{.en}")


def test_raw_html_is_text_comments_are_not():
    tokens = markdown.parse("a <b onclick='x'>b</b><!-- no -->\n\n<script>alert(1)</script>\n\nc<br>d")
    assert {t["type"] for t in walk(tokens)} <= {"paragraph", "text", "linebreak", "softbreak"}
    shown = " ".join(text_of(tokens).split())
    assert "<b onclick='x'>b</b>" in shown
    assert "<script>alert(1)</script>" in shown
    assert "no" not in shown.replace("onclick", "")


def test_a_repeated_footnote_is_one_note():
    notes = [t for t in walk(markdown.parse("a[^n] b[^n]\n\n[^n]: *The* note")) if t["type"] == "footnote"]
    assert [bool(n["children"]) for n in notes] == [True, False]


def test_plain_outputs_become_blocks():
    kinds = [type(b).__name__ for b in read(sample.plain()).blocks]
    assert kinds == [
        "Prose",
        "Code",
        "Output",
        "Output",
        "Table",
        "Code",
        "Figure",
        "Code",
        "Prose",
        "Code",
        "Output",
        "Code",
        "Output",
    ]
    blocks = read(sample.plain()).blocks
    stream, warned = blocks[2], blocks[3]
    assert (stream.text, stream.kind) == ("100%\nline red\n", "stream")
    assert warned.kind == "stderr"
    table = next(b for b in blocks if isinstance(b, Table))
    assert [[c.text for c in r.cells] for r in table.grid.rows] == [["0", "1.5", "<x>"], ["1", "22.25", "#import"]]
    assert table.grid.align == ("left", "decimal", "left")
    assert next(b for b in blocks if isinstance(b, Figure)).alt == "Output of cell 3"


def test_quarto_options_caption_a_plain_figure():
    pixel = sample.plain().cells[2].outputs[0].data["image/png"]
    shown = sample.output({"image/png": pixel})
    cell = new_code_cell('#| label: fig-dot\n#| fig-cap: "A dot"\n#| fig-alt: one dot\nplot()', outputs=[shown])
    code, figure = of(new_markdown_cell("See @fig-dot and @fig-none."), cell).blocks[1:]
    assert code.text == "plot()"
    assert (figure.label, figure.caption, figure.alt, figure.number) == ("fig-dot", "A dot", "one dot", 1)


def test_html_tables_keep_spans_and_drop_scripts():
    html = (
        "<script>alert(1)</script><p>Before</p><table><thead><tr><th></th><th colspan=2>Both</th></tr>"
        "<tr><th>k</th><th>a</th><th>b</th></tr></thead><tbody><tr><th rowspan=2>x</th><td>1</td><td>2</td></tr>"
        "<tr><td>3</td><td>4</td></tr></tbody></table>After"
    )
    before, table, after = hypertext.read(html)
    assert (before, after) == ("Before", "After")
    grid = table.grid
    assert isinstance(grid, Grid)
    assert [(c.text, c.span) for c in grid.head[0]] == [("", 1), ("Both", 2)]
    assert [[c.text for c in r.cells] for r in grid.rows] == [["x", "1", "2"], ["", "3", "4"]]
    assert hypertext.read("<div><script>run()</script><style>x</style></div>") == []


def test_numbers_stand_under_each_other_unless_their_style_says_left():
    numbers, left = (
        f"<table><tr><th>a</th><td{style}>1.5</td></tr><tr><th>b</th><td{style}>9,385</td></tr></table>"
        for style in ("", ' style="text-align: left"')
    )
    assert [table.grid.align for table in hypertext.read(numbers + left)] == [("left", "decimal"), ("left", "left")]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<table>",
                "</table>",
                "<tr>",
                "<td>",
                "</td>",
                "<th rowspan=3>",
                "<caption>",
                "</caption>",
                "<td colspan=2>",
                "<thead>",
                "</thead>",
                "<td rowspan=0>",
                "<td colspan=x>",
                "<script>",
                "</script>",
                "text",
                "1.5",
                "<br>",
                "</tr>",
                "&lt;",
                "<!--",
            ]
        ),
        max_size=30,
    ).map("".join)
)
def test_any_html_gives_rectangular_tables(html):
    for part in hypertext.read(html):
        if isinstance(part, hypertext.HtmlTable):
            grid = part.grid
            columns = len(grid.align)
            assert all(len(row.cells) == columns for row in grid.rows)
            assert all(sum(cell.span for cell in row) == columns for row in grid.head)


def test_a_caption_in_html_is_the_caption_of_its_table():
    inner = "<table><caption>Inner</caption><tr><td>2</td></tr></table>"
    html = (
        "<p>Before</p><table><caption>Changes\n<b>by arm</b></caption><tr><td>1</td></tr></table>"
        f"<table><tr><td>{inner}</td></tr></table><table><caption>Of nothing</caption></table>"
    )
    shown = new_output("display_data", data={"text/html": html, "text/plain": "x"})
    before, changes, nested, nothing = outputs.blocks(shown, 1)
    assert (before.text, nothing.text) == ("Before", "Of nothing")
    assert (changes.caption, nested.caption) == ("Changes by arm", "")
    assert [[cell.text for cell in row.cells] for row in changes.grid.rows] == [["1"]]
    assert nested.grid.rows[0].cells[0].text == "Inner 2"
    cell = new_code_cell("x", outputs=[shown])
    assert [(table.number, table.caption) for table in of(cell).tables] == [(1, "Changes by arm")]


def test_a_statsmodels_like_summary_shows_tables_and_text():
    data = {"text/html": "<table><tr><td>R</td><td>0.9</td></tr></table><br/>Notes: [1]", "text/plain": "R"}
    table, note = outputs.blocks({"output_type": "execute_result", "data": data}, 1)
    assert isinstance(table, Table)
    assert note.text == "Notes: [1]"


def test_an_output_of_an_unknown_type_is_named_rather_than_lost():
    (block,) = outputs.blocks({"output_type": "display_data", "data": {"application/x-new": "?"}}, 1)
    assert block.text == "[application/x-new]"


def test_pictures_come_from_attachments_and_the_notebooks_folder_only(tmp_path):
    pixel = sample.plain().cells[2].outputs[0].data["image/png"]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "dot.png").write_bytes(base64.b64decode(pixel))
    (tmp_path / "out.png").write_bytes(base64.b64decode(pixel))
    cell = new_markdown_cell("![a](dot.png) ![b](../out.png) ![c](https://example.org/x.png) ![d](attachment:y.png)")
    cell["attachments"] = {"y.png": {"image/png": pixel}}
    document = of(cell, metadata={"path": str(tmp_path / "in")})
    assert [url[:8] for url in document.pictures] == ["dot.png", "data:ima"]
    del cell["attachments"]
    with pytest.raises(PublishError, match=r"cell 1: no attachment 'y.png'"):
        of(cell)


def test_links_to_scripts_and_files_are_text():
    document = of(new_markdown_cell("[a](javascript:alert(1)) [b](file:///etc/passwd) [c](x.csv) [d](https://e.org)"))
    links = [t["attrs"]["url"] for t in walk(document.blocks[0].tokens) if t["type"] == "link"]
    assert links == ["https://e.org"]
    assert "a b c d" in texts(document)


def test_links_that_a_terminal_would_hide_are_taken_out():
    """nbconvert's filter knows colours only; what rich prints holds links, too."""
    from nbconvert.filters import strip_ansi

    printed = "\x1b]8;id=1;https://example.org\x1b\\\x1b[31mword\x1b[0m\x1b]8;;\x1b\\"
    assert "example.org" in strip_ansi(printed)
    assert outputs.stripped(printed) == "word"
