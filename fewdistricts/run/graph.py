"""The tasks that make an evaluation's report, what each depends on, and their names; doit decides by content which run.

survey -> pooled -> report, slides and a brief a district in each language -> PDF and HTML, CSV and Excel -> crate
-> manifest; beside it one district_wave notebook a district and wave, the pilots' on the
changes of the comparison districts, made once. The order is one of preference: the longest chain
first, independent notebooks after it.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fewdistricts import paths
from fewdistricts.design import DISTRICTS, Design, District, Wave, planned
from fewdistricts.provenance import origin
from fewdistricts.provenance.crate import Run
from fewdistricts.run import settings, sources, steps

NOTEBOOK_RUN = ("fewdistricts.run.notebooks", "fewdistricts.run.kernels")
# its functions import what they need when they run, so that it must not be followed
STEPS = paths.PROJECT / "fewdistricts" / "run" / "steps.py"


@dataclass(frozen=True)
class Step:
    """One task: a function of `steps` with its arguments, the files of the evaluation and of code that it reads, those
    that it writes, and the settings that it depends on."""

    name: str
    function: Any
    arguments: tuple[Any, ...]
    data: frozenset[Path]
    code: frozenset[Path]
    writes: tuple[Path, ...]
    settings: str = ""

    @property
    def stage(self) -> str:
        """The kind of task, for the summary."""
        return self.name.partition(":")[0]

    @property
    def reads(self) -> frozenset[Path]:
        """All files that it reads."""
        return self.data | self.code

    @property
    def depends_on(self) -> str:
        """Settings and code as one text: thousands of tasks share the files of code, which no task makes."""
        return f"{self.settings} {_hash(self.code)}"


def steps_of(design: Design, languages: Sequence[str]) -> list[Step]:
    """Every step of an evaluation in some languages; without districts (they are in the data) only the survey."""
    first = survey(design)
    if not design.districts:
        return [first]
    reports = [step for language in languages for step in report(design, language)]
    shorter = [step for make in (slides, briefs) for language in languages for step in make(design, language)]
    published = [*reports, *shorter, exports(design)]
    made = [first, pooled(design), *published, *comparisons(design), *district_waves(design)]
    if set(languages) >= set(design.report.languages):
        made.append(crate(design, made))
        made.append(manifest(design, [file for step in made for file in step.writes if _is_published(file)]))
    return made


def plan_of(design: Design, languages: Sequence[str]) -> list[Step]:
    """Every step of the plan before the follow-up data; what it declares is recorded beside evaluation.yaml."""
    folder = paths.processed(design.evaluation) / "plan"
    numbers = folder / "numbers.json"
    reads = _made_by("fewdistricts.survey.baseline", "fewdistricts.estimates.design_stage") | _survey_files(design)
    writes = [numbers, recorded_plan(design)]
    made = [_step(design, "plan", steps.plan, (design.evaluation,), reads, writes, settings.whole(design))]
    for language in languages:
        name, notebook = f"plan-{language}", paths.NOTEBOOKS / "plan.ipynb"
        reads, executed = in_language(sources.of_notebook(notebook), language), folder / f"{name}.ipynb"
        parameters = {"evaluation": design.evaluation, "language": language}
        made.append(
            _notebook(
                design, f"plan:{language}", notebook, parameters, writes, [executed], settings.whole(design), reads
            )
        )
        page = paths.reports(design.evaluation) / f"{name}.pdf"
        reads = _made_by("nbaccessible.exporters") | {executed}
        made.append(_step(design, f"publish:{page.name}", steps.publish, (str(executed), str(page)), reads, [page]))
    return made


def recorded_plan(design: Design) -> Path:
    """The plan as it was recorded, if it was."""
    return paths.raw(design.evaluation) / planned.NAME


def survey(design: Design) -> Step:
    """Survey files to one part for each district."""
    processed = paths.processed(design.evaluation)
    writes = [
        processed / "sample.parquet",
        processed / "suppressed.parquet",
        *(part(design, district) for district in design.districts),
    ]
    if design.district_columns:
        # the survey itself finds the districts, so that what it found before is nothing it depends on
        writes.append(processed / DISTRICTS)
        design = design.model_copy(update={"districts": ()})
    reads = _made_by("fewdistricts.survey") | _survey_files(design)
    return _step(design, "survey", steps.survey, (design.evaluation,), reads, writes, settings.read(design))


def district_waves(design: Design) -> Iterator[Step]:
    """One notebook for each district and wave that evaluation.yaml wants one of."""
    notebook, analysed = paths.NOTEBOOKS / "district_wave.ipynb", settings.analysed(design)
    folder = paths.processed(design.evaluation) / "district_wave"
    hidden = paths.processed(design.evaluation) / "suppressed.parquet"
    for district in design.notebook_districts:
        for wave in design.waves:
            name = f"{district.id}-{wave.id}"
            needed = [hidden, part(design, district)]
            if is_compared(design, district, wave):
                needed.append(changes_of_comparisons(design))
            parameters = {"evaluation": design.evaluation, "district": district.id, "wave": wave.id}
            writes = [folder / f"{name}.ipynb", folder / f"{name}.parquet"]
            yield _notebook(design, f"district_wave:{name}", notebook, parameters, needed, writes, analysed)


def comparisons(design: Design) -> Iterator[Step]:
    """The changes of the comparison districts, where a notebook needs them."""
    if any(is_compared(design, district, wave) for district in design.notebook_districts for wave in design.waves):
        reads = _made_by("fewdistricts.estimates.comparisons")
        reads |= {part(design, district) for district in design.comparisons}
        writes = [changes_of_comparisons(design)]
        yield _step(
            design, "comparisons", steps.comparisons, (design.evaluation,), reads, writes, settings.statistical(design)
        )


def pooled(design: Design) -> Step:
    """All districts together: the estimates table."""
    processed = paths.processed(design.evaluation)
    needed = [processed / "suppressed.parquet", *(part(design, district) for district in design.districts)]
    writes = [processed / "pooled.ipynb", processed / "estimates.parquet"]
    parameters = {"evaluation": design.evaluation}
    return _notebook(
        design, "pooled", paths.NOTEBOOKS / "pooled.ipynb", parameters, needed, writes, settings.analysed(design)
    )


def report(design: Design, language: str) -> Iterator[Step]:
    """The report's notebook in a language, and its pages."""
    processed, name = paths.processed(design.evaluation), f"report-{language}"
    notebook = paths.NOTEBOOKS / "report.ipynb"
    executed = processed / "report" / f"{name}.ipynb"
    needed = [processed / "estimates.parquet", processed / "sample.parquet"]
    needed += [path for path in [recorded_plan(design)] if path.exists()]
    reads = in_language(sources.of_notebook(notebook), language)
    if any(path.name == "origin.py" for path in reads):
        # its pages state the hashes of all code, of the configuration as it is written, and of the survey files
        reads = _given(design) | _code()
    parameters = {"evaluation": design.evaluation, "language": language}
    yield _notebook(
        design, f"report:{language}", notebook, parameters, needed, [executed], settings.whole(design), reads
    )
    exporter = _made_by("nbaccessible.exporters") | {executed}
    folder = paths.reports(design.evaluation)
    # the page carries its numbers and what was declared; the HTML file holds no other files
    carried = {"pdf": [folder / "estimates.csv", paths.raw(design.evaluation) / "evaluation.yaml"], "html": []}
    for ending, files in carried.items():
        page = folder / f"{name}.{ending}"
        arguments = (str(executed), str(page), [str(file) for file in files])
        yield _step(design, f"publish:{page.name}", steps.publish, arguments, exporter | set(files), [page])


def slides(design: Design, language: str) -> Iterator[Step]:
    """The slides in a language."""
    parameters = {"evaluation": design.evaluation, "language": language}
    yield from _document(design, f"slides:{language}", "slides", parameters, f"slides-{language}.pdf", "slides")


def briefs(design: Design, language: str) -> Iterator[Step]:
    """A page for each district that evaluation.yaml wants one of, in a language."""
    for district in design.report_districts:
        name = f"{district.id}-{language}"
        parameters = {"evaluation": design.evaluation, "district": district.id, "language": language}
        yield from _document(design, f"brief:{name}", "district_brief", parameters, f"districts/{name}.pdf", "pdf")


def _document(
    design: Design, name: str, notebook: str, parameters: dict[str, str], file: str, exporter: str
) -> Iterator[Step]:
    """A notebook that only shows what is estimated, and its page."""
    processed, source = paths.processed(design.evaluation), paths.NOTEBOOKS / f"{notebook}.ipynb"
    executed = (processed / notebook / Path(file).name).with_suffix(".ipynb")
    needed = [processed / "estimates.parquet", processed / "sample.parquet"]
    reads = in_language(sources.of_notebook(source), parameters["language"])
    yield _notebook(design, name, source, parameters, needed, [executed], settings.shown(design), reads)
    page = paths.reports(design.evaluation) / file
    arguments = (str(executed), str(page), (), exporter)
    reads = _made_by("nbaccessible.exporters") | {executed}
    yield _step(design, f"publish:{file}", steps.publish, arguments, reads, [page])


def exports(design: Design) -> Step:
    """The estimates table as CSV and Excel."""
    reads = _made_by("fewdistricts.exhibits.spreadsheets")
    reads |= {paths.processed(design.evaluation) / "estimates.parquet"}
    writes = [paths.reports(design.evaluation) / f"estimates.{ending}" for ending in ("csv", "xlsx")]
    return _step(design, "export", steps.export, (design.evaluation,), reads, writes, settings.shown(design))


def crate(design: Design, made: Sequence[Step]) -> Step:
    """How every file was made, from what."""
    made = [step for step in made if step.function is not steps.comparisons]
    known = {path for step in made for path in step.writes} | _given(design)
    configuration = {paths.raw(design.evaluation) / "evaluation.yaml"}
    # whoever reads a district's part reads another file of the survey too, and the crate has the survey as one thing
    told = known - {part(design, district) for district in design.districts}
    runs = [
        Run(step.name, *_notebook_of(step), sorted(step.reads & told | configuration), list(step.writes))
        for step in made
    ]
    reads = known | _code()
    writes = [paths.reports(design.evaluation) / "ro-crate-metadata.json"]
    return _step(design, "crate", steps.crate, (design.evaluation, runs), reads, writes)


def _notebook_of(step: Step) -> tuple[Path | None, dict[str, str]]:
    """The notebook that a step runs, with its parameters, if it runs one."""
    if step.function is not steps.notebook:
        return None, {}
    _, source, _, parameters, _ = step.arguments
    return Path(source), parameters


def manifest(design: Design, published: Sequence[Path]) -> Step:
    """The hashes of what is published, and of what it was made from."""
    reads = {*published} | _code() | _given(design)
    arguments = (design.evaluation, [str(path) for path in published])
    writes = [paths.reports(design.evaluation) / "manifest.json"]
    return _step(design, "manifest", steps.manifest, arguments, reads, writes)


def part(design: Design, district: District) -> Path:
    """The respondents of a district."""
    return paths.processed(design.evaluation) / "survey" / f"{district.id}.parquet"


def changes_of_comparisons(design: Design) -> Path:
    """The changes of the comparison districts: numbers that are not rounded, and so are never published or hashed."""
    return paths.processed(design.evaluation) / "comparisons.parquet"


def is_compared(design: Design, district: District, wave: Wave) -> bool:
    """Whether a district_wave notebook reads the changes of the comparison districts, for its `did`."""
    followed = district.arm != "comparison" and wave in design.followups(district)
    return followed and bool(design.comparisons)


def in_language(files: Iterable[Path], language: str) -> set[Path]:
    """Without the texts of other languages."""
    return {path for path in files if "texts" not in path.parts or path.parent.name == language}


def _made_by(*modules: str) -> set[Path]:
    return sources.of_modules(*modules, "fewdistricts.files") | {STEPS}


@functools.cache
def _code() -> frozenset[Path]:
    """Package and notebooks, found once a build."""
    return frozenset(origin.code_files())


def _given(design: Design) -> set[Path]:
    """Survey files, evaluation.yaml as it is written, and the recorded plan if there is one."""
    declared = {paths.raw(design.evaluation) / "evaluation.yaml", recorded_plan(design)}
    return _survey_files(design) | {path for path in declared if path.exists()}


def _survey_files(design: Design) -> set[Path]:
    names = [file.path for file in design.data.files]
    if design.data.truth is not None:
        names.append(design.data.truth)
    files = [paths.raw(design.evaluation) / name for name in names]
    # of a file that is not there the survey itself says how it is obtained
    return {file for file in files if file.exists()}


def _is_published(path: Path) -> bool:
    return path.is_relative_to(paths.home() / "reports")


def _notebook(
    design: Design,
    name: str,
    source: Path,
    parameters: dict[str, str],
    needed: Iterable[Path],
    writes: Sequence[Path],
    depends_on: str,
    reads: set[Path] | None = None,
) -> Step:
    reads = (reads or sources.of_notebook(source)) | sources.of_modules(*NOTEBOOK_RUN) | set(needed)
    arguments = (str(source), str(writes[0]), parameters, name.replace(":", " "))
    return _step(design, name, steps.notebook, arguments, reads, writes, depends_on)


def _step(
    design: Design,
    name: str,
    function: Any,
    arguments: tuple[Any, ...],
    reads: set[Path],
    writes: Sequence[Path],
    depends_on: str = "",
) -> Step:
    """A step; all depend on the lock, since another version of a package may give other bytes."""
    home = paths.home()
    code = {path for path in reads if _is_code(path, home)}
    shared = _one(frozenset(code | {paths.PROJECT / "requirements.lock"}))
    return Step(name, function, (str(home), *arguments), frozenset(reads - code), shared, tuple(writes), depends_on)


@functools.cache
def _is_code(path: Path, home: Path) -> bool:
    return not any(path.is_relative_to(home / folder) for folder in ("data", "reports"))


@functools.cache
def _one(files: frozenset[Path]) -> frozenset[Path]:
    """Equal sets as one, however many tasks have it."""
    return files


@functools.cache
def _hash(files: frozenset[Path]) -> str:
    lines = sorted(f"{_content(path)} {path.name}" for path in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


_content = functools.cache(origin.sha256)
