"""Numbers, dates and texts in the reader's language; the only place where a number becomes words.

Numbers are formatted by Babel (`en`, `es_PE`), texts come from `texts/<language>/` through strict Jinja
templates: a name
that a template uses and nobody supplies is an error, so no sentence is printed with a hole in it.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import jinja2
from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import (
    NumberPattern,
    format_currency,
    format_decimal,
    format_percent,
    get_territory_currencies,
    parse_decimal,
    parse_pattern,
)

from fewdistricts import languages, paths
from fewdistricts.design import Design, District, Indicator, yaml12
from fewdistricts.errors import ConfigurationError, Problem, nearest
from fewdistricts.estimates.estimate import Estimate
from fewdistricts.exhibits.results import Row
from fewdistricts.exhibits.text.nouns import FILTERS, RomanceNoun, capitalised, nouns
from fewdistricts.spelling import folded

TEXTS = paths.TEXTS
NOTHING = "–"
WHOLE = 1.0  # from nobody to everybody: a share cannot move further
CENTS = ".00"  # of a pattern that has a currency's small unit
BY_CODE = "¤¤ #,##0.00"  # with the code of the currency, which no other currency shares
PLACEHOLDER = re.compile(r"\{[{%](.*?)[%}]\}")
NAME = re.compile(r"(?<![.\w\"])(?<!\| )[a-z_]+(?=\b)")  # neither an attribute nor a filter
SPOKEN = re.compile(r"[^\W\d_]{2}")  # two letters side by side: a name, not a code
_OPENING = r"[«“\\*\[(]*"  # quotes and markup before a word
_SMOOTHED = {
    "en": (
        (re.compile(r"\ball two\b"), "both"),
        (re.compile(r"\bAll two\b"), "Both"),
    ),
    "es": (
        (re.compile(rf"\by (?={_OPENING}[hH]?[iíIÍ](?![aeou]))(?!{_OPENING}[IVX]+\b)"), "e "),
        (re.compile(rf"\bo (?={_OPENING}[hH]?[oóOÓ]\w)"), "u "),
    ),
}
"""Words that a language changes beside others: both for all two; before a vowel of their own sound "Iquitos e Ica",
"siete u ocho"."""
_STOPPED = re.compile(r"(…|\.{3}|(?:\\\.){3}|\\?[?!])\.(?![\w.\\])")


@functools.cache
def _labels(language: str) -> Mapping[str, Any]:
    labels: dict[str, Any] = {}
    for file in sorted((TEXTS / language).glob("*.yaml")):
        labels |= yaml12.load(file.read_text(encoding="utf-8"))
    return labels


class Words:
    """Everything language-dependent for one language."""

    def __init__(self, language: str, declared: Any = None) -> None:
        """`declared` are the nouns under `words:` of evaluation.yaml, if any."""
        known = languages.available()
        if language not in known:
            raise ConfigurationError(Problem("language", repr(language), ", ".join(known), nearest(language, known)))
        self.language = language
        self.locale = str(_labels(language)["locale"])
        self._babel = Locale.parse(self.locale)
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEXTS / language),
            undefined=jinja2.StrictUndefined,
            autoescape=False,
            comment_start_string="{##",  # {#label} is a heading's
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
        )
        self.nouns = nouns(language, _labels(language)["nouns"], declared)
        self._environment.globals.update(self.nouns)
        self._environment.filters.update(FILTERS.get(language, {}), capital=capitalised)
        self._compiled = functools.cache(self._environment.from_string)

    # --- numbers -------------------------------------------------------------------------------------------------
    def number(self, value: float | None, digits: int = 0) -> str:
        """A plain number, with `digits` decimals; undefined prints as a dash."""
        if value is None or math.isnan(value):
            return NOTHING
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        printed = format_decimal(_rounded(value, digits), _pattern(digits), locale=self._babel)
        return printed.replace("-", "−")

    def signed(self, value: float | None, digits: int = 1) -> str:
        """A number with its sign, a true minus; zero has none."""
        text = self.number(value, digits)
        return "+" + text if value is not None and 0 < value < math.inf and text.strip("0.,") else text

    def share(self, value: float | None, digits: int = 1) -> str:
        """A share (a fraction) as a percentage: 0.062 is 6.2%."""
        if value is None or math.isnan(value):
            return NOTHING
        printed = format_percent(_rounded(value, digits + 2), _pattern(digits, "%"), locale=self._babel)
        return printed.replace("-", "−")

    def level(self, value: float | None, unit: str, digits: int = 1, of: Indicator | None = None) -> str:
        """A level in its own unit: a share as a percentage, a mean as `decimals` has it, with its unit if declared."""
        if unit == "share":
            return self.share(value, digits)
        number = self.number(value, decimals(unit, value))
        return self._in_declared_unit(number, unit, of) or number

    def difference(self, value: float | None, unit: str, *ends: float) -> str:
        """A difference, signed, without unit: percentage points for shares, else in the item's unit, with as many
        decimals as `ends`, those of its interval, are printed with."""
        if value is None:
            return NOTHING
        return self.signed(value * 100, 1) if unit == "share" else self.signed(value, decimals(unit, value, *ends))

    def with_unit(self, value: float | None, unit: str, *ends: float, of: Indicator | None = None) -> str:
        """A difference with its unit in words, that of the indicator where it declares one."""
        return self._with_unit(self.difference(value, unit, *ends), unit, of)

    def size(self, value: float, unit: str, *ends: float, of: Indicator | None = None) -> str:
        """The size of a difference with its unit, without sign; `ends` as of a difference."""
        return self._with_unit(self.magnitude(value, unit, *ends), unit, of)

    def short(self, number: str, unit: str, of: Indicator | None = None) -> str:
        """A number of a difference with the shortest words for its unit."""
        declared = self._in_declared_unit(number, unit, of)
        return declared or self.label("short_unit", unit, number=number, one=self.is_one(number))

    def _with_unit(self, number: str, unit: str, of: Indicator | None) -> str:
        return self._in_declared_unit(number, unit, of) or self.in_unit(number, unit)

    def in_unit(self, number: str, unit: str, up_to: str = "") -> str:
        """A printed difference, or a range `up_to` one, with the words for its unit, which agree with the number."""
        return self.label("difference_with_unit", unit, number=number, one=self.is_one(up_to or number))

    def measured(self, indicator: Indicator) -> str:
        """The name of an indicator with the unit that it declares: Time to fetch water (minutes)."""
        name = self.text(indicator.label)
        unit = self.text(indicator.unit.many) if indicator.unit else ""
        if set(map(folded, unit.split())) <= set(map(folded, name.split())):  # hours of water a day are hours a day
            return name
        return self.label("measured", name=name, unit=unit)

    def axis(self, unit: str, *of: Indicator) -> str:
        """What stands at an axis of differences: the unit that all of the indicators declare, else its kind."""
        if unit == "share":
            return self.label("words", "pp")
        declared = {self.text(each.unit.many) if each.unit else "" for each in of}
        shared = declared.pop() if len(declared) == 1 else ""
        return capitalised(shared) or self.label("unit_axis", unit)

    def _in_declared_unit(self, number: str, unit: str, of: Indicator | None) -> str:
        """A number with the unit that a mean declares; empty for shares and means without a unit."""
        if of is None or of.unit is None or unit not in ("scale", "count"):
            return ""
        name = of.unit.one if self.is_one(number) else of.unit.many
        return self.label("with_own_unit", number=number, unit=self.text(name))

    def is_one(self, number: str) -> bool:
        """Whether the language takes a printed number for one, by CLDR: 1 in English, 1.00 in Spanish, 0.5 in
        Portuguese, too."""
        printed = re.match(r"\[?[+−]?(\d[\d.,]*)", number)  # a number in words may be a link
        if printed is None:
            return False
        value = parse_decimal(printed[1], locale=self._babel)
        return self._babel.plural_form(value) == "one"

    def magnitude(self, value: float, unit: str, *ends: float) -> str:
        """The size of a difference without sign or unit: percentage points for shares, else in the item's unit.

        Of a share beyond what can be it is ">100".
        """
        size = abs(value)
        if unit == "share" and WHOLE < size < math.inf:
            return ">" + self.number(100)
        return self.number(size * 100, 1) if unit == "share" else self.number(size, decimals(unit, value, *ends))

    def interval(self, low: float, high: float, unit: str) -> str:
        """An interval of a difference: "+2.1 to +9.8"; ends beyond what a share can move are "<−100" and ">+100"."""
        if math.isnan(low) or math.isnan(high):
            return NOTHING
        if unit == "share":
            printed = {"low": self.difference(low, unit), "high": self.difference(high, unit)}
            if -math.inf < low < -WHOLE:
                printed["low"] = "<" + self.signed(-100, 0)
            if WHOLE < high < math.inf:
                printed["high"] = ">" + self.signed(100, 0)
            return self.label("interval", **printed)
        ends = [self.signed(end, decimals(unit, low, high)) for end in (low, high)]
        return self.label("interval", low=ends[0], high=ends[1])

    def difference_of(self, row: Estimate) -> str:
        """The difference of a row, with as many decimals as its interval."""
        return self.difference(row.estimate, row.unit, *row.ends)

    def interval_of(self, row: Estimate) -> str:
        """The interval of a difference."""
        return self.interval(*row.ends, row.unit)

    def contrast_of(self, row: Estimate) -> dict[str, str]:
        """The difference of a row and its interval, as labels take them."""
        return {"difference": self.difference_of(row), "interval": self.interval_of(row)}

    def linked(self, row: Row, indicator: Indicator | None, ends: tuple[float, float] | None = None) -> dict[str, str]:
        """The same in Markdown, led to the row, the difference with its unit; `ends` in place of the row's own."""
        low, high = ends or row.ends
        number = row.link(self.difference(row.estimate, row.unit, low, high))
        interval = row.link(self.interval(low, high, row.unit))
        return {"difference": self.short(number, row.unit, indicator), "interval": interval}

    def confidence(self, design: Design) -> str:
        """The level of the intervals: "95%"."""
        return self.share(design.inference.confidence, 0)

    def interval_name(self, design: Design) -> str:
        """What a column of intervals is called."""
        return self.label("words", "interval", confidence=self.confidence(design))

    def level_interval(self, low: float, high: float, unit: str) -> str:
        """An interval of a level: "31.0% to 41.2%"."""
        if math.isnan(low) or math.isnan(high):
            return NOTHING
        if unit == "share":
            return self.label("interval", low=self.level(low, unit), high=self.level(high, unit))
        ends = [self.number(end, decimals(unit, low, high)) for end in (low, high)]
        return self.label("interval", low=ends[0], high=ends[1])

    def p(self, value: float | None, digits: int = 3) -> str:
        """A p-value; below 0.1 it has three decimals in any case, smaller ones are "<0.001"."""
        if value is None or math.isnan(value):
            return NOTHING
        if value < 0.001:
            return "<" + self.number(0.001, 3)
        return self.number(value, digits if value >= 0.1 else 3)

    def money(self, value: float, currency: str) -> str:
        """An amount as the language writes it: whole from a thousand, else with its small unit.

        The country's own currency has its sign (S/ in Peru), any other its code: S/ means nothing to most readers of
        English, and a dollar sign is that of many currencies.
        """
        locale = self._babel
        own = currency in get_territory_currencies(locale.territory or "")
        pattern = locale.currency_formats["standard"].pattern if own else BY_CODE
        if abs(value) >= 1000:
            whole = pattern.replace(CENTS, "")
            rounded = _rounded(value, 0)
            return format_currency(rounded, currency, locale=locale, currency_digits=False, format=whole)
        return format_currency(_rounded(value, 2), currency, locale=locale, format=pattern)

    # --- dates and lists -----------------------------------------------------------------------------------------
    def date(self, value: datetime.date) -> str:
        """A day in words."""
        return format_date(value, "long", locale=self._babel)

    def month(self, value: datetime.date) -> str:
        """A month in words, lower case where the language wants it."""
        return format_skeleton("yMMMM", value, locale=self._babel)

    def month_alone(self, value: datetime.date) -> str:
        """A month in words without its year."""
        return format_date(value, "MMMM", locale=self._babel)

    def listed(self, items: Iterable[str]) -> str:
        """Items joined as a sentence joins them."""
        return self._smooth(format_list(list(items), locale=self._babel))

    def text(self, texts: Mapping[str, str]) -> str:
        """This language's version of a text of evaluation.yaml."""
        return texts[self.language]

    # --- texts ---------------------------------------------------------------------------------------------------
    def label(self, *keys: str, **values: Any) -> str:
        """The text under these keys of labels.yaml, its placeholders filled strictly."""
        text = self._under(keys)
        if text is None:
            raise KeyError(f"texts/{self.language}/labels.yaml has no {'.'.join(keys)}")
        return self.filled(str(text), **values)

    def filled(self, text: str, /, **values: Any) -> str:
        """A text with its placeholders filled strictly."""
        if "{{" not in text and "{%" not in text:
            return text
        return self._smooth(stopped_once(self._compiled(text).render(**values)))

    def labels(self, key: str) -> dict[str, str]:
        """A whole group of labels; of those with placeholders of their own only the ones that nouns fill."""
        return {str(name): self._noun_only(str(text)) for name, text in _labels(self.language)[key].items()}

    def _noun_only(self, text: str) -> str:
        names = {name for names in PLACEHOLDER.findall(text) for name in NAME.findall(names)}
        return self.filled(text) if names and names <= set(self.nouns) else text

    def group(self, key: str) -> dict[str, dict[str, str]]:
        """A group of groups of labels that nouns alone fill."""
        groups = _labels(self.language)[key]
        return {str(k): {str(n): self.filled(str(v)) for n, v in each.items()} for k, each in groups.items()}

    # --- nouns and how many of them ------------------------------------------------------------------------------
    def in_words(self, number: int, of: str = "area") -> str:
        """A number up to twelve in words, in the gender of what is counted; larger ones in figures.

        `of` is `area`, or a word of `genders` in labels.yaml, such as `indicator`.
        """
        words: list[str] = _labels(self.language)["numbers"]
        if not 0 <= number < len(words):
            return self.number(number)
        noun = self.nouns["area"]
        if of != "area":
            noun = dataclasses.replace(noun, gender=self.label("genders", of))
        return noun.agreeing(words[number], number)

    def counted(self, arm: str, number: int) -> str:
        """Districts of an arm with their number: "six pilot districts"; `area` for districts of any arm."""
        noun = self.nouns["area"].counted(number)
        return self.label("counted", arm, number=self.in_words(number), noun=noun, several=number != 1)

    def the(self, arm: str, number: int) -> str:
        """The districts of an arm, all known: "the pilot districts"."""
        return self.label("the", arm, noun=self.nouns["area"].counted(number), several=number != 1)

    def arm(self, arm: str, number: int) -> str:
        """What the districts of an arm are called in a legend or as a heading: "Pilot districts"."""
        return self.label("arms", arm, noun=self.nouns["area"].counted(number), several=number != 1)

    def both(self, pilots: int, comparisons: int) -> str:
        """Pilot and comparison districts with their numbers."""
        area = self.nouns["area"]
        others = self.in_words(comparisons)
        if comparisons == 1 and isinstance(area, RomanceNoun):
            others = self.label("counted", "alone")  # a pronoun: the noun is not said again
        return self.label(
            "counted",
            "both",
            pilots=self.in_words(pilots),
            comparisons=others,
            noun=area.counted(comparisons),
            noun_pilots=area.counted(pilots),
        )

    def status(self, status: str) -> str:
        """Why a number is missing, in words."""
        return self.label("status", status) if self.has("status", status) else NOTHING

    def family(self, design: Design, family: str) -> str:
        """A family's name: as declared, else the house's word for it, else its id in plain letters."""
        if family in design.families:
            return self.text(design.families[family])
        return self.label("family", family) if self.has("family", family) else family.replace("_", " ").capitalize()

    def column(self, name: str) -> str:
        """A column without a label: the house's word for it, else its name in plain letters."""
        return self.label("covariate", name) if self.has("covariate", name) else name.replace("_", " ")

    def name_of(self, district: District) -> str:
        """A district's name; where that is a mere code, such as 1 or B2, behind the word for a district."""
        name = self.text(district.name)
        return name if SPOKEN.search(name) else f"{self.nouns['area'].One} {name}"

    def district(self, design: Design, district: str) -> str:
        """A district's name, or what a mean of districts is called."""
        reserved = ("pilot", "comparison", "pooled")
        return self.label("districts", district) if district in reserved else self.name_of(design.district(district))

    def variant(self, design: Design, row: Estimate) -> str:
        """What a row other than the main one does differently."""
        which = row.variant_of
        if row.variant == "without":
            which = self.district(design, which)
            if row.estimator == "paired":
                which = self.label("words", "pair_of", which=which)
        return self.label("variant", row.variant, which=which)

    def has(self, *keys: str) -> bool:
        """Whether labels.yaml has a text under these keys."""
        return self._under(keys) is not None

    def _under(self, keys: Iterable[str]) -> Any:
        """What the texts of the language hold under these keys; None where there is nothing."""
        branch: Any = _labels(self.language)
        for key in keys:
            if not isinstance(branch, Mapping) or key not in branch:
                return None
            branch = branch[key]
        return branch

    def template(self, name: str, **values: Any) -> str:
        """The Markdown of `texts/<language>/<name>.md`, filled strictly."""
        text = self._environment.get_template(f"{name}.md").render(**values).strip()
        return self._smooth(stopped_once(tight(text))) + "\n" if text else ""

    def _smooth(self, text: str) -> str:
        """A text with the words that the language changes beside others."""
        for words, changed in _SMOOTHED.get(self.language, ()):
            text = words.sub(changed, text)
        return text


@functools.cache
def _pattern(digits: int, unit: str = "") -> NumberPattern:
    """How numbers of so many decimals are printed; Babel would read the locale's name and the pattern at every one."""
    return parse_pattern("#,##0" + ("." + "0" * digits if digits else "") + unit)


def tight(text: str) -> str:
    """Items of a list follow each other without the empty lines that a template's blocks leave between them."""
    out: list[str] = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        item_after_item = line.startswith("- ") and bool(out) and out[-1].startswith("- ")
        if out and not item_after_item:
            out.append("")
        out.append(line)
    return "\n".join(out)


def stopped_once(sentence: str) -> str:
    """Without the full stop after a label that ends in a stop of its own: "robbed in the last year?.", "patrols …."."""
    return _STOPPED.sub(r"\1", sentence)


def decimals(unit: str, *values: float | None) -> int:
    """Decimals of numbers that are no shares: two on a scale; of a count or rate as many as the largest needs for
    two significant digits or more, so that neither 0.004 a head nor 11,864 dollars is misshown."""
    largest = max((abs(v) for v in values if v is not None and math.isfinite(v)), default=0.0)
    if unit != "count" or largest == 0:
        return 2
    return next((digits for digits, least in enumerate((1000, 100, 0.1, 0.01, 0.001)) if largest >= least), 5)


def _rounded(value: float, digits: int) -> Decimal:
    """Half to even by the decimal number, 0.295 to 0.30, where the binary one lies below it; zero without a sign."""
    return round(Decimal(str(round(value, 10))), digits) + 0


def escape(text: str) -> str:
    """A text of the configuration or the data as plain text in Markdown: nothing in it becomes markup."""
    return "".join("\\" + c if c in "\\`*_{}[]()#+-.!|<>~$@^&:=" else c for c in str(text).replace("\n", " "))
