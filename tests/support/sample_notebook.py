"""Notebooks for the tests of `nbaccessible`: one as our report makes them, one as anybody might."""

from __future__ import annotations

import io
from typing import Any

import nbformat
from matplotlib.figure import Figure as Canvas
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

META = "nbaccessible"
TABLE = "application/vnd.nbaccessible.table+json"
STAMP = {"en": "Synthetic data: no respondent exists", "es": "Datos sintéticos: ningún encuestado existe"}
SPANISH = {
    "contents": "Índice",
    "figures": "Gráficos",
    "tables": "Cuadros",
    "figure": "Gráfico",
    "table": "Cuadro",
    "section": "Sección",
    "appendix": "Anexo",
    "note": "Nota:",
    "page": "Página",
    "of": "de",
    "skip": "Ir al contenido",
    "code": "Código",
    "footnotes": "Notas",
    "back": "Volver a la referencia",
    "continued": "continuación",
    "data": "Datos del gráfico",
    "source": "Fuente:",
}


def output(data: dict[str, Any], meaning: dict[str, Any] | None = None) -> Any:
    return new_output("display_data", data=data, metadata={META: meaning} if meaning else {})


def cell(*outputs: Any, source: str = "show()") -> Any:
    return new_code_cell(source, outputs=list(outputs))


def notebook(*cells: Any, **metadata: Any) -> Any:
    for number, made in enumerate(cells):
        made["id"] = f"c{number}"
    return new_notebook(cells=list(cells), metadata=metadata)


def cover(lang: str = "en", **more: Any) -> Any:
    meaning = {
        "kind": "cover",
        "title": "Police-citizen cooperation in six pilot districts",
        "subtitle": "An evaluation of the pilot, 2003 to 2005",
        "authors": ["A. Evaluator", "B. Statistician"],
        "date": "2005-04-25",
        "date_text": "25 April 2005",
        "lang": lang,
        "region": "US" if lang == "en" else "PE",
        "abstract": "Six districts piloted a programme. This report says what changed there, compares it with six "
        "others and says how sure one can be.",
        "keywords": ["policing", "evaluation"],
        "stamp": STAMP.get(lang, STAMP["en"]),
        "strings": SPANISH if lang == "es" else {},
    }
    return output({"text/markdown": "# Title"}, meaning | more)


def prose(text: str, **more: Any) -> Any:
    return output({"text/markdown": text}, {"kind": "prose", **more})


def table(content: dict[str, Any], label: str = "", caption: str = "", **more: Any) -> Any:
    return output({TABLE: content}, {"kind": "table", "label": label, "caption": caption, **more})


def grid(names: list[str], rows: list[Any], align: list[str] | None = None, **more: Any) -> dict[str, Any]:
    align = align or ["left"] + ["decimal"] * (len(names) - 1)
    columns = [{"text": n, "align": a} for n, a in zip(names, align, strict=True)]
    return {"columns": columns, "rows": [r if isinstance(r, dict) else {"cells": r} for r in rows]} | more


def figure(label: str, caption: str, alt: str, svg: str = "", data: dict[str, Any] | None = None, **more: Any) -> Any:
    bundle: dict[str, Any] = {"image/svg+xml": svg or chart()}
    if data:
        bundle[TABLE] = data
    return output(bundle, {"kind": "figure", "label": label, "caption": caption, "alt": alt, **more})


def chart(height: float = 2.6) -> str:
    import matplotlib

    style = {"svg.fonttype": "none", "svg.hashsalt": "x", "font.sans-serif": ["Source Sans Pro", "DejaVu Sans"]}
    with matplotlib.rc_context(style):
        canvas = Canvas(figsize=(6.3, height))
        axes = canvas.subplots()
        axes.plot([2003, 2005], [36, 49], "o-", color="#12436D", label="Pilot")
        axes.plot([2003, 2005], [38, 41], "s-", color="#D55E00", label="Comparison")
        axes.set_ylabel("More or less safe (%)")
        axes.legend()
        buffer = io.StringIO()
        canvas.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


LEVELS = grid(
    ["Indicator", "Before", "After", "Difference"],
    [
        {"group": "Perception"},
        ["Feels more or less safe", "36%", "49%", {"text": "13.2", "href": "#est-safe", "strong": True}],
        ["Feels very insecure", "27.5%", "8%", "\u221219.25"],
        {"group": "Victimisation"},
        ["Robbed in the street in the last twelve months", "38%", "25%", "\u221213"],
        ["Incidents a year", "1,204.25", "87.5", "\u2013"],
    ],
    spanners=[{"text": "Six pilot districts", "start": 1, "end": 2}],
)


def long_table(rows: int, columns: int = 6, ids: str = "row") -> dict[str, Any]:
    body: list[Any] = []
    for i in range(rows):
        if i % 12 == 0:
            body.append({"group": f"Family {i // 12 + 1}"})
        name = f"Indicator {i + 1}: satisfied with the response of the police"
        body.append(
            {"cells": [name] + [f"{(i * 7 + j * 13) % 100 / 8:.2f}" for j in range(columns - 1)], "id": f"{ids}-{i}"}
        )
    return grid(["Indicator"] + [f"District {j + 1}" for j in range(columns - 1)], body)


def report(lang: str = "en") -> Any:
    """A report with everything the display contract knows."""
    codebook = grid(
        ["Indicator", "Identifier", "Question"],
        [
            [
                f"Confianza en la policía {i}",
                f"trust_in_the_national_police_of_the_republic_{i}",
                "¿Hasta qué punto tiene usted confianza en la institucionalidad interdistrital de la policía? " * 2,
            ]
            for i in range(24)
        ],
        ["left", "left", "left"],
    )
    for column, width in zip(codebook["columns"], (2, 2, 4), strict=True):
        column["width"] = width
    answer = (
        "# The answer in one page {#sec-answer}\n\nPeople felt **safer** in the six districts; @tbl-headline says "
        "by how much. *How sure?* Moderately: see @sec-sure."
    )
    body = (
        "# What was done {#sec-what}\n\nThe pilot began in November 2003.[^start] See [the press release]"
        "(https://example.org/release) and @fig-levels.\n\n## Where\n\n- six districts\n- twelve waves\n\n"
        "1. first\n2. second\n\n> A quotation.\n\n## How it is estimated {#sec-how}\n\nThe double difference is "
        "$\\hat\\beta = \\bar y_{1} - \\bar y_{0}$, and\n\n$$\n\\mathrm{V}(\\hat\\beta) = \\frac{\\sigma^2}{n}\n$$\n\n"
        "| Arm | Districts |\n|:--|--:|\n| pilot | 6 |\n| comparison | 6 |\n\n[^start]: By decree; again in @sec-how."
    )
    sure = "# How sure {#sec-sure}\n\n" + "Institucionalización y responsabilidades interinstitucionales. " * 40
    return notebook(
        new_markdown_cell(""),
        cell(cover(lang)),
        cell(prose(answer, front=True), table(LEVELS, "tbl-headline", "Primary outcomes", front=True, note="Percent.")),
        cell(prose(body)),
        cell(
            figure("fig-levels", "Levels before and after", "Pilot rose from 36 to 49", data=LEVELS, note="Weighted.")
        ),
        cell(prose(sure)),
        cell(
            table(long_table(60), "tbl-long", "Every indicator, a caption of some length that runs on", note="A note.")
        ),
        cell(table(long_table(20, 31, "wide"), "tbl-wide", "Every district", landscape=True)),
        cell(prose("# Codebook {#sec-codebook .appendix}\n\nWords in @tbl-code.\n\n## A part")),
        cell(table(codebook, "tbl-code", "Codebook")),
        cell(prose("# All estimates {#sec-estimates}\n\nEach has an address.")),
        cell(
            table(grid(["Estimate", "Value"], [{"cells": ["safe", "13.2"], "id": "est-safe"}]), "tbl-est", "Estimates")
        ),
    )


def plain() -> Any:
    """A notebook that knows nothing of us."""
    html = (
        "<div><style scoped>td {color: red}</style><table><thead><tr><th></th><th>a</th><th>b</th></tr></thead><tbody>"
        "<tr><th>0</th><td>1.5</td><td>&lt;x&gt;</td></tr><tr><th>1</th><td>22.25</td><td>#import</td></tr></tbody></table></div>"
    )
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    return notebook(
        new_markdown_cell("# A plain notebook\n\nText with <b>raw</b> html, `code` and $x^2$.\n\n### Skipped level"),
        new_code_cell(
            "print('x')",
            outputs=[
                new_output("stream", name="stdout", text="10%\r100%\nline \x1b[31mred\x1b[0m\n"),
                new_output("stream", name="stderr", text="a warning\n"),
                new_output("execute_result", data={"text/html": html, "text/plain": "   a b"}),
            ],
        ),
        new_code_cell("plot()", outputs=[output({"image/png": pixel, "text/plain": "<Figure>"})]),
        new_code_cell("Math()", outputs=[output({"text/latex": "$\\displaystyle x + y$", "text/plain": "x + y"})]),
        new_code_cell(
            "w", outputs=[output({"application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider(1)"})]
        ),
        new_code_cell(
            "1/0",
            outputs=[
                new_output(
                    "error",
                    ename="ZeroDivisionError",
                    evalue="no",
                    traceback=["\x1b[0;31mZeroDivisionError\x1b[0m: no"],
                )
            ],
        ),
    )


def written(nb: Any, path: Any) -> Any:
    nbformat.write(nb, path)
    return path
