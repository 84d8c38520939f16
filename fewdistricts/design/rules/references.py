"""Rules of names over all keys: ids, columns, labels, and what refers to them."""

from __future__ import annotations

from collections.abc import Iterator

from fewdistricts.design.parts import Finding, Parts, Path
from fewdistricts.design.reserved import FRAME_COLUMNS, RESERVED_DISTRICTS, RESERVED_WAVES
from fewdistricts.design.rules.names import listed, repeated, unknown
from fewdistricts.design.types import short
from fewdistricts.errors import nearest


def ids(parts: Parts) -> Iterator[Finding]:
    """Each id once, none that the estimates use, and each spelling of one item."""
    yield from _unique("waves", [(i, wave.id) for i, wave in parts.waves], RESERVED_WAVES)
    yield from _unique("districts", [(i, district.id) for i, district in parts.districts], RESERVED_DISTRICTS)
    yield from _unique("indicators", [(i, indicator.id) for i, indicator in parts.indicators], ())
    for key, items in (("waves", parts.waves), ("districts", parts.districts)):
        owner: dict[str, str] = {}
        for i, item in items:
            for spelling in item.spellings:
                if owner.setdefault(spelling, item.id) != item.id:
                    yield Finding(
                        (key, i, "value"),
                        f"{short(spelling)}, which is {short(owner[spelling])} too",
                        "one meaning per spelling",
                    )


def _unique(key: str, ids: list[tuple[int, str]], reserved: tuple[str, ...]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for i, name in ids:
        folded = name.casefold()  # ids become file names, and some file systems fold case
        if folded in reserved:
            yield Finding((key, i, "id"), repr(name), f"any id but {', '.join(reserved)}, which the estimates use")
        if folded in seen:
            yield Finding((key, i, "id"), f"{short(name)}, after {seen[folded]!r}", "each id once, whatever its case")
        seen.setdefault(folded, name)


def columns_clash(parts: Parts) -> Iterator[Finding]:
    """Indicators and covariates are columns of one frame."""
    for i, indicator in parts.indicators:
        if indicator.id in FRAME_COLUMNS:
            yield Finding(("indicators", i, "id"), repr(indicator.id), "any id but " + ", ".join(FRAME_COLUMNS))
    for i, name in enumerate(parts.covariates):
        if name in FRAME_COLUMNS or ":" in name:
            allowed = "any column but " + ", ".join(FRAME_COLUMNS) + ", without a colon"
            yield Finding(("covariates", i), repr(name), allowed, "give it another name by `rename`")
        elif name in parts.indicator_ids:
            yield Finding(("covariates", i), f"{short(name)}, which is an indicator too", "a name of its own")
        if name in parts.covariates[:i]:
            yield Finding(("covariates", i), f"{short(name)} a second time", "each column once")


def labels(parts: Parts) -> Iterator[Finding]:
    """Labels of columns that readers never meet do no harm, unless they are nearly the name of one that they meet."""
    columns = dict.fromkeys([*parts.covariates, *(column for _, i in parts.indicators for column in i.among)])
    for column in parts.labels or {}:
        if column not in columns and parts.whole and nearest(column, columns):
            yield Finding(
                ("labels", column), short(column), f"a covariate or a column of `among`: {listed(list(columns))}",
                nearest(column, columns),
            )  # fmt: skip


def references(parts: Parts) -> Iterator[Finding]:
    """Every id that is named somewhere is declared."""
    waves = parts.wave_ids
    for i, file in enumerate(parts.data.files if parts.data else ()):
        if file.wave is not None and file.wave not in waves:
            yield unknown(("data", "files", i, "wave"), file.wave, waves)
    for i, district in parts.districts:
        yield from (unknown(("districts", i, "phase", w), w, waves) for w in district.phase if w not in waves)
    for i, indicator in parts.indicators:
        at: Path = ("indicators", i)
        yield from (unknown((*at, "comparable", w), w, waves) for w in indicator.comparable if w not in waves)
        for j, wave in enumerate(indicator.waves or ()):
            if wave not in waves:
                yield unknown((*at, "waves", j), wave, waves)
    yield from _published(parts)
    if parts.inference and parts.inference.headline not in (None, "last", "average", *waves):
        yield unknown(("inference", "headline"), str(parts.inference.headline), ["last", "average", *waves])
    languages = parts.report.languages if parts.report else ()
    if doubled := repeated(languages):
        yield Finding(("report", "languages"), f"{doubled[0]!r} twice", "each language once")


def _published(parts: Parts) -> Iterator[Finding]:
    for i, figure in parts.published:
        if figure.wave not in parts.wave_ids:
            yield unknown(("published", i, "wave"), figure.wave, parts.wave_ids)
        if figure.indicator not in parts.indicator_ids:
            yield unknown(("published", i, "indicator"), figure.indicator, parts.indicator_ids)
        share = any(item.id == figure.indicator and item.is_share for _, item in parts.indicators)
        low = 0 if figure.estimand == "level" else -1
        if share and not low <= figure.value <= 1:
            yield Finding(
                ("published", i, "value"), repr(figure.value), f"a fraction from {low} to 1, as 0.36 for 36 %"
            )
