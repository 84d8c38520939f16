"""The numbers that the report of peru-2005 says, and those that it may say: rows, counts, published and declared."""

from __future__ import annotations

import functools
import math
import re
from typing import Any

import documents
import pandas as pd
from rendered import meanings
from surveys import at_home, peru

from fewdistricts.estimates import estimate
from fewdistricts.exhibits import display
from fewdistricts.exhibits.published import published_rows
from fewdistricts.exhibits.results import Results
from fewdistricts.exhibits.text.bibliography import WORKS, entry
from fewdistricts.exhibits.text.certainty import power_list
from fewdistricts.exhibits.text.values import LARGE
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.inference.power import POWER
from fewdistricts.inference.rules import FIXED_ON

NUMBER = re.compile(r"[−+<]?\d+(?:,\d{3})*(?:\.\d+)?")
LINK = re.compile(r"\[([^\]]*)\]\(source:(est-[^)]*)\)")
NAMES = re.compile(r"SHA-256|CR[0-3]\b|@[\w-]+|\{#[^}]*\}|\]\((?:#|source:)[^)]*\)|\b(?:19|20)\d\d\b(?=[);,])")
VALUES = (
    "estimate", "ci_low", "ci_high", "ci_low_joint", "ci_high_joint", "p_value", "p_floor", "p_adjusted", "q_value",
    "se", "df", "deff",
)  # fmt: skip


def report(language: str):
    return documents.notebook(f"report-{language}")


@functools.cache
def rows() -> dict[str, dict[str, Any]]:
    """Published rows by their ids."""
    with at_home(peru().home):
        found = estimate.rounded(peru().rows)
    return {estimate.row_id(row): row for row in found.to_dict("records")}


def numbers(text: str) -> list[str]:
    return NUMBER.findall(NAMES.sub(" ", text))


def is_of(number: str, row: dict[str, Any]) -> bool:
    """Whether a printed number is one of a row's, in its own unit or in percent, rounded to the decimals printed."""
    plain = number.lstrip("−+<").replace(",", "")
    decimals = len(plain.partition(".")[2])
    close = 0.5 * 10**-decimals + 1e-9
    values = [float(row[name]) for name in VALUES if not pd.isna(row[name]) and math.isfinite(row[name])]
    if number.startswith("<"):
        return any(value < float(plain) for value in values)
    scales = (1, 100) if row["unit"] == "share" else (1,)
    signed = -float(plain) if number.startswith("−") else float(plain)
    # the size of a difference is printed without its sign where the sentence says above or below
    return any(min(abs(v * s - signed), abs(abs(v * s) - signed)) <= close for v in values for s in scales)


def prose(language: str) -> str:
    return "\n".join(data["text/markdown"] for _, data in meanings(report(language), "prose"))


def cells(language: str):
    """Each cell with a link: its exhibit, text and row."""
    for kind in ("table", "figure"):
        for meaning, data in meanings(report(language), kind):
            for row in data.get(display.TABLE, {"rows": []})["rows"]:
                for cell in row.get("cells", ()):
                    if isinstance(cell, dict) and str(cell.get("source", "")).startswith("est-"):
                        yield meaning["label"], cell["text"], cell["source"]


def declared(value: Any) -> set[str]:
    """Every number in the texts and values of evaluation.yaml; fractions also in percent."""
    if isinstance(value, dict):
        return {n for k, v in value.items() for n in declared(k) | declared(v)}
    if isinstance(value, (list, tuple)):
        return {n for v in value for n in declared(v)}
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, (int, float)):
        words = Words("en")
        return {words.number(v, d) for v in (value, value * 100) for d in (0, 1, 2)}
    return set(re.findall(r"\d[\d,]*(?:\.\d+)?", str(value)))


def counted(language: str) -> set[str]:
    """Numbers of districts, waves, indicators, interviews and characteristics compared before the start; the largest
    share of missing answers."""
    design, words = peru().design, Words(language)
    arms = (design.pilots, design.comparisons, design.districts, design.indicators, design.waves)
    out = {words.number(len(each)) for each in arms}
    compared = peru().rows.query("estimand == 'balance' and variant == 'main' and estimate.notna()")
    out.add(words.number(len(compared)))
    sample = peru().sample
    out.add(words.number(float(sample.query("kind == 'interviews'")["n"].sum())))
    sums = sample[sample["indicator"] != ""].pivot_table(index="indicator", columns="kind", values="n", aggfunc="sum")
    lost = sums.reindex(columns=["refused", "dont_know", "unspecified", "not_applicable"]).sum(axis=1)
    out.add(words.share((lost / (lost + sums["answered"])).max()).rstrip("%"))
    return out


def published(language: str) -> set[str]:
    """Published shares and their changes in whole points."""
    words = Words(language)
    results = Results(peru().design, estimate.rounded(peru().rows), peru().sample)
    pairs = [(row.before, row.after) for row in published_rows(results, words)]
    whole = {words.number(100 * value) for pair in pairs for value in pair}
    return whole | {words.number(abs(100 * (after - before))) for before, after in pairs}


def methods(language: str) -> set[str]:
    """What words of method may say: levels of the Maryland scale, the power aimed at, and the bibliography."""
    words = Words(language)
    power = words.share(POWER, 0).rstrip("%")
    said = [words.date(FIXED_ON), words.number(LARGE, 2), *_verdicts(words)]
    return (
        {*words.labels("maryland"), power} | declared([entry(each, words) for each in WORKS.values()]) | declared(said)
    )


def _verdicts(words: Words) -> list[str]:
    """Power at the smallest change that matters and the exaggeration of what is singled out; warnings by chance."""
    results = Results(peru().design, estimate.rounded(peru().rows), peru().sample)
    texts = [power_list(results, words)]
    warned = [i for i in peru().design.indicators if i.role == "placebo"], results.of("composition")
    for tests in map(len, warned):
        texts.append(words.number((1 - peru().design.inference.confidence) * tests, 1 if tests > 1 else 2))
        texts.append(words.number(tests))
    return texts


def of_groups(language: str) -> set[str]:
    """How many comparisons of groups there are among the primary outcomes, and how many chance alone would raise."""
    words, rows = Words(language), peru().rows.query("estimand == 'subgroup_difference' and estimate.notna()")
    rows = rows[rows["indicator"].isin([indicator.id for indicator in peru().design.primary])]
    expected = (1 - peru().design.inference.confidence) * len(rows)
    return {words.number(len(rows)), *numbers(words.number(expected, 1))}


def of_placebos(language: str) -> set[str]:
    """How many differences there are of placebo outcomes in single pilot districts, and how many chance would raise."""
    words, design = Words(language), peru().design
    tests = len(design.pilots) * sum(indicator.role == "placebo" for indicator in design.indicators)
    expected = (1 - design.inference.confidence) * tests
    return {words.number(tests), *numbers(words.number(expected, 1))}


def of_truth(language: str) -> set[str]:
    """How many outcomes have a truth, how many of them are shares, and how many intervals hold it."""
    words = Words(language)
    true = pd.read_csv(peru().home / "data/raw/peru-2005/truth.csv").set_index("indicator")["effect"]
    found = estimate.rounded(peru().rows).query("estimand == 'att' and variant == 'main' and subgroup == ''")
    found = found[(found["estimator"] == "district_change") & found["indicator"].isin(true.index)]
    value = found["indicator"].map(true)
    held = (found["ci_low"] <= value) & (value <= found["ci_high"])
    return {words.number(count) for count in (len(found), int(held.sum()), int((found["unit"] == "share").sum()))}


def diverged(language: str) -> set[str]:
    """The most that one comparison district moved apart from the others, outcome by outcome: the shift that takes the
    interval to zero over its multiple of that divergence."""
    words, shift = Words(language), {}
    known = estimate.rounded(peru().rows).query("estimand == 'breakdown' and estimate > 0")
    for row in known.itertuples():
        shift[row.indicator, row.variant] = row
    out = set()
    for indicator in peru().design.primary:
        points, ratio = (shift.get((indicator.id, variant)) for variant in ("pp", "ratio"))
        if points and ratio:
            text = words.magnitude(points.estimate / ratio.estimate, points.unit)
            out |= set(numbers(text))
    return out
