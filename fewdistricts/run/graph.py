"""The steps that make an evaluation's report, what each depends on, and their names.

    survey -> district_wave notebooks -> pooled -> report, slides and a brief a district in each language
           -> PDF, HTML, CSV and Excel -> crate -> manifest -> the published set

The order of the list is one of preference: where several steps are ready, the first begins first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fewdistricts import chapters, paths
from fewdistricts.design import DISTRICTS, Design, District, planned
from fewdistricts.estimates import needs
from fewdistricts.provenance import origin
from fewdistricts.provenance.crate import Run
from fewdistricts.run import layers, settings, steps
from fewdistricts.run.formats import formats_of
from fewdistricts.run.step import Step


@dataclass(frozen=True)
class Document:
    """A notebook that shows what is estimated, in each language, and for each district where it is about one."""

    notebook: str
    settings: Callable[[Design], str]
    """The part of evaluation.yaml that it shows, as a hash."""
    states_sources: bool = False
    """Whether its pages state the hashes of all that the report is made from."""
    leads_to_languages: bool = False
    """Whether its page leads to the other languages of the set."""
    named_by_rows: bool = False
    """Whether the rows of estimates.csv name its figures and tables."""
    of_districts: bool = False
    """Whether there is one for each district that `report.districts` names."""


DOCUMENTS = (
    Document("report", settings.whole, leads_to_languages=True, named_by_rows=True),
    Document("annex", settings.whole, states_sources=True, named_by_rows=True),
    Document("slides", settings.shown),
    Document("district_brief", settings.shown, of_districts=True),
)


def steps_of(design: Design, languages: Sequence[str]) -> list[Step]:
    """Every step of an evaluation in some languages; without districts (they are in the data) only the survey."""
    first = survey(design)
    if not design.districts:
        return [first]
    chapters.check(design)
    made = [first, *cells_without_notebooks(design), *district_waves(design), pooled(design)]
    named = [document for document in DOCUMENTS if document.named_by_rows]
    others = [document for document in DOCUMENTS if not document.named_by_rows]
    for document in named:
        for language in languages:
            made += document_steps(design, document, language, languages)
    # before the other documents, which are many and short: a long step at the end leaves processors idle
    made.append(exports(design, languages[0]))
    for document in others:
        for language in languages:
            made += document_steps(design, document, language, languages)
    made.append(crate(design, made))
    pages = [path for step in made for path in step.writes if path.is_relative_to(paths.staged(design.evaluation))]
    made.append(manifest(design, languages, pages))
    made.append(exchange(design, [*pages, *made[-1].writes]))
    return made


def plan_of(design: Design, languages: Sequence[str]) -> list[Step]:
    """Every step of the plan before the follow-up data; what it declares is recorded beside evaluation.yaml."""
    folder = paths.processed(design.evaluation) / "plan"
    recorded = [folder / "numbers.json", recorded_plan(design)]
    made = [
        _step(
            "plan",
            steps.plan,
            [design.evaluation],
            reads=_survey_files(design),
            writes=recorded,
            code=layers.up_to("estimates"),
            settings=settings.whole(design),
        )
    ]
    notebook = paths.NOTEBOOKS / "plan.ipynb"
    pages: list[Path] = []
    for language in languages:
        executed = folder / f"plan-{language}.ipynb"
        made.append(
            _notebook(
                f"plan:{language}",
                notebook,
                {"evaluation": design.evaluation, "language": language},
                reads=recorded,
                writes=[executed],
                code=_code_of_documents(language),
                settings=settings.whole(design),
            )
        )
        made += _published(design, "plan", executed, f"plan-{language}")
        pages += made[-1].writes
    made.append(
        _step(
            "exchange",
            steps.exchange,
            [design.evaluation, pages, False],
            reads=pages,
            writes=[paths.reports(design.evaluation) / path.name for path in pages],
            code=layers.room("run"),
        )
    )
    return made


def recorded_plan(design: Design) -> Path:
    """The plan as it was recorded, if it was."""
    return paths.raw(design.evaluation) / planned.NAME


def survey(design: Design) -> Step:
    """Survey files to one part for each district."""
    processed = paths.processed(design.evaluation)
    writes = [processed / "sample.parquet", processed / "suppressed.parquet"]
    writes += [part(design, district) for district in design.districts]
    if design.district_columns:
        # the survey itself finds the districts, so that what it found before is nothing it depends on
        writes.append(processed / DISTRICTS)
        design = design.model_copy(update={"districts": ()})
    return _step(
        "survey",
        steps.survey,
        [design.evaluation],
        reads=_survey_files(design),
        writes=writes,
        code=layers.up_to("survey"),
        settings=settings.read(design),
    )


def district_waves(design: Design) -> Iterator[Step]:
    """One notebook for each district and wave that evaluation.yaml wants one of; it writes their cell.

    The comparison districts come first, since a follow-up of the others reads their cells.
    """
    comparisons = [d for d in design.notebook_districts if d.arm == "comparison"]
    others = [d for d in design.notebook_districts if d.arm != "comparison"]
    hidden = paths.processed(design.evaluation) / "suppressed.parquet"
    for district in (*comparisons, *others):
        for wave in design.waves:
            cell = needs.cell_file(design.evaluation, district.id, wave.id)
            compared = needs.compared_cells(design, district, wave)
            reads = [hidden, part(design, district)]
            reads += [needs.cell_file(design.evaluation, d.id, w.id) for d, w in compared]
            reads += [part(design, other) for other in needs.opened(design, district, wave)]
            yield _notebook(
                f"district_wave:{district.id}-{wave.id}",
                paths.NOTEBOOKS / "district_wave.ipynb",
                {"evaluation": design.evaluation, "district": district.id, "wave": wave.id},
                reads=reads,
                writes=[cell.with_suffix(".ipynb"), cell],
                code=_code_of_analysis(design),
                settings=settings.analysed(design),
            )


def cells_without_notebooks(design: Design) -> Iterator[Step]:
    """The cells of districts that evaluation.yaml wants no notebooks of, some districts at a time."""
    with_notebook = {district.id for district in design.notebook_districts}
    rest = [district for district in design.districts if district.id not in with_notebook]
    for first in range(0, len(rest), needs.AT_ONCE):
        batch = rest[first : first + needs.AT_ONCE]
        yield _step(
            f"cells:{batch[0].id}",
            steps.cells,
            [design.evaluation, [district.id for district in batch]],
            reads=[part(design, district) for district in batch],
            writes=[needs.cell_file(design.evaluation, d.id, w.id) for d in batch for w in design.waves],
            code=layers.up_to("estimates"),
            settings=settings.statistical(design),
        )


def pooled(design: Design) -> Step:
    """All districts together: the estimates table, from the cells."""
    processed = paths.processed(design.evaluation)
    reads = [processed / "suppressed.parquet"]
    reads += [needs.cell_file(design.evaluation, d.id, w.id) for d in design.districts for w in design.waves]
    opened = design.districts if needs.respondents(design) else needs.regressed(design)
    reads += [part(design, district) for district in opened]
    return _notebook(
        "pooled",
        paths.NOTEBOOKS / "pooled.ipynb",
        {"evaluation": design.evaluation},
        reads=reads,
        writes=[processed / "pooled.ipynb", processed / "estimates.parquet"],
        code=_code_of_analysis(design),
        settings=settings.analysed(design),
    )


def document_steps(design: Design, document: Document, language: str, languages: Sequence[str] = ()) -> Iterator[Step]:
    """The notebooks of a document in a language, and their pages; `languages` are those of the set."""
    parameters = {"evaluation": design.evaluation, "language": language}
    if document.leads_to_languages:
        parameters["languages"] = " ".join(languages or design.report.languages)
    if not document.of_districts:
        yield from _document(design, document, parameters, f"{document.notebook}-{language}")
        return
    for district in design.report_districts:
        own = {"evaluation": design.evaluation, "district": district.id, "language": language}
        yield from _document(design, document, own, f"districts/{district.id}-{language}")


def _document(design: Design, document: Document, parameters: Mapping[str, str], page: str) -> Iterator[Step]:
    """A notebook that shows what is estimated, and its pages; `page` is their name without its ending."""
    processed, language = paths.processed(design.evaluation), parameters["language"]
    executed = processed / document.notebook / f"{Path(page).name}.ipynb"
    reads = {processed / "estimates.parquet", processed / "sample.parquet"}
    code = _code_of_documents(language)
    if document.states_sources:
        reads |= _given(design)
        code = layers.everything(language)
    subject = f"{parameters['district']}-{language}" if "district" in parameters else language
    yield _notebook(
        f"{document.notebook}:{subject}",
        paths.NOTEBOOKS / f"{document.notebook}.ipynb",
        parameters,
        reads=reads,
        writes=[executed],
        code=code,
        settings=document.settings(design),
    )
    if document.notebook != "report":
        yield from _published(design, document.notebook, executed, page)
        return
    if design.chapters or design.report.sections is not None:
        made = list(_edition(design, language, executed, reads))
        yield from made
        executed = made[-1].writes[0]
    whole = _whole(design, language, executed)
    yield whole
    yield from _published(design, document.notebook, executed, page, whole.writes[0])


def _whole(design: Design, language: str, report: Path) -> Step:
    """The report with the chapters of its annex in one notebook."""
    folder = paths.processed(design.evaluation)
    annex, written = folder / "annex" / f"annex-{language}.ipynb", folder / "whole" / report.name
    return _step(
        f"whole:{language}",
        steps.whole,
        [report, annex, written],
        reads=[report, annex],
        writes=[written],
        code=layers.joined(layers.up_to("exhibits"), layers.package("nbaccessible")),
    )


def _edition(design: Design, language: str, report: Path, reads: Iterable[Path]) -> Iterator[Step]:
    """The evaluation's own notebooks in a language, and the report with its chapters in its order."""
    folder = paths.processed(design.evaluation)
    executed = {}
    for notebook in chapters.notebooks(design):
        executed[notebook] = folder / "chapters" / language / notebook.relative_to(paths.raw(design.evaluation))
        yield _notebook(
            f"chapter:{notebook.stem}-{language}",
            notebook,
            {"evaluation": design.evaluation, "language": language},
            reads=[*reads, *(part(design, district) for district in design.districts)],
            writes=[executed[notebook]],
            code=_code_of_documents(language),
            settings=settings.whole(design),
        )
    yield _step(
        f"edition:{language}",
        steps.edition,
        [design.evaluation, language, report, folder / "chapters" / language, folder / "edition" / report.name],
        reads=[report, *executed.values(), *chapters.files(design, language)],
        writes=[folder / "edition" / report.name],
        code=layers.joined(layers.up_to("exhibits"), layers.package("nbaccessible")),
        settings=settings.whole(design),
    )


def _published(design: Design, document: str, executed: Path, page: str, whole: Path | None = None) -> Iterator[Step]:
    """An executed notebook in each of its formats; `whole` is the one that holds its annex, too."""
    staged = paths.staged(design.evaluation)
    for entry in formats_of(document, design):
        file = f"{page}.{entry.ending}"
        carried = []
        if entry.carries_data:
            carried = [staged / "estimates.csv", paths.raw(design.evaluation) / "evaluation.yaml"]
        source = whole if entry.with_annex and whole is not None else executed
        yield _step(
            f"publish:{file}",
            steps.publish,
            [source, staged / file, entry.exporter, carried],
            reads=[source, *carried],
            writes=[staged / file],
            code=layers.joined(layers.package("nbaccessible"), layers.room("run")),
        )


def exports(design: Design, language: str) -> Step:
    """The estimates table as CSV and Excel, and how to cite it; rows name the exhibits that show them, those of any
    language."""
    processed = paths.processed(design.evaluation)
    names = [document.notebook for document in DOCUMENTS if document.named_by_rows]
    documents = [processed / name / f"{name}-{language}.ipynb" for name in names]
    return _step(
        "export",
        steps.export,
        [design.evaluation, documents],
        reads=[processed / "estimates.parquet", processed / "sample.parquet", *documents],
        writes=[paths.staged(design.evaluation) / name for name in ("estimates.csv", "estimates.xlsx", "CITATION.cff")],
        code=layers.up_to("exhibits"),
        settings=settings.shown(design),
    )


def crate(design: Design, made: Sequence[Step]) -> Step:
    """How every file was made, from what."""
    made = [step for step in made if step.function is not steps.cells]
    written = {path for step in made for path in step.writes} | _given(design)
    configuration = {paths.raw(design.evaluation) / "evaluation.yaml"}
    # whoever reads a district's part reads another file of the survey too, and the crate has the survey as one thing
    told = written - {part(design, district) for district in design.districts}
    runs = [
        Run(step.name, *_notebook_of(step), sorted(step.reads & told | configuration), list(step.writes))
        for step in made
    ]
    return _step(
        "crate",
        steps.crate,
        [design.evaluation, runs],
        reads=written,
        writes=[paths.staged(design.evaluation) / "ro-crate-metadata.json"],
        code=layers.everything(),
    )


def _notebook_of(step: Step) -> tuple[Path | None, dict[str, str]]:
    """The notebook that a step runs, with its parameters, if it runs one."""
    if step.function is not steps.notebook:
        return None, {}
    _, source, _, parameters, _ = step.arguments
    return source, parameters


def manifest(design: Design, languages: Sequence[str], published: Sequence[Path]) -> Step:
    """The hashes of what is published, and of what it was made from."""
    return _step(
        "manifest",
        steps.manifest,
        [design.evaluation, list(languages), list(published)],
        reads={*published} | _given(design),
        writes=[paths.staged(design.evaluation) / "manifest.json"],
        code=layers.everything(),
    )


def exchange(design: Design, staged: Sequence[Path]) -> Step:
    """The whole set, exchanged for the former one when every file of it is there."""
    folder, published = paths.staged(design.evaluation), paths.reports(design.evaluation)
    return _step(
        "exchange",
        steps.exchange,
        [design.evaluation, list(staged), True],
        reads=staged,
        writes=[published / path.relative_to(folder) for path in staged],
        code=layers.room("run"),
    )


def part(design: Design, district: District) -> Path:
    """The respondents of a district."""
    return paths.processed(design.evaluation) / "survey" / f"{district.id}.arrow"


def _code_of_analysis(design: Design) -> str:
    """The code that analysis notebooks run; they show their rows in the first language of the report."""
    return layers.joined(layers.up_to("study"), layers.texts(design.report.languages[0]))


def _code_of_documents(language: str) -> str:
    """The code of notebooks that show what is estimated in a language."""
    return layers.joined(layers.up_to("study"), layers.texts(language))


def _given(design: Design) -> set[Path]:
    """Survey files, evaluation.yaml as it is written, its chapters, and the recorded plan if there is one."""
    declared = {paths.raw(design.evaluation) / "evaluation.yaml", recorded_plan(design)}
    return _survey_files(design) | {path for path in declared if path.exists()} | {*chapters.files(design)}


def _survey_files(design: Design) -> set[Path]:
    # of a file that is not there the survey itself says how it is obtained
    return {file for file in origin.data_files(design) if file.exists()}


def _notebook(
    name: str,
    notebook: Path,
    parameters: Mapping[str, str],
    *,
    reads: Iterable[Path],
    writes: Sequence[Path],
    code: str,
    settings: str,
) -> Step:
    return _step(
        name,
        steps.notebook,
        [notebook, writes[0], dict(parameters), name.replace(":", " ")],
        reads=[notebook, *reads],
        writes=writes,
        code=layers.joined(code, layers.package("warmkernel"), layers.room("run")),
        settings=f"{settings} {sorted(parameters.items())}",
    )


def _step(
    name: str,
    function: Callable[..., None],
    arguments: Sequence[Any],
    *,
    reads: Iterable[Path],
    writes: Sequence[Path],
    code: str,
    settings: str = "",
) -> Step:
    """A step; its function is given the folder that holds data/ and reports/ before its own arguments."""
    return Step(name, function, (paths.home(), *arguments), frozenset(reads), tuple(writes), code, settings)
