"""Puts the tables of the simulation into methods.md: `python docs/tables.py`, when the simulation has changed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

DOCS = Path(__file__).parent
SIMULATION = DOCS.parent / "evaluation" / "estimate" / "simulation.csv"
BEGIN, END = "<!-- simulation: begin -->", "<!-- simulation: end -->"
METHODS = {
    "district_change_pooled": "change, pooled",
    "district_change_welch": "change, Welch",
    "variance_components": "variance components",
    "ferman_pinto": "Ferman-Pinto",
    "permutation": "permutation",
    "placebo_rank": "placebo rank",
    "wcr": "WCR",
    "cr2": "CR2",
    "cr1": "CR1",
    "wcu": "WCU",
    "sampling_only": "sampling only",
}


def tables(path: Path = SIMULATION) -> str:
    """The tables as Markdown: size of every method, then coverage and power of those that are offered."""
    if not path.exists():
        return "*The simulation has not been run: `python -m benchmarks.simulation`.*\n"
    rows = pd.read_csv(path)
    several = rows[["pilots", "comparisons"]].min(axis=1) > 1
    draws = ", ".join(f"{n:,}" for n in sorted(rows["draws"].unique()))
    return "\n".join([
        "Size: the share of data sets without an effect in which one is found at 5 %"
        f" ({draws} draws each; Monte Carlo error up to {rows['error'].max():.3f})."
        " **Bold**: what the report offers in such a design.\n",
        "Several districts in each arm:\n", *_wide(rows[several]), "",
        "One pilot district:\n", *_wide(rows[~several]), "",
        "What is offered, with an effect of −10 points: the share of 95 % intervals that hold it (coverage), and of"
        " data sets in which an effect is found at 5 % (power):\n", *_long(rows[rows["offered"]]), "",
    ])  # fmt: skip


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
    return f"{row['pilots']} v {row['comparisons']} | {interviews} | {shock}"


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
    text = f"{row['size']:.3f}".removeprefix("0")
    return f"**{text}**" if row["offered"] else text


def _long(rows: pd.DataFrame) -> list[str]:
    lines = ["| districts | interviews a cell | shock sd | method | coverage | power |", "|---|---|---|---|---|---|"]
    for _, row in rows.iterrows():
        coverage, power = (f"{row[name]:.3f}".removeprefix("0") for name in ("coverage", "power"))
        lines.append(_line([_design(row), METHODS[row["method"]], coverage, power]))
    return lines


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    target = DOCS / "methods.md"
    target.write_text(page(target.read_text(encoding="utf-8")), encoding="utf-8")
