"""Which wave each file or row of a survey is, and when its interviews were."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from fewdistricts.design.reserved import RESERVED_WAVES
from fewdistricts.draft import names
from fewdistricts.draft.align import align
from fewdistricts.draft.look import Looked, Profile
from fewdistricts.draft.roles import Guess, days, roles
from fewdistricts.draft.survey import BY_FILE, DISTRICT, Survey, Wave
from fewdistricts.spelling import unpadded
from fewdistricts.survey.dates import days_of, span_of

LONGEST_PAUSE = 60
"""Days without an interview that one wave of a survey has at most."""
LEAST_ROWS = 0.05
"""Share of the rows that a wave has at least: fewer are slips in writing a date."""
MOST_SPELLS = 12
_STAGES = ("base", "linea de base", "linha de base", "pre", "mid", "medio", "end", "final", "post", "follow")


def survey(files: Sequence[Looked]) -> Survey:
    """The files as one survey, earlier waves first."""
    guesses = [roles(looked) for looked in files]
    dated = _dated_waves(files, guesses)
    places, waves = _places_and_waves(files, guesses)
    order = list(range(len(files)))
    if waves and places:
        order.sort(key=lambda i: (_moment(waves[i], waves[i]), places[i]))
    elif waves:
        order.sort(key=lambda i: _moment(waves[i], files[i].stem))
    out = Survey(
        files=[files[i] for i in order],
        columns={},
        roles=guesses[order[0]],
        waves=[],
        file_waves=[waves[i] for i in order] if waves else None,
        places=[places[i] for i in order] if places else [],
    )
    for i in order:
        align(out, files[i], guesses[i])
    out.wave_of_day = dated
    out.waves = _waves(out)
    if out.places:
        counts = {place: out.places.count(place) for place in dict.fromkeys(out.places)}
        out.columns[DISTRICT] = Profile(DISTRICT, counts=counts, rows=len(files), numeric=False)
        out.roles["district"] = Guess(DISTRICT)
    _fieldwork(out)
    return out


def _places_and_waves(
    files: Sequence[Looked], guesses: Sequence[Mapping[str, Guess]]
) -> tuple[list[str], list[str] | None]:
    """District of each file, where each is of one, and wave of each file; None where a column says the wave."""
    values = [_wave_values(looked, guess.get("wave")) for looked, guess in zip(files, guesses, strict=True)]
    if len(files) == 1 and ("wave" in guesses[0] or "district" not in guesses[0]):
        return [], None
    if any(len(own) > 1 for own in values) and len(files) > 1:
        codes = _codes_of_districts(files, guesses)
        apart = codes is not None and sum(map(len, codes)) == len(set().union(*codes))
        return ([looked.stem for looked in files] if apart else []), None
    named = None if _codes_of_districts(files, guesses) is None else _by_place(files)
    if named:
        return [place for place, _ in named], [wave for _, wave in named]
    given = [next(iter(own), "") for own in values]
    return [], _file_ids(files, given if len(set(given)) == len(files) and all(given) else None)


def _dated_waves(files: Sequence[Looked], guesses: Sequence[dict[str, Guess]]) -> dict[str, str]:
    """Wave of each date in the one file, where nothing else says it and the days of interviews lie far apart.

    The column of dates is that of the waves then.
    """
    if len(files) > 1 or "wave" in guesses[0] or "date" not in guesses[0]:
        return {}
    column = guesses[0]["date"].column
    counts: Mapping[str, int] = files[0].columns[column].counts
    if files[0].columns[column].many:  # of which the profile keeps the first alone
        counts = Counter(files[0].values([column])[column])
    day_of = days_of(counts)
    spells: list[list[date]] = []
    for day in sorted(set(day_of.values())):
        if not spells or (day - spells[-1][-1]).days > LONGEST_PAUSE:
            spells.append([])
        spells[-1].append(day)
    spells = [days for days in spells if _rows(counts, day_of, days) >= LEAST_ROWS * sum(counts.values())]
    if not 2 <= len(spells) <= MOST_SPELLS:
        return {}
    guesses[0]["wave"] = guesses[0].pop("date")
    years = [str(days[0].year) for days in spells]
    ids = years if len(set(years)) == len(years) else [f"{days[0]:%Y-%m}" for days in spells]
    spell_of = {day: wave for wave, days in zip(ids, spells, strict=True) for day in days}
    return {text: spell_of[day] for text, day in day_of.items() if day in spell_of}


def _rows(counts: Mapping[str, int], day_of: Mapping[str, date], days: Sequence[date]) -> int:
    return sum(rows for text, rows in counts.items() if day_of.get(text) in days)


def _waves(out: Survey) -> list[Wave]:
    """The waves of the files, of a column, or of the days of the interviews."""
    if out.file_waves is not None:
        return _file_waves(out.file_waves)
    if not out.wave_of_day:
        return _column_waves(out)
    days = days_of(out.wave_of_day)
    spells: dict[str, list[date]] = {}
    for text, wave in out.wave_of_day.items():
        spells.setdefault(wave, []).append(days[text])
    waves = [Wave(wave, wave, (), (min(own).isoformat(), max(own).isoformat())) for wave, own in spells.items()]
    return sorted(waves, key=lambda wave: wave.fieldwork or ("", ""))


def _file_waves(ids: Sequence[str]) -> list[Wave]:
    labels = {each: each if each.isdigit() else each.replace("-", " ").capitalize() for each in ids}
    return [Wave(each, label) for each, label in labels.items()]


def _by_place(files: Sequence[Looked]) -> list[tuple[str, str]] | None:
    """District and wave of each file, where the names of the files are made of both, as in `ancon_2003.csv`."""
    named = []
    for looked in files:
        words = re.split(r"[\W_]+", looked.stem)
        when = [word for word in words if re.fullmatch(r"(19|20)\d\d", word) or _is_stage(word)]
        where = [word for word in words if word not in when]
        if len(when) != 1 or not where:
            return None
        named.append((" ".join(where), names.slug(when[0])))
    whole = len(set(named)) == len(named)
    several = len({place for place, _ in named}) > 1 and len({wave for _, wave in named}) > 1
    return named if whole and several else None


def _codes_of_districts(files: Sequence[Looked], guesses: Sequence[Mapping[str, Guess]]) -> list[set[str]] | None:
    """The codes in each file's column of districts, perhaps of places within them; None where it has names."""
    codes: list[set[str]] = []
    for looked, guess in zip(files, guesses, strict=True):
        profile = looked.columns[guess["district"].column] if "district" in guess else Profile("")
        if profile.labels or not profile.numeric:
            return None
        codes.append(set(profile.counts))
    return codes


def _is_stage(word: str) -> bool:
    return any(re.search(rf"^{stage}", names.folded(word)) for stage in _STAGES)


def _wave_values(looked: Looked, guess: Guess | None) -> list[str]:
    if guess is None:
        return []
    profile = looked.columns[guess.column]
    return [profile.labels.get(code, code) for code in profile.valid]


def _file_ids(files: Sequence[Looked], given: list[str] | None) -> list[str]:
    stems = [looked.stem for looked in files]
    years = [re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", stem) for stem in stems]
    if given is None and all(len(found) == 1 for found in years) and len({found[0] for found in years}) == len(files):
        given = [found[0] for found in years]
    ids = [names.slug(text) for text in (given or stems)]
    clear = len({each.casefold() for each in ids}) == len(ids) and all(ids) and not set(ids) & set(RESERVED_WAVES)
    return ids if clear else [f"wave-{i}" for i in range(1, len(files) + 1)]


def _moment(wave: str, stem: str) -> tuple[int, str]:
    """Sorts years by their number, base lines before end lines, and leaves the rest as given."""
    if re.fullmatch(r"\d+", wave):
        return int(wave), ""
    plain = names.folded(stem)
    return next((i for i, stage in enumerate(_STAGES) if re.search(rf"\b{stage}", plain)), len(_STAGES)), ""


def _column_waves(out: Survey) -> list[Wave]:
    guess = out.roles.get("wave")
    if guess is None:
        return []
    profile = out.columns[guess.column]
    waves: list[Wave] = []
    same: dict[str, list[str]] = {}
    for code in profile.valid:
        label = profile.labels.get(code, code)
        same.setdefault(unpadded(label) or label, []).append(code)
    for codes in same.values():
        code = max(codes, key=lambda code: profile.counts[code])
        label = profile.labels.get(code, code)
        name = names.slug(label)
        if not name or name in RESERVED_WAVES or name in (wave.id for wave in waves):
            name = f"wave-{names.slug(code, str(len(waves) + 1))}"
        values = () if len(codes) == 1 and name in (code, label) else tuple(codes)
        waves.append(Wave(name, label[:1].upper() + label[1:], values, _period(code)))
    return sorted(waves, key=lambda wave: _moment(wave.id, wave.label))


def _period(code: str) -> tuple[str, str] | None:
    """The days of a wave whose code is a month, quarter or day; a year says too little."""
    span = None if re.fullmatch(r"\d{4}", code) else span_of(code)
    return (span[0].isoformat(), span[1].isoformat()) if span else None


def _fieldwork(out: Survey) -> None:
    """First and last day of the interviews of each wave, where a column of dates says them."""
    guess = out.roles.get("date")
    if guess is None or not out.waves:
        return
    by = out.wave_column
    rows = out.rows(list(dict.fromkeys([guess.column, by])))
    labels = out.columns[by].labels if by != BY_FILE else {}
    for wave in out.waves:
        if by != BY_FILE:
            mine = rows[by].map(lambda code: code in (*wave.values, wave.id) or labels.get(code) == wave.id)  # noqa: B023
        else:
            mine = rows[BY_FILE] == wave.id
        wave.fieldwork = days(rows.loc[mine, guess.column].to_numpy())
    if all(wave.fieldwork for wave in out.waves):
        out.waves.sort(key=lambda wave: wave.fieldwork or ("", ""))
    ends = [day for wave in out.waves for day in wave.fieldwork or ()]
    if any(a >= b for a, b in zip(ends[1::2], ends[2::2], strict=False)):
        for wave in out.waves:  # not the dates of the interviews, or waves that overlap
            wave.fieldwork = None
