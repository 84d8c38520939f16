"""What the documentation takes from the code, written by `python docs/tables.py` when it has changed: the tables and
the figure of the simulation (methods.md), and the data dictionary of the estimates (estimates.md)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from fewdistricts.estimates import catalogue, estimate
from fewdistricts.exhibits.text.wording import Words

DOCS = Path(__file__).parent
SIMULATION = DOCS.parent / "fewdistricts" / "estimates" / "simulation.csv"
FIGURE = DOCS / "simulation.svg"
BEGIN, END = "<!-- simulation: begin -->", "<!-- simulation: end -->"
WORDS = Words("en")
METHODS = catalogue.simulated() | {"wcu": "WCU"}
"""What is simulated, by its name in the table; the unrestricted bootstrap stands there only to be seen to fail."""

WORLDS = {
    "two_valued": "two-valued shocks",
    "ar": "autoregressive shocks",
    "provinces": "provinces share shocks",
    "pairs": "pairs share shocks",
    "people": "by population",
    "repeated": "the same sampling units",
    "panel": "panel with attrition",
    "few_psus": "two sampling units",
    "rare": "a share of 2 %",
    "no_survey": "data of districts",
    "ar_no_survey": "data of districts, autoregressive shocks",
    "staggered": "starts in turn",
}
"""What departs from the plain world, as `benchmarks/worlds.py` describes it."""


def tables(path: Path = SIMULATION) -> str:
    """The tables as Markdown: size of every method, then coverage and power of those that are offered."""
    if not path.exists():
        return "*The simulation has not been run: `python -m benchmarks.simulation`.*\n"
    rows = pd.read_csv(path)
    several = rows[["pilots", "comparisons"]].min(axis=1) > 1
    fewest, most = rows["draws"].min(), rows["draws"].max()
    draws = f"{most:,}" if fewest == most else f"{fewest:,} to {most:,}"
    return "\n".join([
        "Size: the share of data sets without an effect in which one is found at 5 %"
        f" ({draws} draws; Monte Carlo error up to {rows['error'].max():.3f}; `simulation.csv` has both by row)."
        " **Bold**: what the report offers in such a design.\n",
        "Several districts in each arm:\n", *_wide(rows[several]), "",
        "One pilot district:\n", *_wide(rows[~several]), "",
        "What is offered, with an effect of −10 points: the share of 95 % intervals that hold it (coverage), and of"
        " data sets in which an effect is found at 5 % (power):\n", *_long(rows[rows["offered"]]), "",
    ])  # fmt: skip


def figure(path: Path = SIMULATION) -> str:
    """How often each method finds an effect that is not there, design by design, as an SVG."""
    rows = pd.read_csv(path)
    designs = rows["design"].drop_duplicates().tolist()
    left, right, step, top, most = 250, 30, 24, 84, 0.6
    width, height = 860, top + step * len(designs) + 50
    scale = (width - left - right) / most

    def x(share: float) -> str:
        return f"{left + share * scale:.1f}"

    foot = top + step * (len(designs) - 1) + 14
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" font-family="sans-serif"'
        ' font-size="12" fill="#222">',
        "<title>How often each method finds an effect that is not there, at a nominal 5 %</title>",
        "<desc>One line for each simulated design. Filled marks are the methods that the report gives there: most lie"
        " near 5 % or below, CR1, which it gives beside others, reaches 27 %, and where one pilot district has larger"
        " shocks than the others in data of districts all but the synthetic control reach 30 %. Open marks are methods"
        " that it does not give: they reach 59 %. The numbers stand in the tables.</desc>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        '<text x="20" y="24" font-size="15" font-weight="bold">A true null, rejected at a nominal 5 %</text>',
        '<circle cx="26" cy="44" r="5" fill="#1f5a8a"/>'
        '<text x="38" y="48">offered by the report in such a design</text>',
        '<rect x="290" y="39" width="10" height="10" fill="#b3541e"/>'
        '<text x="306" y="48">sampling error only: shown beside others or by its name</text>',
        '<circle cx="646" cy="44" r="4.5" fill="none" stroke="#555"/><text x="657" y="48">not offered</text>',
        f'<text x="20" y="{top - 14}" fill="#555">districts, interviews a cell, shock sd</text>',
    ]
    for tick in range(7):
        at = x(tick / 10)
        out.append(f'<line x1="{at}" x2="{at}" y1="{top - 10}" y2="{foot}" stroke="#ddd"/>')
        out.append(f'<text x="{at}" y="{foot + 18}" text-anchor="middle">{10 * tick} %</text>')
    out.append(f'<line x1="{x(0.05)}" x2="{x(0.05)}" y1="{top - 10}" y2="{foot}" stroke="#222" stroke-width="1.5"/>')
    out.append(f'<text x="{x(0.05)}" y="{top - 14}" text-anchor="middle">5 %</text>')
    for k, design in enumerate(designs):
        y = top + step * k
        group = rows[rows["design"] == design].sort_values("offered", kind="stable")
        label = ", ".join(part.strip() for part in _design(group.iloc[0]).split("|"))
        out.append(f'<text x="20" y="{y + 4}">{label}</text>')
        for _, row in group.iterrows():
            name = f"<title>{METHODS[row['method']]}: {100 * row['size']:.1f} %</title>"
            if row["method"] == "sampling_only":
                at = left + row["size"] * scale - 5
                out.append(f'<rect x="{at:.1f}" y="{y - 5}" width="10" height="10" fill="#b3541e">{name}</rect>')
            else:
                shape = 'r="5" fill="#1f5a8a"' if row["offered"] else 'r="4.5" fill="none" stroke="#555"'
                out.append(f'<circle cx="{x(row["size"])}" cy="{y}" {shape}>{name}</circle>')
    return "\n".join([*out, "</svg>", ""])


def page(text: str) -> str:
    """A page with its tables renewed."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}{END}{after}"


def _design(row: pd.Series) -> str:
    def size(arm: str) -> str:
        first, last = row[f"{arm}_n_first"], row[f"{arm}_n_last"]
        return f"{first}" if first == last else f"{first} to {last}"

    interviews = size("pilot") if size("pilot") == size("comparison") else f"{size('pilot')} v {size('comparison')}"
    shocks = [row["pilot_shock_sd"], row["comparison_shock_sd"]]
    shock = f"{shocks[0]:g}" if shocks[0] == shocks[1] else f"{shocks[0]:g} v {shocks[1]:g}"
    world = "" if row["world"] == "plain" else f", {WORLDS[row['world']]}"
    if row["waves_before"] > 1:
        world += f", {row['waves_before']} + {row['waves_after']} waves"
    return f"{row['pilots']} v {row['comparisons']}{world} | {interviews} | {shock}"


def _wide(rows: pd.DataFrame) -> list[str]:
    methods = [method for method in METHODS if (rows["method"] == method).any()]
    lines = [_line(["districts | interviews a cell | shock sd", *(METHODS[method] for method in methods)])]
    lines.append("|" + "---|" * (len(methods) + 3))
    for _, group in rows.groupby("design", sort=False):
        of = group.set_index("method")
        cells = [_size(of.loc[method]) if method in of.index else "" for method in methods]
        lines.append(_line([_design(group.iloc[0]), *cells]))
    return lines


def _size(row: pd.Series) -> str:
    text = _decimals(row["size"])
    return f"**{text}**" if text and row["offered"] else text


def _decimals(share: float) -> str:
    """Three decimals without the zero before the point; empty for a share that was not counted."""
    return "" if pd.isna(share) else f"{share:.3f}".removeprefix("0")


def _long(rows: pd.DataFrame) -> list[str]:
    lines = ["| districts | interviews a cell | shock sd | method | coverage | power |", "|---|---|---|---|---|---|"]
    for _, row in rows.dropna(subset=["coverage", "power"], how="all").iterrows():
        coverage, power = (_decimals(row[name]) for name in ("coverage", "power"))
        lines.append(_line([_design(row), METHODS[row["method"]], coverage, power]))
    return lines


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


ESTIMATES = DOCS / "estimates.md"
INTRODUCTION = """\
# The estimates table

`estimates.csv`, `estimates.xlsx` and `data/processed/<evaluation>/estimates.parquet` hold the same rows, one for each
estimate, and every number of a report is read from them. An undefined number is an empty cell, and `status` says why;
an unbounded limit is `inf`; shares and differences of shares are fractions. Numbers are rounded once, by the rule of
their column.

## Columns

The columns marked *key* identify a row together; `row_id` is made from them.

"""
LISTS = {
    "estimand": "What is estimated",
    "estimator": "By which method",
    "variant": "How a row departs from the main one",
    "status": "Why there is no number",
}


def estimates() -> str:
    """The data dictionary as Markdown: the columns, then the words of their closed lists."""
    lines = ["| column | kind | unit | rounding | meaning |", "|---|---|---|---|---|"]
    for record in estimate.dictionary():
        name = f"`{record['column']}`" + (" *key*" if record["key"] else "")
        lines.append(_line([name, record["kind"], record["unit"], record["rounding"], record["meaning"]]))
    for column, title in LISTS.items():
        lines += ["", f"## {title}: `{column}`", "", "| value | meaning |", "|---|---|"]
        for value in estimate.choices(column):
            if value:
                which = "*variant_of*" if column == "variant" else ""
                lines.append(_line([f"`{value}`", WORDS.label(column, value, which=which)]))
    return INTRODUCTION + "\n".join(lines) + "\n"


if __name__ == "__main__":
    target = DOCS / "methods.md"
    target.write_text(page(target.read_text(encoding="utf-8")), encoding="utf-8")
    FIGURE.write_text(figure(), encoding="utf-8")
    ESTIMATES.write_text(estimates(), encoding="utf-8")
