"""Dates and periods of statistical files, which store them as numbers since a day that the format implies."""

from __future__ import annotations

import re
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
_YEAR_FIRST = re.compile(r"((?:19|20)\d\d)[-/.](\d\d?)[-/.](\d\d?)(?!\d)")
_YEAR_LAST = re.compile(r"(\d\d?)[-/.](\d\d?)[-/.]((?:19|20)\d\d)(?!\d)")
_MONTH_IN_LETTERS = re.compile(r"([A-Z][a-z]{2})[a-z]* (\d\d?), ((?:19|20)\d\d)(?!\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def calendar_of(form: str, suffix: str) -> Calendar | None:
    """How a Stata, SPSS or SAS display format reads numbers as dates; None where it does not."""
    if suffix == ".dta":
        return _stata(form)
    if suffix in (".sas7bdat", ".xpt"):
        return _sas(form)
    return _spss(form)


def shown(value: Any, calendar: Calendar) -> str:
    """A date or period; the number itself where no calendar has it."""
    try:
        return calendar(float(value))
    except (OverflowError, TypeError, ValueError):
        return canonical(value)


def span_of(text: str) -> tuple[date, date] | None:
    """First and last day of a day, month, quarter, half-year or year as this module and spreadsheets write them.

    >>> span_of("2003-Q4")
    (datetime.date(2003, 10, 1), datetime.date(2003, 12, 31))
    """
    match = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[ T].*)?)?|-([QH])(\d))?", text)
    if match is None:
        return None
    year, month, day, kind, part = match.groups()
    months = {"Q": 3, "H": 6}.get(kind or "", 1)
    try:
        if day:
            single = date(int(year), int(month), int(day))
            return single, single
        if month:
            return _span(int(year), int(month), 1)
        if kind:
            return _span(int(year), (int(part) - 1) * months + 1, months)
        return _span(int(year), 1, 12)
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
    read = {month_first: _days(texts, month_first) for month_first in (False, True)}
    longest = max(read.values(), key=len)
    clear = len(read[False]) != len(read[True]) or read[False] == read[True]
    return longest if clear else {}


def are_days(texts: Iterable[str]) -> bool:
    """Whether all of these are days, also where nobody can say which number is the month."""
    return all(_day(text, False) or _day(text, True) for text in texts)


def _days(texts: Iterable[str], month_first: bool) -> dict[str, date]:
    days = {text: _day(text, month_first) for text in texts}
    return {text: day for text, day in days.items() if day}


def _day(text: str, month_first: bool) -> date | None:
    if match := _YEAR_FIRST.match(text):
        year, month, day = map(int, match.groups())
    elif match := _YEAR_LAST.match(text):
        day, month, year = map(int, match.groups())
        if month_first:
            day, month = month, day
    elif (match := _MONTH_IN_LETTERS.match(text)) and match[1] in _MONTHS:
        year, month, day = int(match[3]), _MONTHS.index(match[1]) + 1, int(match[2])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
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


def _span(year: int, month: int, months: int) -> tuple[date, date]:
    after = year * 12 + month - 1 + months
    return date(year, month, 1), date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def _since(day: datetime, unit: timedelta) -> Calendar:
    def read(number: float) -> str:
        moment = day + number * unit
        whole_day = (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)
        return moment.date().isoformat() if whole_day else moment.isoformat(" ", "seconds")

    return read


def _month_since(day: datetime, unit: timedelta) -> Calendar:
    return lambda number: (day + number * unit).strftime("%Y-%m")


def _quarter_since(day: datetime, unit: timedelta) -> Calendar:
    def read(number: float) -> str:
        moment = day + number * unit
        return f"{moment.year}-Q{(moment.month + 2) // 3}"

    return read


def _period(a_year: int, letter: str) -> Calendar:
    """Periods counted from the first of 1960, so many a year."""

    def read(number: float) -> str:
        if not number.is_integer():
            raise ValueError("no whole period")
        year, part = divmod(int(number), a_year)
        return f"{1960 + year}-{letter}{part + 1:02d}" if a_year > 4 else f"{1960 + year}-{letter}{part + 1}"

    return read


def _stata(form: str) -> Calendar | None:
    kind = re.match(r"%-?t?([dcCwmqhy])", form)
    if kind is None or re.match(r"%-?[cwmqhy]$", form):
        return None
    periods = {"w": (52, "W"), "m": (12, ""), "q": (4, "Q"), "h": (2, "H")}
    if kind[1] in periods:
        return _period(*periods[kind[1]])
    if kind[1] == "y":
        return lambda number: str(int(number))
    return _since(_STATA, timedelta(days=1) if kind[1] == "d" else timedelta(milliseconds=1))


def _spss(form: str) -> Calendar | None:
    if re.match(r"(A|E|S|J)?DATE\d|DATETIME|YMDHMS", form):
        return _since(_SPSS, timedelta(seconds=1))
    if form.startswith("MOYR"):
        return _month_since(_SPSS, timedelta(seconds=1))
    return _quarter_since(_SPSS, timedelta(seconds=1)) if form.startswith("QYR") else None


def _sas(form: str) -> Calendar | None:
    if re.match(r"(E8601DT|DATETIME|NLDATM)", form):
        return _since(_STATA, timedelta(seconds=1))
    if re.match(r"(MONYY|MMYY|YYMM[A-CE-Z]|YYMM\d|YYMON)", form):
        return _month_since(_STATA, timedelta(days=1))
    if form.startswith(("YYQ",)):
        return _quarter_since(_STATA, timedelta(days=1))
    return _since(_STATA, timedelta(days=1)) if re.match(r"(E8601DA|DATE|DDMMYY|MMDDYY|YYMMDD|NLDATE)", form) else None
