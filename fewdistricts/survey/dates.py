"""Dates and periods of statistical files, which store them as numbers since a day that the format implies."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fewdistricts.design import canonical

Calendar = Callable[[float], str]
"""A stored number as ISO writes the day or period it means."""
Span = tuple[date, date]
"""First and last day."""

_SPSS = datetime(1582, 10, 14)
_STATA = datetime(1960, 1, 1)
_SPREADSHEET = date(1899, 12, 30)  # day 0 of serial numbers from March 1900 on
_SERIAL = re.compile(r"[2-6]\d{4}(\.\d+)?")
_WRITTEN = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(\d{4}|\d{2})([ T].*)?|\d{1,2}[/-]\d{4}")  # 25/04/2005, 04/2005
_PERIOD = re.compile(r"(?P<year>\d{4})(-(?P<month>\d{2})|[- ]?(?P<kind>[QTHS])(?P<part>\d))?", re.IGNORECASE)
"""A year, month, quarter (also trimester) or half-year (also semester)."""

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_YEAR_FIRST = re.compile(rf"{_YEAR}[-/.](?P<month>\d\d?)[-/.](?P<day>\d\d?)(?!\d)")
_DAY_FIRST = re.compile(rf"(?P<day>\d\d?)[-/.](?P<month>\d\d?)[-/.]{_YEAR}(?!\d)")
_MONTH_FIRST = re.compile(rf"(?P<month>\d\d?)[-/.](?P<day>\d\d?)[-/.]{_YEAR}(?!\d)")
_IN_LETTERS = re.compile(rf"(?P<month>[A-Z][a-z]{{2}})[a-z]* (?P<day>\d\d?), {_YEAR}(?!\d)")
_DAY_OF_MONTH = re.compile(r"\d{1,2}-[a-z]{3}\.?|[a-z]{3}\.?-\d\d", re.IGNORECASE)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WITH_DAY_FIRST = (_YEAR_FIRST, _DAY_FIRST, _IN_LETTERS)
_WITH_MONTH_FIRST = (_YEAR_FIRST, _MONTH_FIRST, _IN_LETTERS)


def shown(value: Any, calendar: Calendar) -> str:
    """A date or period; the number itself where no calendar has it."""
    try:
        return calendar(float(value))
    except (OverflowError, TypeError, ValueError):
        return canonical(value)


def span_of(text: str) -> Span | None:
    """First and last day of a day, month, quarter, half-year or year as this module and spreadsheets write them.

    >>> span_of("2003-Q4")
    (datetime.date(2003, 10, 1), datetime.date(2003, 12, 31))
    >>> span_of("2003s2") == (date(2003, 7, 1), date(2003, 12, 31))
    True
    """
    day = _day(text, (_YEAR_FIRST,))
    if day is not None:
        return day, day
    match = _PERIOD.fullmatch(text)
    if match is None:
        return None
    year, months = (
        int(match["year"]),
        {"Q": 3, "T": 3, "H": 6, "S": 6}.get((match["kind"] or "").upper(), 1 if match["month"] else 12),
    )
    last = int(match["part"]) * months if match["kind"] else int(match["month"] or 12)
    try:
        return date(year, last - months + 1, 1), date(year, last, monthrange(year, last)[1])
    except ValueError:
        return None


def days_of(texts: Iterable[str]) -> dict[str, date]:
    """Texts that begin with a day, and that day, whichever way survey programs write it.

    Days such as 03/04/2005 are among them only where other texts tell whether the month stands first.

    Examples
    --------
    >>> days_of(["25/4/2005 10:00", "3/4/2005", "Mar 3, 2005 9:00:00 AM", "2005-04-25T10:20:30"])["3/4/2005"]
    datetime.date(2005, 4, 3)
    >>> days_of(["3/4/2005", "5/6/2005"])
    {}
    """
    texts = list(texts)
    day_first, month_first = (_days(texts, patterns) for patterns in (_WITH_DAY_FIRST, _WITH_MONTH_FIRST))
    clear = len(day_first) != len(month_first) or day_first == month_first
    return max(day_first, month_first, key=len) if clear else {}


def is_made_of_range(text: str) -> bool:
    """Whether a text is what a spreadsheet makes of the range `6-10`: 10-Jun, Jun-10 or a day.

    Examples
    --------
    >>> [is_made_of_range(text) for text in ("10-Jun", "ene-05", "2021-06-10", "6-10", "Sub-2")]
    [True, True, True, False, False]
    """
    return _DAY_OF_MONTH.fullmatch(text) is not None or _day(text, (_YEAR_FIRST,)) is not None


def are_days(texts: Iterable[str]) -> bool:
    """Whether all of these are days, also where nobody can say which number is the month."""
    return all(_day(text, _WITH_DAY_FIRST) or _day(text, _WITH_MONTH_FIRST) for text in texts)


def _days(texts: Iterable[str], patterns: Sequence[re.Pattern[str]]) -> dict[str, date]:
    days = {text: _day(text, patterns) for text in texts}
    return {text: day for text, day in days.items() if day}


def _day(text: str, patterns: Sequence[re.Pattern[str]]) -> date | None:
    """The day that a text begins with, in one of these ways of writing."""
    for pattern in patterns:
        if match := pattern.match(text):
            month = match["month"]
            try:
                number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
                return date(int(match["year"]), number, int(match["day"]))
            except ValueError:
                return None
    return None


@dataclass(frozen=True)
class Dates:
    """Dates in a column of waves that belong to no wave: which, what they are, and what to do."""

    codes: tuple[str, ...]
    what: str
    allowed: str
    remedy: str


def dates_of(codes: Sequence[str], fieldworks: Sequence[Span], days: Mapping[str, date]) -> Dates | None:
    """What is to be said of those of these codes that are dates; None where none is.

    `days` are the codes of the column that are known days.

    A number is a day as spreadsheets count them only where some of the numbers then lie in a wave's fieldwork.
    """
    written = tuple(code for code in codes if _WRITTEN.fullmatch(code) and code not in days)
    if written:
        return Dates(written, "dates", "dates like 2005-04-25", "write them in the file as year-month-day")
    numbers = tuple(code for code in codes if _SERIAL.fullmatch(code))
    counted = [_SPREADSHEET + timedelta(days=int(code.partition(".")[0])) for code in numbers]
    if any(first <= day <= last for day in counted for first, last in fieldworks):
        what = "days as spreadsheets count them,"
        return Dates(numbers, what, "dates like 2005-04-25", "give the column the format of a date, and save it again")
    outside = tuple(code for code in codes if code in days or (span_of(code) and not code.isdigit()))
    if outside:
        remedy = "widen the `fieldwork` of the wave that they belong to, or name them in data.leave_out"
        return Dates(outside, "dates", "dates in the `fieldwork` of one wave", remedy)
    return None


def _since(day: datetime, unit: timedelta, written: Callable[[datetime], str]) -> Calendar:
    return lambda number: written(day + number * unit)


def _moment(moment: datetime) -> str:
    whole_day = (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)
    return moment.date().isoformat() if whole_day else moment.isoformat(" ", "seconds")


def _month(moment: datetime) -> str:
    return f"{moment:%Y-%m}"


def _quarter(moment: datetime) -> str:
    return f"{moment.year}-Q{(moment.month + 2) // 3}"


def _periods(a_year: int, letter: str = "") -> Calendar:
    """Periods counted from the first of 1960, so many a year."""

    def read(number: float) -> str:
        if not number.is_integer():
            raise ValueError("no whole period")
        year, part = divmod(int(number), a_year)
        return f"{1960 + year}-{letter}{part + 1:02d}" if a_year > 4 else f"{1960 + year}-{letter}{part + 1}"

    return read


_DAYS, _SECONDS = timedelta(days=1), timedelta(seconds=1)
_STATA_FORMATS = {
    r"%-?t?d": _since(_STATA, _DAYS, _moment),
    r"%-?t[cC]": _since(_STATA, timedelta(milliseconds=1), _moment),
    r"%-?tw": _periods(52, "W"),
    r"%-?tm": _periods(12),
    r"%-?tq": _periods(4, "Q"),
    r"%-?th": _periods(2, "H"),
    r"%-?ty": lambda number: str(int(number)),
}
_SAS_FORMATS = {
    r"E8601DT|DATETIME|NLDATM": _since(_STATA, _SECONDS, _moment),
    r"MONYY|MMYY|YYMM[A-CE-Z]|YYMM\d|YYMON": _since(_STATA, _DAYS, _month),
    r"YYQ": _since(_STATA, _DAYS, _quarter),
    r"E8601DA|DATE|DDMMYY|MMDDYY|YYMMDD|NLDATE": _since(_STATA, _DAYS, _moment),
}
_SPSS_FORMATS = {
    r"(A|E|S|J)?DATE\d|DATETIME|YMDHMS": _since(_SPSS, _SECONDS, _moment),
    r"MOYR": _since(_SPSS, _SECONDS, _month),
    r"QYR": _since(_SPSS, _SECONDS, _quarter),
}
_FORMATS: dict[str, dict[str, Calendar]] = {".dta": _STATA_FORMATS, ".sas7bdat": _SAS_FORMATS, ".xpt": _SAS_FORMATS}


def calendar_of(form: str, suffix: str) -> Calendar | None:
    """How a Stata, SPSS or SAS display format reads numbers as dates; None where it does not."""
    formats = _FORMATS.get(suffix, _SPSS_FORMATS)
    return next((calendar for pattern, calendar in formats.items() if re.match(pattern, form)), None)
