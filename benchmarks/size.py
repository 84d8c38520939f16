"""A survey of millions, each step in a process of its own: `python -m benchmarks.size [RESPONDENTS [OF_CSV]]`.

A seeded survey (`write`) of 200 indicators in 12 districts and 2 waves with weights, strata and PSUs; codes are small
integers, 9 is no answer. Ours: `survey.build` (read, check, code, write a part for each district), then the levels of
every indicator, district and wave from what was built. Against: `pandas.read_parquet` or `read_csv` of the same file,
which neither checks nor recodes anything; and for levels a loop as scripts in R have it (for each indicator, district
and wave: subset, weighted mean, Taylor variance), over `LOOPED` of the indicators and scaled up to all. Both ways must
give the same numbers. Seconds are CPU of the process, all threads; memory is its highest resident set.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from benchmarks.measure import Line, limit
from fewdistricts import paths

RESPONDENTS, OF_CSV, INDICATORS, LOOPED = 2_000_000, 200_000, 200, 8
MOST_TIMES = 4
"""How many times as long as `pandas` reads reading, checking and building may take."""
TIMES_A_LOOP = 7
"""How many times as fast as a loop of subsets levels must be."""
TOGETHER = 20
"""Indicators whose answers levels hold at once."""
GROWTH_FROM = 400_000
"""Respondents from which memory is also taken of a quarter of them, to show what grows."""
SEED, CHUNK = 200, 100_000
DISTRICTS, WAVES, STRATA, PSUS = 12, ("2003", "2005"), 4, 15
NO_ANSWER = 9
DESIGN = ["district", "wave", "weight", "stratum", "psu"]


def _scaled(indicator: int) -> bool:
    """Every fourth indicator is a mean of a scale from 1 to 5, the others shares of code 1 in 1 and 2."""
    return indicator % 4 == 3


def names(indicators: int) -> list[str]:
    """Ids of the indicators, which are their columns too."""
    return [f"q{i + 1:03}" for i in range(indicators)]


def chunks(respondents: int, indicators: int) -> Iterator[pa.Table]:
    """The survey, `CHUNK` respondents at a time."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    for start in range(0, respondents, CHUNK):
        rows = min(CHUNK, respondents - start)
        stratum = rng.integers(1, STRATA + 1, rows)
        columns = {
            "district": rng.integers(1, DISTRICTS + 1, rows).astype(np.int8),
            "wave": rng.choice(np.array([int(wave) for wave in WAVES], dtype=np.int16), rows),
            "weight": rng.integers(50, 150, rows).astype(float) / 10,
            "stratum": stratum.astype(np.int8),
            "psu": (stratum * 100 + rng.integers(1, PSUS + 1, rows)).astype(np.int16),
        }
        for i, name in enumerate(names(indicators)):
            answer = rng.integers(1, 6 if _scaled(i) else 3, rows, dtype=np.int8)
            columns[name] = np.where(rng.integers(0, 20, rows, dtype=np.int8) == 0, np.int8(NO_ANSWER), answer)
        yield pa.table(columns)


def write(home: Path, respondents: int, suffix: str = "parquet", indicators: int | None = None) -> str:
    """Write the evaluation under a home (`EVALUATION_HOME`) and return its name."""
    indicators = indicators or INDICATORS
    evaluation = f"size-{suffix}"
    raw = home / "data" / "raw" / evaluation
    raw.mkdir(parents=True, exist_ok=True)
    file, tables = raw / f"survey.{suffix}", chunks(respondents, indicators)
    first = next(tables)
    kind = pq.ParquetWriter if suffix == "parquet" else pyarrow.csv.CSVWriter
    with kind(file, first.schema) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)
    (raw / "evaluation.yaml").write_text(json.dumps(_declared(file.name, indicators)), encoding="utf-8")
    return evaluation


def _declared(file: str, indicators: int) -> dict[str, Any]:
    """What evaluation.yaml says, of which JSON is a part."""

    def both(text: str) -> dict[str, str]:
        return {"en": text, "es": text}

    return {
        "title": both("A large survey"),
        "intervention": {"name": both("A programme"), "start": "2004-01", "description": both("Invented.")},
        "data": {
            "kind": "synthetic",
            "source": both("Drawn by benchmarks/size.py."),
            "files": [{"path": file}],
            "columns": {name: name for name in DESIGN},
            "sampling": "cross_section",
            "missing": {"refused": [NO_ANSWER]},
        },
        "waves": [{"id": wave, "label": both(wave), "fieldwork": [f"{wave}-03", f"{wave}-03"]} for wave in WAVES],
        "districts": [
            {"id": f"d{d}", "value": d, "name": f"District {d}", "arm": "pilot" if d <= 3 else "comparison"}
            for d in range(1, DISTRICTS + 1)
        ],
        "indicators": [
            {"id": name, "label": both(name), "column": name, "better": "higher"}
            | ({"scale": [1, 5]} if _scaled(i) else {"yes": [1], "no": [2]})
            for i, name in enumerate(names(indicators))
        ],
        "report": {"languages": ["en"], "date": "2005-04-25"},
    }


def build(evaluation: str, _: Path) -> None:
    """Ours: read, check, code, and write a part for each district."""
    from fewdistricts import design, survey

    survey.build(design.load(evaluation))


def levels(evaluation: str, out: Path) -> None:
    """Ours: mean, standard error and number of answers of every indicator, district and wave."""
    from fewdistricts import design, survey
    from fewdistricts.estimates import measure
    from fewdistricts.estimates.items import items

    declared = design.load(evaluation)
    rows = []
    for district in declared.districts:
        data = survey.load(evaluation, [district.id], DESIGN)
        within = measure.Survey(declared, data)
        every = items(declared)
        for first in range(0, len(every), TOGETHER):
            batch = every[first : first + TOGETHER]
            within.data = data.assign(**survey.load(evaluation, [district.id], [item.column for item in batch]))
            for item in batch:
                found = within.measure(item).levels
                for wave in declared.waves:
                    k = within.cell(district.id, wave.id)
                    said = found.estimate[k], found.variance[k] ** 0.5, found.n[k]
                    rows.append((item.id, district.id, wave.id, *said))
    _levels(rows).to_parquet(out)


def pandas_alone(evaluation: str, _: Path) -> None:
    """Theirs: the file as a table, unchecked."""
    file = next(paths.raw(evaluation).glob("survey.*"))
    (pd.read_parquet if file.suffix == ".parquet" else pd.read_csv)(file)


def loop(evaluation: str, out: Path) -> None:
    """Theirs: the levels of the first `LOOPED` indicators, as a script subsets and estimates them one by one."""
    file = paths.raw(evaluation) / "survey.parquet"
    data, rows = pd.read_parquet(file, columns=DESIGN), []
    for i, name in enumerate(names(LOOPED)):
        answers = pd.read_parquet(file, columns=[name])[name]
        data["y"] = answers.where(answers != NO_ANSWER) if _scaled(i) else (answers == 1).where(answers != NO_ANSWER)
        for d in range(1, DISTRICTS + 1):
            for wave in WAVES:
                cell = data[(data["district"] == d) & (data["wave"] == int(wave))]
                y, weight = cell["y"].astype(float), cell["weight"].where(cell["y"].notna(), 0.0)
                mean = (weight * y).sum() / weight.sum()
                z = (weight * (y - mean).fillna(0.0) / weight.sum()).groupby([cell["stratum"], cell["psu"]]).sum()
                by_stratum = z.groupby(level=0)
                variance = (by_stratum.var(ddof=1) * by_stratum.size()).sum()
                rows.append((name, f"d{d}", wave, mean, variance**0.5, int(y.notna().sum())))
    _levels(rows).to_parquet(out)


def _levels(rows: list[tuple]) -> pd.DataFrame:
    columns = ["indicator", "district", "wave", "estimate", "se", "n"]
    return pd.DataFrame(rows, columns=columns).set_index(columns[:3]).sort_index()


ROLES: dict[str, Callable[[str, Path], None]] = {
    "build": build,
    "levels": levels,
    "pandas": pandas_alone,
    "loop": loop,
}


def alone(home: Path, role: str, evaluation: str, out: Path | None = None) -> tuple[float, int]:
    """CPU seconds and highest resident bytes of a role in a process of its own; RuntimeError when it fails."""
    command = [sys.executable, "-m", "benchmarks.size", "--role", role, evaluation, str(out or "")]
    environment = {**os.environ, "EVALUATION_HOME": str(home), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=paths.PROJECT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    seconds, most = json.loads(done.stdout)
    return seconds, most


def _role(name: str, evaluation: str, out: Path) -> str:
    """Runs a role and gives the seconds it took and the highest resident bytes of this process."""
    before = time.process_time()
    ROLES[name](evaluation, out)
    used = time.process_time() - before
    # a process counts what its parent held when it was started; the kernel's own mark of the process does not
    status = Path("/proc/self/status")
    if status.exists():
        most = int(status.read_text().split("VmHWM:")[1].split()[0])
    else:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return json.dumps([used, most * 1024])


def same(ours: Path, theirs: Path) -> int:
    """How many levels both gave; AssertionError where one differs."""
    looped = pd.read_parquet(theirs)
    found = pd.read_parquet(ours).loc[looped.index]
    pd.testing.assert_frame_equal(found, looped, rtol=1e-9, check_dtype=False)
    return len(looped)


def lines(respondents: int = RESPONDENTS, of_csv: int = OF_CSV) -> Iterator[Line]:
    """Reading and checking Parquet and CSV, and the levels."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for suffix, rows in (("csv", of_csv), ("parquet", respondents)):
            evaluation = write(home, rows, suffix)
            what = f"{rows:,} x {INDICATORS} answers of {suffix}"
            ours, theirs = alone(home, "build", evaluation), alone(home, "pandas", evaluation)
            note = _memory(ours, theirs)
            if rows >= GROWTH_FROM:
                quarter = alone(home / "quarter", "build", write(home / "quarter", rows // 4, suffix))
                note += f"; ours of a quarter {quarter[1] / 1e6:,.0f} MB"
            yield Line(f"{what}: read, check, build", ours[0], f"pandas.read_{suffix}", theirs[0], note)
            times = ours[0] / theirs[0]
            yield limit(f"{what}: times pandas", ours[0], MOST_TIMES * theirs[0], f"{times:.1f} of {MOST_TIMES} times")
        ours, theirs = (alone(home, role, evaluation, home / role) for role in ("levels", "loop"))
        cells, scale = same(home / "levels", home / "loop"), INDICATORS / LOOPED
        note = f"{_memory(ours, theirs)}; loop over {LOOPED} indicators x {scale:g}; {cells} levels equal"
        what = f"levels of {respondents:,} respondents"
        yield Line(what, ours[0], "loop of subsets", theirs[0] * scale, note)
        times = theirs[0] * scale / ours[0]
        most = theirs[0] * scale / TIMES_A_LOOP
        yield limit(f"{what}: times as fast as the loop", ours[0], most, f"{times:.1f}, at least {TIMES_A_LOOP}")


def _memory(ours: tuple[float, int], theirs: tuple[float, int]) -> str:
    return f"memory {ours[1] / 1e6:,.0f} against {theirs[1] / 1e6:,.0f} MB"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--role"]:
        print(_role(sys.argv[2], sys.argv[3], Path(sys.argv[4])))
    else:
        from benchmarks import measure

        table = measure.Table()
        table.heading("size")
        for each in lines(*map(int, sys.argv[1:])):
            table.line(each)
