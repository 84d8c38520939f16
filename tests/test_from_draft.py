"""From files to PDF by `make new` and what it asks for: five kinds of survey, each by the messages alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pypdf
import pytest

from fewdistricts.paths import PROJECT

pytestmark = pytest.mark.slow

ANSWERS = {  # what a placeholder asks for: an answer
    "what is evaluated": "A draft, filled in",
    "the name of": "Night patrols",
    "the month or day it began": "2004-06",
    "what was done": "Residents and police patrol together",
    "who interviewed": "Drawn by a test",
    "the day of the report": "2006-12-31",
}
MEDIA = {"tv": "Television", "radio": "Radio", "web": "Internet"}


def run(home: Path, *arguments: str, refused: bool = False) -> str:
    """What a command says; with `refused` it has to fail."""
    command = [sys.executable, "-m", "fewdistricts", *arguments]
    environment = {**os.environ, "EVALUATION_HOME": str(home)}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert (done.returncode != 0) == refused, done.stdout + done.stderr
    return done.stdout + done.stderr


def filled(text: str, pilots: tuple[str, ...] = ()) -> str:
    """The draft with every placeholder filled as its remark asks."""
    lines: list[str] = []
    year = 2002
    for line in text.splitlines():
        if "???  # fill in: " in line and not line.lstrip().startswith("# "):
            asked = line.split("# fill in: ")[1]
            value = next((answer for start, answer in ANSWERS.items() if asked.startswith(start)), "")
            if asked.startswith("pilot, comparison"):
                value = "pilot" if any(f"name: {name}" in lines[-1] for name in pilots) else "comparison"
            elif asked.startswith("first and last"):
                year += 1
                value = f"[{year}-10, {year}-11]"
            assert value, line
            line = line.replace("???", value)
        lines.append(line)
    return "\n".join(lines) + "\n"


def did(frame: pd.DataFrame, column: str, district: str, wave: str, pilots: tuple[str, ...]) -> float:
    """Difference in change of the last wave against the first, districts counting alike."""
    table = frame.pivot_table(column, district, wave, aggfunc="mean")
    change = table.iloc[:, -1] - table.iloc[:, 0]
    is_pilot = change.index.isin(pilots)
    return float(change[is_pilot].mean() - change[~is_pilot].mean())


def att(home: Path, indicator: str) -> float:
    rows = pd.read_csv(home / "reports" / "x" / "estimates.csv")
    chosen = (rows["indicator"] == indicator) & (rows["estimand"] == "att") & (rows["variant"] == "main")
    return float(rows[chosen & (rows["estimator"] == "district_change")]["estimate"].iloc[-1])


def questionnaire(path: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "survey"
    for line in [
        ("type", "name", "label::English (en)"),
        ("begin group", "security", "Security"),
        ("select_one yes_no", "safe", "Do you feel safe in your district?"),
        ("select_multiple media", "media", "Where do you hear of crime?"),
        ("end group", "", ""),
        ("integer", "crimes", "How many crimes did you suffer in the last twelve months?"),
    ]:
        book.active.append(line)
    choices = book.create_sheet("choices")
    choices.append(("list_name", "name", "label::English (en)"))
    for code, label in (("1", "Yes"), ("0", "No")):
        choices.append(("yes_no", code, label))
    for code, label in MEDIA.items():
        choices.append(("media", code, label))
    book.save(path)
    return path


def test_a_kobo_export_with_groups_lists_and_its_questionnaire(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    places = ("Aldea", "Barranca", "Cumbre", "Dehesa", "Encina", "Fuente")
    rows = []
    for year in (2003, 2005):
        for place in places:
            for _ in range(30):
                tv, radio, web = (int(rng.random() < share) for share in (0.6, 0.4, 0.2))
                heard = " ".join(code for code, on in zip(MEDIA, (tv, radio, web), strict=True) if on)
                rows.append((place, year, int(rng.random() < 0.5), heard, tv, radio, web, int(rng.poisson(0.7))))
    lists = [f"security/media/{code}" for code in MEDIA]
    header = ["district", "year", "security/safe", "security/media", *lists, "crimes"]
    frame = pd.DataFrame(rows, columns=header)
    frame["_uuid"] = [f"u{i:04}" for i in range(len(frame))]
    frame.to_excel(tmp_path / "export.xlsx", index=False)
    form = questionnaire(tmp_path / "form.xlsx")
    said = run(tmp_path, "new", "x", str(tmp_path / "export.xlsx"), "--xlsform", str(form))
    assert "2 waves, 6 districts and 5 indicators drafted" in said
    file = tmp_path / "data" / "raw" / "x" / "evaluation.yaml"
    text = filled(file.read_text(encoding="utf-8"), places[:3])
    ids = re.findall(r"(?m)^  - id: (\S*(?:tv|radio)\S*)$", text)
    assert len(ids) == 2
    anywhere = f"  - id: anywhere\n    label: Hears of crime by radio or television\n    any_of: [{', '.join(ids)}]\n"
    text = text.replace("\nindicators:\n", f"\nindicators:\n{anywhere}")
    file.write_text(text, encoding="utf-8")
    run(tmp_path, "report", "x", "--jobs", "2")
    frame["either"] = ((frame[lists[0]] == 1) | (frame[lists[1]] == 1)).astype(float)
    assert att(tmp_path, "anywhere") == pytest.approx(did(frame, "either", "district", "year", places[:3]), abs=1e-7)
    assert att(tmp_path, "safe") == pytest.approx(did(frame, "security/safe", "district", "year", places[:3]), abs=1e-7)
    assert (tmp_path / "reports" / "x" / "report-en.pdf").exists()


def test_a_panel_of_villages_with_arms_in_the_data(tmp_path: Path) -> None:
    rng = np.random.default_rng(12)
    rows = []
    for village in range(1, 9):
        for household in range(25):
            for wave in (1, 2, 3):
                treated = int(village <= 4)
                works = int(rng.random() < 0.4 + 0.1 * treated * (wave > 1))
                rows.append((f"Village {village}", f"V{village}-{household:02}", wave, treated, works))
    frame = pd.DataFrame(rows, columns=["village", "household_identifier", "wave", "treatment", "works"])
    frame.to_csv(tmp_path / "panel.csv", index=False)
    said = run(tmp_path, "new", "x", str(tmp_path / "panel.csv"))
    assert "3 waves, 8 districts and 1 indicator drafted" in said
    file = tmp_path / "data" / "raw" / "x" / "evaluation.yaml"
    text = file.read_text(encoding="utf-8")
    assert "  sampling: panel" in text
    assert text.count("arm: pilot") == 4
    file.write_text(filled(text), encoding="utf-8")
    run(tmp_path, "report", "x", "--jobs", "2")
    pilots = tuple(f"Village {i}" for i in range(1, 5))
    last = frame[frame["wave"] != 2]
    assert att(tmp_path, "works") == pytest.approx(did(last, "works", "village", "wave", pilots), abs=1e-7)


def test_sampling_units_over_districts_are_said_and_declared(tmp_path: Path) -> None:
    rng = np.random.default_rng(13)
    places = ("Aldea", "Barranca", "Cumbre", "Dehesa", "Encina", "Fuente")
    rows = []
    for year in (2003, 2005):
        for psu in range(60):
            for _ in range(6):
                place = places[min(5, int(psu / 10 + 0.3 * rng.random()))]
                rows.append((place, year, 500 + 7 * psu, "yes" if rng.random() < 0.5 else "no"))
    frame = pd.DataFrame(rows, columns=["district", "year", "psu", "works"])
    frame.to_csv(tmp_path / "survey.csv", index=False)
    run(tmp_path, "new", "x", str(tmp_path / "survey.csv"))
    file = tmp_path / "data" / "raw" / "x" / "evaluation.yaml"
    text = filled(file.read_text(encoding="utf-8"), places[:3])
    file.write_text(text, encoding="utf-8")
    said = run(tmp_path, "report", "x", "--jobs", "2", refused=True)
    assert "PSUs in two districts" in said and "declare `across_districts: true` in data" in said
    file.write_text(text.replace("\ndata:\n", "\ndata:\n  across_districts: true\n"), encoding="utf-8")
    run(tmp_path, "report", "x", "--jobs", "2")
    frame["yes"] = (frame["works"] == "yes").astype(float)
    assert att(tmp_path, "works") == pytest.approx(did(frame, "yes", "district", "year", places[:3]), abs=1e-7)


def test_monthly_records_of_districts(tmp_path: Path) -> None:
    rng = np.random.default_rng(14)
    places = ("Aldea", "Barranca", "Cumbre", "Dehesa", "Encina", "Fuente")
    months = [f"{2003 + i // 12}-{i % 12 + 1:02}" for i in range(24)]
    rows = [(place, month, round(20 + 5 * rng.random(), 2)) for place in places for month in months]
    frame = pd.DataFrame(rows, columns=["district", "month", "robberies_per_10000"])
    frame.to_csv(tmp_path / "records.csv", index=False)
    said = run(tmp_path, "new", "x", str(tmp_path / "records.csv"))
    assert "24 waves, 6 districts and 1 indicator drafted" in said
    file = tmp_path / "data" / "raw" / "x" / "evaluation.yaml"
    text = file.read_text(encoding="utf-8")
    assert "  level: district" in text
    file.write_text(filled(text, places[:3]), encoding="utf-8")
    run(tmp_path, "report", "x", "--jobs", "2")
    frame["when"] = (frame["month"] >= "2004-06").astype(int)
    expected = did(frame, "robberies_per_10000", "district", "when", places[:3])
    assert att(tmp_path, "robberies_per_10000") == pytest.approx(expected, abs=1e-6)


def test_a_baseline_alone(tmp_path: Path) -> None:
    rng = np.random.default_rng(15)
    places = ("Aldea", "Barranca", "Cumbre", "Dehesa", "Encina", "Fuente")
    rows = [
        (place, "yes" if rng.random() < 0.4 else "no", int(rng.integers(1, 8))) for place in places for _ in range(40)
    ]
    frame = pd.DataFrame(rows, columns=["district", "works", "trust"])
    frame.to_csv(tmp_path / "baseline.csv", index=False)
    said = run(tmp_path, "new", "x", str(tmp_path / "baseline.csv"))
    assert "1 wave, 6 districts and 2 indicators drafted" in said
    file = tmp_path / "data" / "raw" / "x" / "evaluation.yaml"
    file.write_text(filled(file.read_text(encoding="utf-8"), places[:3]), encoding="utf-8")
    run(tmp_path, "report", "x", "--jobs", "2")
    reports = tmp_path / "reports" / "x"
    assert not set(pd.read_csv(reports / "estimates.csv")["estimand"]) & {"change", "did", "att"}
    for name in ("report", "slides"):
        text = " ".join(page.extract_text() for page in pypdf.PdfReader(reports / f"{name}-en.pdf").pages)
        assert not re.search(r"\b(better|worse) than before|\b(rose|fell|improved|worsened)\b", text), name
        assert "in each survey" not in " ".join(text.split()), name
        assert "before" in text and "There is a single survey." in " ".join(text.split()), name
