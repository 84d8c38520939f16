"""What the analysis notebooks import: compute the rows of one district and wave, or of all, show them and save them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from fewdistricts import design as declared
from fewdistricts import files, paths, survey
from fewdistricts.design import Design
from fewdistricts.estimates import comparisons, estimate
from fewdistricts.estimates import pipeline as plan
from fewdistricts.exhibits import display
from fewdistricts.exhibits.display import Cell, Column, Grid
from fewdistricts.exhibits.text.wording import Words
from fewdistricts.survey import disclosure

SHOWN = [
    "indicator",
    "district",
    "wave",
    "baseline_wave",
    "estimator",
    "variant",
    "variant_of",
    "estimate",
    "se",
    "df",
    "ci_low",
    "ci_high",
    "p_value",
    "n",
    "status",
]

MOST_ROWS = 1000  # of an estimand, shown in a working paper; the file has all


class Work:
    """Rows of the estimates table with the file that they are saved in."""

    def __init__(self, design: Design, rows: pd.DataFrame, file: Path, title: str) -> None:
        self._design, self._rows, self._file, self._title = design, estimate.rounded(rows), file, title

    @property
    def _language(self) -> str:
        """Working papers are in the first language of the report."""
        return self._design.report.languages[0]

    @property
    def _stamp(self) -> str:
        return Words(self._language).label("document", "stamp") if self._design.synthetic else ""

    def cover(self) -> display.Output:
        """Title and stamp of the working paper."""
        report = self._design.report
        return display.cover(
            {
                "title": self._title,
                "subtitle": self._design.title[self._language],
                "authors": list(report.authors),
                "lang": self._language,
                "date": report.date.isoformat(),
                "date_text": report.date.isoformat(),
                "region": "",
                "abstract": "",
                "keywords": [],
                "stamp": self._stamp,
                "strings": {},
            }
        )

    def rows(self, estimand: str) -> display.Output:
        """The rows of an estimand as a table, numbers as they are published; of very many the first, those without
        a district last."""
        every = self._rows[self._rows["estimand"] == estimand]
        without = every["variant"] == "without"
        chosen = every.iloc[without.argsort(kind="stable")[:MOST_ROWS]] if len(every) > MOST_ROWS else every
        columns = [c for c in SHOWN if c in ("indicator", "estimate") or not _blank(chosen[c])]
        numbers = estimate.NUMBERS + estimate.COUNTS
        cells: list[list[Cell] | str] = [
            [_text(value) for value in row] for row in chosen[columns].itertuples(index=False, name=None)
        ]
        grid = Grid([Column(c, "right" if c in numbers else "left") for c in columns], cells)
        caption = f"Rows of the estimates table: {estimand}"
        if len(chosen) < len(every):
            caption += f", {len(chosen)} of {len(every)}; {self._file.name} has all"
        return display.table(grid, f"rows-{estimand.replace('_', '-')}", caption, self._stamp)

    def save(self) -> None:
        """Write the rounded rows as Parquet; the file appears whole or not at all."""
        with files.replacing(self._file) as part:
            self._rows.to_parquet(part, index=False, schema=estimate.schema())


def _blank(values: pd.Series) -> bool:
    return bool((values.isna() | (values.astype("object") == "")).all())


def _text(value: object) -> str:
    if value is None or value is pd.NA or value != value:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def district_wave(evaluation: str, district: str, wave: str) -> Work:
    """Levels of a district in a wave; at a follow-up wave its change and its own difference-in-differences."""
    design = declared.load(evaluation)
    chosen, at = design.district(district), design.wave(wave)
    others = comparisons.load(design) if plan.has_did(design, chosen, at) else None
    own = survey.opened(evaluation, [district])
    rows = plan.district_wave(design, own, chosen, at, disclosure.load(evaluation), others)
    first = design.report.languages[0]
    file = paths.processed(evaluation) / "district_wave" / f"{district}-{wave}.parquet"
    return Work(design, rows, file, f"{chosen.name[first]}, {at.label[first]}")


def pooled(evaluation: str) -> Work:
    """The whole estimates table."""
    design = declared.load(evaluation)
    rows = plan.estimates(design, survey.opened(evaluation), disclosure.load(evaluation))
    return Work(design, rows, paths.processed(evaluation) / "estimates.parquet", "All districts together")
