"""Rules of indicators that are made of others: which parts there are, that none is made of itself, and of what kind."""

from __future__ import annotations

from collections.abc import Iterator

from fewdistricts.design.blocks import RULES, Indicator
from fewdistricts.design.parts import Finding, Parts, Path
from fewdistricts.design.rules.names import repeated
from fewdistricts.design.types import short
from fewdistricts.errors import nearest

SHARES_ONLY = ("any_of", "all_of", "count_of")
NUMBERS = ("sum_of", "mean_of")


def derived(parts: Parts) -> Iterator[Finding]:
    """Everything wrong with how indicators are made."""
    by_id = {indicator.id: indicator for _, indicator in parts.indicators}
    for i, indicator in parts.indicators:
        at: Path = ("indicators", i)
        yield from _source(at, indicator)
        if indicator.rule:
            yield from _keys(at, indicator)
            yield from _parts(at, indicator, by_id, parts)
            yield from _waves(at, indicator, by_id, parts.wave_ids)
            yield from _reversed(at, indicator, by_id)
    yield from _cycles(parts, by_id)
    yield from _names(parts)


def parts_of(indicator: Indicator, by_id: dict[str, Indicator]) -> list[Indicator]:
    """The indicators that an indicator is made of."""
    if indicator.of_columns:
        return []
    return [by_id[name] for name in indicator.parts if name in by_id]


def _source(at: Path, indicator: Indicator) -> Iterator[Finding]:
    """One way to the answers: a column, or one rule."""
    named = [rule for rule in RULES if getattr(indicator, rule) is not None]
    if indicator.column:
        named.insert(0, "column")
    if not named:
        allowed = f"`column`, or one of {', '.join(RULES)}"
        yield Finding((*at, "column"), "nothing", allowed, "add `column:`")
    for extra in named[1:]:
        yield Finding((*at, extra), f"`{extra}` beside `{named[0]}`", "one of them")
    counting = [key for key in ("yes", "band", "contains") if getattr(indicator, key) is not None]
    for extra in counting[1:]:
        yield Finding((*at, extra), f"`{extra}` beside `{counting[0]}`", "one of them says what counts")
    for key in ("band", "contains"):
        if getattr(indicator, key) is not None and indicator.scale is not None:
            yield Finding((*at, "scale"), f"`scale` beside `{key}`", "a share or a mean, not both")
        if getattr(indicator, key) is not None and indicator.answers:
            yield Finding((*at, "answers"), f"`answers` beside `{key}`", "`answers` beside `yes` or `scale` only")
    if not indicator.rule:
        for key in ("answered", "reversed"):
            if getattr(indicator, key):
                yield Finding((*at, key), f"`{key}` of a single column", f"only beside {', '.join(RULES)}")
        if indicator.blank == "no" and indicator.scale is not None:
            yield Finding((*at, "blank"), "`blank: no` beside `scale`", "of a share, or of a number, where it means 0")


def _names(parts: Parts) -> Iterator[Finding]:
    """What is made of others is a column of its own, whose name no column of the files may have."""
    columns = {name for _, each in parts.indicators for name in (each.column, *(each.parts if each.of_columns else ()))}
    for i, indicator in parts.indicators:
        if indicator.rule and indicator.id in columns:
            found = f"{short(indicator.id)}, which is a column too"
            yield Finding(("indicators", i, "id"), found, "another id for an indicator that is made of others")


def _keys(at: Path, indicator: Indicator) -> Iterator[Finding]:
    """Keys that go with a rule."""
    for key in ("band", "contains"):
        if getattr(indicator, key) is not None:
            remedy = "make an indicator of its own of it, and name that here"
            yield Finding((*at, key), f"`{key}` beside `{indicator.rule}`", "a column beside it", remedy)
    if indicator.rule in NUMBERS and indicator.yes is not None:
        yield Finding((*at, "yes"), f"`yes` beside `{indicator.rule}`", f"`yes` for {', '.join(SHARES_ONLY)}")
    if indicator.is_share and indicator.scale is not None and indicator.yes is None:
        yield Finding((*at, "scale"), f"`scale` beside `{indicator.rule}`", "a share has no scale")
    if indicator.answers and indicator.is_share:
        yield Finding((*at, "answers"), f"`answers` beside `{indicator.rule}`", "answers stand with its parts")
    if indicator.missing is not None and indicator.yes is None and indicator.rule in SHARES_ONLY:
        yield Finding((*at, "missing"), f"`missing` beside `{indicator.rule}`", "`missing` stands with its parts")
    if indicator.answered and indicator.answered > len(indicator.parts):
        found = f"{indicator.answered} of {len(indicator.parts)}"
        yield Finding((*at, "answered"), found, f"a number from 1 to {len(indicator.parts)}")
    twice = repeated(indicator.parts)
    if twice:
        yield Finding((*at, indicator.rule), f"{short(twice[0])} twice", "each part once")


def _parts(at: Path, indicator: Indicator, by_id: dict[str, Indicator], parts: Parts) -> Iterator[Finding]:
    """Parts that are declared, and of the right kind."""
    if indicator.of_columns:
        return
    for j, name in enumerate(indicator.parts):
        place: Path = (*at, indicator.rule, j)
        if name in by_id:
            if indicator.rule in SHARES_ONLY and not by_id[name].is_share:
                yield Finding(place, f"{short(name)}, which is a mean", "shares", "use sum_of or mean_of for means")
        elif indicator.rule in SHARES_ONLY and name not in parts.indicator_ids:
            others = [each for each in parts.indicator_ids if each != indicator.id]
            remedy = nearest(name, others) or "for columns, say which of their answers count: `yes:`"
            yield Finding(place, f"{short(name)}, which is no indicator", ", ".join(others[:20]), remedy)


def _waves(at: Path, indicator: Indicator, by_id: dict[str, Indicator], waves: list[str]) -> Iterator[Finding]:
    """All parts are asked wherever the whole is."""
    asked = indicator.waves or tuple(waves)
    for part in parts_of(indicator, by_id):
        lacking = [wave for wave in asked if part.waves is not None and wave not in part.waves]
        if lacking:
            common = [wave for wave in asked if wave not in lacking]
            remedy = f"declare `waves: [{', '.join(common)}]`" if common else "leave it out"
            found = f"{short(part.id)}, which was not asked in {', '.join(lacking)}"
            yield Finding((*at, indicator.rule), found, "parts that were asked in every wave of the whole", remedy)


def _reversed(at: Path, indicator: Indicator, by_id: dict[str, Indicator]) -> Iterator[Finding]:
    """Only a part whose scale is known can be turned round."""
    for j, name in enumerate(indicator.reversed):
        place: Path = (*at, "reversed", j)
        if indicator.rule not in NUMBERS:
            yield Finding(place, f"`reversed` beside `{indicator.rule}`", f"beside {' and '.join(NUMBERS)}")
        elif name not in indicator.parts:
            yield Finding(place, short(name), ", ".join(indicator.parts), nearest(name, indicator.parts))
        elif name in by_id and by_id[name].scale is None:
            yield Finding(place, f"{short(name)}, which has no scale", "a part with a `scale`")
        elif name not in by_id and (indicator.rule != "mean_of" or indicator.scale is None):
            remedy = "make an indicator with a `scale` of the column, and name that"
            yield Finding(place, f"the column {short(name)}, whose scale is not known", "a part with a scale", remedy)


def _cycles(parts: Parts, by_id: dict[str, Indicator]) -> Iterator[Finding]:
    """No indicator is made of itself."""
    for i, indicator in parts.indicators:
        way = _way_back(indicator, by_id)
        if way:
            found = f"{indicator.id} made of itself: {' <- '.join([indicator.id, *way])}"
            yield Finding(("indicators", i, indicator.rule), found, "parts that do not lead back")


def _way_back(indicator: Indicator, by_id: dict[str, Indicator]) -> list[str]:
    """The ids on the way from an indicator through its parts back to itself; empty where there is none."""
    ways = [[part.id] for part in parts_of(indicator, by_id)]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        if way[-1] == indicator.id:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ways += [[*way, part.id] for part in parts_of(by_id[way[-1]], by_id)]
    return []
