"""What a draft offers beside what it found: keys an evaluator should consider, each behind a `# ` and ready to be used.

What is open in them is `???`, as anywhere in a draft.
"""

from __future__ import annotations

from collections.abc import Sequence

from fewdistricts.design import MARK, PLACEHOLDER
from fewdistricts.design.nouns import has_genders
from fewdistricts.draft import layout, units
from fewdistricts.draft.answers import Item
from fewdistricts.draft.layout import OPEN, Line
from fewdistricts.draft.look import Profile

MOST_MARGINS = 6
"""Answers of a column whose shares in the population somebody may know."""
NOUNS = {
    "es": "{one: comunidad, many: comunidades, gender: f}",
    "pt": "{one: comunidade, many: comunidades, gender: f}",
}
"""An example of what districts may be called, by language."""


def offer(key: str, value: str, why: str, indent: int = 0) -> Line:
    """A key behind a `# `, with the reason for it, or with what belongs in its placeholders."""
    said = f"{MARK} {why}" if PLACEHOLDER in value else f"# {why}"
    return f"{' ' * indent}# {key}: {value}  {said}"


def text(languages: Sequence[str], key: str, why: str, indent: int = 0) -> Line:
    """A text of the report, to be written in each of its languages."""
    return offer(key, _open(languages), why, indent)


def _open(languages: Sequence[str], alone: str = PLACEHOLDER) -> str:
    """A placeholder for each language; `alone` is how the only one is written."""
    if len(languages) == 1:
        return alone
    return "{" + ", ".join(f"{language}: {OPEN}" for language in languages) + "}"


def of_programme(items: Sequence[Item], languages: Sequence[str]) -> list[Line]:
    """Keys of `intervention`."""
    cost = f"{{amount: {OPEN}, currency: {OPEN}, covers: {_open(languages, OPEN)}}}"
    lines = [
        text(languages, "delivery", "how far it was carried out as planned, and where not", 2),
        offer("cost", cost, "what it cost in all, the currency such as PEN, and what that covers", 2),
    ]
    if len(items) >= 2:
        first, *rest = [each.id for each in items[:3]]
        then = layout.flow(rest) if len(rest) > 1 else rest[0]
        why = "how it should work, step by step: indicators, each with `better: higher` or `lower`"
        lines.append(offer("theory", f"[{first}, {then}]", why, 2))
    return lines


def of_words(languages: Sequence[str], column: str) -> list[Line]:
    """What districts are called, by the folded name of their column where it says it."""
    why = "what districts are called in every text; also `respondent` and `interview`"
    if told := units.words(column, languages):
        return [f"words: {{district: {told}}}{layout.check(why)}", ""]
    nouns = [f"{language}: {_noun(language)}" for language in languages]
    return [offer("words", f"{{district: {{{', '.join(nouns)}}}}}", why), ""]


def _noun(language: str) -> str:
    gender = ", gender: m" if has_genders(language) else ""
    return NOUNS.get(language, f"{{one: village, many: villages{gender}}}")


def of_data(covariates: Sequence[tuple[Profile, Item]], languages: Sequence[str], level: str) -> list[Line]:
    """Keys of `data`."""
    if level == "district":
        return []
    lines = [text(languages, "response", "how many were approached, refused or were not found", 2)]
    known = [(profile, item) for profile, item in covariates if 2 <= len(item.answers) <= MOST_MARGINS]
    for profile, item in known[:1]:
        shares = ", ".join(f"{layout.coded(code)}: {OPEN}" for code in item.answers)
        value = f"{{calibrate: {{{layout.word(profile.name)}: {{{shares}}}}}}}"
        lines.append(
            offer("weights", value, "shares of the population, as a census gives them; weights are raked to", 2)
        )
    return lines


def of_first_indicator() -> list[Line]:
    """Keys that any indicator may have, shown at the first."""
    return [
        offer("worthwhile", PLACEHOLDER, "the smallest change worth having; 0.05 is 5 percentage points of a share", 4),
        offer("recall_months", PLACEHOLDER, "how many months back the question reaches", 4),
        offer("watch", "harm", "where the programme could make it worse; needs `better: higher` or `lower`", 4),
    ]


def of_the_whole(wave: str, items: Sequence[Item]) -> list[Line]:
    """Choices made before the results are known, and what else the whole may declare."""
    lines = [
        offer(
            "families", "{outcomes: Outcomes}", "what readers see of a family of indicators, which are tested together"
        ),
        offer("inference", "{confidence: 0.95, districts: equal}", "chosen before the results; these are the defaults"),
        offer("disclosure", "{minimum_cell: 10}", "fewer respondents than that are not shown; the default"),
        offer("plan", "{shocks: [0.0, 0.02, 0.03, 0.05]}", "what `make plan` takes districts to move by themselves"),
        offer("caution", PLACEHOLDER, "what every page has to warn of"),
    ]
    if wave and items:
        which = f'place: {OPEN}, wave: "{wave}", indicator: {items[0].id}'
        figure = f"[{{{which}, value: {OPEN}, source: {OPEN}}}]"
        lines.append(offer("published", figure, "figures stated elsewhere: where, which, by whom"))
    return lines


def of_report(languages: Sequence[str], logo: str) -> list[Line]:
    """Keys of `report`; a logo that lies in the folder is taken in elsewhere."""
    lines = [
        offer("publisher", PLACEHOLDER, "who publishes it; on the cover", 2),
        offer("funder", PLACEHOLDER, "who paid for it; on the cover", 2),
        offer("contact", PLACEHOLDER, "where a reader may ask, such as an address of mail", 2),
        offer("license", "CC-BY-4.0", "how the report may be used", 2),
        text(languages, "citation", "how to cite it; default: authors, year, title, publisher", 2),
    ]
    if not logo:
        lines.append("  # logo: logo.svg")
        lines.append(text(languages, "logo_alt", "whose logo it is; both lines or none, the file beside this one", 2))
    return [
        *lines,
        offer("colours", '{pilot: "#12436D", comparison: "#D55E00"}', "of figures; refused where they look alike", 2),
        text(languages, "ethics", "consent, review by a board, protection of those interviewed", 2),
        text(languages, "qualitative", "what people said in their own words, and how it was gathered", 2),
        offer("recommendations", f"[{_open(languages, OPEN)}]", "what the authors recommend, printed as theirs", 2),
        offer("word", "true", "a Word file too", 2),
    ]
